import DequeModule
import ParallelCore

extension PoolState {
  /// All but what the workers' processes use: to ask the system takes too long for the lock.
  func statistics(at now: Deadline) -> PoolStatistics {
    var running = 0
    var sent = 0
    for worker in workers.values {
      for item in worker.items where item.stage != .finished && !worker.lane.hasFinished(item.sequence) {
        let unbegun = worker.countUnbegun(in: item)
        sent += unbegun
        // Of the others all but the last have ended, and that may be an item of its own.
        if unbegun < item.count, worker.isLastOfItsNumber(item) { running += 1 }
      }
    }
    return PoolStatistics(
      workers: workers.values.map { $0.statistics(at: now) }, submitted: totals.submitted,
      waiting: waiting.count + delayed.count + sent, running: running, finished: totals.finished,
      failed: totals.failed, cancelled: totals.cancelled, retried: totals.retried, crashed: totals.crashed,
      killed: totals.ended, recycled: totals.recycled,
      usageOfEnded: totals.usageOfEnded)
  }
}

extension PoolWorker {
  fileprivate func statistics(at now: Deadline) -> PoolStatistics.Worker {
    let isReady = !record.readyAt.isNever
    let present = isReady ? now.nanoseconds(since: record.readyAt) : 0
    let state: PoolStatistics.Worker.State =
      switch stage {
      case .starting: .starting
      case .spare: .spare
      case .ready: .working
      case .finishing, .retiring, .dying, .condemned: .leaving
      }
    return PoolStatistics.Worker(
      processID: process.processID, state: state,
      age: now.duration(since: record.startedAt),
      startTime: isReady
        ? record.readyAt.duration(since: record.startedAt) : nil,
      runTime: .nanoseconds(Int64(clamping: record.runTime)),
      idleTime: .nanoseconds(Int64(clamping: present - min(present, record.runTime))),
      finished: record.finished, failed: record.failed, bytesSent: record.bytesSent,
      bytesReceived: record.bytesReceived, usage: nil)
  }
}
