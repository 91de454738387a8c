import ParallelCore

/// The lock of a condition: what a wait has to do with it.
enum ConditionLock: Sendable {
  case plain(Lock)
  case recursive(RecursiveLock)

  var lockable: any Lockable {
    switch self {
    case .plain(let lock): lock
    case .recursive(let lock): lock
    }
  }

  /// A plain lock has no owner: of it can only be said that somebody holds it.
  func requireHeld(for call: StaticString) {
    let isHeld =
      switch self {
      case .plain(let lock): lock.isLocked
      case .recursive(let lock): lock.isHeldByCurrentThread
      }
    if !isHeld { fatalError("Condition.\(call) without its lock: take the lock first") }
  }

  /// Gives the lock back completely; returns how often it was taken.
  func release() -> Int {
    switch self {
    case .plain(let lock):
      lock.unlock()
      return 1
    case .recursive(let lock):
      return lock.releaseAllLevels()
    }
  }

  func reacquire(levels: Int, _ fileID: StaticString, _ line: UInt) {
    switch self {
    case .plain(let lock): lock.lockInAnyOrder(fileID, line)
    case .recursive(let lock): lock.reacquire(levels: levels, fileID, line)
    }
  }
}
