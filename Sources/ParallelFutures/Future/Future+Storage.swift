import ParallelCore
import Synchronization

// How events reach the word, and what the winner of an event does: always after it, and never under a lock.
extension Future {
  /// The word as it is now, for the package's tests too.
  package var current: FutureWord { FutureWord(rawValue: word.load(ordering: .acquiring)) }

  /// Applies an event. Whether it took effect, and the word that it replaced or that refused it.
  @inline(__always)
  func apply(_ event: (FutureWord) -> FutureWord?) -> (wins: Bool, before: FutureWord) {
    var seen = word.load(ordering: .relaxed)
    while true {
      guard let next = event(FutureWord(rawValue: seen)) else {
        // Refused by a word whose writer's work the caller may go on to read.
        return (false, current)
      }
      let (wins, before) = word.weakCompareExchange(
        expected: seen, desired: next.rawValue,
        successOrdering: .acquiringAndReleasing, failureOrdering: .relaxed)
      if wins { return (true, FutureWord(rawValue: before)) }
      seen = before
    }
  }

  /// Wins the right to write the outcome, which is to be published next; false when the future was cancelled before.
  func claim() throws(ParallelError) -> Bool {
    let (wins, before) = apply { $0.claim() }
    if wins || before.phase == .cancelled { return wins }
    throw ParallelError(.misuse, "this promise was fulfilled already; a future takes one result only")
  }

  func publish(_ phase: FutureWord.Phase) {
    let before = apply { $0.publish(phase) }.before
    // Taken, not called: the producer knows that it ended the future itself.
    if let hook = notify(before) { withExtendedLifetime(hook) {} }
  }

  /// Grants the wishes in the word that was replaced when the future ended; returns the cancel hook.
  func notify(_ before: FutureWord) -> (@Sendable () -> Void)? {
    if before.has(.sleepers) { Futex.wake(word, count: .max) }
    if before.has(.observed) { observers.load()?.close() }
    guard before.has(.hookSet) else { return nil }
    return cancelHook.take()
  }

  /// The observers, who from now on will be told when the future is done, or are told now.
  func madeObservers() -> FutureObservers {
    let observers = observers.load() ?? observers.storeIfNil(FutureObservers())
    helper?.somebodyWaits()
    if !current.has(.observed), !apply({ $0.observe() }).wins { observers.close() }
    return observers
  }
}

// Reading the outcome.
extension Future {
  /// The value of a future that is done, or its error; evaluates a thunk, or waits for whoever does.
  func settledValue() throws -> Value {
    if current.phase == .succeeded, let success { return success }
    settle()
    if let success { return success }
    throw failure ?? CancellationError()
  }

  func settledResult() -> Result<Value, any Error> { Result { try settledValue() } }

  @inline(never)
  func settle() {
    if current.isSettled { return }
    guard apply({ $0.decode() }).wins, let evaluate = thunk.take() else {
      _ = sleep(until: .never) { $0.isSettled }
      return
    }
    do {
      success = try evaluate()
      publish(.succeeded)
    } catch {
      failure = error
      publish(.failed)
    }
  }

  /// Blocks until the word meets the goal; false when the deadline came first.
  func sleep(until deadline: Deadline, goal: (FutureWord) -> Bool) -> Bool {
    while true {
      let seen = current
      if goal(seen) { return true }
      guard let marked = markSleeping(seen) else { continue }
      if Futex.wait(word, while: marked.rawValue, until: deadline) == .timedOut { return goal(current) }
    }
  }

  /// The word with the wish to be woken in it; nil if it has changed meanwhile.
  fileprivate func markSleeping(_ seen: FutureWord) -> FutureWord? {
    guard let marked = seen.sleep(), marked != seen else { return seen.sleep() }
    let (marks, _) = word.compareExchange(
      expected: seen.rawValue, desired: marked.rawValue, ordering: .relaxed)
    return marks ? marked : nil
  }
}

extension Future: HelpedFuture {
  package func sleep(besides words: [Futex.SharedWord], until deadline: Deadline) -> Bool {
    let seen = current
    guard !seen.isDone, let marked = markSleeping(seen) else { return true }
    return Futex.wait(word, while: marked.rawValue, besides: words, until: deadline) != nil
  }
}
