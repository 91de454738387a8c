extension Future {
  /// How far the future has come, at this moment.
  ///
  /// Of a result that came as bytes only its decoding tells whether it is a success: where nobody has asked for it
  /// yet, it is decoded here. ``isDone`` and ``isCancelled`` never do that.
  public var state: State {
    if isDone { settle() }
    return switch current.phase {
    case .pending: .pending
    case .running, .claimed: .running
    case .succeeded: .succeeded
    case .failed: .failed
    case .cancelled: .cancelled
    // It became done just now.
    case .deferred, .decoding: .running
    }
  }

  /// Whether there is a result, or never will be because the future was cancelled.
  public var isDone: Bool { current.isDone }

  /// Whether the future was cancelled before it had a result.
  public var isCancelled: Bool { current.phase == .cancelled }
}

extension Future: CustomStringConvertible {
  /// The type and how far it has come; decodes nothing.
  public var description: String { "Future<\(Value.self)>(\(current.phase))" }
}
