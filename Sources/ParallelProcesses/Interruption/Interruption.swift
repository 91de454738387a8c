internal import CParallel
import Glibc
import ParallelCore
import Synchronization

/// The program was asked to end, by Ctrl-C or by a service manager: what ``withInterruption(of:by:limit:cancelsTask:_:)``
/// throws when it was.
///
/// ```swift
/// } catch let interruption as Interruption {
///   print("interrupted: \(finished.count) pictures are done")
///   interruption.endProcess()
/// }
/// ```
public struct Interruption: Error, Sendable {
  /// The first signal that came: `SIGINT` or `SIGTERM`.
  public let signal: Int32

  /// What the body threw; nil if it came to its end.
  public let underlying: (any Error)?

  /// Whether this process was interrupted and a scope of ``withInterruption(of:by:limit:cancelsTask:_:)`` has not ended
  /// since; for bodies that look by themselves, for instance to take no more work on.
  ///
  /// ```swift
  /// pool.results(of: tasks.lazy.prefix { _ in !Interruption.isUnderWay })
  /// ```
  public static var isUnderWay: Bool { underWay.load(ordering: .relaxed) }

  /// Ends this process by the signal, so that whoever started it sees that it was interrupted: a shell then ends its
  /// script, too.
  ///
  /// What was printed is written first. Handlers of `atexit` are not run. As process 1 of a container, which no signal
  /// of this kind kills, it exits with the status 128 + ``signal``.
  public func endProcess() -> Never {
    fflush(nil)
    parallel_die_by_signal(signal)
  }

  static let underWay = Atomic<Bool>(false)
}

extension Interruption: CustomStringConvertible {
  /// For a person.
  public var description: String {
    "interrupted by \(signalName(signal))\(underlying.map { ": \($0)" } ?? "")"
  }
}
