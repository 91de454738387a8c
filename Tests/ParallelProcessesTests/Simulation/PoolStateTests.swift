import ParallelCore
import Testing

@testable import ParallelProcesses

/// Each event in each phase. What holds always is checked by `SimulatedPool` itself.
@Suite struct PoolStateTests {
  /// A pool whose workers are ready; their numbers are 1, 2 and so on.
  private func readyPool(
    _ workers: Int, capacity: Int = 256, policy: PoolPolicy = PoolPolicy()
  ) -> SimulatedPool {
    let pool = SimulatedPool(workers: workers, capacity: capacity, policy: policy)
    for _ in 0..<workers { pool.launchWorks() }
    for number in 1...workers { pool.becomesReady(number) }
    return pool
  }

  /// The same, and each has run one item: so they are known to be quick, and hold many at a time.
  private func quickPool(_ workers: Int, policy: PoolPolicy = PoolPolicy()) throws -> SimulatedPool {
    let pool = readyPool(workers, policy: policy)
    try pool.submit(workers)
    for number in 1...workers {
      for _ in 0..<2 { pool.reads(number) }
      pool.finishes(number, after: 1_000)
      pool.delivers(number)
    }
    return pool
  }

  private func isBlamed(_ item: SimulatedItem) -> Bool {
    if case .failed(let failure as WorkerFailure) = item.outcomes.first {
      failure.crashReport != nil
    } else {
      false
    }
  }

  private func isAnswered(_ item: SimulatedItem) -> Bool {
    if case .answer = item.outcomes.first { true } else { false }
  }

  private func isCancelled(_ item: SimulatedItem) -> Bool {
    if case .failed(is CancellationError) = item.outcomes.first { true } else { false }
  }

  private func error(of item: SimulatedItem) -> ParallelError? {
    if case .failed(let error as ParallelError) = item.outcomes.first { error } else { nil }
  }

  // MARK: Items

  @Test func itemsWaitForTheFirstReadyWorker() throws {
    let pool = SimulatedPool(workers: 1)
    let item = try pool.submit()[0]
    pool.launchWorks()
    pool.reads(1)
    #expect(item.timesBegun == 0)
    pool.becomesReady(1)
    // First its type, then the item itself.
    pool.reads(1)
    pool.reads(1)
    #expect(item.timesBegun == 1)
    pool.settleAndEnd()
    #expect(isAnswered(item))
  }

  @Test func idleWorkersComeFirst() throws {
    let pool = readyPool(3)
    try pool.submit(3)
    #expect(pool.state.workers.values.allSatisfy { $0.items.count == 1 })
    pool.settleAndEnd()
  }

  @Test func shortItemsAreSentInBatches() throws {
    let pool = readyPool(1)
    try pool.submit(300)
    #expect(pool.state.workers[1]?.items.count == 1)
    for _ in 0..<2 { pool.reads(1) }
    pool.finishes(1, after: 1_000)
    pool.delivers(1)
    #expect(pool.state.workers[1]?.items.count == 256)
    pool.settleAndEnd()
  }

  @Test func aLaneThatCannotTakeBackHoldsOne() throws {
    let pool = readyPool(1, capacity: 1)
    try pool.submit(5)
    for _ in 0..<2 { pool.reads(1) }
    pool.finishes(1, after: 0)
    pool.delivers(1)
    #expect(pool.state.workers[1]?.items.count == 1)
    pool.settleAndEnd()
    #expect(pool.items.allSatisfy(isAnswered))
  }

  @Test func anIdleWorkerTakesHalfOfWhatAnotherHasNotBegun() throws {
    let pool = try quickPool(2)
    // The first gets stuck in its first.
    try pool.submit(40)
    #expect(pool.state.workers[1]?.items.count == 20)
    pool.reads(1)
    while pool.state.workers[2]?.items.isEmpty == false, pool.state.workers[1]!.items.count > 1 {
      pool.reads(2)
      pool.finishes(2, after: 1_000)
      pool.delivers(2)
    }
    #expect(pool.state.workers[1]?.items.count == 1)
    pool.settleAndEnd()
    #expect(pool.items.allSatisfy(isAnswered))
  }

  /// One worker holds more, but has begun all of it and its answers are on their way; another holds what can be taken.
  @Test func anIdleWorkerTakesFromOneThatHasSomethingToGive() throws {
    let pool = try quickPool(3)
    let items = try pool.submit(12)
    // The first worker runs one for long; the second has run all its four; the third becomes idle.
    pool.reads(1)
    for number in [2, 3] {
      for _ in 0..<4 {
        pool.reads(number)
        pool.finishes(number, after: 1_000)
      }
    }
    pool.delivers(3)
    #expect(pool.state.workers[3]?.items.isEmpty == false)
    pool.settleAndEnd()
    #expect(items.allSatisfy(isAnswered))
  }

  // MARK: Batches

  /// One worker that is known to be quick has begun the batch, and so many of its tasks; the last of them runs.
  private func poolInBatch(
    _ count: Int, begun: Int, workers: Int = 1, policy: PoolPolicy = PoolPolicy()
  ) throws -> (SimulatedPool, [SimulatedItem]) {
    let pool = try quickPool(workers, policy: policy)
    let tasks = try pool.submitBatch(count)
    pool.reads(1)
    for index in 0..<begun {
      pool.reads(1)
      if index < begun - 1 { pool.finishes(1, after: 1_000) }
    }
    #expect(tasks.count { $0.timesBegun == 1 } == begun)
    return (pool, tasks)
  }

  @Test func aBatchIsOneMessage() throws {
    let (pool, tasks) = try poolInBatch(40, begun: 1)
    #expect(pool.state.workers[1]?.items.count == 1)
    #expect(pool.state.workers[1]?.heldTasks == 40)
    #expect(pool.state.statistics(at: pool.now).running == 1)
    #expect(pool.state.statistics(at: pool.now).waiting == 39)
    pool.settleAndEnd()
    #expect(tasks.allSatisfy { isAnswered($0) && $0.timesBegun == 1 })
  }

  @Test(arguments: [true, false]) func ofABatchOneTaskTakesTheBlame(early: Bool) throws {
    let (pool, tasks) = try poolInBatch(10, begun: 4)
    if early { pool.isDying(1) } else { pool.isGone(1) }
    #expect(tasks[..<3].allSatisfy(isAnswered))
    #expect(isBlamed(tasks[3]))
    #expect(tasks[4...].allSatisfy { !$0.isSettled && $0.timesBegun == 0 })
    #expect(pool.state.waiting.count == 6)
    pool.settleAndEnd()
    #expect(tasks[4...].allSatisfy { isAnswered($0) && $0.timesBegun == 1 })
  }

  @Test func betweenTwoTasksOfABatchNobodyTakesTheBlame() throws {
    let (pool, tasks) = try poolInBatch(10, begun: 4)
    pool.finishes(1)
    pool.isGone(1)
    #expect(tasks[..<4].allSatisfy(isAnswered))
    pool.settleAndEnd()
    #expect(tasks.allSatisfy { isAnswered($0) && $0.timesBegun == 1 })
  }

  @Test func anIdleWorkerTakesHalfOfABatch() throws {
    let (pool, tasks) = try poolInBatch(40, begun: 1, workers: 2)
    // Both got a half; the second is quick.
    #expect(pool.state.workers[1]?.heldTasks == 20)
    while pool.state.workers[1]!.heldTasks > 1 {
      pool.reads(2)
      pool.finishes(2, after: 1_000)
      pool.delivers(2)
    }
    #expect(tasks[0].timesBegun == 1 && !tasks[0].isSettled)
    pool.settleAndEnd()
    #expect(tasks.allSatisfy { isAnswered($0) && $0.timesBegun == 1 })
  }

  @Test func aBatchIsCancelledAsAWhole() throws {
    let (pool, tasks) = try poolInBatch(10, begun: 4)
    pool.cancel(tasks[0])
    #expect(tasks[4...].allSatisfy { $0.drops == 1 })
    #expect(pool.workers[1]?.simulatedLane.cancelled.count == 1)
    pool.delivers(1)
    #expect(tasks[..<3].allSatisfy(isAnswered))
    #expect(!tasks[3].isSettled)
    // Nobody wants it, and it goes on.
    pool.pass(.seconds(60))
    #expect(tasks[3].drops == 1)
    #expect(pool.workers[1]?.wasKilled == true)
    pool.settleAndEnd()
  }

  /// Parts of it are with two workers: neither takes over what the other is rid of.
  @Test func aCancelledBatchDoesNotMoveOn() throws {
    let (pool, tasks) = try poolInBatch(40, begun: 0, workers: 2)
    #expect(pool.state.workers[2]?.heldTasks == 20)
    pool.cancel(tasks[0])
    #expect(tasks.allSatisfy { $0.drops == 1 })
    pool.settleAndEnd()
    #expect(tasks.allSatisfy { $0.timesBegun == 0 })
  }

  @Test func aTaskOfABatchThatFailsIsTriedAgainByItself() throws {
    var policy = PoolPolicy()
    policy.onCrash = .retry(RetryPolicy(1, on: [.crashes, .errors], initialDelay: .zero))
    let (pool, tasks) = try poolInBatch(6, begun: 0, policy: policy)
    for index in 0..<3 {
      pool.reads(1)
      pool.finishes(1, throwing: index == 1)
    }
    pool.reads(1)
    pool.isGone(1)
    pool.settleAndEnd()
    #expect(tasks.allSatisfy(isAnswered))
    #expect(tasks.map(\.timesBegun) == [1, 2, 1, 2, 1, 1])
  }

  @Test func theMemoryLimitHitsTheTaskThatRuns() throws {
    var policy = PoolPolicy()
    policy.memoryLimit = 1_000
    let (pool, tasks) = try poolInBatch(6, begun: 3, policy: policy)
    pool.pass(.milliseconds(60))
    pool.measures(2_000)
    guard case .failed(let failure as WorkerFailure) = tasks[2].outcomes.first,
      case .memoryLimitExceeded = failure.reason
    else { return #expect(Bool(false), "\(tasks[2].outcomes)") }
    // Results that were on the way count.
    pool.settleAndEnd()
    #expect(tasks.filter { $0 !== tasks[2] }.allSatisfy { isAnswered($0) && $0.timesBegun == 1 })
  }

  @Test func aWorkerIsMeasuredOnceMoreAfterWhatItRan() throws {
    var policy = PoolPolicy()
    policy.recycleAtResidentMemory = 500
    let (pool, tasks) = try poolInBatch(6, begun: 3, policy: policy)
    pool.pass(.milliseconds(60))
    pool.measures(10)
    pool.settle()
    #expect(tasks.allSatisfy(isAnswered))
    pool.pass(.milliseconds(60))
    pool.measures(600)
    #expect(pool.state.workers[1]?.isDue == true)
    pool.settleAndEnd()
  }

  @Test func whileABatchGoesOnSomebodyLooksForResults() throws {
    let (pool, tasks) = try poolInBatch(10, begun: 4)
    let before = pool.looks
    pool.pass(.milliseconds(5))
    #expect(pool.looks - before == 5)
    pool.settle()
    pool.pass(.milliseconds(5))
    let after = pool.looks
    pool.pass(.milliseconds(5))
    #expect(pool.looks == after)
    #expect(tasks.allSatisfy(isAnswered))
    pool.settleAndEnd()
  }

  // MARK: Cancellation

  @Test func aWaitingItemIsDropped() throws {
    let pool = SimulatedPool(workers: 1)
    let items = try pool.submit(3)
    pool.cancel(items[1])
    #expect(items[1].drops == 1)
    pool.cancel(items[1])
    pool.settleAndEnd()
    #expect(isAnswered(items[0]) && isAnswered(items[2]))
    #expect(items[1].timesBegun == 0)
  }

  @Test func aSentItemIsTakenBack() throws {
    let pool = readyPool(1)
    let items = try pool.submit(2)
    pool.cancel(items[0])
    #expect(items[0].drops == 1)
    pool.settleAndEnd()
    #expect(items[0].timesBegun == 0)
    #expect(isAnswered(items[1]))
  }

  @Test func aRunningItemIsToldAndKeepsItsPlace() throws {
    let pool = readyPool(1)
    let item = try pool.submit()[0]
    for _ in 0..<2 { pool.reads(1) }
    pool.cancel(item)
    #expect(!item.isSettled)
    #expect(pool.workers[1]?.simulatedLane.cancelled == [item.item.sequence])
    pool.settleAndEnd()
    #expect(isAnswered(item))
  }

  /// As on a busy machine, where the first look comes after the deadline.
  @Test func whoCannotBeKilledIsToldAtTheDeadlineAtLast() throws {
    let pool = SimulatedPool(workers: 1, canCondemn: false)
    pool.launchWorks()
    pool.becomesReady(1)
    let item = try pool.submit(1, TaskOptions(deadline: .milliseconds(300), grace: .milliseconds(150)))[0]
    for _ in 0..<2 { pool.reads(1) }
    pool.isLate(by: .seconds(1))
    pool.ring()
    #expect(item.outcomes.count == 1)
    #expect(pool.workers[1]?.simulatedLane.cancelled == [item.item.sequence])
    pool.settleAndEnd()
  }

  @Test func whatIsTooLateAlreadyIsNotBegun() throws {
    let pool = readyPool(1)
    let first = try pool.submit()[0]
    let late = try pool.submit(1, TaskOptions(deadline: .milliseconds(300)))[0]
    for _ in 0..<2 { pool.reads(1) }
    // The worker has an answer before the pool has looked at its clock.
    pool.isLate(by: .seconds(1))
    pool.finishes(1)
    pool.delivers(1)
    #expect(isAnswered(first))
    #expect(late.outcomes.count == 1 && late.timesBegun == 0)
    pool.settleAndEnd()
  }

  @Test func whatHasEndedAWorkerByItselfRunsAloneAgain() throws {
    var policy = PoolPolicy()
    policy.tasksPerWorker = 2
    policy.onCrash = .retry(RetryPolicy(1, initialDelay: .zero))
    let pool = SimulatedPool(workers: 1, policy: policy)
    pool.launchWorks()
    pool.becomesReady(1)
    let guilty = try pool.submit()[0]
    for _ in 0..<2 { pool.reads(1) }
    pool.isGone(1)
    let innocent = try pool.submit()[0]
    pool.launchWorks()
    pool.becomesReady(2)
    let items = try #require(pool.state.workers[2]).items
    #expect(items.count == 1)
    pool.settleAndEnd()
    #expect(isAnswered(guilty) && isAnswered(innocent))
    #expect(guilty.timesBegun == 2 && innocent.timesBegun == 1)
  }

  @Test func cancellingAFinishedItemDoesNothing() throws {
    let pool = readyPool(1)
    let item = try pool.submit()[0]
    pool.settle()
    pool.cancel(item)
    #expect(item.drops == 0)
    pool.settleAndEnd()
  }

  @Test func manyCancelledItemsDoNotStay() throws {
    let pool = readyPool(1)
    for item in try pool.submit(500).dropFirst() { pool.cancel(item) }
    #expect(pool.state.waiting.storedCount < 200)
    pool.settleAndEnd()
  }

  // MARK: Deaths

  @Test(arguments: [true, false]) func aDeathBeforeTheBeginBlamesNobody(early: Bool) throws {
    let pool = readyPool(1)
    let item = try pool.submit()[0]
    if early { pool.isDying(1) }
    pool.isGone(1)
    #expect(!item.isSettled)
    #expect(pool.launches == 1)
    pool.settleAndEnd()
    #expect(isAnswered(item))
  }

  @Test(arguments: [true, false]) func aDeathBlamesTheRunningItemOnly(early: Bool) throws {
    let pool = try quickPool(1)
    let items = try pool.submit(5)
    pool.reads(1)
    if early { pool.isDying(1) } else { pool.isGone(1) }
    #expect(isBlamed(items[0]))
    pool.isGone(1)
    pool.settleAndEnd()
    #expect(items.dropFirst().allSatisfy(isAnswered))
  }

  @Test(arguments: [true, false]) func aResultThatWasWrittenCounts(marksDone: Bool) throws {
    let pool = readyPool(1)
    let item = try pool.submit()[0]
    for _ in 0..<2 { pool.reads(1) }
    pool.finishes(1, marksDone: marksDone)
    pool.isGone(1)
    #expect(isAnswered(item))
    pool.settleAndEnd()
  }

  @Test func itemsOfADeadWorkerComeBeforeThoseThatWait() throws {
    let pool = readyPool(1)
    let items = try pool.submit(3)
    pool.isGone(1)
    var waiting = pool.state.waiting
    #expect(waiting.count == 3)
    #expect(waiting.popFirst() === items[0].item)
    pool.settleAndEnd()
  }

  @Test func aFrozenWorkerGetsNothingMore() throws {
    let pool = readyPool(2)
    try pool.submit(1)
    let busy = try #require(pool.state.workers.values.first { !$0.items.isEmpty }?.number)
    let items = try pool.submit(6)
    pool.isDying(busy)
    #expect(pool.state.workers[busy] == nil)
    #expect(pool.state.dying[busy] != nil)
    pool.settleAndEnd()
    #expect(items.allSatisfy(isAnswered))
  }

  @Test func answersOfADeadWorkerAreNotHeard() throws {
    let pool = readyPool(1)
    try pool.submit()
    for _ in 0..<2 { pool.reads(1) }
    pool.isDying(1)
    let late = Frame(kind: .result, sequence: 1)
    var state = pool.state
    let (actions, areCredible) = state.answered(1, Answers([late], worker: 1), at: pool.now)
    #expect(actions.isEmpty && areCredible)
    pool.settleAndEnd()
  }

  @Test func answersToWhatWasNotAskedAreNotCredible() throws {
    let pool = readyPool(1)
    let item = try pool.submit()[0]
    for sequence in [0, 2, UInt64.max] {
      #expect(!pool.state.answering(1, [Frame(kind: .result, sequence: sequence)]))
    }
    // Sent, but not begun.
    #expect(!pool.state.answering(1, [Frame(kind: .result, sequence: item.item.sequence)]))
    pool.settleAndEnd()
  }

  @Test func moreResultsThanTasksWereBegunAreNotCredible() throws {
    let (pool, tasks) = try poolInBatch(10, begun: 4)
    let sequence = try #require(tasks[0].item).sequence
    let results = [Frame](repeating: Frame(kind: .result, sequence: sequence), count: 5)
    var state = pool.state
    let (actions, areCredible) = state.answered(1, Answers(results, worker: 1), at: pool.now)
    #expect(!areCredible)
    let resolved = actions.reduce(0) { count, action in
      guard case .resolveAll(_, _, let results) = action else { return count }
      return count + results.count
    }
    #expect(resolved == 4)
  }

  // MARK: Starts

  @Test func startsThatFailAreRepeatedThreeTimesWhileThereIsNoWorker() throws {
    let pool = SimulatedPool(workers: 1)
    let item = try pool.submit()[0]
    for attempt in 1...3 {
      #expect(pool.launches == 1, "attempt \(attempt)")
      pool.launchFails()
    }
    #expect(error(of: item)?.code == .workerStart)
    #expect(pool.finishes > 0)
    let late = try pool.submit()[0]
    #expect(error(of: late)?.code == .workerStart)
    pool.shutDown(.drain)
    #expect(pool.launches == 0)
  }

  @Test func withAnotherWorkerThereStartsMayFailAsOftenAsTheyLike() throws {
    let pool = readyPool(2)
    pool.isGone(1)
    for _ in 0..<20 { pool.launchFails() }
    #expect(pool.launches == 1)
    try pool.submit(3)
    pool.settleAndEnd()
    #expect(pool.items.allSatisfy(isAnswered))
  }

  @Test func workersThatDieBeforeTheyAreReadyEndThePool() throws {
    let pool = SimulatedPool(workers: 1)
    let item = try pool.submit()[0]
    for number in 1...3 {
      pool.launchWorks()
      pool.isGone(number)
    }
    #expect(error(of: item)?.code == .workerStart)
    #expect(pool.finishes > 0)
  }

  @Test func aFailedSetupEndsThePoolAndItsOtherWorkers() throws {
    let pool = readyPool(3)
    let items = try pool.submit(10)
    for number in 1...3 { for _ in 0..<2 { pool.reads(number) } }
    pool.isGone(3)
    pool.launchWorks()
    pool.setupFails(4)
    #expect(items.count { error(of: $0)?.code == .workerStart } == 9)
    // The one that failed ends by itself: it may have something to say about it.
    #expect(pool.workers.filter { $0.value.wasKilled }.map(\.key).sorted() == [1, 2])
    pool.isGone(4)
    pool.settle()
    #expect(pool.finishes > 0)
  }

  // MARK: The end

  @Test(arguments: [ShutdownMode.drain, .cancelPending, .terminate])
  func anIdlePoolEndsAtOnce(mode: ShutdownMode) throws {
    let pool = readyPool(2)
    pool.shutDown(mode)
    #expect(pool.workers.values.allSatisfy { mode == .terminate ? $0.wasKilled : $0.wasRetired })
    #expect(pool.finishes == 0)
    pool.settle()
    #expect(pool.finishes > 0)
    #expect(error(of: try pool.submit()[0])?.code == .shutDown)
  }

  @Test func drainingFinishesEverythingAndReplacesWorkersForIt() throws {
    let pool = readyPool(1)
    let items = try pool.submit(5)
    for _ in 0..<2 { pool.reads(1) }
    pool.shutDown(.drain)
    pool.isGone(1)
    #expect(pool.launches == 1)
    pool.settle()
    #expect(isBlamed(items[0]))
    #expect(items.dropFirst().allSatisfy(isAnswered))
    #expect(pool.finishes > 0)
  }

  @Test func cancelPendingFinishesWhatWasBegun() throws {
    let pool = readyPool(1)
    try pool.submit()
    for _ in 0..<2 { pool.reads(1) }
    pool.finishes(1, after: 1_000)
    pool.delivers(1)
    let items = try pool.submit(300)
    pool.reads(1)
    pool.shutDown(.cancelPending)
    #expect(!items[0].isSettled)
    #expect(items.dropFirst().allSatisfy(isCancelled))
    pool.settle()
    #expect(isAnswered(items[0]))
    #expect(pool.finishes > 0)
  }

  @Test func terminateFailsAllAtOnce() throws {
    let pool = readyPool(2)
    let items = try pool.submit(300)
    for number in 1...2 { for _ in 0..<2 { pool.reads(number) } }
    pool.shutDown(.terminate)
    #expect(items.allSatisfy(isCancelled))
    #expect(pool.finishes == 0)
    pool.settle()
    #expect(pool.finishes > 0)
  }

  @Test func aSternerModeMayFollow() throws {
    let pool = readyPool(1)
    let items = try pool.submit(3)
    for _ in 0..<2 { pool.reads(1) }
    pool.shutDown(.drain)
    pool.shutDown(.cancelPending)
    #expect(!items[0].isSettled && isCancelled(items[1]) && isCancelled(items[2]))
    pool.shutDown(.terminate)
    #expect(isCancelled(items[0]))
    pool.settle()
    #expect(pool.finishes > 0)
  }

  @Test func aWorkerThatComesAfterTheEndIsKilled() throws {
    let pool = SimulatedPool(workers: 1)
    pool.shutDown(.drain)
    var state = pool.state
    let worker = SimulatedWorker(processID: 1, capacity: 1)
    let (_, actions) = state.launched(worker, at: pool.now)
    guard case .kill(let killed)? = actions.first else {
      Issue.record("it was not killed")
      return
    }
    #expect(killed === worker)
    #expect(pool.finishes == 0)
    // The launch that is still to come is given up.
    pool.launchWorks()
    #expect(pool.finishes > 0)
  }
}

extension PoolState {
  /// Whether the state would believe these answers.
  fileprivate func answering(_ number: Int, _ frames: [Frame]) -> Bool {
    var copy = self
    return copy.answered(number, Answers(frames, worker: 1), at: Deadline(nanoseconds: 0)).areCredible
  }
}
