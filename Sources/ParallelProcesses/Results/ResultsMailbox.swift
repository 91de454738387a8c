import ParallelCore
import ParallelFutures

/// Where the outcomes of one iteration arrive, and where its consumer waits for them.
///
/// Not generic: it is what every item passes through, and generic code that is called from another module is not
/// specialized.
final class ResultsMailbox: Sendable {
  /// Where the outcome of one task goes.
  struct Address: ItemSink {
    let mailbox: ResultsMailbox
    let slot: Int

    func complete(_ outcome: ItemOutcome, of task: Int, through bulk: inout OutcomeBulk) {
      bulk.add(outcome, to: slot, of: mailbox)
    }
  }

  /// Where the outcomes of a batch go.
  struct Addresses: ItemSink {
    let mailbox: ResultsMailbox
    let slots: [Int]

    func complete(_ outcome: ItemOutcome, of task: Int, through bulk: inout OutcomeBulk) {
      bulk.add(outcome, to: slots[task], of: mailbox)
    }

    func complete(_ answers: AnswerRun, from task: Int, through bulk: inout OutcomeBulk) {
      bulk.add(answers, to: slots[task..<task + answers.count], of: mailbox)
    }
  }

  /// What a consumer finds.
  enum Delivery {
    case arrivals([Arrival])
    /// Nothing for the moment.
    case nothing
    /// Nothing any more.
    case over(MailboxState.InputEnd)
  }

  private struct Contents {
    var state: MailboxState
    /// At most that of the consumer and that of whoever submits.
    var waits: [Wait] = []

    mutating func takeMet() -> [Wait] {
      if waits.isEmpty { return [] }
      let met = waits.filter { state.meets($0.request) }
      if !met.isEmpty { waits.removeAll { state.meets($0.request) } }
      return met
    }
  }

  private struct Wait {
    var request: MailboxState.Request
    var promise: Promise<Void>
  }

  private let contents: Guarded<Contents>
  /// Whom a thread that waits helps meanwhile.
  private let helper: (any WaitHelper)?

  init(order: ResultOrder, helper: (any WaitHelper)? = nil) {
    contents = Guarded(Contents(state: MailboxState(order: order)))
    self.helper = helper
  }

  /// Changes the state, then ends the waits whose requests it meets.
  private func change<Result>(_ body: (inout MailboxState) -> Result) -> Result {
    let (result, met) = contents.withLock { contents in
      (body(&contents.state), contents.takeMet())
    }
    // Refused only where the wait was cancelled or has timed out meanwhile.
    for wait in met { _ = try? wait.promise.succeed() }
    return result
  }

  func read<Result>(_ body: (borrowing MailboxState) -> Result) -> Result {
    contents.withLock { body($0.state) }
  }
}

// What the consumer does, and whoever submits for it.
extension ResultsMailbox {
  /// Slots that are free again.
  func takeReleased() -> [Int] { change { $0.takeReleased() } }

  /// For the next tasks of the input, in their order. To be called before the items are submitted.
  func occupy(_ places: [(slot: Int, item: PoolItem?)]) {
    change { state in
      guard !state.isAbandoned else { return }
      for (slot, item) in places { state.occupy(slot, with: item) }
    }
  }

  /// Notes an item that was submitted while others may abandon the iteration; false if they have.
  func attach(_ item: PoolItem, to slot: Int) -> Bool {
    change { state in
      if state.isAbandoned { return false }
      state.attach(item, to: slot)
      return true
    }
  }

  /// No more tasks come.
  func end(_ end: MailboxState.InputEnd) {
    change { state in
      if !state.isAbandoned { state.inputEnd = end }
    }
  }

  /// Outcomes of submitted items; called by whoever reads the workers' answers, too.
  func put(_ outcomes: [(slot: Int, outcome: ItemOutcome)]) {
    change { state in
      guard !state.isAbandoned else { return }
      for (slot, outcome) in outcomes { state.put(outcome, into: slot) }
    }
  }

  /// The same for outcomes that came together.
  func put(_ parts: [OutcomeBulk.Part]) {
    change { state in
      guard !state.isAbandoned else { return }
      for part in parts {
        switch part {
        case .one(let outcome, let slot): state.put(outcome, into: slot)
        case .results(let results, let slots): state.put(results, into: slots)
        }
      }
    }
  }

  /// All that are to be delivered next and are here, at most `limit`. Releases slots in the same step.
  func take(atMost limit: Int = .max, releasing slots: [Int] = []) -> Delivery {
    change { state in
      if !state.isAbandoned { state.release(slots) }
      var arrivals: [Arrival] = []
      while arrivals.count < limit, let next = state.take() { arrivals.append(next) }
      if !arrivals.isEmpty { return .arrivals(arrivals) }
      if state.inUse == 0, let end = state.inputEnd { return .over(end) }
      return .nothing
    }
  }

  /// The consumer has no more use for the slots.
  func release(_ slots: [Int]) {
    change { state in
      if !state.isAbandoned { state.release(slots) }
    }
  }

  /// Ends the iteration: what arrives from now on is dropped. Returns what was submitted and has no outcome.
  func abandon() -> [PoolItem] { change { $0.abandon() } }
}

extension ResultsMailbox {
  /// Suspends until the request is met; false at the deadline.
  func wait(for request: MailboxState.Request, until deadline: Deadline) async throws -> Bool {
    guard let promise = enter(request) else { return true }
    do {
      let isMet = try await promise.future.wait(timeout: deadline.remaining)
      return isMet || !leave(promise)
    } catch {
      leave(promise)
      throw error
    }
  }

  /// Blocks until the request is met; false at the deadline.
  func wait(
    for request: MailboxState.Request, until deadline: Deadline, fileID: StaticString, line: UInt
  ) throws -> Bool {
    guard let promise = enter(request) else { return true }
    do {
      let isMet = try promise.future.waitCancellably(until: deadline, fileID: fileID, line: line)
      return isMet || !leave(promise)
    } catch {
      leave(promise)
      throw error
    }
  }

  /// Nil if there is nothing to wait for.
  private func enter(_ request: MailboxState.Request) -> Promise<Void>? {
    contents.withLock { contents in
      if contents.state.meets(request) { return nil }
      let promise = helper.map { Promise<Void>(helper: $0) } ?? Promise<Void>()
      contents.waits.append(Wait(request: request, promise: promise))
      return promise
    }
  }

  /// Ends a wait before its time; false if its request was met at the last moment.
  @discardableResult
  private func leave(_ promise: Promise<Void>) -> Bool {
    guard promise.future.cancel() else { return false }
    contents.withLock { contents in contents.waits.removeAll { $0.promise === promise } }
    return true
  }
}

extension Future<Void> {
  /// Blocks until the future is done; false at the deadline. Cancelling the thread's token cancels the future, and is
  /// thrown.
  func waitCancellably(
    until deadline: Deadline, fileID: StaticString, line: UInt
  ) throws(CancellationError) -> Bool {
    guard let source = CancellationSource.current else {
      return blockingWait(until: deadline, fileID, line)
    }
    guard let observation = source.observe({ self.cancel() }) else { throw CancellationError() }
    defer { source.forget(observation) }
    let isDone = blockingWait(until: deadline, fileID, line)
    if state == .cancelled { throw CancellationError() }
    return isDone
  }

  private func blockingWait(until deadline: Deadline, _ fileID: StaticString, _ line: UInt) -> Bool {
    wait(timeout: deadline.remaining, fileID: fileID, line: line)
  }
}
