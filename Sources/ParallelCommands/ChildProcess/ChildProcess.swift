public import ParallelCore
public import SystemPackage

/// A program that runs, started by ``Command/spawn()``.
///
/// ```swift
/// let server = try Command("redis-server", ["--port", "7777"]).spawn()
/// defer { server.killTree() }
/// runTests(port: 7777)
/// ```
///
/// Its status is taken as soon as it ends, whether somebody waits for it or not, so no zombie remains. Letting go of this
/// object does nothing to the process: it neither ends it nor waits for it, and nothing is left behind when it ends. All
/// calls may be made from any thread, at the same time, and after its end.
public final class ChildProcess: Sendable {
  /// What was started.
  public let command: Command
  let child: RunningChild
  private let began: Deadline

  init(_ command: Command, _ child: RunningChild, began: Deadline) {
    self.command = command
    self.child = child
    self.began = began
  }

  /// The process's number. Once it has ended another may get it: use it for display only.
  public var processID: Int32 { child.process.pid }

  /// A descriptor that is readable once the process has ended, and stands for no other process; for waits of your own. It
  /// is closed with this object.
  ///
  /// Source: `pidfd_open(2)`.
  public var descriptor: FileDescriptor { child.process.pidfd }

  /// How it ended; nil while it runs. Does not block.
  public func poll() -> ProcessExitStatus? { child.poll()?.status }

  /// Whether it has not ended.
  public var isRunning: Bool { poll() == nil }

  /// What it has used by now, or in all, with the children that it has waited for; nil where the system does not say.
  public var usage: ResourceUsage? {
    if let end = child.poll() { return end.usage }
    return child.whileRunning { child.process.usage() } ?? child.poll()?.usage
  }

  /// How long it has been running, or ran.
  public var duration: Duration {
    (child.poll()?.at ?? .now).duration(since: began)
  }
}

extension ChildProcess: CustomStringConvertible {
  /// The command, the process's number, and how it ended if it has.
  public var description: String {
    "\(command) (process \(processID)\(poll().map { ", \($0)" } ?? ""))"
  }
}
