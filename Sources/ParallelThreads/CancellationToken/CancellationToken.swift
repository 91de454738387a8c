import ParallelCore

/// A request to stop, which those who work look at, or are woken by.
///
/// ```swift
/// let token = CancellationToken(timeout: .seconds(30))
/// try token.bound {                               // the blocking waits in here end when the token is cancelled
///   while let item = try next() {
///     try token.checkCancellation()
///     process(item)
///   }
/// }
/// // elsewhere
/// token.cancel()
/// ```
///
/// A thread that polls ``isCancelled`` is blind while it waits. So a thread can be *bound* to a token: each blocking wait
/// of this package that can throw `CancellationError` then ends as soon as the token is cancelled, as a Swift task's waits
/// end when the task is. A ``WorkerThread`` is bound to its own token for its whole life. Locks are not given up: they
/// are held shortly.
///
/// A token with a parent is cancelled with it, one with a time limit at its end; one can't be taken back.
public final class CancellationToken: Sendable {
  let source: CancellationSource
  private let deadline: Deadline
  private let timer: Timekeeper.Timer?
  private let parent: CancellationToken?
  private let observation: CancellationSource.Observation?

  /// Creates a token.
  ///
  /// - Parameters:
  ///   - parent: A token that cancels this one when it is cancelled; not the other way round.
  ///   - timeout: After how long the token is cancelled by itself; nil means never, zero or less at once.
  public convenience init(parent: CancellationToken? = nil, timeout: Duration? = nil) {
    self.init(CancellationSource(), parent: parent, deadline: Deadline(timeout: timeout))
  }

  package init(_ source: CancellationSource, parent: CancellationToken? = nil, deadline: Deadline = .never) {
    self.source = source
    self.parent = parent
    self.deadline = deadline
    // A limit that has passed already needs no timer's thread.
    let isOver = deadline.hasPassed
    if isOver { source.cancel() }
    timer =
      deadline.isNever || isOver ? nil : Timekeeper.shared.schedule(at: deadline) { source.cancel() }
    observation = parent?.source.observe { source.cancel() }
    if let parent, observation == nil, parent.source.isCancelled { source.cancel() }
  }

  deinit {
    timer?.cancel()
    if let observation { parent?.source.forget(observation) }
  }

  /// Whether the token was cancelled, its time limit has passed, or so it is with its parent.
  public var isCancelled: Bool {
    if source.isCancelled { return true }
    // Nobody depends on how soon the timer's thread gets a processor.
    guard deadline.hasPassed || parent?.isCancelled == true else { return false }
    source.cancel()
    return true
  }

  /// Throws if the token is cancelled.
  ///
  /// - Throws: `CancellationError`.
  public func checkCancellation() throws(CancellationError) {
    if isCancelled { throw CancellationError() }
  }

  /// Asks all who look at this token to stop, and ends the waits of threads that are bound to it. Does not block.
  public func cancel() { source.cancel() }
}
