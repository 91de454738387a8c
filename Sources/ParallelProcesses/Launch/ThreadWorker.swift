internal import CParallel
import Glibc
import ParallelCore
import ParallelFutures
import SystemPackage

/// A worker on a thread of this process: the same loop over the same kind of lane, without isolation.
final class ThreadWorker: RunningWorker, @unchecked Sendable {
  // Sendable: `report` is touched on the reactor only, everything else is immutable.

  let lane: any WorkerLane
  var processID: Int32 { getpid() }

  private let streamLane: StreamLane
  private let status: StatusPage
  private var report: (WorkerNews) -> Void = { _ in }

  init(hello: Frame) throws(ParallelError) {
    do {
      let (own, other) = try SystemCalls.socketPair()
      let wakeUp = try SystemCalls.createEvent()
      let status = StatusPage(
        unmapping: try SystemCalls.mapPrivate(size: MemoryLayout<parallel_worker_status>.size))
      self.status = status
      streamLane = StreamLane(closing: own, fates: status.fates)
      lane = streamLane
      _ = try NativeThread.start(name: "pool-thread", stackSize: 8 << 20) {
        BlockingCheck.threadMayBlock = true
        withExtendedLifetime(status) {
          WorkerLoop(closing: other, closing: wakeUp, fates: status.fates, worker: getpid(), isProcess: false)
            .run()
        }
      }
    } catch {
      throw error as? ParallelError
        ?? ParallelError(.workerStart, "a worker thread could not be started", underlying: error)
    }
    lane.post(hello)
    lane.flush()
  }

  func activate(_ report: @escaping @Sendable (WorkerNews) -> Void) throws(ParallelError) {
    self.report = report
    try streamLane.activate { [self] news in
      switch news {
      case .frames(let frames): self.report(.frames(frames))
      case .malformed(let error): self.report(.malformed(error))
      case .ended:
        streamLane.close()
        self.report(.ended)
        self.report = { _ in }
      }
    }
  }

  /// A thread can't be ended from outside: its lane is, so it ends after the item that it runs.
  func kill() { streamLane.end() }

  /// The end of the lane is all that can be done, and the thread sees that already.
  func kill(after delay: Duration) {}

  func crashReport() -> CrashReport {
    CrashReport(
      worker: processID, status: .unknown, message: nil, standardErrorTail: [], usage: nil,
      backtrace: .succeeded(nil))
  }
}
