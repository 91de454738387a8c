import ParallelCore
import SystemPackage

/// One run of a command from its start to its end, on the calling thread: reads what it writes, and keeps its limits.
///
/// States: *running*, while one of the pipes is open; *ending*, when all have ended and the process has not; *ended*, with
/// the status taken. The pipes' ends and the process belong to this object, which only the calling thread touches; what
/// remains of a process that did not end in time goes to ``LateReaper``.
final class CommandRun {
  /// How long the call goes on after it has killed everything: the system needs a moment to take a process apart.
  private static let timeToDie = Duration.milliseconds(250)
  /// Between two looks at a process that has ended and can't be reaped, because a debugger holds it.
  private static let lookAgain = Duration.milliseconds(10)

  private let command: Command
  private let limit: CaptureLimit
  private let timeout: Duration?
  private let deadline: Deadline
  private let bell: StopBell?
  private let began: Deadline
  private let process: SpawnedProcess
  private let output: CapturePipe?
  private let errors: CapturePipe?
  private var end: (status: ProcessExitStatus, usage: ResourceUsage?)?

  /// Why it is not run to its end.
  private enum Failure {
    case timedOut, cancelled, tooMuch
    case unreadable(Errno)
  }

  init(
    _ command: Command, capturing: CapturedStreams, limit: CaptureLimit, timeout: Duration?, _ bell: StopBell?
  ) throws(CommandError) {
    self.command = command
    self.limit = limit
    self.timeout = timeout
    self.bell = bell
    deadline = Deadline(timeout: timeout)
    try command.check()
    var piped: Set<StandardStream> = []
    if capturing.contains(.output), command.output == .inherited { piped.insert(.output) }
    if capturing.contains(.errors), command.errors == .inherited { piped.insert(.errors) }
    let streams = try CommandStreams(command, piped: piped)
    began = .now
    process = try command.start(streams)
    output = streams.takeEnd(.output).map { CapturePipe(closing: $0, limit: limit.bytes) }
    errors = streams.takeEnd(.errors).map { CapturePipe(closing: $0, limit: limit.bytes) }
  }

  deinit { if end != nil { SystemCalls.close(process.pidfd) } }

  /// Waits for the end. To be called once.
  func finish() throws -> CapturedOutput {
    guard let failure = runToEnd() else { return result }
    giveUp()
    switch failure {
    case .timedOut: throw CommandError(command, .timedOut(after: timeout ?? .zero), captured: result)
    case .cancelled: throw CancellationError()
    case .tooMuch: throw CommandError(command, .tooMuchOutput(limit: limit.bytes), captured: result)
    case .unreadable(let error):
      throw CommandError(command, .refused("what it writes can't be read", error), captured: result)
    }
  }

  private var result: CapturedOutput {
    CapturedOutput(
      status: end?.status ?? .unknown, output: output?.buffer.bytes ?? [], errors: errors?.buffer.bytes ?? [],
      isTruncated: isOverfull, usage: end?.usage, duration: Deadline.now.duration(since: began),
      command: command.description)
  }

  private var pipes: [CapturePipe] { [output, errors].compactMap { $0 } }
  private var isOverfull: Bool { pipes.contains(where: \.buffer.isOverfull) }

  // MARK: Waiting

  private func runToEnd() -> Failure? {
    if let failure = readToEnd() { return failure }
    if deadline.isNever, bell == nil {
      end = process.waitAndReap()
      return nil
    }
    return waitForEnd(until: deadline, bell)
  }

  private func readToEnd() -> Failure? {
    var watches = [
      SystemCalls.Watch(output?.end), SystemCalls.Watch(errors?.end), SystemCalls.Watch(bell?.event),
    ]
    while watches[0].isActive || watches[1].isActive {
      guard SystemCalls.wait(for: &watches, until: deadline) else { return .timedOut }
      // First what is there: it counts also when the time is over or nobody wants more.
      do throws(Errno) {
        if !watches[0].found.isEmpty, try output!.read() { watches[0].end() }
        if !watches[1].found.isEmpty, try errors!.read() { watches[1].end() }
      } catch {
        return .unreadable(error)
      }
      if case .failing = limit, isOverfull { return .tooMuch }
      if !watches[2].found.isEmpty { return .cancelled }
    }
    return nil
  }

  private func waitForEnd(until deadline: Deadline, _ bell: StopBell?) -> Failure? {
    var watches = [SystemCalls.Watch(process.pidfd), SystemCalls.Watch(bell?.event)]
    while true {
      end = process.reap()
      if end != nil { return nil }
      var limit = deadline
      if !watches[0].found.isEmpty {
        // It has ended, and somebody who traces it has not seen that yet.
        watches[0].end()
        limit = min(limit, Deadline(timeout: Self.lookAgain))
      } else if !watches[0].isActive {
        watches[0] = SystemCalls.Watch(process.pidfd)
      }
      if !SystemCalls.wait(for: &watches, until: limit), deadline.hasPassed { return .timedOut }
      if !watches[1].found.isEmpty { return .cancelled }
    }
  }

  /// Kills it and all that it has started, and takes what is in the pipes still.
  private func giveUp() {
    ProcessTree(process, leadsGroup: command.leadsProcessGroup, pipes: pipes.map(\.end)).kill()
    _ = waitForEnd(until: Deadline(timeout: Self.timeToDie), nil)
    if end == nil { LateReaper.take(process) }
    for pipe in pipes { pipe.readWhatIsThere() }
  }
}

/// This process's end of a pipe that a command writes to, and what was read from it.
private final class CapturePipe {
  let end: FileDescriptor
  private(set) var buffer: OutputBuffer

  init(closing end: FileDescriptor, limit: Int) {
    self.end = end
    buffer = OutputBuffer(limit: limit)
  }

  deinit { SystemCalls.close(end) }

  /// Reads once; true at the end.
  func read() throws(Errno) -> Bool { try buffer.read(end) == .end }

  /// Reads what is in the pipe at this moment, and no more: one who could not be killed may still write.
  func readWhatIsThere() {
    var left = SystemCalls.availableBytes(end)
    while left > 0, case .some(let count)? = try? buffer.read(end) { left -= count }
  }
}
