internal import CParallel
import Dispatch
import Glibc
import ParallelCore
import SystemPackage

/// Where a worker process begins, on its main thread; called by the bootstrap, before anything of the user's main.
///
/// The lane gets a thread of its own, because this one drains the main queue: a task that awaits a `@MainActor`
/// function would wait for ever otherwise.
@c(parallel_worker_main)
func workerMain(_ status: UnsafeMutablePointer<parallel_worker_status>?) -> Never {
  let fates = ItemFates(status!)
  do {
    let wakeUp = try SystemCalls.createEvent()
    _ = try NativeThread.start(name: "lane", stackSize: 8 << 20, receivesSignals: true) {
      parallel_install_alternate_signal_stack()
      BlockingCheck.threadMayBlock = true
      let loop = WorkerLoop(
        closing: FileDescriptor(rawValue: CInt(PARALLEL_WORKER_LANE.rawValue)), closing: wakeUp, fates: fates,
        worker: getpid(), isProcess: true)
      loop.run()
      // In the ordinary way, so that what a task registered with atexit runs and its output is written.
      exit(EXIT_SUCCESS)
    }
  } catch {
    // The parent reads it from there.
    _ = try? FileDescriptor.standardError.writeAll("swift-parallel worker: \(error)\n".utf8)
    exit(EXIT_FAILURE)
  }
  dispatchMain()
}
