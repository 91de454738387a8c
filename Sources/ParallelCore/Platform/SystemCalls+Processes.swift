internal import CParallel
import Glibc
package import SystemPackage

extension SystemCalls {
  /// Takes the status of the process behind `pidfd` if it has ended; else nil, or, if it `waits`, when it has.
  ///
  /// Throws `ECHILD` when somebody else took it, or when `SIGCHLD` is ignored. Source: `waitid(2)`.
  package static func reap(
    _ pidfd: FileDescriptor, waits: Bool = false
  ) throws(Errno) -> (status: ProcessExitStatus, usage: ResourceUsage)? {
    var end = parallel_process_end()
    _ = try retrying(.waitProcess) { parallel_reap_pidfd(pidfd.rawValue, waits, &end) }
    return ProcessExitStatus(end).map { ($0, ResourceUsage(end)) }
  }

  /// How the process behind `pidfd` ended whose status somebody else has taken; nil where the system does not tell.
  ///
  /// Source: `PIDFD_GET_INFO` of Linux 6.15.
  static func takenStatus(_ pidfd: FileDescriptor) -> ProcessExitStatus? {
    var end = parallel_process_end()
    return parallel_read_taken_status(pidfd.rawValue, &end) ? ProcessExitStatus(end) : nil
  }

  /// What stands for the process that has this number now. Source: `pidfd_open(2)`.
  package static func openProcess(_ processID: Int32) throws(Errno) -> FileDescriptor {
    FileDescriptor(rawValue: try retrying(.open) { parallel_open_pidfd(processID) })
  }

  /// Sends a signal to the process behind `pidfd`, never to another that has got its number.
  ///
  /// Source: `pidfd_send_signal(2)`.
  package static func signal(_ pidfd: FileDescriptor, _ number: CInt) throws(Errno) {
    _ = try retrying(.signalProcess) { parallel_signal_pidfd(pidfd.rawValue, number, false) }
  }

  /// Sends a signal to the process group that the process behind `pidfd` leads, also after that process has ended.
  ///
  /// Before Linux 6.9 the group is reached by its number, and only as long as the leader is not reaped, since that keeps
  /// the number from being given away. Source: `pidfd_send_signal(2)`, `kill(2)`.
  package static func signalGroup(leader pidfd: FileDescriptor, pid: Int32, _ number: CInt) throws(Errno) {
    do {
      _ = try retrying(.signalProcess) { parallel_signal_pidfd(pidfd.rawValue, number, true) }
    } catch .invalidArgument {
      guard parallel_is_unreaped(pidfd.rawValue) else { throw .noSuchProcess }
      _ = try retrying(.signalProcess) { kill(-pid, number) }
    }
  }
}

extension ProcessExitStatus {
  fileprivate init?(_ end: parallel_process_end) {
    switch end.code {
    case 0: return nil
    case CInt(CLD_EXITED): self = .exited(end.status)
    default: self = .signaled(end.status, coreDumped: end.code == CInt(CLD_DUMPED))
    }
  }
}
