import ParallelCore
import SystemPackage

/// A lane over a connected stream socket.
///
/// Three parties touch it. Submitters post and flush, under the outbox's lock. The reactor alone reads (`reader` is
/// its), and alone closes the socket, so nobody ever reads or writes a descriptor that has got its number.
final class StreamLane: WorkerLane, @unchecked Sendable {
  // Sendable: `reader` and `report` are touched on the reactor only, everything else is immutable or locked.

  private struct Outgoing {
    var outbox = FrameOutbox()
    var waitsForRoom = false
    var isClosed = false
    var registration: Registration?
  }

  /// How often one event may read before others get their turn.
  private static let receivesPerEvent = 16

  private let socket: FileDescriptor
  private let fates: ItemFates
  private let outgoing = Guarded(Outgoing())
  private var reader = FrameReader()
  private var report: (LaneNews) -> Void = { _ in }

  /// Owns `socket` from here on.
  init(closing socket: FileDescriptor, fates: ItemFates) {
    self.socket = socket
    self.fates = fates
  }

  /// Starts to read; `report` is called on the reactor.
  func activate(_ report: @escaping @Sendable (LaneNews) -> Void) throws(ParallelError) {
    self.report = report
    let registration = try Reactor.shared.register(socket, for: .readable) { [self] in becameReady($0) }
    outgoing.withLock { outgoing in
      outgoing.registration = registration
      if outgoing.waitsForRoom { registration.change(to: [.readable, .writable]) }
    }
  }

  /// On the reactor: the end of the lane. What was not sent is dropped.
  func close() {
    // Whoever listens holds this lane: without this line neither would ever go.
    report = { _ in }
    outgoing.withLock { outgoing in
      guard !outgoing.isClosed else { return }
      outgoing.isClosed = true
      outgoing.registration?.cancel()
      outgoing.registration = nil
      outgoing.outbox.discard()
      SystemCalls.close(socket)
    }
  }

  // MARK: Out

  var capacity: Int { ItemFates.capacity }

  func post(_ frame: Frame) {
    outgoing.withLock { outgoing in
      if outgoing.isClosed {
        frame.descriptors.forEach(SystemCalls.close)
      } else {
        outgoing.outbox.append(frame)
      }
    }
  }

  func flush() {
    outgoing.withLock { outgoing in
      guard !outgoing.isClosed, !outgoing.outbox.isEmpty else { return }
      // A broken socket is not an event of its own: the end of the worker is, and the reactor sees it.
      let waits = outgoing.outbox.flush(to: socket) == .socketIsFull
      guard waits != outgoing.waitsForRoom else { return }
      outgoing.waitsForRoom = waits
      outgoing.registration?.change(to: waits ? [.readable, .writable] : .readable)
    }
  }

  // MARK: Items

  func announce(_ sequence: UInt64) { fates.announce(sequence) }
  func withdraw(_ sequence: UInt64) -> Bool { fates.withdraw(sequence) }
  func hasBegun(_ sequence: UInt64) -> Bool { fates.state(of: sequence) != .pending }

  // MARK: In

  private func becameReady(_ readiness: SystemCalls.Readiness) {
    if readiness.contains(.writable) { flush() }
    if !readiness.isDisjoint(with: [.readable, .hungUp, .failed]) { receive(upTo: Self.receivesPerEvent) }
  }

  /// On the reactor: reads and reports what has arrived, to the last byte.
  func drain() { receive(upTo: .max) }

  private func receive(upTo limit: Int) {
    var frames: [Frame] = []
    var ending: LaneNews?
    var receives = 0
    while ending == nil, receives < limit {
      receives += 1
      do {
        let progress = try reader.receive(from: socket)
        while let frame = try reader.next() { frames.append(frame) }
        if progress == .nothingYet { break }
        if progress == .ended { ending = .ended }
      } catch {
        ending = .malformed(error as? MalformedFrame ?? MalformedFrame("the lane failed: \(error)"))
      }
    }
    if !frames.isEmpty { report(.frames(frames)) }
    if let ending {
      stopReading()
      report(ending)
    }
  }

  private func stopReading() {
    outgoing.withLock { outgoing in
      outgoing.registration?.cancel()
      outgoing.registration = nil
    }
  }
}
