import ParallelCore

/// What a worker sent of an item, not yet decoded.
final class Answer: Sendable {
  var kind: Frame.Kind { frame.kind }
  var payload: ArraySlice<UInt8> { frame.payload }
  let worker: Int32
  private let frame: Frame

  init(_ frame: Frame, worker: Int32) {
    self.frame = frame
    self.worker = worker
  }

  /// The task's value, or the error that its caller gets. Runs the user's decoding code; to be called once.
  func decode<T: WorkerTask>(_ task: T.Type) throws -> T.Output {
    switch kind {
    case .result:
      do {
        return try frame.withPayload { payload in
          try MessageDecoder().decode(
            T.Output.self, from: payload, descriptors: frame.descriptors?.take() ?? [])
        }
      } catch {
        throw WorkerFailure(
          .undecodableOutput(RemoteError(error, worker: worker)), task: readableName(of: task))
      }
    case .threw, .gaveUp:
      guard let thrown = try? MessageDecoder().decode(ThrownMessage.self, from: payload) else {
        throw WorkerFailure(.threw(remoteError), task: readableName(of: task))
      }
      throw thrown.revive() ?? WorkerFailure(.threw(thrown.error), task: readableName(of: task))
    case .undecodableInput: throw WorkerFailure(.undecodableInput(remoteError), task: readableName(of: task))
    default: throw WorkerFailure(.unencodableOutput(remoteError), task: readableName(of: task))
    }
  }

  private var remoteError: RemoteError {
    (try? MessageDecoder().decode(RemoteError.self, from: payload))
      ?? RemoteError(typeName: "unknown", message: "the worker's report can't be read", worker: worker)
  }
}

extension ItemOutcome {
  /// The task's value, or the error that its caller gets. Runs the user's decoding code; to be called once.
  func decode<T: WorkerTask>(_ task: T.Type) throws -> T.Output {
    switch self {
    case .failed(let error): throw error
    case .answer(let answer): return try answer.decode(task)
    }
  }
}
