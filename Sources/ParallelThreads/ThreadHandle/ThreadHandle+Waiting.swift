import ParallelCore

extension ThreadHandle {
  /// Blocks until the thread has ended; false when the deadline came first. A thread that could not be
  /// started looks like one that has ended: look at its phase.
  func waitForEnd(
    until deadline: Deadline, fileID: StaticString, line: UInt
  ) throws(CancellationError) -> Bool {
    guard let waiter = waiter(for: .end) else { return true }
    return try life.park(waiter, until: deadline, fileID: fileID, line: line)
  }

  /// The same for tasks.
  func waitForEnd(until deadline: Deadline) async throws(CancellationError) -> Bool {
    guard let waiter = waiter(for: .end) else { return true }
    return try await life.suspend(waiter, until: deadline)
  }

  /// Blocks for the moment that a started thread takes to come to life; not cancelled with the waiting
  /// thread.
  func awaitBeginning() {
    guard let waiter = waiter(for: .beginning) else { return }
    CancellationSource().bound {
      _ = try? life.park(waiter, until: .never, fileID: #fileID, line: #line)
    }
  }

  private func waiter(for moment: ThreadMoment) -> Waiter<ThreadMoment>? {
    life.enter { $0.has(moment) ? nil : moment }
  }
}
