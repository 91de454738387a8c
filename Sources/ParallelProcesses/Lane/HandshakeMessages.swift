import ParallelCore

/// The first message to a worker.
struct Hello: Codable {
  /// The parent's build: a worker of another build would read descriptors at the wrong places.
  var build: ImageIdentity?
  /// What the worker runs before its first task.
  var setup: EncodedSetup?
  /// The parent's own `SWIFT_BACKTRACE`, in place of which the worker was started with another.
  var backtraceVariable: String?
  /// Whether it may look for messages before it sleeps.
  var mayLook = IdleSpin.isAffordable

  struct EncodedSetup: Codable {
    var type: TypeReference
    var value: [UInt8]
  }
}

extension Hello {
  func frame() throws(ParallelError) -> Frame {
    do {
      return Frame(kind: .hello, payload: try MessageEncoder().encode(self).bytes)
    } catch {
      throw ParallelError(.coding, "the setup can't be sent to workers", underlying: error)
    }
  }
}

extension Hello.EncodedSetup {
  /// Throws where the type does not travel or the value can't be encoded.
  init(_ setup: some WorkerSetup) throws(ParallelError) {
    type = try TypeReference(Swift.type(of: setup))
    var message: EncodedMessage
    do {
      message = try MessageEncoder().encode(setup)
    } catch {
      throw ParallelError(.coding, "the setup \(Swift.type(of: setup)) can't be encoded", underlying: error)
    }
    guard message.descriptors.isEmpty else {
      message.closeDescriptors()
      throw ParallelError(.unsupported, "a setup can't hold descriptors: it is sent to many workers")
    }
    value = message.bytes
  }
}

/// The worker's answer: it takes tasks from now on.
struct Ready: Codable {
  var build: ImageIdentity?
}

/// The worker's other answer: it can't.
struct StartFailure: Codable {
  var error: RemoteError
}
