internal import CParallel
import Glibc
import ParallelCore
import ParallelFutures
import SystemPackage

/// A worker in a process of its own, seen from the parent.
///
/// Its life, all of it on the reactor: running → (doorbell: dying →) pidfd readable: ended. At the end everything that
/// is in the lane and the pipes is read first, then the process group is killed, then the process is reaped: as long as
/// it is a zombie its number, and so its group's, can't be given to another.
final class ProcessWorker: RunningWorker, @unchecked Sendable {
  // Sendable: the mutable state is touched on the reactor only, but for `isClosed`, which is locked.

  /// How long a dying worker may take to print its backtrace.
  private static let timeToDie: Duration = .seconds(10)

  let lane: any WorkerLane
  var processID: Int32 { process.pid }

  private let process: SpawnedProcess
  private let streamLane: StreamLane
  private let status: StatusPage
  private let lifeline: FileDescriptor
  private let doorbell: FileDescriptor
  private let output: WorkerStream
  private let errors: WorkerStream
  private let backtrace = Promise<String?>()
  /// Whether the process's descriptor is closed.
  private let isClosed = Guarded(false)

  private var registrations: [Registration] = []
  private var timer: ReactorTimer?
  private var isDying = false
  private var end: (status: ExitStatus, usage: ResourceUsage?)?
  private var report: (WorkerNews) -> Void = { _ in }

  /// Takes over this process's ends of the pipes.
  init(_ process: SpawnedProcess, _ pipes: WorkerPipes, _ status: StatusPage) {
    self.process = process
    self.status = status
    streamLane = StreamLane(closing: pipes.lane, fates: status.fates)
    lane = streamLane
    lifeline = pipes.lifeline
    doorbell = pipes.doorbell
    output = WorkerStream(closing: pipes.output, to: .standardOutput, isDying: { false })
    errors = WorkerStream(closing: pipes.errors, to: .standardError, isDying: { status.death != nil })
    _ = parallel_lifeline_remember(lifeline.rawValue)
  }

  func activate(_ report: @escaping @Sendable (WorkerNews) -> Void) throws(ParallelError) {
    self.report = report
    do throws(ParallelError) {
      try output.activate()
      try errors.activate()
      let reactor = Reactor.shared
      registrations.append(try reactor.register(doorbell, for: .readable) { [self] _ in doorbellRang() })
      registrations.append(try reactor.register(process.pidfd, for: .readable) { [self] _ in ended() })
      try streamLane.activate { [self] in heard($0) }
    } catch {
      self.report = { _ in }
      abandon()
      throw error
    }
  }

  /// Clears up after a worker that can't be waited for.
  private func abandon() {
    kill()
    try? Reactor.shared.perform { [self] in
      SystemCalls.waitForInput([process.pidfd])
      ended()
    }
  }

  func kill() {
    // Called at any time from any thread: once the descriptor is closed its number may be that of another process.
    isClosed.withLock { isClosed in
      if !isClosed { process.killGroup() }
    }
  }

  private func heard(_ news: LaneNews) {
    switch news {
    case .frames(let frames): report(.frames(frames))
    case .malformed(let error): report(.malformed(error))
    case .ended:
      // It is exiting, or has closed its lane and is of no use. A process that exits already is not hurt by this.
      kill()
    }
  }

  private func doorbellRang() {
    SystemCalls.silence(doorbell)
    guard !isDying, end == nil, status.death != nil else { return }
    isDying = true
    streamLane.drain()
    errors.drain()
    report(.dying)
    timer = try? Reactor.shared.schedule(at: Deadline(timeout: Self.timeToDie)) { [self] in kill() }
  }

  private func ended() {
    guard end == nil else { return }
    streamLane.drain()
    output.finish()
    errors.finish()
    process.killGroup()
    // Readable means ended: this does not come back empty-handed.
    end = process.reap() ?? (.unknown, nil)
    close()
    _ = try? backtrace.succeed(errors.text.backtrace)
    report(.ended)
    report = { _ in }
  }

  private func close() {
    timer?.cancel()
    for registration in registrations { registration.cancel() }
    registrations = []
    streamLane.close()
    parallel_lifeline_forget(lifeline.rawValue)
    isClosed.withLock { $0 = true }
    for descriptor in [lifeline, doorbell, process.pidfd] { SystemCalls.close(descriptor) }
  }

  func crashReport() -> CrashReport {
    let death = status.death
    let text = errors.text
    return CrashReport(
      worker: process.pid,
      status: end.map(\.status).flatMap { $0 == .unknown ? nil : $0 }
        ?? death.map { .signaled($0.signal, coreDumped: false) } ?? .unknown,
      message: text.fatalMessage, standardErrorTail: text.lines.tail, usage: end?.usage ?? death?.usage,
      backtrace: backtrace.future)
  }
}
