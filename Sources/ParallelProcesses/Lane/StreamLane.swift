import ParallelCore
import SystemPackage

/// A lane over a connected stream socket.
///
/// Three parties touch it. Submitters post and flush, under the outbox's lock. The reactor alone reads (`reader` is
/// its), and alone closes the socket, so nobody ever reads or writes a descriptor that has got its number.
final class StreamLane: WorkerLane, @unchecked Sendable {
  // Sendable: `reader`, `isReading` and `report` are touched on the reactor only, all else is immutable or locked.

  private struct Outgoing {
    var outbox = FrameOutbox()
    var waitsForRoom = false
    var hasTimer = false
    var isClosed = false
    var registration: Registration?
  }

  /// How often one event may read before others get their turn.
  private static let receivesPerEvent = 16
  /// How often `drain` may read: a worker that never stops sending must not capture the reactor.
  private static let receivesPerDrain = 4096
  private static let shortagePause: Duration = .milliseconds(10)

  private let socket: FileDescriptor
  private let fates: ItemFates
  private let canCondemn: Bool
  private let cancelItem: @Sendable (UInt64) -> Void
  private let outgoing = Guarded(Outgoing())
  private var reader = FrameReader()
  private var isReading = true
  private var report: (LaneNews) -> Void = { _ in }

  /// Owns `socket` from here on. `cancelItem` tells the worker, past the lane, that the item that it runs is no longer
  /// wanted; it may be called when the lane is closed. `canCondemn` is false for a worker that can't be killed.
  init(
    closing socket: FileDescriptor, fates: ItemFates, canCondemn: Bool = true,
    cancelItem: @escaping @Sendable (UInt64) -> Void = { _ in }
  ) {
    self.cancelItem = cancelItem
    self.socket = socket
    self.fates = fates
    self.canCondemn = canCondemn
  }

  /// On the reactor: starts to read; `report` is called there, too.
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
    outgoing.withLock { outgoing in
      guard !outgoing.isClosed else { return }
      outgoing.isClosed = true
      isReading = false
      outgoing.registration?.cancel()
      outgoing.registration = nil
      outgoing.outbox.discard()
      SystemCalls.close(socket)
    }
    // Its holder is in there.
    report = { _ in }
  }

  /// Ends the stream to the worker, which sees that and ends the other direction in its turn.
  func endSending() {
    outgoing.withLock { outgoing in
      if !outgoing.isClosed { SystemCalls.endSending(socket) }
    }
  }

  // MARK: Out

  var capacity: Int { ItemFates.capacity }

  func post(_ frame: Frame) {
    outgoing.withLock { outgoing in
      if !outgoing.isClosed { outgoing.outbox.append(frame) }
    }
  }

  func flush() {
    outgoing.withLock { outgoing in
      guard !outgoing.isClosed, !outgoing.outbox.isEmpty else { return }
      switch outgoing.outbox.flush(to: socket) {
      case .everythingSent: wait(forRoom: false, &outgoing)
      case .socketIsFull: wait(forRoom: true, &outgoing)
      case .systemIsBusy:
        wait(forRoom: false, &outgoing)
        flushLater(&outgoing)
      case .broken:
        // Whatever the cause, this worker gets nothing any more: its end is the event that tells the pool.
        SystemCalls.endStream(socket)
      }
    }
  }

  private func flushLater(_ outgoing: inout Outgoing) {
    guard !outgoing.hasTimer else { return }
    let later = Deadline(timeout: Self.shortagePause)
    let timer = try? Reactor.shared.schedule(at: later) { [weak self] in
      self?.outgoing.withLock { $0.hasTimer = false }
      self?.flush()
    }
    outgoing.hasTimer = timer != nil
  }

  private func wait(forRoom waits: Bool, _ outgoing: inout Outgoing) {
    guard waits != outgoing.waitsForRoom else { return }
    outgoing.waitsForRoom = waits
    outgoing.registration?.change(to: waits ? [.readable, .writable] : .readable)
  }

  // MARK: Items

  func announce(_ sequence: UInt64) { fates.announce(sequence) }
  func withdraw(_ sequence: UInt64) -> Bool { fates.withdraw(sequence) }
  func hasBegun(_ sequence: UInt64) -> Bool { fates.state(of: sequence) != .pending }
  func hasFinished(_ sequence: UInt64) -> Bool { fates.state(of: sequence) == .done }
  var startOfRun: Deadline { fates.startOfRun }
  func condemn(_ sequence: UInt64) -> Bool { canCondemn && fates.condemn(sequence) }

  func cancel(_ sequence: UInt64) { cancelItem(sequence) }

  // MARK: In

  private func becameReady(_ readiness: SystemCalls.Readiness) {
    if readiness.contains(.writable) { flush() }
    if !readiness.isDisjoint(with: [.readable, .hungUp, .failed]) { receive(upTo: Self.receivesPerEvent) }
  }

  /// On the reactor: reads and reports what has arrived, to the last byte.
  func drain() { receive(upTo: Self.receivesPerDrain) }

  private func receive(upTo limit: Int) {
    guard isReading else { return }
    let report = self.report
    var frames: [Frame] = []
    var ending: LaneNews?
    var receives = 0
    while ending == nil, receives < limit {
      receives += 1
      do {
        let progress = try reader.receive(from: socket)
        while let frame = try reader.next() { frames.append(frame) }
        if progress == .nothingYet || progress == .receivedAll && limit == Self.receivesPerEvent { break }
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
    isReading = false
    outgoing.withLock { outgoing in
      outgoing.registration?.cancel()
      outgoing.registration = nil
    }
  }
}
