import ParallelCore
import SystemPackage

/// Runs items of one type: message in, message out.
struct TaskRunner {
  private let body: (Frame, Int32) async -> Frame

  /// Looks the type up. Throws where it is no task type of this executable.
  init(_ reference: TypeReference) throws(ParallelError) {
    let type = try reference.resolve(trusting: .parent)
    guard let taskType = type as? any WorkerTask.Type else {
      throw ParallelError(.coding, "\(type) is not a WorkerTask")
    }
    self.init(taskType)
  }

  private init<T: WorkerTask>(_ type: T.Type) {
    body = { frame, worker in await Self.run(type, frame, worker) }
  }

  /// Never throws: whatever goes wrong is an answer, too.
  func run(_ frame: Frame, worker: Int32) async -> Frame { await body(frame, worker) }

  private static func run<T: WorkerTask>(_ type: T.Type, _ frame: Frame, _ worker: Int32) async -> Frame {
    let task: T
    do {
      task = try frame.withPayload { payload in
        try MessageDecoder().decode(T.self, from: payload, descriptors: frame.descriptors?.take() ?? [])
      }
    } catch {
      return answer(.undecodableInput, to: frame, RemoteError(error, worker: worker))
    }
    let output: T.Output
    do {
      output = try await task.run()
    } catch {
      let kind = error is CancellationError ? Frame.Kind.gaveUp : .threw
      return answer(kind, to: frame, ThrownMessage(error, worker: worker))
    }
    do {
      let message = try MessageEncoder().encode(output)
      if let memory = message.inSealedMemory {
        return Frame(kind: .result, sequence: frame.sequence, memory: memory)
      }
      return Frame(
        kind: .result, sequence: frame.sequence, payload: message.bytes,
        descriptors: .owning(message.descriptors))
    } catch {
      return answer(.unencodableOutput, to: frame, RemoteError(error, worker: worker))
    }
  }

  private static func answer(_ kind: Frame.Kind, to frame: Frame, _ message: some Encodable) -> Frame {
    // These messages are made of strings and bytes; one that is too long still says what kind of failure it was.
    let payload = try? MessageEncoder().encode(message)
    return Frame(kind: kind, sequence: frame.sequence, payload: payload?.bytes ?? [])
  }
}
