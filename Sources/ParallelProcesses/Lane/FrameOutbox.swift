import DequeModule
import ParallelCore
import SystemPackage

/// Frames on their way out. Small ones share a chunk, so that one system call sends many; a large payload is sent from
/// where it lies.
///
/// Not safe by itself: whoever holds it holds a lock.
struct FrameOutbox {
  enum Progress {
    case everythingSent
    /// Go on when the socket has room.
    case socketIsFull
    /// The system is short of something; go on a little later.
    case systemIsBusy
    /// The other end is gone; what was not sent is dropped.
    case broken
  }

  private struct Chunk {
    var bytes: [UInt8]
    /// Go with the first byte.
    var descriptors: PassedDescriptors?
    /// Its descriptor, too.
    var memory: SealedMemory?

    var allDescriptors: [FileDescriptor] { (memory?.descriptor).map { [$0] } ?? descriptors?.all ?? [] }
  }

  private static let sharedChunkLimit = 64 * 1024

  private var chunks: Deque<Chunk> = []
  /// How much of the first chunk has been sent.
  private var sent = 0

  var isEmpty: Bool { chunks.isEmpty }

  mutating func append(_ frame: Frame) {
    let isShareable = frame.payload.count <= Self.sharedChunkLimit / 4
    FrameHeader(frame).withBytes { header in
      if frame.descriptors == nil, frame.memory == nil, let last = chunks.indices.last,
        chunks[last].bytes.count < Self.sharedChunkLimit
      {
        chunks[last].bytes.append(contentsOf: header)
      } else {
        chunks.append(Chunk(bytes: Array(header), descriptors: frame.descriptors, memory: frame.memory))
      }
    }
    if isShareable {
      chunks[chunks.count - 1].bytes.append(contentsOf: frame.payload)
    } else {
      chunks.append(Chunk(bytes: Array(frame.payload)))
    }
  }

  /// Sends as much as the socket takes without blocking.
  mutating func flush(to socket: FileDescriptor) -> Progress {
    while let chunk = chunks.first {
      do throws(Errno) {
        sent += try chunk.bytes.span.bytes.withUnsafeBytes { bytes throws(Errno) in
          try SystemCalls.send(
            socket, head: UnsafeRawBufferPointer(rebasing: bytes[sent...]), body: .init(start: nil, count: 0),
            descriptors: sent == 0 ? chunk.allDescriptors : [], blocking: false)
        }
      } catch {
        if error == .wouldBlock { return .socketIsFull }
        if error.isShortage { return .systemIsBusy }
        discard()
        return .broken
      }
      if sent == chunk.bytes.count {
        sent = 0
        chunks.removeFirst()
      }
    }
    return .everythingSent
  }

  /// Drops what was not sent.
  mutating func discard() {
    chunks = []
    sent = 0
  }
}

extension Errno {
  /// Whether the call may work a little later: no memory for the message, or too many descriptors under way.
  var isShortage: Bool {
    switch self {
    case .noBufferSpace, .noMemory, .tooManyReferences: true
    default: false
    }
  }
}
