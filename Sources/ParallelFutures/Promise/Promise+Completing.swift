public import ParallelCore

extension Promise {
  /// Ends the future with a value.
  ///
  /// - Returns: False when the future was cancelled before; the value is dropped then.
  /// - Throws: ``ParallelError`` with the code `misuse` when the promise has given a result already.
  @discardableResult
  public func succeed(_ value: Value) throws(ParallelError) -> Bool {
    guard try future.claim() else { return false }
    future.success = value
    future.publish(.succeeded)
    return true
  }

  /// Ends the future with an error.
  ///
  /// - Returns: False when the future was cancelled before; the error is dropped then.
  /// - Throws: ``ParallelError`` with the code `misuse` when the promise has given a result already.
  @discardableResult
  public func fail(_ error: any Error) throws(ParallelError) -> Bool {
    guard try future.claim() else { return false }
    future.failure = error
    future.publish(.failed)
    return true
  }

  /// Ends the future with a value or an error.
  ///
  /// - Returns: False when the future was cancelled before; the result is dropped then.
  /// - Throws: ``ParallelError`` with the code `misuse` when the promise has given a result already.
  @discardableResult
  public func complete(with result: Result<Value, any Error>) throws(ParallelError) -> Bool {
    switch result {
    case .success(let value): return try succeed(value)
    case .failure(let error): return try fail(error)
    }
  }

  /// Ends the future with a result that is worked out by the first who reads it, on their thread.
  ///
  /// For a thread that must not run the user's code, such as one that receives messages to be decoded. The future is
  /// done at once. `thunk` runs at most once, and not at all if nobody reads; then it is released. Readers that come
  /// while it runs block, those in tasks too: it should be short and must not read this future.
  ///
  /// - Returns: False when the future was cancelled before; the thunk is dropped then.
  /// - Throws: ``ParallelError`` with the code `misuse` when the promise has given a result already.
  @discardableResult
  package func complete(deferring thunk: @escaping @Sendable () throws -> Value) throws(ParallelError) -> Bool
  {
    guard try future.claim() else { return false }
    future.thunk = thunk
    future.publish(.deferred)
    return true
  }
}

extension Promise where Value == Void {
  /// Ends the future of work that has no value.
  ///
  /// - Returns: False when the future was cancelled before.
  /// - Throws: ``ParallelError`` with the code `misuse` when the promise has given a result already.
  @discardableResult
  public func succeed() throws(ParallelError) -> Bool { try succeed(()) }
}
