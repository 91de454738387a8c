#if DEBUG || LockOrderChecks
  extension LockGraph {
    /// A way through the graph as far as it was followed.
    private struct Step {
      let lock: UInt64
      let edge: LockOrder.Edge?
      let guards: Set<UInt64>
      let previous: Int?
    }

    /// So many steps are looked at before a search is given up: with guards the ways are many.
    private static let mostSteps = 4_096

    /// The shortest way whose edges can all happen at the same time: no two of them have a guard in common, and none has
    /// one of `guards`.
    func path(from start: UInt64, to goal: UInt64, apartFrom guards: Set<UInt64>) -> [LockOrder.Edge]? {
      // Mostly there is no way at all, and that is found faster without the guards.
      guard reaches(start, goal) else { return nil }
      var steps = [Step(lock: start, edge: nil, guards: guards, previous: nil)]
      var waysTo: [UInt64: [Set<UInt64>]] = [:]
      var position = 0
      while position < steps.count, steps.count < Self.mostSteps {
        let step = steps[position]
        for (follower, experience) in followers[step.lock] ?? [:] {
          for observation in experience.observations where observation.guards.isDisjoint(with: step.guards) {
            let all = step.guards.union(observation.guards)
            if follower == goal { return way(to: step, in: steps) + [observation.edge] }
            // A way with fewer guards leads to wherever this one leads.
            if waysTo[follower]?.contains(where: { $0.isSubset(of: all) }) == true { continue }
            waysTo[follower, default: []].append(all)
            steps.append(Step(lock: follower, edge: observation.edge, guards: all, previous: position))
          }
        }
        position += 1
      }
      return nil
    }

    private func way(to last: Step, in steps: [Step]) -> [LockOrder.Edge] {
      var edges: [LockOrder.Edge] = []
      var step = last
      while let edge = step.edge, let previous = step.previous {
        edges.append(edge)
        step = steps[previous]
      }
      return edges.reversed()
    }

    private func reaches(_ start: UInt64, _ goal: UInt64) -> Bool {
      var seen: Set<UInt64> = [start]
      var open = [start]
      while let lock = open.popLast() {
        for follower in followers[lock]?.keys ?? [:].keys where seen.insert(follower).inserted {
          if follower == goal { return true }
          open.append(follower)
        }
      }
      return false
    }
  }
#endif
