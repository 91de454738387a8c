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
  private var report: (WorkerNews) -> Void = { _ in }

  init(hello: Frame) throws(ParallelError) {
    do {
      let status = StatusPage(
        unmapping: try SystemCalls.mapPrivate(size: MemoryLayout<parallel_worker_status>.size))
      let (own, other) = try SystemCalls.socketPair()
      let canceller = ItemCanceller()
      // The lane looks at the page as long as it is there, and so keeps it.
      streamLane = StreamLane(closing: own, fates: status.fates, canCondemn: false) { [status] item in
        withExtendedLifetime(status) { canceller.cancel(item) }
      }
      lane = streamLane
      do {
        let loop = try WorkerLoop(
          closing: other, fates: status.fates, canceller: canceller, worker: getpid(), isProcess: false)
        do {
          _ = try NativeThread.start(name: "pool-thread", stackSize: 8 << 20) {
            BlockingCheck.threadMayBlock = true
            withExtendedLifetime(status) { loop.run() }
          }
        } catch {
          loop.abandon()
          throw error
        }
      } catch {
        streamLane.close()
        throw error
      }
    } catch {
      throw error as? ParallelError
        ?? ParallelError(.workerStart, "a worker thread could not be started", underlying: error)
    }
    lane.post(hello)
    lane.flush()
  }

  func activate(_ report: @escaping @Sendable (WorkerNews) -> Void) {
    Reactor.shared.perform { [self] in
      self.report = report
      do throws(ParallelError) {
        try streamLane.activate { [self] in heard($0) }
      } catch {
        end()
      }
    }
  }

  private func heard(_ news: LaneNews) {
    switch news {
    case .frames(let frames): report(.frames(frames))
    case .malformed(let error):
      report(.malformed(error))
      end()
    case .ended: end()
    }
  }

  /// The thread ends with the lane, after the item that it runs.
  private func end() {
    streamLane.close()
    report(.ended)
    report = { _ in }
  }

  func drain() { streamLane.drain() }

  /// A thread can't be ended from outside: it is told that there will be nothing more to do.
  func kill() { streamLane.endSending() }

  /// The end of the lane is all that can be done, and the thread sees that already.
  func kill(after delay: Duration) {}

  func crashReport() -> CrashReport {
    CrashReport(
      worker: processID, status: .unknown, message: nil, standardErrorTail: [], usage: nil,
      backtrace: .succeeded(nil))
  }
}
