import ParallelCore
import SystemPackage

@testable import ParallelProcesses

/// Both ends of a lane in one process, connected as those of a pool's thread are; the worker's end is the test's to play.
final class LaneEnds: Sendable {
  let memory: LaneMemory
  let lane: RingLane
  /// What the worker rings, and the reactor waits for.
  let doorbell: FileDescriptor
  /// The worker's end of the socket.
  let socket: FileDescriptor
  private let registration = Guarded<Registration?>(nil)
  private let received = Guarded(Received())

  struct Received {
    var frames: [Frame] = []
    var hasEnded = false
    var malformed: MalformedFrame?
  }

  init() throws {
    try Reactor.shared.start()
    memory = LaneMemory(unmapping: try SystemCalls.mapPrivate(size: LaneMemory.size))
    doorbell = try SystemCalls.createEvent()
    let (own, other) = try SystemCalls.socketPair()
    socket = other
    lane = RingLane(memory, closing: own)
  }

  deinit {
    SystemCalls.close(doorbell)
    SystemCalls.close(socket)
  }

  /// What the parent's end has reported so far.
  var news: Received { received.withLock { $0 } }

  /// Notes what is reported, without the reactor: the test calls `receive` itself.
  func listen() { lane.report = { [received] news in received.withLock { $0.note(news) } } }

  /// Reads as a pool does, on the reactor.
  func activate() {
    Reactor.shared.perform { [self] in
      let heard = try? Reactor.shared.register(doorbell, for: .readable) { [self] _ in
        SystemCalls.silence(doorbell)
        lane.receive()
      }
      registration.withLock { $0 = heard }
      try? lane.activate { [received] news in received.withLock { $0.note(news) } }
    }
  }

  /// The worker's end, for the thread that plays the worker.
  func channel() throws -> WorkerChannel {
    WorkerChannel(memory, closing: try SystemCalls.duplicate(socket), try SystemCalls.duplicate(doorbell))
  }

  /// Returns when the reactor has closed the parent's end.
  func close() async {
    await withCheckedContinuation { closed in
      Reactor.shared.perform { [self] in
        registration.withLock { $0.take()?.cancel() }
        lane.close()
        closed.resume()
      }
    }
  }
}

extension LaneEnds.Received {
  mutating func note(_ news: LaneNews) {
    switch news {
    case .frames(let more): frames += more
    case .ended: hasEnded = true
    case .malformed(let error): malformed = error
    }
  }
}
