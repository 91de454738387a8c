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
  let memory = LaneMemory(sharedWithParent: status!)
  do {
    let canceller = ItemCanceller()
    let channel = WorkerChannel(
      memory, closing: FileDescriptor(rawValue: CInt(PARALLEL_WORKER_LANE.rawValue)),
      FileDescriptor(rawValue: CInt(PARALLEL_WORKER_DOORBELL.rawValue)))
    let loop = WorkerLoop(
      channel, memory, canceller: canceller, worker: getpid(), isProcess: true)
    _ = try NativeThread.start(name: "lane", stackSize: 8 << 20, receivesSignals: true) {
      parallel_install_alternate_signal_stack()
      BlockingCheck.threadMayBlock = true
      loop.run()
      // In the ordinary way, so that what a task registered with atexit runs and its output is written. The loop, and
      // so the lane, stays until then: its end would be taken for a reason to kill.
      withExtendedLifetime(loop) { exit(EXIT_SUCCESS) }
    }
    _ = try NativeThread.start(name: "cancel", stackSize: 512 << 10) {
      deliverCancellations(memory, canceller)
    }
  } catch {
    // The parent reads it from there.
    _ = try? FileDescriptor.standardError.writeAll("swift-parallel worker: \(error)\n".utf8)
    exit(EXIT_FAILURE)
  }
  dispatchMain()
}

/// A thread of its own, because the lane's may be busy computing what is no longer wanted.
private func deliverCancellations(_ memory: LaneMemory, _ canceller: ItemCanceller) {
  let bell = FileDescriptor(rawValue: CInt(PARALLEL_WORKER_CANCEL.rawValue))
  while SystemCalls.waitForInput(bell) != nil {
    SystemCalls.silence(bell)
    canceller.cancel { memory.isCancelled($0) }
  }
}
