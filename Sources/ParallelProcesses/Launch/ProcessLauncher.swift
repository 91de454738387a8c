internal import CParallel
import Glibc
import ParallelCore
import SystemPackage

/// Starts worker processes: this executable again, with a role, a lane and a lifeline.
struct ProcessLauncher: Sendable {
  private let environment: [[UInt8]]
  private let options: WorkerOptions
  /// Where each worker is to have a processor of its own.
  private let allotment: ProcessorAllotment?
  private let hello: Frame

  /// `workers` is how many there will be at one time.
  init(
    workers: Int, environment: WorkerEnvironment, options: WorkerOptions, setup: Hello.EncodedSetup?
  ) throws(ParallelError) {
    self.environment = environment.variables(workerShare: WorkerCount.share(ofEachOf: workers))
    self.options = try options.resolved()
    allotment =
      options.processors == .oneEach ? ProcessorAllotment(processors: SystemCalls.permittedProcessors) : nil
    hello = try Hello(
      build: ImageIdentity.executable, setup: setup, backtraceVariable: environment.visibleBacktraceVariable
    ).frame()
  }

  /// Returns when the worker's process exists; it says `ready` over the lane. Blocks while the kernel loads it.
  func launch() throws(ParallelError) -> any RunningWorker {
    guard let allotment else { return try launch(on: nil) }
    let processor = allotment.take()
    do throws(ParallelError) {
      return PinnedWorker(try launch(on: processor), on: processor, of: allotment)
    } catch {
      allotment.giveBack(processor)
      throw error
    }
  }

  private func launch(on processor: Int?) throws(ParallelError) -> ProcessWorker {
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
      process = try spawn(pipes, on: processor)
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

  private func spawn(_ pipes: WorkerPipes, on processor: Int?) throws(SpawnError) -> SpawnedProcess {
    // The running program's file, whatever it is called, and even if it was deleted since.
    var plan = SpawnPlan(
      path: "/proc/self/exe", arguments: Self.ownArguments, environment: environment)
    options.apply(to: &plan)
    if let processor { plan.processors = [processor] }
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
