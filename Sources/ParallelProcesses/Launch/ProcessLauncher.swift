internal import CParallel
import Glibc
import ParallelCore
import SystemPackage

/// Starts worker processes: this executable again, with a role, a lane and a lifeline.
struct ProcessLauncher: Sendable {
  private let environment: [[UInt8]]
  private let hello: Frame

  init(environment: WorkerEnvironment, setup: Hello.EncodedSetup?) throws(ParallelError) {
    self.environment = environment.variables()
    hello = try Hello(
      build: ImageIdentity.executable, setup: setup, backtraceVariable: environment.visibleBacktraceVariable
    ).frame()
  }

  /// Returns when the worker's process exists; it says `ready` over the lane. Blocks while the kernel loads it.
  func launch() throws(ParallelError) -> any RunningWorker {
    let pipes: WorkerPipes
    let page: UnsafeMutableRawBufferPointer
    do {
      pipes = try WorkerPipes(statusSize: LaneMemory.size)
      page = try SystemCalls.map(pipes.status, size: LaneMemory.size)
    } catch {
      throw ParallelError(.workerStart, "no descriptors for another worker", underlying: error)
    }
    let process: SpawnedProcess
    do {
      process = try spawn(pipes)
    } catch {
      SystemCalls.unmap(page)
      throw ParallelError(
        .workerStart, "a worker process could not be started", underlying: error.publicError)
    }
    let worker = ProcessWorker(process, pipes, LaneMemory(unmapping: page))
    worker.lane.post(hello)
    worker.lane.flush()
    return worker
  }

  private func spawn(_ pipes: WorkerPipes) throws(SpawnError) -> SpawnedProcess {
    // The running program's file, whatever it is called, and even if it was deleted since.
    var plan = SpawnPlan(
      path: "/proc/self/exe", arguments: Self.ownArguments, environment: environment)
    plan.leadsProcessGroup = true
    // Until the worker has its handlers: a service manager's SIGTERM for everybody must not end it on the way.
    plan.blockedSignals = [SIGINT, SIGTERM, SIGHUP]
    plan.descriptors = [
      0: pipes.input,
      1: pipes.outputOfWorker,
      2: pipes.errorsOfWorker,
      Self.number(PARALLEL_WORKER_LANE): pipes.laneOfWorker,
      Self.number(PARALLEL_WORKER_LIFELINE): pipes.lifelineOfWorker,
      Self.number(PARALLEL_WORKER_STATUS): pipes.status,
      Self.number(PARALLEL_WORKER_DOORBELL): pipes.doorbell,
      Self.number(PARALLEL_WORKER_CANCEL): pipes.cancelBell,
    ]
    return try plan.spawn()
  }

  private static func number(_ descriptor: parallel_worker_descriptor) -> Int32 { Int32(descriptor.rawValue) }

  /// The same arguments, so that tasks that look at them see what the program sees.
  private static var ownArguments: [[UInt8]] {
    (0..<Int(CommandLine.argc)).compactMap { index in
      CommandLine.unsafeArgv[index].map { bytes(of: $0) }
    }
  }
}
