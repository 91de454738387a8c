import ParallelCore

extension ThreadHandle {
  /// Blocks until the thread has ended; false when the deadline came first. A thread that could not be
  /// started looks like one that has ended: look at its phase.
  func waitForEnd(
    until deadline: Deadline, fileID: StaticString, line: UInt
  ) throws(CancellationError) -> Bool {
    while let waiter = waiter(for: .end) {
      guard try life.park(waiter, until: deadline, fileID: fileID, line: line) else { return false }
      if phase == .unstarted { return true }
    }
    return true
  }

  /// The same for tasks.
  func waitForEnd(until deadline: Deadline) async throws(CancellationError) -> Bool {
    while let waiter = waiter(for: .end) {
      guard try await life.suspend(waiter, until: deadline) else { return false }
      if phase == .unstarted { return true }
    }
    return true
  }

  /// Blocks for the moment that a started thread takes to come to life; not cancelled with the waiting
  /// thread.
  func awaitBeginning() {
    guard let waiter = waiter(for: .beginning) else { return }
    // Too short to warn of.
    let mayBlock = BlockingCheck.threadMayBlock
    BlockingCheck.threadMayBlock = true
    defer { BlockingCheck.threadMayBlock = mayBlock }
    CancellationSource().bound {
      _ = try? life.park(waiter, until: .never, fileID: #fileID, line: #line)
    }
  }

  private func waiter(for moment: ThreadMoment) -> Waiter<ThreadMoment>? {
    life.enter { $0.has(moment) ? nil : moment }
  }
}
