import ParallelCore
public import SystemPackage

/// Why a command could not be run, or did not do what it should.
///
/// ```swift
/// do {
///   try Command("make", ["-j4"]).capture(timeout: .seconds(600)).checked()
/// } catch let error as CommandError {
///   print(error)            // “make -j4” exited with code 2: … No rule to make target 'all'
/// }
/// ```
public struct CommandError: Error, Sendable {
  /// What went wrong. The set is open: later versions may add cases, so a `switch` needs a default.
  public enum Reason: Sendable {
    /// There is no such program in the folders of `PATH`; or, without folders, no such file.
    case notFound(searched: [String])
    /// Something of that name is there, but can't be run.
    case notExecutable(FilePath, Errno)
    /// It can't start in this folder.
    case workingDirectory(FilePath, Errno)
    /// A stream could not be opened or made: which, and why.
    case stream(String, Errno)
    /// The system refused something else that was asked for: what, and why.
    case refused(String, Errno)
    /// An argument, a variable or an option makes no sense: which, and why.
    case invalid(String)
    /// It ended otherwise than with code 0.
    case failed(ProcessExitStatus)
    /// It was killed, with what it has started, when its time was over.
    case timedOut(after: Duration)
    /// It was killed, with what it has started, because it wrote more than this many bytes to one stream.
    case tooMuchOutput(limit: Int)
  }

  /// The command as one would type it.
  public var command: String
  /// What went wrong.
  public var reason: Reason
  /// What it had written by then, where that was captured, and how it ended.
  public var captured: CapturedOutput?

  init(_ command: Command, _ reason: Reason, captured: CapturedOutput? = nil) {
    self.init(command: command.description, reason, captured: captured)
  }

  /// For what the system refused this package.
  init(_ command: Command, refusing error: ParallelError) {
    self.init(command, .refused(error.message, error.underlying as? Errno ?? .noMemory))
  }

  init(command: String, _ reason: Reason, captured: CapturedOutput? = nil) {
    self.command = command
    self.reason = reason
    self.captured = captured
  }
}

extension CommandError: CustomStringConvertible {
  /// The command, what happened to it, and the last lines that it wrote to its standard error.
  public var description: String {
    let tail = captured?.lastErrorLines ?? ""
    return "“\(command)” \(reason)" + (tail.isEmpty ? "" : ": \(tail)")
  }
}

extension CommandError.Reason: CustomStringConvertible {
  /// What happened, as the rest of a sentence that begins with the command.
  public var description: String {
    switch self {
    case .notFound(let folders) where folders.isEmpty: "was not found: there is no such file"
    case .notFound(let folders): "was not found in \(folders.joined(separator: ":"))"
    case .notExecutable(let path, .noSuchFileOrDirectory):
      "could not be run: the interpreter that \(path) names is not there"
    case .notExecutable(let path, .execFormatError):
      "could not be run: \(path) is no program for this machine, nor a script with “#!” in its first line"
    case .notExecutable(let path, let error): "could not be run: \(path): \(error)"
    case .workingDirectory(let path, let error): "could not start in the folder \(path): \(error)"
    case .stream(let what, let error): "was not run: \(what): \(error)"
    case .refused(let what, let error): "was not run: \(what): \(error)"
    case .invalid(let what): "was not run: \(what)"
    case .failed(.exited(let code)): "exited with code \(code)"
    case .failed(.signaled(let signal, let dumped)):
      "was ended by \(signalName(signal))" + (dumped ? " and left a core file" : "")
    case .failed(.unknown): "has ended, but somebody else in this program has taken its status"
    case .timedOut(let time): "was killed, because it took more than \(time)"
    case .tooMuchOutput(let limit): "was killed, because it wrote more than \(limit) bytes"
    }
  }
}
