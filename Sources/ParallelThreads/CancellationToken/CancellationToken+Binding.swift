import Glibc
import ParallelCore

extension CancellationToken {
  /// Runs `body`; while it runs, cancelling this token ends the thread's blocking waits.
  ///
  /// Bindings nest; the innermost counts. To have the outer token count too, make it the inner one's parent. A wait that
  /// begins after the cancellation ends at once, unless what it waits for is there: that wins.
  ///
  /// - Parameter body: What to do, on this thread.
  /// - Returns: What `body` returns.
  public func bound<Result: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try ThreadSlot.bind(self, to: Self.key) { () throws(Failure) -> Result in try source.bound(body) }
  }

  /// The token that this thread is bound to; nil if there is none.
  @available(*, noasync, message: "tasks have their own cancellation: Task.isCancelled")
  public static var current: CancellationToken? {
    guard let source = CancellationSource.current else { return nil }
    // Unretained, and alive: see `ThreadSlot.bind`. A source may have been bound without a token since.
    let token = pthread_getspecific(key).map {
      Unmanaged<CancellationToken>.fromOpaque($0).takeUnretainedValue()
    }
    if let token, token.source === source { return token }
    return CancellationToken(source)
  }

  private static let key = ThreadSlot.makeKey()
}
