import Glibc
import ParallelCore
import ParallelFutures
import TestSupport
import Testing

/// Everything that can end a future or a wait, all at once, many times over.
@Suite struct FutureRaceTests {
  @Test func exactlyOneEventWinsAndEverybodyAgrees() async throws {
    var random = SeededRandom(for: "races of futures")
    var cancelled = 0
    for index in 0..<400 {
      let round = RaceRound(&random)
      try await round.run()
      round.verify("round \(index) of seed \(random.seed)")
      if round.isCancelled { cancelled += 1 }
    }
    print("FutureRaceTests: \(cancelled) of 400 futures were cancelled")
  }

  @Test func onlyOneOfManyCompletersWins() async throws {
    for _ in 0..<100 {
      let promise = Promise<Int>()
      let winners = try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<4 {
          group.addTask { try await onThread { (try? promise.succeed(number)) == nil ? 0 : 1 } }
        }
        return try await group.reduce(0, +)
      }
      #expect(winners == 1)
    }
  }

  @Test func waitsThatTimeOutLeaveNothingBehind() async throws {
    let promise = Promise<Int>()
    try await onThread {
      for _ in 0..<500 { #expect(!promise.future.wait(timeout: .nanoseconds(1))) }
    }
    for _ in 0..<500 { #expect(try await !promise.future.wait(timeout: .microseconds(1))) }
    try promise.succeed(1)
    #expect(try await promise.future.get() == 1)
  }
}

/// One race: what takes part in it, and what each party saw.
private final class RaceRound: Sendable {
  enum End: Hashable {
    case value
    case cancelled
    case timedOut
    case unexpected
  }

  struct Seen {
    /// By those who wait until the future is done, whatever happens.
    var patient: [End] = []
    /// By those who give up by timeout.
    var impatient: [End] = []
    /// By the reader whose task is cancelled.
    var cancelledReader: [End] = []
    var callbacks: [End] = []
    var evaluations = 0
    var hookCalls = 0
    var cancelWon = false
    var completionWon = false
  }

  private let promise = Promise<Int>()
  private let seen = Guarded(Seen())
  private let isDeferred: Bool
  private let readerCancelsFuture: Bool
  private let timeout: Duration
  private let delays: [Int]

  var isCancelled: Bool { promise.future.isCancelled }

  init(_ random: inout SeededRandom) {
    isDeferred = .random(using: &random)
    readerCancelsFuture = .random(using: &random)
    timeout = .microseconds(Int.random(in: 0..<200, using: &random))
    delays = (0..<4).map { _ in Int.random(in: 0..<1_000, using: &random) }
  }

  func run() async throws {
    let future = promise.future
    let reader = Task { try await self.readerCancelsFuture ? future.value : future.get() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await onThread { try self.complete() } }
      group.addTask { try await onThread { self.cancel() } }
      group.addTask { try await onThread { try self.addHookAndCallback() } }
      group.addTask {
        self.delay(3); reader.cancel()
      }
      for _ in 0..<2 {
        group.addTask { self.note(\.patient, await Result { try await future.get() }) }
        group.addTask { self.note(\.patient, try await onThread { Result { try future.get() } }) }
      }
      group.addTask { self.note(\.impatient, await Result { try await future.get(timeout: self.timeout) }) }
      group.addTask {
        self.note(\.impatient, try await onThread { Result { try future.get(timeout: self.timeout) } })
      }
      group.addTask { self.note(\.cancelledReader, await reader.result) }
      try await group.waitForAll()
    }
    await drained(future)
  }

  func verify(_ comment: Comment) {
    let seen = seen.withLock { $0 }
    let isCancelled = isCancelled
    let end: End = isCancelled ? .cancelled : .value
    #expect(promise.future.state == (isCancelled ? .cancelled : .succeeded), comment)
    #expect(seen.completionWon != isCancelled, comment)
    #expect(seen.patient == [end, end, end, end], comment)
    #expect(seen.impatient.allSatisfy { $0 == end || $0 == .timedOut }, comment)
    #expect(seen.cancelledReader.allSatisfy { $0 == end || $0 == .cancelled }, comment)
    #expect(seen.callbacks == [end], comment)
    #expect(seen.hookCalls == (isCancelled ? 1 : 0), comment)
    #expect(seen.evaluations == (isDeferred && !isCancelled ? 1 : 0), comment)
    #expect(seen.cancelWon == isCancelled, comment)
    if readerCancelsFuture { #expect(seen.cancelledReader == [end], comment) }
  }

  private func complete() throws {
    delay(0)
    let wins =
      if isDeferred {
        try promise.complete(deferring: {
          self.seen.withLock { $0.evaluations += 1 }
          return 1
        })
      } else {
        try promise.succeed(1)
      }
    seen.withLock { $0.completionWon = wins }
  }

  private func cancel() {
    delay(1)
    let wins = promise.future.cancel()
    seen.withLock { $0.cancelWon = wins }
  }

  private func addHookAndCallback() throws {
    delay(2)
    try promise.onCancel { self.seen.withLock { $0.hookCalls += 1 } }
    promise.future.onCompletion { result in self.note(\.callbacks, result) }
  }

  private func note(_ list: any WritableKeyPath<Seen, [End]> & Sendable, _ result: Result<Int, any Error>) {
    let end: End =
      switch result {
      case .success(1): .value
      case .failure(is CancellationError): .cancelled
      case .failure(let error as ParallelError) where error.code == .timedOut: .timedOut
      default: .unexpected
      }
    seen.withLock { $0[keyPath: list].append(end) }
  }

  private func delay(_ party: Int) {
    for _ in 0..<delays[party] { _ = aLittleWork() }
  }
}

/// Takes some nanoseconds and can't be optimized away.
private func aLittleWork() -> Int32 { getpid() }

extension Result where Success: Sendable, Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }

  fileprivate init(_ body: () throws -> Success) {
    self.init(catching: body)
  }
}
