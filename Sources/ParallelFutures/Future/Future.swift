import ParallelCore
import Synchronization

/// A result that is not there yet: of work on another thread, in another process, or anywhere else.
///
/// Threads and Swift tasks wait on the same object by calls of the same name. A future is ended once: by its
/// ``Promise`` or by ``cancel()``. Whatever came first stays.
///
/// ```swift
/// let promise = Promise<Int>()
/// let future = promise.future
///
/// try promise.succeed(42)                              // in one thread
///
/// let answer = try future.get(timeout: .seconds(1))    // in another: blocks
/// let same = try await future.get()                    // in a task: suspends
/// future.onCompletion { result in print(result) }      // on a thread of the package's own
/// ```
///
/// Whether a future is done is decided without running code of yours. A result that came as bytes is decoded by the
/// first call that needs it, on the thread or in the task that called, and kept; calls that come meanwhile wait for
/// it by blocking, in a task too, whatever their timeout: a future that is done never times out. So an
/// `init(from:)` must not wait for the future that it is decoded for.
public final class Future<Value: Sendable>: Sendable {
  /// How far a future has come.
  public enum State: Sendable, Hashable {
    /// The work has not begun.
    case pending
    /// The work has begun.
    case running
    /// There is a value.
    case succeeded
    /// There is an error.
    case failed
    /// ``Future/cancel()`` came first.
    case cancelled
  }

  /// A `FutureWord`, and what blocked threads sleep on.
  let word: Atomic<UInt32>

  /// Made when first somebody waits in a task or adds a callback; always there when the word says `observed`.
  let observers = AtomicLazyReference<FutureObservers>()

  /// The outcome, by phase: `success` goes with `succeeded`, `failure` with `failed`, `thunk` with `deferred`. Apart
  /// rather than in one enum, so that code which is not specialized for `Value` needs no other type's metadata.
  ///
  /// These three are written only by whoever moved the word to `claimed` or `decoding`, before they publish the next
  /// phase by a releasing swap; read by others only after an acquiring load of the word that says it is settled.
  nonisolated(unsafe) var success: Value?
  /// See `success`.
  nonisolated(unsafe) var failure: (any Error)?
  /// See `success`.
  nonisolated(unsafe) var thunk: (@Sendable () throws -> Value)?

  /// Written by whoever set `hookTaken` before it sets `hookSet`; taken by whoever replaced a word with `hookSet` by
  /// one without. Both are swaps of the word, so the two never touch it at once.
  nonisolated(unsafe) var cancelHook: (@Sendable () -> Void)?

  /// Whom a thread that waits asks for something to do meanwhile.
  let helper: (any WaitHelper)?

  init(
    _ phase: FutureWord.Phase = .pending, success: Value? = nil, failure: (any Error)? = nil,
    helper: (any WaitHelper)? = nil
  ) {
    self.helper = helper
    word = Atomic(FutureWord(phase).rawValue)
    self.success = success
    self.failure = failure
  }

  /// A future that has its value already.
  public static func succeeded(_ value: Value) -> Future { Future(.succeeded, success: value) }

  /// A future that has failed already.
  public static func failed(_ error: any Error) -> Future { Future(.failed, failure: error) }
}
