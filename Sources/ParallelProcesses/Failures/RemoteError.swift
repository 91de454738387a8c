/// An error of a worker process, as far as it can be told here: its type's name and its description.
public struct RemoteError: Error, Sendable, Hashable, Codable {
  /// The name of the error's type, with its module.
  public var typeName: String
  /// What the error says of itself.
  public var message: String
  /// The worker's process number, for finding it in logs; the process may be gone.
  public var worker: Int32

  init(_ error: any Error, worker: Int32) {
    self.init(typeName: readableName(of: type(of: error)), message: String(describing: error), worker: worker)
  }

  init(typeName: String, message: String, worker: Int32) {
    self.typeName = typeName
    self.message = message
    self.worker = worker
  }
}

extension RemoteError: CustomStringConvertible {
  /// The type's name and the message.
  public var description: String { "\(typeName): \(message) (worker \(worker))" }
}
