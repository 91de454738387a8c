internal import Glibc

/// What codes one message, and is kept by its thread for the next one.
protocol PooledSession: AnyObject {
  init()
  /// Lets go of the frames kept for later, which refer back to the session.
  func dispose()
  /// Where a thread keeps its session.
  static var slot: pthread_key_t { get }
}

/// One session of each kind a thread. Whoever codes takes it out, so that a value whose own coding codes another
/// message gets a fresh one.
extension PooledSession {
  @inline(__always)
  static func take() -> Self {
    guard let kept = pthread_getspecific(slot) else { return Self() }
    pthread_setspecific(slot, nil)
    // Sound because only `put` fills the slot, with a reference that is consumed here.
    return Unmanaged<Self>.fromOpaque(kept).takeRetainedValue()
  }

  /// Keeps a session that nobody else refers to.
  @inline(__always)
  static func put(_ session: consuming Self) {
    guard pthread_getspecific(slot) == nil else { return session.dispose() }
    pthread_setspecific(slot, Unmanaged.passRetained(session).toOpaque())
  }

  /// For the slot's destructor: the thread ends.
  static func drop(_ kept: UnsafeMutableRawPointer?) {
    guard let kept else { return }
    Unmanaged<Self>.fromOpaque(kept).takeRetainedValue().dispose()
  }
}
