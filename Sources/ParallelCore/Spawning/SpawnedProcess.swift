import Glibc
package import SystemPackage

/// A child that was started: its number, and the descriptor that stands for it and for no other process.
package struct SpawnedProcess: Sendable {
  /// The process's number. After it was reaped the system may give the number away: use it for display only.
  package let pid: Int32
  /// Readable once the process has ended. The holder closes it.
  package let pidfd: FileDescriptor

  /// Takes the exit status if the process has ended; nil while it runs, or while a debugger holds what is left of it.
  ///
  /// Where somebody else in this program has taken it, the system may still know it; else it is `unknown`.
  package func reap() -> (status: ProcessExitStatus, usage: ResourceUsage?)? { reap(waits: false) }

  /// The same, and blocks until it is there.
  package func waitAndReap() -> (status: ProcessExitStatus, usage: ResourceUsage?) {
    reap(waits: true) ?? (.unknown, nil)
  }

  private func reap(waits: Bool) -> (status: ProcessExitStatus, usage: ResourceUsage?)? {
    do {
      guard let end = try SystemCalls.reap(pidfd, waits: waits) else { return nil }
      return (end.status, end.usage)
    } catch {
      return (SystemCalls.takenStatus(pidfd) ?? .unknown, nil)
    }
  }

  /// What it has used by now; nil where it has ended, or the system does not say.
  package func usage() -> ResourceUsage? {
    guard let usage = SystemCalls.usage(of: pid) else { return nil }
    // Unreaped now, it was so while its number was used: else that may have been another's.
    return SystemCalls.isUnreaped(pidfd) ? usage : nil
  }

  /// Sends `SIGKILL` to the process's own group, so to the children it has started, too.
  package func killGroup() {
    // ESRCH: the whole group has ended already.
    try? SystemCalls.signalGroup(leader: pidfd, pid: pid, SIGKILL)
  }

  /// Clears up after a child that could not start its program.
  func discardFailed() {
    // It is on its way out and nothing holds it: this wait is short.
    SystemCalls.waitForInput(pidfd)
    _ = reap()
    SystemCalls.close(pidfd)
  }
}
