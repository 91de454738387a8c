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
    case refused
  }

  private func arrive() -> Arrival {
    var arrival = Arrival.refused
    let waiter = room.enter { state in
      switch state.arrive() {
      case .waits(let request): return request
      case .leads(let generation): arrival = .leads(generation)
      case .refused: arrival = .refused
      }
      return nil
    }
    return waiter.map(Arrival.waits) ?? arrival
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
        .timedOut, "not all \(parties) parties came within \(limit ?? .zero); the barrier is broken now")
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
