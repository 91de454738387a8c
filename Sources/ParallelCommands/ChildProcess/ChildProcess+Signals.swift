import Glibc
public import ParallelCore
import SystemPackage

extension ChildProcess {
  /// Sends a signal to the process, and never to another that has got its number.
  ///
  /// Source: `pidfd_send_signal(2)`.
  ///
  /// - Parameter number: The signal's number, as `SIGHUP`.
  /// - Returns: Whether it was sent; false if the process has ended.
  /// - Throws: `ParallelError` with the code `invalidArgument` if there is no such signal, or `system` if this user may
  ///   not send it.
  @discardableResult
  public func signal(_ number: Int32) throws(ParallelError) -> Bool {
    do throws(Errno) {
      try SystemCalls.signal(child.process.pidfd, number)
      return true
    } catch .noSuchProcess {
      return false
    } catch .invalidArgument {
      throw ParallelError(.invalidArgument, "there is no signal \(number)", underlying: Errno.invalidArgument)
    } catch {
      throw ParallelError(
        .system, "\(signalName(number)) can't be sent to process \(processID)", underlying: error)
    }
  }

  /// Asks the process to end, with `SIGTERM`.
  ///
  /// - Returns: Whether it was asked; false if it has ended.
  /// - Throws: `ParallelError` with the code `system` if this user may not.
  @discardableResult
  public func terminate() throws(ParallelError) -> Bool { try signal(SIGTERM) }

  /// Ends the process, with `SIGKILL`. What it has started goes on.
  ///
  /// - Returns: Whether it was killed; false if it has ended.
  /// - Throws: `ParallelError` with the code `system` if this user may not.
  @discardableResult
  public func kill() throws(ParallelError) -> Bool { try signal(SIGKILL) }

  /// Ends the process and all that it has started, with `SIGKILL`. Does not wait for their end.
  ///
  /// Reached are its process group, if it leads one (``Command/leadsProcessGroup``), and all its descendants: they are
  /// stopped until no new ones come, then killed. Those whose own parent has ended before are nobody's descendants any
  /// more: of these only members of the group are reached. Takes some milliseconds.
  public func killTree() {
    ProcessTree(child.process, leadsGroup: command.leadsProcessGroup).kill()
  }
}
