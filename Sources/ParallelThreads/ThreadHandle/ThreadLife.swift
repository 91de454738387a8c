import ParallelCore

/// The two moments in a thread's life that others wait for.
enum ThreadMoment: Sendable {
  /// The thread runs, and the kernel's number of it is known.
  case beginning
  /// The thread's values are destroyed, and it is no longer listed.
  case end
}

/// What the room holds in which others wait for a thread.
struct ThreadLife: WaitRoomState {
  typealias Request = ThreadMoment

  var hasBegun = false
  var isOver = false

  func has(_ moment: ThreadMoment) -> Bool {
    switch moment {
    case .beginning: hasBegun || isOver
    case .end: isOver
    }
  }
}
