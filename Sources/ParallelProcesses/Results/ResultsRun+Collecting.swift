import ParallelCore

/// What callers want of all results.
extension ResultsRun {
  /// The outputs; throws the first failure.
  func outputs(until deadline: Deadline, _ meter: ProgressMeter?) async throws -> [Input.Output] {
    var outputs: [Input.Output] = []
    outputs.reserveCapacity(expectedCount)
    try await drain(parts: 2, until: deadline, meter) { try Self.append($0, to: &outputs, meter) }
    return outputs
  }

  /// The same for a thread.
  func outputs(
    until deadline: Deadline, _ meter: ProgressMeter?, fileID: StaticString, line: UInt
  ) throws -> [Input.Output] {
    var outputs: [Input.Output] = []
    outputs.reserveCapacity(expectedCount)
    try drain(parts: 2, until: deadline, meter, fileID: fileID, line: line) {
      try Self.append($0, to: &outputs, meter)
    }
    return outputs
  }

  /// What came of each task.
  func results(
    until deadline: Deadline, _ meter: ProgressMeter?
  ) async throws -> [Result<Input.Output, any Error>] {
    var results: [Result<Input.Output, any Error>] = []
    results.reserveCapacity(expectedCount)
    try await drain(parts: 2, until: deadline, meter) { Self.append($0, to: &results, meter) }
    return results
  }

  /// The same for a thread.
  func results(
    until deadline: Deadline, _ meter: ProgressMeter?, fileID: StaticString, line: UInt
  ) throws -> [Result<Input.Output, any Error>] {
    var results: [Result<Input.Output, any Error>] = []
    results.reserveCapacity(expectedCount)
    try drain(parts: 2, until: deadline, meter, fileID: fileID, line: line) {
      Self.append($0, to: &results, meter)
    }
    return results
  }

  /// The outputs, combined one after the other; throws the first failure, and what `combine` throws.
  ///
  /// It is woken more often than the others: who combines may take long, and tasks are not pulled meanwhile.
  func combined<Partial>(
    into initial: Partial, until deadline: Deadline, _ meter: ProgressMeter?,
    _ combine: (inout Partial, Input.Output) throws -> Void
  ) async throws -> Partial {
    var partial = initial
    try await drain(parts: 8, until: deadline, meter) { try Self.add($0, to: &partial, meter, combine) }
    return partial
  }

  /// The same for a thread.
  func combined<Partial>(
    into initial: Partial, until deadline: Deadline, _ meter: ProgressMeter?, fileID: StaticString,
    line: UInt, _ combine: (inout Partial, Input.Output) throws -> Void
  ) throws -> Partial {
    var partial = initial
    try drain(parts: 8, until: deadline, meter, fileID: fileID, line: line) {
      try Self.add($0, to: &partial, meter, combine)
    }
    return partial
  }

  // The arrays are made before the loops: so their types are looked up once, and not for each task.

  private static func append(
    _ arrivals: [Arrival], to outputs: inout [Input.Output], _ meter: ProgressMeter?
  ) throws {
    var new: [Input.Output] = []
    new.reserveCapacity(arrivals.count)
    for arrival in arrivals {
      new.append(try arrival.outcome.decode(Input.self))
      meter?.count(succeeded: true)
    }
    outputs.append(contentsOf: new)
  }

  private static func append(
    _ arrivals: [Arrival], to results: inout [Result<Input.Output, any Error>], _ meter: ProgressMeter?
  ) {
    var new: [Result<Input.Output, any Error>] = []
    new.reserveCapacity(arrivals.count)
    for arrival in arrivals {
      do {
        new.append(.success(try arrival.outcome.decode(Input.self)))
        meter?.count(succeeded: true)
      } catch {
        new.append(.failure(error))
        meter?.count(succeeded: false)
      }
    }
    results.append(contentsOf: new)
  }

  private static func add<Partial>(
    _ arrivals: [Arrival], to partial: inout Partial, _ meter: ProgressMeter?,
    _ combine: (inout Partial, Input.Output) throws -> Void
  ) throws {
    for arrival in arrivals {
      try combine(&partial, arrival.outcome.decode(Input.self))
      meter?.count(succeeded: true)
    }
  }
}
