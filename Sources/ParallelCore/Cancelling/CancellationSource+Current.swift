import Glibc

extension CancellationSource {
  /// What ends the blocking waits of this thread; nil where nothing does.
  package static var current: CancellationSource? {
    // Unretained, and alive: whoever set it holds it until it is set back.
    pthread_getspecific(key).map { Unmanaged<CancellationSource>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Runs `body`, whose blocking waits end when this source is cancelled.
  package func bound<Result: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let outer = pthread_getspecific(Self.key)
    // Alive until it is set back: `self` outlives the call.
    pthread_setspecific(Self.key, Unmanaged.passUnretained(self).toOpaque())
    defer {
      pthread_setspecific(Self.key, outer)
      withExtendedLifetime(self) {}
    }
    return try body()
  }

  private static let key = ThreadSlot.makeKey()
}
