/// Threads of the package's own that run users' callbacks, which may block: as many as are needed at once, up to a
/// limit. They are started when needed and end after some idle seconds.
///
/// ```swift
/// CallbackThreads.shared.run { body(result) }
/// ```
package final class CallbackThreads: Sendable {
  /// What the whole process shares.
  package static let shared = CallbackThreads(limit: 64, idleTime: .seconds(10))

  private let schedule: Guarded<CallbackSchedule<Parker>>
  private let idleTime: Duration

  package init(limit: Int, idleTime: Duration) {
    schedule = Guarded(CallbackSchedule(limit: limit))
    self.idleTime = idleTime
  }

  /// How many threads there are.
  package var threadCount: Int { schedule.withLock { $0.threads } }

  /// Has `job` run soon, by a thread that is never the caller's. Does not block.
  ///
  /// If the system refuses a first thread, the job waits until the next one is submitted.
  package func run(_ job: @escaping @Sendable () -> Void) {
    switch schedule.withLock({ $0.submit(job) }) {
    case .wake(let parker): parker.unpark()
    case .startThread: startThread()
    case .nothing: break
    }
  }

  private func startThread() {
    do {
      _ = try NativeThread.start(name: "callback") { self.work() }
    } catch {
      schedule.withLock { $0.threadFailedToStart() }
    }
  }

  private func work() {
    BlockingCheck.threadMayBlock = true
    let parker = Parker()
    while true {
      if let job = schedule.withLock({ $0.next(for: parker) }) {
        job()
      } else if !parker.park(until: Deadline(timeout: idleTime)), schedule.withLock({ $0.expire(parker) }) {
        return
      }
    }
  }
}
