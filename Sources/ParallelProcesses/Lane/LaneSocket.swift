import ParallelCore
import SystemPackage

/// The parent's end of the socket beside the rings: for messages that are large or carry descriptors.
///
/// Three parties touch it. Submitters append and flush, under its lock. Whoever reads the lane receives (`reader` is
/// theirs). The reactor alone closes the socket, so nobody ever reads or writes a descriptor that has got its number.
final class LaneSocket: @unchecked Sendable {
  // Sendable: `reader` and `isOpenForReading` are touched by the lane's one reader at a time; all else is immutable or
  // locked.

  enum Received {
    case frame(Frame)
    /// A part of a message has come, and there may be more.
    case part
    case nothingYet
    case ended
  }

  private struct Outgoing {
    var outbox = FrameOutbox()
    var waitsForRoom = false
    var hasTimer = false
    var isClosed = false
    var registration: Registration?
  }

  private static let shortagePause: Duration = .milliseconds(10)

  private let socket: FileDescriptor
  private let outgoing = Guarded(Outgoing())
  private var reader = FrameReader()

  /// Owns `socket` from here on.
  init(closing socket: FileDescriptor) { self.socket = socket }

  /// On the reactor: has `onReadable` called there when something has come, or the worker has closed its end.
  func activate(onReadable: @escaping @Sendable () -> Void) throws(ParallelError) {
    let registration = try Reactor.shared.register(socket, for: .readable) { [self] readiness in
      if readiness.contains(.writable) { flush() }
      if !readiness.isDisjoint(with: [.readable, .hungUp, .failed]) { onReadable() }
    }
    outgoing.withLock { outgoing in
      outgoing.registration = registration
      if outgoing.waitsForRoom { registration.change(to: [.readable, .writable]) }
    }
  }

  /// On the reactor: what was not sent is dropped.
  func close() {
    outgoing.withLock { outgoing in
      guard !outgoing.isClosed else { return }
      outgoing.isClosed = true
      outgoing.registration?.cancel()
      outgoing.registration = nil
      outgoing.outbox.discard()
      SystemCalls.close(socket)
    }
  }

  /// Ends the stream to the worker, which sees that and ends the other direction in its turn.
  func endSending() {
    outgoing.withLock { outgoing in
      if !outgoing.isClosed { SystemCalls.endSending(socket) }
    }
  }

  /// This worker gets nothing any more; its end of the stream is the event that tells the pool.
  func endStream() {
    outgoing.withLock { outgoing in
      if !outgoing.isClosed { SystemCalls.endStream(socket) }
    }
  }

  /// On the reactor: there is nothing more to be read.
  func stopReading() {
    outgoing.withLock { outgoing in
      outgoing.registration?.cancel()
      outgoing.registration = nil
    }
  }

  // MARK: Out

  func append(_ frame: Frame) {
    outgoing.withLock { outgoing in
      if !outgoing.isClosed { outgoing.outbox.append(frame) }
    }
  }

  /// Sends as much as goes without blocking; the rest follows by itself.
  func flush() {
    outgoing.withLock { outgoing in
      guard !outgoing.isClosed, !outgoing.outbox.isEmpty else { return }
      switch outgoing.outbox.flush(to: socket) {
      case .everythingSent: wait(forRoom: false, &outgoing)
      case .socketIsFull: wait(forRoom: true, &outgoing)
      case .systemIsBusy:
        wait(forRoom: false, &outgoing)
        flushLater(&outgoing)
      case .broken: SystemCalls.endStream(socket)
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

  // MARK: In

  /// The lane's reader: the next message, if it has come completely, after one look at the socket at most.
  func receive() throws -> Received {
    if let frame = try reader.next() { return .frame(frame) }
    switch try reader.receive(from: socket) {
    case .received, .receivedAll: return try reader.next().map(Received.frame) ?? .part
    case .nothingYet: return .nothingYet
    case .ended: return .ended
    }
  }

  /// The lane's reader, when it expects nothing: true if the worker has closed its end. What has come stays with the
  /// reader, for the ring's record that announces it.
  func hasEnded() -> Bool {
    // So reads also a reader that is full of what nobody has announced, bytes or descriptors.
    ((try? reader.receive(from: socket)) ?? .ended) == .ended || reader.isFullOfUnclaimedDescriptors
  }
}
