import Glibc

extension CancellationSource {
  /// What ends the blocking waits of this thread; nil where nothing does.
  package static var current: CancellationSource? {
    // Unretained, and alive: see `ThreadSlot.bind`.
    pthread_getspecific(key).map { Unmanaged<CancellationSource>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Runs `body`, whose blocking waits end when this source is cancelled.
  package func bound<Result: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try ThreadSlot.bind(self, to: Self.key, body)
  }

  private static let key = ThreadSlot.makeKey()
}
