import ParallelCore

/// Delivers the results of a run one after the other.
final class ResultsCursor<Run: ResultsRun> {
  private let run: Run
  private let meter: ProgressMeter?
  /// Taken from the mailbox, the next one last.
  private var taken: [Arrival] = []

  init(_ run: Run, _ meter: ProgressMeter?) {
    self.run = run
    self.meter = meter
  }

  func next(until deadline: Deadline) async throws -> FinishedTask<Run.Input>? {
    while true {
      do {
        try Task.checkCancellation()
        switch try step() {
        case .deliver(let item): return item
        case .finished: return nil
        case .wait(let wait):
          let limit = min(deadline, meter?.nextReport ?? .never)
          if try await !wait.end(by: limit), deadline.hasPassed { throw Self.timedOut }
          meter?.reportIfDue()
        }
      } catch let error as CancellationError {
        abandon()
        throw error
      }
    }
  }

  func next(until deadline: Deadline, fileID: StaticString, line: UInt) throws -> FinishedTask<Run.Input>? {
    while true {
      do {
        switch try step() {
        case .deliver(let item): return item
        case .finished: return nil
        case .wait(let wait):
          let limit = min(deadline, meter?.nextReport ?? .never)
          if try !wait.end(by: limit, fileID: fileID, line: line), deadline.hasPassed { throw Self.timedOut }
          meter?.reportIfDue()
        }
      } catch let error as CancellationError {
        abandon()
        throw error
      }
    }
  }

  private func abandon() {
    taken = []
    run.abandon()
  }

  private static var timedOut: ParallelError {
    ParallelError(.timedOut, "no result came in time; the next call goes on waiting for it")
  }

  private enum Step {
    case deliver(FinishedTask<Run.Input>)
    case finished
    case wait(RunWait)
  }

  private func step() throws -> Step {
    run.fill()
    if taken.isEmpty {
      switch run.take() {
      case .arrivals(let arrivals): taken = arrivals.reversed()
      case .nothing: return .wait(run.wait(for: 1))
      case .over(.exhausted):
        meter?.report()
        return .finished
      case .over(.failed(let error)):
        abandon()
        throw error
      }
    }
    return .deliver(finish(taken.removeLast()))
  }

  private func finish(_ arrival: Arrival) -> FinishedTask<Run.Input> {
    let input = run.consume(arrival.slot)
    let result = Result { try arrival.outcome.decode(Run.Input.self) }
    if let meter {
      meter.count(succeeded: (try? result.get()) != nil)
      meter.reportIfDue()
    }
    return FinishedTask(index: arrival.index, input: input, result: result)
  }
}
