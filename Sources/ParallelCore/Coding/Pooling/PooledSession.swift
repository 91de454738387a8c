internal import Glibc

/// What codes one message, and is kept by its thread for the next one.
protocol PooledSession: AnyObject {
  init()
  /// Whether a message is being coded; left set when the session can't be used again.
  var isBusy: Bool { get set }
  /// Lets go of the frames kept for later, which refer back to the session.
  func dispose()
  /// Where a thread keeps its session.
  static var slot: pthread_key_t { get }
}

extension PooledSession {
  /// Runs `body` with the thread's session. A value whose own coding codes another message gets a fresh one for that.
  @inline(__always)
  static func withSession<Result>(_ body: (Self) throws -> Result) rethrows -> Result {
    guard let kept = pthread_getspecific(slot) else { return try withNewSession(keeping: true, body) }
    // Sound because only `withNewSession` fills the slot, with a reference that counts for the slot.
    let session = Unmanaged<Self>.fromOpaque(kept)
    if session._withUnsafeGuaranteedRef({ $0.isBusy }) { return try withNewSession(keeping: false, body) }
    session._withUnsafeGuaranteedRef { $0.isBusy = true }
    // The slot is this thread's, which is here: the session stays there until it is dropped below.
    defer { if session._withUnsafeGuaranteedRef({ $0.isBusy }) { drop(session) } }
    return try session._withUnsafeGuaranteedRef(body)
  }

  @inline(never)
  private static func withNewSession<Result>(
    keeping isKept: Bool, _ body: (Self) throws -> Result
  ) rethrows -> Result {
    let session = Self()
    session.isBusy = true
    defer { if !isKept || session.isBusy { session.dispose() } }
    let result = try body(session)
    if isKept, !session.isBusy {
      // Coding inside this one may have left a session of its own.
      if let other = pthread_getspecific(slot) { end(other) }
      pthread_setspecific(slot, Unmanaged.passRetained(session).toOpaque())
    }
    return result
  }

  /// Gives up a session that the thread kept.
  @inline(never)
  private static func drop(_ session: Unmanaged<Self>) {
    pthread_setspecific(slot, nil)
    end(session.toOpaque())
  }

  /// For the slot's destructor: the thread ends.
  static func end(_ kept: UnsafeMutableRawPointer?) {
    guard let kept else { return }
    Unmanaged<Self>.fromOpaque(kept).takeRetainedValue().dispose()
  }
}
