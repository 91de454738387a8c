import ParallelCore
import SystemPackage

/// Rings when the work of this thread is cancelled, for a wait in the kernel.
final class StopBell: Sendable {
  /// Readable once it has rung.
  let event: FileDescriptor

  private init() throws(Errno) { event = try SystemCalls.createEvent() }

  deinit { SystemCalls.close(event) }

  /// Runs `body` with a bell that rings when the thread's ``CancellationSource`` is cancelled; with none where it has no
  /// such source.
  ///
  /// - Throws: `CancellationError` if it was cancelled before, or what `body` throws.
  static func listening<R>(_ body: (StopBell?) throws -> R) throws -> R {
    guard let source = CancellationSource.current else { return try body(nil) }
    let bell: StopBell
    do throws(Errno) {
      bell = try StopBell()
    } catch {
      throw ParallelError(.system, "no descriptor to hear of a cancellation", underlying: error)
    }
    // The observer holds the bell: it may be called a little after it was taken back.
    guard let observation = source.observe({ SystemCalls.ring(bell.event) }) else {
      throw CancellationError()
    }
    defer { source.forget(observation) }
    return try body(bell)
  }
}
