import ParallelCore

/// Takes the status of killed processes that nobody waits for any more, so that nothing remains of them.
enum LateReaper {
  /// Takes the process over, with its descriptor.
  static func take(_ process: SpawnedProcess) {
    let child = RunningChild(process)
    do throws(ParallelError) {
      try child.watch()
    } catch {
      // Then a thread waits for it. If there is none to be had either, it stays until this process ends.
      _ = try? NativeThread.start(name: "reaper") {
        SystemCalls.waitForInput(process.pidfd)
        child.poll()
      }
    }
  }
}
