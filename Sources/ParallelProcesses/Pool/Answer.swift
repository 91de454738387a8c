import ParallelCore

/// What a worker sent of an item, not yet decoded.
struct Answer: Sendable {
  private let all: Answers
  private let index: Int

  init(_ all: Answers, _ index: Int) {
    self.all = all
    self.index = index
  }

  var kind: Frame.Kind { all.frames[index].kind }
  var payload: ArraySlice<UInt8> { all.frames[index].payload }
  private var worker: Int32 { all.worker }

  /// The task's value, or the error that its caller gets. Runs the user's decoding code; to be called once.
  func decode<T: WorkerTask>(_ task: T.Type) throws -> T.Output {
    switch kind {
    case .result:
      do {
        return try all.frames[index].withPayload { payload in
          try MessageDecoder().decode(
            T.Output.self, from: payload, descriptors: all.frames[index].descriptors?.take() ?? [])
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
