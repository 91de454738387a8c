internal import CParallel
import Glibc
package import SystemPackage

extension SystemCalls {
  /// Takes the status of the process behind `pidfd` if it has ended, without waiting; nil while it runs.
  ///
  /// Throws `ECHILD` when somebody else took it, or when `SIGCHLD` is ignored. Source: `waitid(2)`.
  package static func reap(
    _ pidfd: FileDescriptor
  ) throws(Errno) -> (status: ProcessExitStatus, usage: ResourceUsage)? {
    var end = parallel_process_end()
    _ = try retrying(.waitProcess) { parallel_reap_pidfd(pidfd.rawValue, &end) }
    let usage = ResourceUsage(end)
    switch end.code {
    case 0: return nil
    case CInt(CLD_EXITED): return (.exited(end.status), usage)
    default: return (.signaled(end.status, coreDumped: end.code == CInt(CLD_DUMPED)), usage)
    }
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
