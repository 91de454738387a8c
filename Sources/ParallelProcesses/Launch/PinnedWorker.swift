import ParallelCore

/// A worker with a processor of its own, which it gives back when it dies.
final class PinnedWorker: RunningWorker {
  private let worker: any RunningWorker
  /// Nil once it was given back.
  private let processor: Guarded<Int?>
  private let allotment: ProcessorAllotment

  init(_ worker: any RunningWorker, on processor: Int, of allotment: ProcessorAllotment) {
    self.worker = worker
    self.processor = Guarded(processor)
    self.allotment = allotment
  }

  deinit { giveBack() }

  var lane: any WorkerLane { worker.lane }
  var processID: Int32 { worker.processID }

  func activate(_ report: @escaping @Sendable (WorkerNews) -> Void) {
    worker.activate { [self] news in
      switch news {
      // Before the pool hears of it, and starts another.
      case .dying, .ended: giveBack()
      case .frames, .malformed: break
      }
      report(news)
    }
  }

  func usage() -> ResourceUsage? { worker.usage() }
  func drain() { worker.drain() }
  func kill() { worker.kill() }
  func kill(after delay: Duration) { worker.kill(after: delay) }
  func crashReport() -> CrashReport { worker.crashReport() }

  private func giveBack() {
    if let processor = processor.withLock({ $0.take() }) { allotment.giveBack(processor) }
  }
}
