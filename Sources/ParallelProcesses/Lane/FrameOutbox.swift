import DequeModule
import ParallelCore
import SystemPackage

/// Frames on their way out. Small ones share a chunk, so that one system call sends many; a large payload is sent from
/// where it lies.
///
/// Not safe by itself: whoever holds it holds a lock.
struct FrameOutbox {
  enum Progress { case everythingSent, socketIsFull, broken }

  private struct Chunk {
    var bytes: [UInt8]
    /// Go with the first byte; closed once sent.
    var descriptors: [FileDescriptor] = []
  }

  private static let sharedChunkLimit = 64 * 1024

  private var chunks: Deque<Chunk> = []
  /// How much of the first chunk has been sent.
  private var sent = 0

  var isEmpty: Bool { chunks.isEmpty }

  /// Appends a frame; the outbox owns its descriptors from here on.
  mutating func append(_ frame: Frame) {
    let isShareable = frame.payload.count <= Self.sharedChunkLimit / 4
    FrameHeader(frame).withBytes { header in
      if frame.descriptors.isEmpty, let last = chunks.indices.last,
        chunks[last].bytes.count < Self.sharedChunkLimit
      {
        chunks[last].bytes.append(contentsOf: header)
      } else {
        chunks.append(Chunk(bytes: Array(header), descriptors: frame.descriptors))
      }
    }
    if isShareable {
      chunks[chunks.count - 1].bytes.append(contentsOf: frame.payload)
    } else {
      chunks.append(Chunk(bytes: frame.payload))
    }
  }

  /// Sends as much as the socket takes without blocking.
  mutating func flush(to socket: FileDescriptor) -> Progress {
    while let chunk = chunks.first {
      do throws(Errno) {
        sent += try chunk.bytes.span.bytes.withUnsafeBytes { bytes throws(Errno) in
          try SystemCalls.send(
            socket, head: UnsafeRawBufferPointer(rebasing: bytes[sent...]), body: .init(start: nil, count: 0),
            descriptors: sent == 0 ? chunk.descriptors : [], blocking: false)
        }
      } catch .wouldBlock {
        return .socketIsFull
      } catch {
        discard()
        return .broken
      }
      if sent == chunk.bytes.count {
        sent = 0
        chunks.removeFirst().descriptors.forEach(SystemCalls.close)
      }
    }
    return .everythingSent
  }

  /// Drops what was not sent and closes its descriptors.
  mutating func discard() {
    while let chunk = chunks.popFirst() { chunk.descriptors.forEach(SystemCalls.close) }
    sent = 0
  }
}
