import ParallelCore
import SystemPackage

/// Runs tasks of one type: message in, answer out.
struct TaskRunner {
  private let body: (Frame, AnswerWriter) async -> Void

  /// Looks the type up. Throws where it is no task type of this executable.
  init(_ reference: TypeReference) throws(ParallelError) {
    let type = try reference.resolve(trusting: .parent)
    guard let taskType = type as? any WorkerTask.Type else {
      throw ParallelError(.coding, "\(type) is not a WorkerTask")
    }
    self.init(taskType)
  }

  private init<T: WorkerTask>(_ type: T.Type) {
    body = { frame, answers in await Self.run(type, frame, answers) }
  }

  /// Runs the task whose message is the frame's payload. Whatever goes wrong is an answer, too.
  func run(_ frame: Frame, _ answers: AnswerWriter) async { await body(frame, answers) }

  private static func run<T: WorkerTask>(_ type: T.Type, _ frame: Frame, _ answers: AnswerWriter) async {
    let task: T
    do {
      task = try frame.withPayload { payload in
        try MessageDecoder().decode(T.self, from: payload, descriptors: frame.descriptors?.take() ?? [])
      }
    } catch {
      return answers.send(.undecodableInput, RemoteError(error, worker: answers.worker))
    }
    let output: T.Output
    do {
      output = try await task.run()
    } catch {
      return answers.send(
        error is CancellationError ? .gaveUp : .threw, ThrownMessage(error, worker: answers.worker))
    }
    do {
      try answers.send(output)
    } catch {
      answers.send(.unencodableOutput, RemoteError(error, worker: answers.worker))
    }
  }
}
