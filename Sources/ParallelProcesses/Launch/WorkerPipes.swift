internal import CParallel
import ParallelCore
import SystemPackage

/// The descriptors that tie a worker process to its parent, both ends of each. Closes what nobody took over.
final class WorkerPipes {
  let lane, laneOfWorker: FileDescriptor
  let lifeline, lifelineOfWorker: FileDescriptor
  let doorbell: FileDescriptor
  let cancelBell: FileDescriptor
  let status: FileDescriptor
  let output, outputOfWorker: FileDescriptor
  let errors, errorsOfWorker: FileDescriptor
  let input: FileDescriptor
  private var opened: [FileDescriptor]

  init(statusSize: Int) throws(Errno) {
    var opened: [FileDescriptor] = []
    // Not among the standard streams, should those be closed here: what is written there would go down a lane.
    func keep(_ descriptor: FileDescriptor) throws(Errno) -> FileDescriptor {
      let kept = try SystemCalls.aboveStandardStreams(descriptor)
      opened.append(kept)
      return kept
    }
    func keep(_ pair: (FileDescriptor, FileDescriptor)) throws(Errno) -> (FileDescriptor, FileDescriptor) {
      let first: FileDescriptor
      do throws(Errno) {
        first = try keep(pair.0)
      } catch {
        SystemCalls.close(pair.1)
        throw error
      }
      return (first, try keep(pair.1))
    }
    do throws(Errno) {
      (lifelineOfWorker, lifeline) = try keep(SystemCalls.pipe())
      // At once: a process that is forked from now on must not hold it.
      guard parallel_lifeline_remember(lifeline.rawValue) else { throw .tooManyOpenFiles }
      (lane, laneOfWorker) = try keep(SystemCalls.socketPair())
      doorbell = try keep(SystemCalls.createEvent())
      cancelBell = try keep(SystemCalls.createEvent())
      status = try keep(SystemCalls.createMemory(name: "parallel-worker-status", size: statusSize))
      (output, outputOfWorker) = try keep(SystemCalls.pipe())
      (errors, errorsOfWorker) = try keep(SystemCalls.pipe())
      try SystemCalls.setNonBlocking(output)
      try SystemCalls.setNonBlocking(errors)
      input = try keep(SystemCalls.openNull())
    } catch {
      Self.close(opened)
      throw error
    }
    self.opened = opened
  }

  /// The caller takes over this process's own ends; the worker's are closed with this object.
  func keepOwnEnds() {
    let own: Set = [lane, lifeline, doorbell, cancelBell, output, errors]
    opened.removeAll(where: own.contains)
  }

  deinit { Self.close(opened) }

  private static func close(_ descriptors: [FileDescriptor]) {
    for descriptor in descriptors {
      // Does nothing for all but a lifeline.
      parallel_lifeline_forget(descriptor.rawValue)
      SystemCalls.close(descriptor)
    }
  }
}
