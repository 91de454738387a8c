internal import CParallel
import ParallelCore
public import Synchronization

/// Something that is done once, by whoever comes first.
///
/// ```swift
/// let setUp = Once()
/// try setUp.run { try openLog() }     // on any number of threads
/// ```
///
/// The first caller runs its closure, and those who come meanwhile wait for it. When the closure throws, it
/// has not been done, and the next caller tries. From the first success on a call costs one look at a flag.
///
/// The corresponding C function is `pthread_once`.
public final class Once: Sendable {
  @usableFromInline let done = Atomic<Bool>(false)
  /// Held while a closure runs.
  private let lock = Atomic<UInt32>(MutexWord.free)
  /// The number of the thread that runs a closure; zero for none.
  private let runner = Atomic<UInt64>(0)

  /// Nothing is done yet.
  public init() {}

  /// Whether a closure has run successfully. What it did is visible to who sees true.
  @inlinable
  public var isDone: Bool { done.load(ordering: .acquiring) }

  /// Runs `body`, unless one has run successfully before, and returns when one has.
  ///
  /// Blocks while another thread runs its closure, without a limit and whether or not the calling thread is
  /// cancelled: the closure should be short. Traps when `body` calls `run` of the same object, which could
  /// only wait for itself.
  ///
  /// - Parameters:
  ///   - fileID: Where a debug build reports the call if it blocks a thread that Swift tasks share.
  ///   - line: The line in that file.
  ///   - body: What is to be done once.
  /// - Throws: What `body` throws; then it is not done.
  @inlinable
  public func run<Failure: Error>(
    fileID: StaticString = #fileID, line: UInt = #line, _ body: () throws(Failure) -> Void
  ) throws(Failure) {
    if isDone { return }
    try runSlowly(fileID, line, body)
  }

  @usableFromInline @inline(never)
  func runSlowly<Failure: Error>(
    _ fileID: StaticString, _ line: UInt, _ body: () throws(Failure) -> Void
  ) throws(Failure) {
    let caller = parallel_thread_number()
    // Only the caller itself can have written its number, so no order is needed.
    if runner.load(ordering: .relaxed) == caller {
      fatalError("the body of a Once called run of the same Once: it would wait for itself")
    }
    if !lock.mutexTryLock() {
      BlockingCheck.aboutToPark(fileID: fileID, line: line)
      _ = lock.mutexLock()
    }
    defer { _ = lock.mutexUnlock() }
    if isDone { return }
    runner.store(caller, ordering: .relaxed)
    defer { runner.store(0, ordering: .relaxed) }
    try body()
    done.store(true, ordering: .releasing)
  }
}
