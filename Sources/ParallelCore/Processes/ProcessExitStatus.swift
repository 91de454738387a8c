/// How a process ended.
public enum ProcessExitStatus: Sendable, Hashable, Codable {
  /// It called `exit`, or returned from main, with this code (0 to 255).
  case exited(Int32)
  /// A signal ended it; `coreDumped` tells whether the kernel wrote a core file.
  case signaled(Int32, coreDumped: Bool)
  /// It has ended, but how is not known: another part of the program took its status first (with `waitpid(-1)`, or by
  /// ignoring `SIGCHLD`), and the system is older than Linux 6.15, which still tells it.
  case unknown
}
