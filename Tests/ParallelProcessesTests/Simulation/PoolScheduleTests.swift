import ParallelCore
import TestSupport
import Testing

@testable import ParallelProcesses

/// Whatever happens in whatever order, the pool's books stay right: `SimulatedPool` says what that means.
@Suite(.timeLimit(.minutes(20))) struct PoolScheduleTests {
  /// For each of four parts; `PARALLEL_TEST_ROUNDS=5` makes it a million in all, which takes five minutes in release.
  private static let schedules = rounds(release: 50_000)

  /// An item that is tried again after its worker was condemned is not that worker's any more. A worker that ends a batch
  /// of which all was taken back finds another item in its place. What runs beside a task that is killed has no death of
  /// its own. A worker that is idle in the end is not given what is too late already. A batch that has all its answers is
  /// not yet ended.
  @Test(arguments: [
    (6_704_946_969_343_069_077, false), (15_783_680_478_380_378_721, true),
    (6_759_736_965_946_762_244, false), (7_624_950_612_707_253_594, false),
    (6_110_332_103_519_921_992, false), (8_566_749_637_083_460_032, false),
    (11_339_768_440_698_347_131, false), (4_269_443_820_954_820_697, false),
    (6_868_039_554_540_602_314, false),
  ])
  func schedulesThatOnceWentWrong(seed: UInt64, isPlain: Bool) throws {
    var schedule = Schedule(seed, isPlain: isPlain)
    try schedule.run()
  }

  /// Plain pools, and those with all policies at once, in turns.
  @Test(arguments: 0..<4) func anyOrderOfEvents(part: Int) throws {
    var seeds = SeededRandom(for: "pool schedules, part \(part)")
    for index in 0..<Self.schedules {
      let seed = index == 0 ? seeds.seed : seeds.next()
      var schedule = Schedule(seed, isPlain: part == 0)
      try schedule.run()
    }
  }
}

/// One course of events, all of it from one seed.
private struct Schedule {
  private var random: SeededRandom
  private let pool: SimulatedPool
  // Each schedule has its own temper: calm ones get far, wild ones see many deaths.
  private let deaths: Int
  private let isShort: Bool
  private let isPlain: Bool
  private static let modes: [ShutdownMode] = [
    .drain, .cancelPending, .terminate, .drain(deadline: .zero), .drain(deadline: .milliseconds(3)),
  ]

  init(_ seed: UInt64, isPlain: Bool) {
    random = SeededRandom(seed: seed)
    self.isPlain = isPlain
    deaths = Int.random(in: 0...6, using: &random)
    isShort = Bool.random(using: &random)
    // Few slots make numbers come round often.
    pool = SimulatedPool(
      workers: .random(in: 1...4, using: &random), capacity: [1, 4, 16, 256].randomElement(using: &random)!,
      policy: isPlain ? PoolPolicy() : Self.policy(&random),
      canCondemn: isPlain || Int.random(in: 0..<8, using: &random) > 0, "schedule \(seed), plain: \(isPlain)")
  }

  mutating func run() throws {
    for _ in 0..<Int.random(in: 5...60, using: &random) { try takeStep() }
    pool.settleAndEnd(Self.modes.randomElement(using: &random)!)
  }

  private static func policy(_ random: inout SeededRandom) -> PoolPolicy {
    var policy = PoolPolicy()
    func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }
    if oneIn(3) {
      policy.onCrash = .retry(
        RetryPolicy(.random(in: 0...4, using: &random), on: oneIn(2) ? [.crashes, .errors] : .crashes))
    } else if oneIn(12) {
      policy.onCrash = .failPool
    }
    if oneIn(10) {
      policy.restartIntensity = .init(.random(in: 1...5, using: &random), within: .milliseconds(50))
    }
    policy.poisonAfter = .random(in: 1...4, using: &random)
    if oneIn(3) { policy.tasksPerWorker = .random(in: 2...5, using: &random) }
    if oneIn(3) { policy.hotSpares = .random(in: 1...2, using: &random) }
    if oneIn(3) { policy.recycleAfterTasks = .random(in: 1...6, using: &random) }
    if oneIn(4) { policy.recycleAfterAge = .milliseconds(.random(in: 1...20, using: &random)) }
    if oneIn(4) { policy.memoryLimit = 1_000 }
    if oneIn(4) { policy.recycleAtResidentMemory = 500 }
    return policy
  }

  private mutating func options() -> TaskOptions {
    guard !isPlain, Bool.random(using: &random) else { return .default }
    var options = TaskOptions()
    func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }
    if oneIn(3) { options.deadline = .microseconds(.random(in: 0...20_000, using: &random)) }
    if oneIn(3) { options.runLimit = .microseconds(.random(in: 0...8_000, using: &random)) }
    if oneIn(2) { options.grace = .microseconds(.random(in: 0...4_000, using: &random)) }
    if oneIn(3) {
      options.retries = RetryPolicy(
        .random(in: 0...3, using: &random), on: oneIn(2) ? [.crashes, .errors] : .crashes,
        initialDelay: oneIn(3) ? .zero : .milliseconds(2))
    }
    if oneIn(3) { options.priority = .random(in: -2...2, using: &random) }
    return options
  }

  private mutating func takeStep() throws {
    let worker = pool.workers.isEmpty ? 0 : pool.workers.keys.sorted().randomElement(using: &random)!
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<12: try pool.submit(.random(in: 1...(isShort ? 12 : 3), using: &random), options())
    case 12..<20: try pool.submitBatch(.random(in: 1...(isShort ? 12 : 4), using: &random))
    case 20..<25: if let item = pool.items.randomElement(using: &random) { pool.cancel(item) }
    case 25..<32: pool.launchWorks()
    case 32..<40: pool.becomesReady(worker)
    case 40..<56: pool.reads(worker)
    case 56..<72:
      pool.finishes(
        worker, .random(in: 0..<8, using: &random),
        after: isShort ? 1_000 : .random(in: 0..<3_000_000, using: &random),
        throwing: !isPlain && Int.random(in: 0..<8, using: &random) == 0)
    case 72..<85: pool.delivers(worker)
    case 85..<90 where !isPlain: policyAtWork()
    case 90..<97 where Int.random(in: 0..<6, using: &random) < deaths: happens(worker)
    case 98 where Int.random(in: 0..<4, using: &random) == 0:
      pool.shutDown(Self.modes.randomElement(using: &random)!)
    default: break
    }
  }

  private mutating func policyAtWork() {
    switch Int.random(in: 0..<8, using: &random) {
    case 0..<4: pool.pass(.microseconds(.random(in: 0...5_000, using: &random)))
    case 4: pool.ring()
    case 5, 6: pool.measures([10, 600, 2_000].randomElement(using: &random)!)
    default: pool.resize(to: .random(in: 1...5, using: &random))
    }
  }

  private mutating func happens(_ worker: Int) {
    switch Int.random(in: 0..<6, using: &random) {
    case 0: pool.launchFails()
    case 1:
      // The result is out, the word does not say so yet.
      pool.finishes(worker, marksDone: false)
      pool.isGone(worker)
    case 2: if let worker = pool.workers[worker] { pool.dies(worker) }
    case 3: pool.isGone(worker)
    default: pool.isDying(worker)
    }
  }
}
