import Glibc
import ParallelCore
import SystemPackage

extension Command {
  /// Starts the program, and goes on with it in the background.
  ///
  /// ```swift
  /// let child = try Command("tail", ["-f", "log"]).spawn()
  /// ```
  ///
  /// Blocks while the kernel loads the program, which takes a fraction of a millisecond, however much memory this process
  /// has; from a file system that hangs it does not return.
  ///
  /// Source: `clone(2)` with `CLONE_VM`, `CLONE_VFORK` and `CLONE_PIDFD`; `execve(2)`.
  ///
  /// - Returns: The process. Its program has begun.
  /// - Throws: ``CommandError`` when it could not be started; then nothing is left behind.
  public func spawn() throws(CommandError) -> ChildProcess {
    try check()
    let streams = try CommandStreams(self, piped: [])
    let began = Deadline.now
    do throws(ParallelError) {
      try Reactor.shared.start()
    } catch {
      throw CommandError(self, refusing: error)
    }
    let child = RunningChild(try start(streams))
    do throws(ParallelError) {
      try child.watch()
    } catch {
      ProcessTree(child.process, leadsGroup: leadsProcessGroup).kill()
      _ = child.process.waitAndReap()
      throw CommandError(self, refusing: error)
    }
    return ChildProcess(self, child, began: began)
  }
}
