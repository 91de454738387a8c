import ParallelCore

extension Barrier {
  /// Waits until all have come, by blocking the thread.
  ///
  /// - Parameters:
  ///   - timeout: How long to wait at most, zero or less meaning not at all; nil takes the limit given to the barrier.
  ///   - fileID: Where a debug build reports the call if it blocks a thread that Swift tasks share.
  ///   - line: The line in that file.
  /// - Returns: A number from zero to one less than the number of parties, a different one for each of them: the order
  ///   in which they came.
  /// - Throws: ``ParallelError`` with the code `brokenBarrier` when the barrier is or gets broken, with the code
  ///   `timedOut` for the one whose time was over; `CancellationError` for the one whose thread's
  ///   ``CancellationToken`` was cancelled; for the last one, what the action throws.
  @available(*, noasync, message: "this would block a thread that Swift tasks share; await wait(timeout:)")
  @discardableResult
  public func wait(
    timeout: Duration? = nil, fileID: StaticString = #fileID, line: UInt = #line
  ) throws -> Int {
    switch arrive() {
    case .refused: throw ParallelError.brokenBarrier
    case .leads(let generation): return try lead(generation)
    case .passes: return parties - 1
    case .waits(let waiter):
      let limit = timeout ?? self.timeout
      let inTime = try room.park(waiter, until: Deadline(timeout: limit), fileID: fileID, line: line)
      return try outcome(of: waiter, inTime: inTime, limit)
    }
  }

  /// Waits until all have come, and suspends the task meanwhile.
  ///
  /// - Parameter timeout: How long to wait at most, zero or less meaning not at all; nil takes the limit given to the
  ///   barrier.
  /// - Returns: A number from zero to one less than the number of parties, a different one for each of them: the order
  ///   in which they came.
  /// - Throws: ``ParallelError`` with the code `brokenBarrier` when the barrier is or gets broken, with the code
  ///   `timedOut` for the one whose time was over; `CancellationError` for the one whose task was cancelled; for the
  ///   last one, what the action throws.
  @discardableResult
  public func wait(timeout: Duration? = nil) async throws -> Int {
    switch arrive() {
    case .refused: throw ParallelError.brokenBarrier
    case .leads(let generation): return try lead(generation)
    case .passes: return parties - 1
    case .waits(let waiter):
      let limit = timeout ?? self.timeout
      let inTime = try await room.suspend(waiter, until: Deadline(timeout: limit))
      return try outcome(of: waiter, inTime: inTime, limit)
    }
  }
}

extension Barrier {
  private enum Arrival {
    case waits(Waiter<BarrierState.Request>)
    case leads(UInt64)
    case passes
    case refused
  }

  private func arrive() -> Arrival {
    room.change { state, waiters in
      switch state.arrive() {
      case .waits(let request):
        let waiter = Waiter(request)
        waiters.append(waiter)
        return .waits(waiter)
      case .leads(let generation):
        // Without an action all go on in this very step: nobody's time can be over once all have come.
        guard action == nil, state.release(generation: generation, &waiters) else {
          return .leads(generation)
        }
        return .passes
      case .refused: return .refused
      }
    }
  }

  private func lead(_ generation: UInt64) throws -> Int {
    do { try action?() } catch {
      room.change { $0.fail(generation: generation, &$1) }
      throw error
    }
    guard room.change({ $0.release(generation: generation, &$1) }) else { throw ParallelError.brokenBarrier }
    return parties - 1
  }

  private func outcome(
    of waiter: Waiter<BarrierState.Request>, inTime: Bool, _ limit: Duration?
  ) throws(ParallelError) -> Int {
    guard inTime else {
      throw ParallelError(
        .timedOut,
        "the barrier did not let its \(parties) parties pass within \(limit ?? .zero); it is broken now")
    }
    if waiter.request.isBroken { throw ParallelError.brokenBarrier }
    return waiter.request.index
  }
}

extension ParallelError {
  fileprivate static var brokenBarrier: ParallelError {
    ParallelError(
      .brokenBarrier,
      "the barrier is broken: one of its parties gave up, or it was aborted or reset; reset() opens it again")
  }
}
