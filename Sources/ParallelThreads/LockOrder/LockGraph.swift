#if DEBUG || LockOrderChecks
  /// Which lock was taken while which other was held, and what each thread holds now.
  ///
  /// An edge leads from the held lock to the taken one; a cycle of edges may deadlock. Pure: it knows neither locks nor
  /// threads but by number.
  struct LockGraph {
    struct Holding {
      let lock: UInt64
      let site: LockOrder.Site
    }

    struct SitePair: Hashable {
      let heldAt: LockOrder.Site
      let acquiredAt: LockOrder.Site
    }

    /// One way in which an edge came about.
    struct Observation {
      let edge: LockOrder.Edge
      /// Everything that the thread held. Two observations with a common lock never happen at the same time.
      let guards: Set<UInt64>
    }

    /// All that is known of one pair of locks.
    struct Experience {
      /// No one's guards contain those of another one: fewer guards forbid less.
      var observations: [Observation] = []
      var sites: Set<SitePair> = []
    }

    /// So many different sets of guards are kept of one pair of locks. A program that has more may go unreported.
    private static let mostObservations = 16

    private var held: [UInt64: [Holding]] = [:]
    private(set) var followers: [UInt64: [UInt64: Experience]] = [:]
    private var predecessors: [UInt64: Set<UInt64>] = [:]
    private var reported: Set<SitePair> = []

    /// The thread is about to wait for the lock: learns the new edges, and returns the cycles that they close.
    mutating func willTake(_ lock: UInt64, _ thread: UInt64, at site: LockOrder.Site) -> [LockOrder.Report] {
      guard let holdings = held[thread] else { return [] }
      let guards = Set(holdings.lazy.map(\.lock))
      // It waits for itself, which is found elsewhere.
      if guards.contains(lock) { return [] }
      var reports: [LockOrder.Report] = []
      for holding in holdings {
        let edge = LockOrder.Edge(
          thread: thread, heldLock: holding.lock, heldAt: holding.site, acquiredLock: lock, acquiredAt: site)
        let pair = SitePair(heldAt: holding.site, acquiredAt: site)
        guard learn(Observation(edge: edge, guards: guards), pair), !reported.contains(pair),
          let rest = path(from: lock, to: holding.lock, apartFrom: guards)
        else { continue }
        reported.insert(pair)
        reports.append(LockOrder.Report(edges: [edge] + rest))
      }
      return reports
    }

    mutating func took(_ lock: UInt64, _ thread: UInt64, at site: LockOrder.Site) {
      held[thread, default: []].append(Holding(lock: lock, site: site))
    }

    /// `thread` is the one that took the lock, whichever gives it back.
    mutating func gaveBack(_ lock: UInt64, _ thread: UInt64) {
      guard let index = held[thread]?.lastIndex(where: { $0.lock == lock }) else { return }
      held[thread]?.remove(at: index)
      if held[thread]?.isEmpty == true { held[thread] = nil }
    }

    /// The lock is gone, and its number never comes again.
    mutating func forget(_ lock: UInt64) {
      for follower in followers.removeValue(forKey: lock)?.keys ?? [:].keys {
        predecessors[follower]?.remove(lock)
        if predecessors[follower]?.isEmpty == true { predecessors[follower] = nil }
      }
      for predecessor in predecessors.removeValue(forKey: lock) ?? [] {
        followers[predecessor]?[lock] = nil
        if followers[predecessor]?.isEmpty == true { followers[predecessor] = nil }
      }
    }

    /// False if that was known already: then every cycle through it was looked for.
    private mutating func learn(_ new: Observation, _ pair: SitePair) -> Bool {
      let (from, to) = (new.edge.heldLock, new.edge.acquiredLock)
      var experience = followers[from]?[to] ?? Experience()
      let isWeaker = experience.observations.contains { $0.guards.isSubset(of: new.guards) }
      if isWeaker, experience.sites.contains(pair) { return false }
      experience.sites.insert(pair)
      if !isWeaker {
        experience.observations.removeAll { new.guards.isSubset(of: $0.guards) }
        if experience.observations.count < Self.mostObservations { experience.observations.append(new) }
      }
      followers[from, default: [:]][to] = experience
      predecessors[to, default: []].insert(from)
      return true
    }

    var knownCount: Int { Set(followers.keys).union(predecessors.keys).count + held.count }
  }
#endif
