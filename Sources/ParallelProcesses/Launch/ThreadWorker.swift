internal import CParallel
import Glibc
import ParallelCore
import ParallelFutures
import SystemPackage

/// A worker on a thread of this process: the same loop over the same kind of lane, without isolation.
final class ThreadWorker: RunningWorker, @unchecked Sendable {
  // Sendable: `report`, `registration` and `isEnded` are touched on the reactor only, everything else is immutable.

  let lane: any WorkerLane
  var processID: Int32 { getpid() }

  private let ringLane: RingLane
  private let doorbell: FileDescriptor
  private var registration: Registration?
  private var isEnded = false
  private var report: (WorkerNews) -> Void = { _ in }

  init(hello: Frame) throws(ParallelError) {
    let canceller = ItemCanceller()
    let channel: WorkerChannel
    do {
      let memory = LaneMemory(unmapping: try SystemCalls.mapPrivate(size: LaneMemory.size))
      doorbell = try SystemCalls.createEvent()
      (ringLane, channel) = try Self.connect(memory, doorbell, canceller)
      lane = ringLane
      let loop = WorkerLoop(
        channel, memory, canceller: canceller, worker: getpid(), isProcess: false)
      do {
        _ = try NativeThread.start(name: "pool-thread", stackSize: 8 << 20) {
          BlockingCheck.threadMayBlock = true
          loop.run()
        }
      } catch {
        ringLane.close()
        SystemCalls.close(doorbell)
        throw error
      }
    } catch {
      throw error as? ParallelError
        ?? ParallelError(.workerStart, "a worker thread could not be started", underlying: error)
    }
    lane.post(hello)
    lane.flush()
  }

  /// Both ends of the lane. Closes `doorbell` if it throws.
  private static func connect(
    _ memory: LaneMemory, _ doorbell: FileDescriptor, _ canceller: ItemCanceller
  ) throws(Errno) -> (RingLane, WorkerChannel) {
    var opened = [doorbell]
    do throws(Errno) {
      let bellOfWorker = try SystemCalls.duplicate(doorbell)
      opened.append(bellOfWorker)
      let (own, other) = try SystemCalls.socketPair()
      return (
        RingLane(memory, closing: own, canCondemn: false) { item in canceller.cancel { $0 == item } },
        WorkerChannel(memory, closing: other, bellOfWorker)
      )
    } catch {
      opened.forEach(SystemCalls.close)
      throw error
    }
  }

  func activate(_ report: @escaping @Sendable (WorkerNews) -> Void) {
    Reactor.shared.perform { [self] in
      self.report = report
      do throws(ParallelError) {
        registration = try Reactor.shared.register(doorbell, for: .readable) { [self] _ in
          SystemCalls.silence(doorbell)
          ringLane.receive()
        }
        try ringLane.activate { [self] in heard($0) }
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
    guard !isEnded else { return }
    isEnded = true
    registration.take()?.cancel()
    SystemCalls.close(doorbell)
    // The thread may wait for requests still.
    ringLane.endSending()
    ringLane.close()
    report(.ended)
    report = { _ in }
  }

  /// The process's usage is not the thread's, and that of a thread would lack what it has started.
  func usage() -> ResourceUsage? { nil }

  func drain() { ringLane.drain() }

  /// A thread can't be ended from outside: it is told that there will be nothing more to do.
  func kill() { ringLane.endSending() }

  /// The end of the lane is all that can be done, and the thread sees that already.
  func kill(after delay: Duration) {}

  func crashReport() -> CrashReport {
    CrashReport(
      worker: processID, status: .unknown, message: nil, standardErrorTail: [], usage: nil,
      backtrace: .succeeded(nil))
  }
}
