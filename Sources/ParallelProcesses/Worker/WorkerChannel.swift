import DequeModule
import ParallelCore
import SystemPackage

/// The worker's end of its lane. Only the lane thread touches it.
final class WorkerChannel {
  private let socket: FileDescriptor
  private var reader = FrameReader()
  private var inbox: Deque<Frame> = []
  /// No more will come: the parent has closed its end, or what it sends makes no sense.
  private(set) var isAtEnd = false

  /// Owns `socket` from here on.
  init(closing socket: FileDescriptor) { self.socket = socket }

  /// The next message that is here already.
  func takeFrame() -> Frame? { inbox.popFirst() }

  var hasFrames: Bool { !inbox.isEmpty }

  /// Reads what has arrived, without waiting.
  func receive() {
    do {
      while !isAtEnd {
        let progress = try reader.receive(from: socket)
        while let frame = try reader.next() { inbox.append(frame) }
        switch progress {
        case .received: break
        case .receivedAll, .nothingYet: return
        case .ended: isAtEnd = true
        }
      }
    } catch {
      isAtEnd = true
    }
  }

  /// Sends a message; waits while the parent is slow to read.
  func send(_ frame: Frame) {
    FrameHeader(frame).withBytes { header in
      frame.payload.withUnsafeBytes { payload in
        var sent = 0
        while sent < header.count + payload.count {
          let head = UnsafeRawBufferPointer(rebasing: header[min(sent, header.count)...])
          let body = UnsafeRawBufferPointer(rebasing: payload[max(0, sent - header.count)...])
          do throws(Errno) {
            sent += try SystemCalls.send(
              socket, head: head, body: body, descriptors: sent == 0 ? frame.descriptors?.all ?? [] : [],
              blocking: true)
          } catch {
            if error.isShortage {
              SystemCalls.pause(milliseconds: 10)
              continue
            }
            // The parent has gone, and this process with it.
            isAtEnd = true
            return
          }
        }
      }
    }
  }

  var descriptor: FileDescriptor { socket }

  deinit { SystemCalls.close(socket) }
}
