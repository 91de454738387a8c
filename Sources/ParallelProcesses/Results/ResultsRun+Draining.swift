import ParallelCore

/// All results at once: for a consumer that has no use for one before it has them all, or that is never slow.
extension ResultsRun {
  /// Gives all outcomes to `body`, many at a time, which tells the meter of each. Ends the iteration, also when it throws.
  ///
  /// The consumer sleeps until one part of `parts` of the window is there: being woken for each outcome would cost more
  /// than the task.
  func drain(
    parts: Int, until deadline: Deadline, _ meter: ProgressMeter?, _ body: ([Arrival]) throws -> Void
  ) async throws {
    defer { abandon() }
    while let wait = try deliver(parts, deadline, meter, body) {
      if try await !wait.end(by: min(deadline, meter?.nextReport ?? .never)) { try checkTime(deadline) }
      meter?.reportIfDue()
    }
    meter?.report()
  }

  /// The same for a thread, which is blocked meanwhile.
  func drain(
    parts: Int, until deadline: Deadline, _ meter: ProgressMeter?, fileID: StaticString, line: UInt,
    _ body: ([Arrival]) throws -> Void
  ) throws {
    defer { abandon() }
    while let wait = try deliver(parts, deadline, meter, body) {
      let limit = min(deadline, meter?.nextReport ?? .never)
      if try !wait.end(by: limit, fileID: fileID, line: line) { try checkTime(deadline) }
      meter?.reportIfDue()
    }
    meter?.report()
  }

  /// Delivers what is here. Returns what to wait for, or nil at the end.
  private func deliver(
    _ parts: Int, _ deadline: Deadline, _ meter: ProgressMeter?, _ body: ([Arrival]) throws -> Void
  ) throws -> RunWait? {
    var isFirst = true
    while true {
      try Self.checkCancellation()
      fill()
      switch take() {
      case .arrivals(let arrivals):
        // Endless tasks that are always ready must not outlive the limit either.
        if !isFirst { try checkTime(deadline) }
        isFirst = false
        try body(arrivals)
        consumed(arrivals.map(\.slot))
        meter?.reportIfDue()
      case .nothing: return wait(for: window / parts)
      case .over(.exhausted): return nil
      case .over(.failed(let error)): throw error
      }
    }
  }

  /// Of the Swift task, or of the token that the thread is bound to: tasks that are always ready leave nothing to wait for.
  private static func checkCancellation() throws(CancellationError) {
    if Task.isCancelled || CancellationSource.current?.isCancelled == true { throw CancellationError() }
  }

  private func checkTime(_ deadline: Deadline) throws(ParallelError) {
    if deadline.hasPassed { throw ParallelError(.timedOut, "not all tasks were finished in time") }
  }
}
