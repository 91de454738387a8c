extension WaitRoom {
  /// The second step of a thread's wait: sleeps until admitted; false when the deadline came first.
  ///
  /// - Throws: `CancellationError` when the thread's ``CancellationSource`` was cancelled first.
  package func park(
    _ waiter: Waiter<Request>, until deadline: Deadline, fileID: StaticString, line: UInt
  ) throws(CancellationError) -> Bool {
    if deadline.hasPassed {
      // One attempt was all that was asked for, as for a task: nothing blocks, and nothing can be cancelled.
      withdraw(waiter, because: .timedOut)
      return try waiter.outcome()
    }
    BlockingCheck.aboutToPark(fileID: fileID, line: line)
    if let source = CancellationSource.current {
      parkCancellably(waiter, until: deadline, source)
    } else if !waiter.park(until: deadline) {
      withdraw(waiter, because: .timedOut)
    }
    return try waiter.outcome()
  }

  private func parkCancellably(
    _ waiter: Waiter<Request>, until deadline: Deadline, _ source: CancellationSource
  ) {
    guard let observation = source.observe({ self.withdraw(waiter, because: .cancelled) }) else {
      return withdraw(waiter, because: .cancelled)
    }
    defer { source.forget(observation) }
    // The one who cancels ends the wait like anybody who admits, and wakes the thread.
    if !waiter.park(until: deadline) { withdraw(waiter, because: .timedOut) }
  }
}
