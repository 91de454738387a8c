/// What went wrong in a call of this package: a code to switch on, a message that says what to do, and the
/// error beneath, where there is one.
///
/// Threads, tasks and processes share this one vocabulary: the same mistake has the same code wherever it is made.
///
/// ```swift
/// do {
///   let count = try future.get(timeout: .seconds(1))
/// } catch let error as ParallelError where error.code == .timedOut {
///   print("still counting")
/// }
/// ```
public struct ParallelError: Error, Sendable {
  /// What kind of failure this is. The set is open: later versions may add codes, so a `switch` needs a default.
  public var code: Code

  /// A sentence for a person: what happened and, where something can be done, what.
  public var message: String

  /// The error that caused this one, for instance an `Errno`.
  public var underlying: (any Error)?

  /// Creates an error.
  public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.underlying = underlying
  }
}

extension ParallelError {
  /// A kind of failure. Compare with `==` or match in a `switch` with a default.
  public struct Code: Sendable, Hashable {
    /// The code's name, stable across versions.
    public let name: String

    init(_ name: String) { self.name = name }

    /// The time limit passed before there was a result. What was waited for goes on.
    public static let timedOut = Code("timedOut")
    /// More work is waiting than the limit allows.
    public static let overloaded = Code("overloaded")
    /// The object was shut down or closed before the call.
    public static let shutDown = Code("shutDown")
    /// An argument is out of its range.
    public static let invalidArgument = Code("invalidArgument")
    /// The call does not fit the object's state, for instance fulfilling a promise twice.
    public static let misuse = Code("misuse")
    /// One of those who meet at a barrier gave up, or the barrier was aborted or reset.
    public static let brokenBarrier = Code("brokenBarrier")
    /// Something can't be put into a message or read from one.
    public static let coding = Code("coding")
    /// The operating system refused a call; `underlying` holds its `Errno`.
    public static let system = Code("system")
    /// A worker process could not be started.
    public static let workerStart = Code("workerStart")
    /// A pool of processes has given up, as its policy says; the message and `underlying` tell why.
    public static let brokenPool = Code("brokenPool")
    /// This platform, build or type can't do what was asked.
    public static let unsupported = Code("unsupported")
  }
}

extension ParallelError: CustomStringConvertible {
  /// The message, followed by the underlying error.
  public var description: String {
    guard let underlying else { return message }
    return "\(message): \(underlying)"
  }
}

extension ParallelError.Code: CustomStringConvertible {
  /// The code's name.
  public var description: String { name }
}
