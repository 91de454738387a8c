import Glibc
import ParallelCore

/// Has the normal end of the process wait for the threads that are not daemons.
enum ExitHandler {
  /// From the first call on; further calls do nothing.
  static func install() { _ = isInstalled }

  private static let isInstalled = atexit(waitForThreads) == 0

  private static let waitForThreads: @convention(c) () -> Void = {
    // Whoever called `exit` has nothing else to do, and does not end sooner for having been cancelled.
    BlockingCheck.threadMayBlock = true
    CancellationSource().bound { _ = try? ThreadHandle.waitForAll() }
  }
}
