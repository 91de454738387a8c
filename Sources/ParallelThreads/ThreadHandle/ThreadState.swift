/// How far a thread has come.
enum ThreadPhase: Sendable {
  case unstarted
  case running
  case ended
  /// It was another thread of the process that this one was forked from: there is no such thread here.
  case leftBehind
}

/// What changes about a thread; part of what the ``ThreadRegistry`` guards.
struct ThreadState: Sendable {
  var name: String
  var phase: ThreadPhase
  /// Nil until the thread has begun.
  var nativeID: Int32?
}
