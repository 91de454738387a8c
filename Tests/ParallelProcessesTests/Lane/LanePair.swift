import ParallelCore
import SystemPackage

@testable import ParallelProcesses

/// An outbox and a reader with a real socket between them.
final class LanePair {
  let (left, right): (FileDescriptor, FileDescriptor)
  var outbox = FrameOutbox()
  private var reader = FrameReader()
  private var isLeftOpen = true

  init() throws { (left, right) = try SystemCalls.socketPair() }

  deinit {
    closeLeft()
    SystemCalls.close(right)
  }

  func closeLeft() {
    if isLeftOpen { SystemCalls.close(left) }
    isLeftOpen = false
  }

  /// Reads once; what has come, and how the reading went.
  func receive() throws -> (frames: [Frame], progress: FrameReader.Progress) {
    let progress = try reader.receive(from: right)
    var frames: [Frame] = []
    while let frame = try reader.next() { frames.append(frame) }
    return (frames, progress)
  }

  /// Reads until there is nothing more for the moment.
  func receiveAll() throws -> [Frame] {
    var frames: [Frame] = []
    while true {
      let (more, progress) = try receive()
      frames += more
      if progress == .nothingYet || progress == .ended { return frames }
    }
  }

  /// Sends what is in the outbox and reads it, in turns where the socket gets full.
  func transfer() throws -> [Frame] {
    var frames: [Frame] = []
    while outbox.flush(to: left) == .socketIsFull { frames += try receiveAll() }
    return frames + (try receiveAll())
  }

  /// Sends raw bytes, as a corrupted worker would.
  func send(_ bytes: some Collection<UInt8>, _ descriptors: [FileDescriptor] = []) throws {
    let sent = try Array(bytes).withUnsafeBytes {
      try SystemCalls.send(
        left, head: $0, body: .init(start: nil, count: 0), descriptors: descriptors, blocking: false)
    }
    precondition(sent == bytes.count, "the test's message is too large for the socket")
  }
}

extension Frame {
  /// As it travels.
  var bytes: [UInt8] { FrameHeader(self).withBytes { Array($0) } + payload }

  /// Everything but the descriptors, to be compared.
  var summary: Summary {
    Summary(
      kind: kind, sequence: sequence, value: value, payload: Array(payload),
      descriptors: descriptors?.all.count ?? 0)
  }

  struct Summary: Equatable {
    var kind: Kind
    var sequence, value: UInt64
    var payload: [UInt8]
    var descriptors: Int
  }
}

/// A file that can be told from all others of this process, to count the descriptors that refer to it.
final class MarkedFile {
  private static let counter = Guarded(0)
  let descriptor: FileDescriptor
  private let name: String

  init() throws {
    let number = Self.counter.withLock { count in
      count += 1
      return count
    }
    name = "memfd:marked-\(number)-"
    descriptor = try SystemCalls.createMemory(name: "marked-\(number)-", size: 1)
  }

  deinit { SystemCalls.close(descriptor) }

  /// How many descriptors of this process refer to it.
  var references: Int { openFiles().count { $0.contains(name) } }

  func refersHere(_ descriptor: FileDescriptor) -> Bool {
    target(of: "/proc/self/fd/\(descriptor.rawValue)")?.contains(name) ?? false
  }
}
