import ParallelCore

/// An error that a task threw: itself, where it can travel, and its description in any case.
struct ThrownMessage: Codable {
  var error: RemoteError
  var type: TypeReference?
  var value: [UInt8]?

  /// In the worker.
  init(_ thrown: any Error, worker: Int32) {
    error = RemoteError(thrown, worker: worker)
    guard let codable = thrown as? any Error & Codable, let type = try? TypeReference(Swift.type(of: thrown)),
      var message = try? MessageEncoder().encode(codable)
    else { return }
    guard message.descriptors.isEmpty else {
      message.closeDescriptors()
      return
    }
    self.type = type
    value = message.bytes
  }

  /// In the parent: the error itself, or nil where it can't be made.
  func revive() -> (any Error)? {
    guard let type, let value, let resolved = try? type.resolve(trusting: .worker),
      let errorType = resolved as? any (Error & Codable).Type
    else { return nil }
    return try? MessageDecoder().decode(errorType, from: value)
  }
}
