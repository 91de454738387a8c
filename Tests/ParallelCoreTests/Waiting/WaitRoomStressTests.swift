import Glibc
import ParallelCore
import Synchronization
import TestSupport
import Testing

/// Everything at once: threads and tasks in one room, with deadlines, cancellations and signals that race with
/// admissions. No permit is lost, and none is given twice.
@Suite struct WaitRoomStressTests {
  static let permits = 4
  static let workers = 8

  /// What the workers share.
  private final class Arena: Sendable {
    let semaphore = TestSemaphore(permits)
    let inUse = Atomic(0)
    let acquired = Atomic(0)
    let timedOut = Atomic(0)
    let cancelled = Atomic(0)
    let isOver = Atomic(false)

    var counts: [Int] {
      [
        acquired.load(ordering: .acquiring), timedOut.load(ordering: .acquiring),
        cancelled.load(ordering: .acquiring),
      ]
    }

    /// What a worker's present wait is ended with.
    let cancellations = (0..<2 * workers).map { _ in Guarded<(@Sendable () -> Void)?>(nil) }
    let interrupter = Interrupter()

    /// A worker has got permits: looks whether there are so many, and gives them back.
    func use(_ count: Int) {
      let sum = inUse.add(count, ordering: .acquiringAndReleasing).newValue
      #expect(sum <= permits)
      acquired.add(1, ordering: .relaxed)
      inUse.subtract(count, ordering: .acquiringAndReleasing)
      semaphore.release(count)
    }

    func note(_ result: Result<Bool, any Error>, _ count: Int) {
      switch result {
      case .success(true): use(count)
      case .success(false): timedOut.add(1, ordering: .relaxed)
      case .failure: cancelled.add(1, ordering: .relaxed)
      }
    }
  }

  /// One operation, by chance.
  private struct Operation {
    var count: Int
    var deadline: Deadline
    var isCancellable: Bool

    init(_ random: inout SeededRandom) {
      count = Int(random.next() % 3) + 1
      deadline =
        switch random.next() % 4 {
        case 0: .never
        case 1: Deadline(nanoseconds: 0)
        default: Deadline(timeout: .nanoseconds(Int(random.next() % 100_000)))
        }
      isCancellable = random.next() % 4 == 0
    }
  }

  @Test func noPermitIsLostOrGivenTwice() async throws {
    let arena = Arena()
    let seed = SeededRandom(for: "WaitRoomStressTests").seed
    let operations = rounds(release: 1_000_000) / (2 * Self.workers)
    let disturber = try NativeThread.start(name: "disturber") { Self.disturb(arena, seed) }
    let threads = try (0..<Self.workers).map { number in
      try NativeThread.start(name: "stress-\(number)", receivesSignals: true) {
        Self.work(arena, number, operations, SeededRandom(seed: seed &+ UInt64(number)))
      }
    }
    await withTaskGroup { group in
      for number in Self.workers..<2 * Self.workers {
        group.addTask {
          await Self.work(arena, number, operations, SeededRandom(seed: seed &+ UInt64(number)))
        }
      }
    }
    try await onThread {
      for thread in threads { thread.join() }
    }
    arena.isOver.store(true, ordering: .releasing)
    try await onThread { disturber.join() }

    let counts = arena.counts
    print("wait room: acquired, timed out, cancelled: \(counts)")
    #expect(counts.reduce(0, +) == 2 * Self.workers * operations)
    #expect(counts.allSatisfy { $0 > 0 })
    #expect(arena.inUse.load(ordering: .acquiring) == 0)
    #expect(arena.semaphore.available == Self.permits)
    #expect(arena.semaphore.requests == [])
    #expect(arena.semaphore.room.read { permits, _ in permits.waiting } == 0)
  }

  @available(*, noasync)
  private static func work(_ arena: Arena, _ number: Int, _ operations: Int, _ random: SeededRandom) {
    var random = random
    arena.interrupter.interrupting {
      for _ in 0..<operations {
        let operation = Operation(&random)
        let source = CancellationSource()
        if operation.isCancellable { arena.cancellations[number].withLock { $0 = { source.cancel() } } }
        let result = Result {
          try source.bound { try arena.semaphore.acquire(operation.count, until: operation.deadline) }
        }
        arena.note(result, operation.count)
      }
    }
  }

  private static func work(_ arena: Arena, _ number: Int, _ operations: Int, _ random: SeededRandom) async {
    var random = random
    for _ in 0..<operations {
      let operation = Operation(&random)
      guard operation.isCancellable else {
        let isAcquired = try! await arena.semaphore.acquire(operation.count, until: operation.deadline)
        arena.note(.success(isAcquired), operation.count)
        continue
      }
      let task = Task { try await arena.semaphore.acquire(operation.count, until: operation.deadline) }
      arena.cancellations[number].withLock { $0 = { task.cancel() } }
      arena.note(await task.result, operation.count)
    }
  }

  /// Interrupts sleeping threads and cancels waits, until all is over.
  private static func disturb(_ arena: Arena, _ seed: UInt64) {
    var random = SeededRandom(seed: ~seed)
    while !arena.isOver.load(ordering: .acquiring) {
      if random.next() % 8 == 0 { arena.interrupter.interruptAll() }
      let cancel = arena.cancellations.randomElement(using: &random)!.withLock { $0.take() }
      cancel?()
      usleep(UInt32(random.next() % 100))
    }
  }
}
