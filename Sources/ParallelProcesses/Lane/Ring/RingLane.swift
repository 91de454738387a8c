import DequeModule
import ParallelCore
import Synchronization
import SystemPackage

/// The parent's end of a lane through shared memory. Protocol: Ring.md.
///
/// Who touches what: submitters write requests, under the lock of `outgoing`; one reader at a time, who holds
/// `reading`, reads results and reports them, in order. The reader is the reactor, or a thread that waits for a result.
final class RingLane: WorkerLane, @unchecked Sendable {
  // Sendable: `consumer`, `awaitsSocket`, `isReading` and `report` are touched with `reading` held, all else is
  // immutable or locked.

  struct Outgoing {
    var producer: RingProducer
    /// What has found no room in the ring yet.
    var waiting: Deque<Frame> = []
    var isClosed = false
  }

  let memory: LaneMemory
  let socket: LaneSocket
  let outgoing: Guarded<Outgoing>
  let reading = ParkingLock()
  var consumer: RingConsumer
  /// The consumer's head, for a look without the lock: the shared word is the worker's to scribble on.
  let readUpTo = Atomic<UInt64>(0)
  /// The ring has announced a message that comes by socket.
  var awaitsSocket = false
  var isReading = true
  var report: (LaneNews) -> Void = { _ in }
  private let fates: ItemFates
  private let cursors: BatchCursors
  private let canCondemn: Bool
  private let cancelItem: @Sendable (UInt64) -> Void

  /// Owns `socket` from here on. `cancelItem` tells the worker, past the lane, that the item that it runs is no longer
  /// wanted; it may be called when the lane is closed. `canCondemn` is false for a worker that can't be killed.
  init(
    _ memory: LaneMemory, closing socket: FileDescriptor, canCondemn: Bool = true,
    cancelItem: @escaping @Sendable (UInt64) -> Void = { _ in }
  ) {
    self.memory = memory
    self.socket = LaneSocket(closing: socket)
    self.canCondemn = canCondemn
    self.cancelItem = cancelItem
    fates = memory.fates
    cursors = memory.cursors
    outgoing = Guarded(Outgoing(producer: RingProducer(memory.requests)))
    consumer = RingConsumer(memory.results)
    memory.results.bell.prepare(.inReactor)
  }

  /// On the reactor: starts to read; `report` is called there, too, or by a thread that reads in its place. The owner
  /// has `receive` called there whenever the worker rings.
  func activate(_ report: @escaping @Sendable (LaneNews) -> Void) throws(ParallelError) {
    reading.withLock { self.report = report }
    try socket.activate { [self] in socketHasNews() }
    // It may have rung before anybody listened.
    receive()
  }

  /// On the reactor: the end of the lane. What was not sent is dropped.
  func close() {
    outgoing.withLock { outgoing in
      outgoing.isClosed = true
      outgoing.waiting = []
    }
    socket.close()
    reading.withLock {
      isReading = false
      // Its holder is in there.
      report = { _ in }
    }
  }

  /// Tells the worker that there will be nothing more; it ends when it has read what there is. What still waits for room
  /// may be lost: for workers that have answered everything, or whose answers do not count any more.
  func endSending() {
    memory.close()
    ringWorker()
    socket.endSending()
  }

  func ringWorker() { memory.requests.bell.ring {} }

  // MARK: Items

  var capacity: Int { ItemFates.capacity }

  func announce(_ sequence: UInt64) { fates.announce(sequence) }
  func announce(_ sequence: UInt64, tasks count: Int) {
    cursors.announce(sequence, tasks: count)
    fates.announce(sequence)
  }
  func begunTasks(of sequence: UInt64) -> Int { cursors.begun(of: sequence) }
  func shorten(_ sequence: UInt64, to count: Int) -> Int { cursors.shorten(sequence, to: count) }
  func withdraw(_ sequence: UInt64) -> Bool { fates.withdraw(sequence) }
  func hasBegun(_ sequence: UInt64) -> Bool { fates.state(of: sequence) != .pending }
  func hasFinished(_ sequence: UInt64) -> Bool { fates.state(of: sequence) == .done }
  func startOfRun(of sequence: UInt64) -> Deadline { fates.startOfRun(of: sequence) }
  func condemn(_ sequence: UInt64) -> Bool { canCondemn && fates.condemn(sequence) }
  func cancel(_ sequence: UInt64) { cancelItem(sequence) }
}
