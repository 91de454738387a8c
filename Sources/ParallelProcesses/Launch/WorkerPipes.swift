import ParallelCore
import SystemPackage

/// The descriptors that tie a worker process to its parent, both ends of each. Closes what nobody took over.
final class WorkerPipes {
  let lane, laneOfWorker: FileDescriptor
  let lifeline, lifelineOfWorker: FileDescriptor
  let doorbell: FileDescriptor
  let status: FileDescriptor
  let output, outputOfWorker: FileDescriptor
  let errors, errorsOfWorker: FileDescriptor
  let input: FileDescriptor
  private var opened: [FileDescriptor] = []

  init(statusSize: Int) throws(Errno) {
    var opened: [FileDescriptor] = []
    do throws(Errno) {
      (lane, laneOfWorker) = try SystemCalls.socketPair()
      opened += [lane, laneOfWorker]
      (lifelineOfWorker, lifeline) = try SystemCalls.pipe()
      opened += [lifelineOfWorker, lifeline]
      doorbell = try SystemCalls.createEvent()
      opened.append(doorbell)
      status = try SystemCalls.createMemory(name: "parallel-worker-status", size: statusSize)
      opened.append(status)
      (output, outputOfWorker) = try SystemCalls.pipe()
      opened += [output, outputOfWorker]
      (errors, errorsOfWorker) = try SystemCalls.pipe()
      opened += [errors, errorsOfWorker]
      input = try SystemCalls.openNull()
      opened.append(input)
    } catch {
      opened.forEach(SystemCalls.close)
      throw error
    }
    self.opened = opened
  }

  /// The caller takes over this process's own ends; the worker's are closed here.
  func keepOwnEnds() {
    let own: Set = [lane, lifeline, doorbell, output, errors]
    opened.removeAll(where: own.contains)
  }

  deinit { opened.forEach(SystemCalls.close) }
}
