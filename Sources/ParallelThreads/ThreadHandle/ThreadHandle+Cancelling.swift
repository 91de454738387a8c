extension ThreadHandle {
  /// The token that the thread is bound to: cancelling it ends the thread's waits, as ``cancel()`` does.
  ///
  /// A foreign thread is not bound to it by itself; see ``CancellationToken/bound(_:)``.
  public var cancellation: CancellationToken { CancellationToken(cancellationSource) }
}

extension WorkerThread {
  /// The token that the thread is bound to: for work inside it that is to be cancelled with it, as a parent.
  public var cancellation: CancellationToken { handle.cancellation }
}
