internal import CParallel
import Glibc
import ParallelCore
import ParallelFutures
import SystemPackage

/// A worker in a process of its own, seen from the parent.
///
/// Its life, all of it on the reactor: running → (doorbell: dying →) pidfd readable: ended. At the end the process group
/// is killed, so that nobody writes any more; then what is in the lane and the pipes is read; then the process is
/// reaped: as long as it is a zombie its number, and so its group's, can't be given to another.
final class ProcessWorker: RunningWorker, @unchecked Sendable {
  // Sendable: the mutable state is touched on the reactor only, except `leash`, which has a lock.

  /// What kills the worker or looks at it, and what must not do so any more once the pidfd is closed: its number may stand
  /// for another process by then.
  private struct Leash {
    var isGone = false
    var timer: ReactorTimer?
  }

  /// How long a dying worker may take to print its backtrace.
  private static let timeToDie: Duration = .seconds(30)

  let lane: any WorkerLane
  var processID: Int32 { process.pid }

  private let process: SpawnedProcess
  private let ringLane: RingLane
  private let memory: LaneMemory
  private let lifeline: FileDescriptor
  private let doorbell: FileDescriptor
  private let cancelBell: FileDescriptor
  private let output: WorkerStream
  private let errors: WorkerStream
  private let backtrace = Promise<String?>()
  private let leash: Guarded<Leash>

  private var registrations: [Registration] = []
  private var isDying = false
  private var end: (status: ProcessExitStatus, usage: ResourceUsage?)?
  private var report: (WorkerNews) -> Void = { _ in }

  /// Takes over this process's ends of the pipes.
  init(_ process: SpawnedProcess, _ pipes: WorkerPipes, _ memory: LaneMemory) {
    self.process = process
    self.memory = memory
    let cancelBell = pipes.cancelBell
    let leash = Guarded(Leash())
    self.leash = leash
    ringLane = RingLane(memory, closing: pipes.lane) { item in
      leash.withLock { leash in
        // Only one that runs: a late call must not displace it.
        guard !leash.isGone, memory.fates.state(of: item) == .running else { return }
        memory.setCancelled(item)
        SystemCalls.ring(cancelBell)
      }
    }
    lane = ringLane
    lifeline = pipes.lifeline
    doorbell = pipes.doorbell
    self.cancelBell = cancelBell
    output = WorkerStream(closing: pipes.output, to: .standardOutput, isDying: { false })
    errors = WorkerStream(closing: pipes.errors, to: .standardError, isDying: { memory.death != nil })
    pipes.keepOwnEnds()
  }

  func activate(_ report: @escaping @Sendable (WorkerNews) -> Void) {
    // On the reactor, so that no handler runs before all are there.
    Reactor.shared.perform { [self] in
      self.report = report
      do throws(ParallelError) {
        try watchForEnd()
        try output.activate()
        try errors.activate()
        registrations.append(
          try Reactor.shared.register(doorbell, for: .readable) { [self] _ in doorbellRang() })
        try ringLane.activate { [self] in heard($0) }
      } catch {
        kill()
      }
    }
  }

  private func watchForEnd() throws(ParallelError) {
    do throws(ParallelError) {
      registrations.append(
        try Reactor.shared.register(process.pidfd, for: .readable) { [self] _ in ended() })
    } catch {
      // Then a thread has to wait for it, and it must not take long.
      kill()
      _ = try? NativeThread.start(name: "reaper") { [self] in
        SystemCalls.waitForInput(process.pidfd)
        Reactor.shared.perform { [self] in ended() }
      }
      throw error
    }
  }

  func kill() {
    leash.withLock { leash in
      if !leash.isGone { process.killGroup() }
    }
  }

  func kill(after delay: Duration) {
    guard let timer = try? Reactor.shared.schedule(at: Deadline(timeout: delay), { [self] in kill() }) else {
      return
    }
    let superfluous = leash.withLock { leash in
      if leash.isGone { return Optional(timer) }
      defer { leash.timer = timer }
      return leash.timer
    }
    superfluous?.cancel()
  }

  func usage() -> ResourceUsage? {
    // It is not reaped as long as the lock is held.
    leash.withLock { leash in leash.isGone ? nil : process.usage() }
  }

  func drain() {
    ringLane.drain()
    errors.drain()
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
    guard end == nil else { return }
    guard !isDying, memory.death != nil else { return ringLane.receive() }
    isDying = true
    kill(after: Self.timeToDie)
    report(.dying)
  }

  private func ended() {
    guard end == nil else { return }
    kill()
    ringLane.drain()
    output.finish()
    errors.finish()
    let timer = leash.withLock { leash in
      // Readable means ended, so this does not come back empty-handed, unless a debugger holds the process.
      end = process.reap() ?? (.unknown, nil)
      leash.isGone = true
      return leash.timer.take()
    }
    timer?.cancel()
    close()
    _ = try? backtrace.succeed(errors.text.backtrace)
    report(.ended)
    report = { _ in }
  }

  private func close() {
    for registration in registrations { registration.cancel() }
    registrations = []
    ringLane.close()
    parallel_lifeline_forget(lifeline.rawValue)
    for descriptor in [lifeline, doorbell, cancelBell, process.pidfd] { SystemCalls.close(descriptor) }
  }

  func crashReport() -> CrashReport {
    let death = memory.death
    let known = end.flatMap { $0.status == .unknown ? nil : $0.status }
    let status = known ?? death.map { .signaled($0.signal, coreDumped: false) } ?? .unknown
    return CrashReport(
      worker: process.pid, status: status, message: status.isTrap ? errors.text.fatalMessage : nil,
      standardErrorTail: errors.text.lines.tail, usage: end?.usage ?? death?.usage,
      backtrace: backtrace.future)
  }
}

extension ProcessExitStatus {
  /// Whether the Swift runtime gives up in this way; it then has said why.
  fileprivate var isTrap: Bool {
    if case .signaled(let signal, _) = self { [SIGILL, SIGTRAP, SIGABRT].contains(signal) } else { false }
  }
}
