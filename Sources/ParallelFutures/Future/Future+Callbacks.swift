extension Future {
  /// Has `body` called with the result, once, when the future is done or if it is done already.
  ///
  /// ```swift
  /// future.onCompletion { result in
  ///   if case .failure(let error) = result { log.report(error) }
  /// }
  /// ```
  ///
  /// Callbacks of one future are called one after another, in the order in which they were added, on a thread of the
  /// package's own: never on the thread that completes or cancels the future, nor on one that Swift tasks share. They
  /// may block; callbacks of other futures go on meanwhile, as long as fewer than 64 block at once. A cancelled
  /// future has the result `.failure(CancellationError())`.
  public func onCompletion(_ body: @escaping @Sendable (Result<Value, any Error>) -> Void) {
    madeObservers().add { body(self.settledResult()) }
  }
}
