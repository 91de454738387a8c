import ParallelCore
import TestSupport
import Testing

@testable import ParallelProcesses

/// Whatever happens in whatever order, the pool's books stay right: `SimulatedPool` says what that means.
@Suite struct PoolScheduleTests {
  @Test func anyOrderOfEvents() throws {
    var seeds = SeededRandom(for: "pool schedules")
    for index in 0..<rounds(release: 10_000) {
      let seed = index == 0 ? seeds.seed : seeds.next()
      try runSchedule(seed)
    }
  }

  private func runSchedule(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    // Few slots make numbers come round often.
    let pool = SimulatedPool(
      workers: .random(in: 1...4, using: &random), capacity: [1, 4, 16, 256].randomElement(using: &random)!,
      "schedule \(seed)")
    // Each schedule has its own temper: calm ones get far, wild ones see many deaths.
    let deaths = Int.random(in: 0...6, using: &random)
    let isShort = Bool.random(using: &random)
    for _ in 0..<Int.random(in: 10...200, using: &random) {
      try takeStep(pool, deaths: deaths, isShort: isShort, &random)
    }
    pool.settleAndEnd([.drain, .cancelPending, .terminate].randomElement(using: &random)!)
  }

  private func takeStep(
    _ pool: SimulatedPool, deaths: Int, isShort: Bool, _ random: inout SeededRandom
  ) throws {
    let worker = pool.workers.keys.sorted().randomElement(using: &random) ?? 0
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<20: try pool.submit(.random(in: 1...(isShort ? 12 : 3), using: &random))
    case 20..<26: if let item = pool.items.randomElement(using: &random) { pool.cancel(item) }
    case 26..<32: pool.launchWorks()
    case 32..<38: pool.becomesReady(worker)
    case 38..<58: pool.reads(worker)
    case 58..<76: pool.finishes(worker, after: isShort ? 1_000 : .random(in: 0..<3_000_000, using: &random))
    case 76..<92: pool.delivers(worker)
    case 92..<98 where Int.random(in: 0..<6, using: &random) < deaths: happens(worker, pool, &random)
    case 98 where Int.random(in: 0..<4, using: &random) == 0:
      pool.shutDown([.drain, .cancelPending, .terminate].randomElement(using: &random)!)
    default: break
    }
  }

  private func happens(_ worker: Int, _ pool: SimulatedPool, _ random: inout SeededRandom) {
    switch Int.random(in: 0..<6, using: &random) {
    case 0: pool.launchFails()
    case 1:
      // The result is out, the word does not say so yet.
      pool.finishes(worker, marksDone: false)
      pool.isGone(worker)
    case 2: pool.workers[worker]?.die()
    case 3: pool.isGone(worker)
    default: if pool.workers[worker] != nil { pool.isDying(worker) }
    }
  }
}
