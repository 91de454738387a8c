import ParallelCore
import SystemPackage

/// Cuts the bytes of a lane into frames.
///
/// Small frames are taken from a buffer that one system call fills with many; a large payload is received where it will
/// stay. Owns the descriptors that have arrived until their frame is handed out.
struct FrameReader: ~Copyable {
  enum Progress {
    /// There may be more.
    case received
    /// There was something, and for the moment no more.
    case receivedAll
    case nothingYet
    case ended
  }

  private static let bufferSize = 64 * 1024
  /// A length that is only claimed is not allocated beyond this before its bytes arrive.
  private static let unprovenAllocation = 256 << 20

  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 16)
  private var start = 0
  private var end = 0
  private var large: LargePayload?
  private var descriptors: [FileDescriptor] = []

  private struct LargePayload {
    var header: FrameHeader
    var bytes: [UInt8]
    var filled: Int
  }

  /// Receives what one call gives.
  mutating func receive(from socket: FileDescriptor) throws(Errno) -> Progress {
    do throws(Errno) {
      let (count, room) = try large == nil ? receiveIntoBuffer(socket) : receiveIntoPayload(socket)
      return count == 0 ? .ended : count < room ? .receivedAll : .received
    } catch .wouldBlock {
      return .nothingYet
    } catch .connectionReset {
      return .ended
    }
  }

  private mutating func receiveIntoBuffer(_ socket: FileDescriptor) throws(Errno) -> (Int, Int) {
    if start > 0 {
      let rest = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
      buffer.baseAddress!.copyMemory(from: rest.baseAddress!, byteCount: rest.count)
      (start, end) = (0, rest.count)
    }
    let room = UnsafeMutableRawBufferPointer(rebasing: buffer[end...])
    let count = try SystemCalls.receive(socket, into: room, descriptors: &descriptors, blocking: false)
    end += count
    return (count, room.count)
  }

  private mutating func receiveIntoPayload(_ socket: FileDescriptor) throws(Errno) -> (Int, Int) {
    var payload = large.take()!
    defer { large = payload }
    if payload.filled == payload.bytes.count {
      let more = min(payload.bytes.count, payload.header.length - payload.bytes.count)
      payload.bytes.append(contentsOf: repeatElement(0, count: more))
    }
    let filled = payload.filled
    var span = payload.bytes.mutableSpan
    let count = try span.withUnsafeMutableBytes { bytes throws(Errno) in
      let room = UnsafeMutableRawBufferPointer(rebasing: bytes[filled...])
      return try SystemCalls.receive(socket, into: room, descriptors: &descriptors, blocking: false)
    }
    payload.filled += count
    return (count, payload.bytes.count - filled)
  }

  /// The next frame that has arrived completely, or nil.
  mutating func next() throws(MalformedFrame) -> Frame? {
    if let frame = try cutFrame() { return frame }
    try checkUnclaimedDescriptors()
    return nil
  }

  private mutating func cutFrame() throws(MalformedFrame) -> Frame? {
    if let payload = large {
      guard payload.filled == payload.header.length else { return nil }
      large = nil
      return try frame(payload.header, payload.bytes)
    }
    guard end - start >= FrameHeader.size else { return nil }
    let header = try FrameHeader(
      bytes: UnsafeRawBufferPointer(rebasing: buffer[start..<start + FrameHeader.size]))
    guard header.kind != .overSocket else {
      throw MalformedFrame("a message that stands for another came by socket")
    }
    if header.isInMemory {
      start += FrameHeader.size
      return try frame(inMemory: header)
    }
    let payloadStart = start + FrameHeader.size
    if payloadStart + header.length <= end {
      start = payloadStart + header.length
      return try frame(header, [UInt8](buffer[payloadStart..<start]))
    }
    if header.length > Self.bufferSize / 2 { beginLarge(header, from: payloadStart) }
    return nil
  }

  private mutating func beginLarge(_ header: FrameHeader, from payloadStart: Int) {
    let here = UnsafeRawBufferPointer(rebasing: buffer[payloadStart..<end])
    let size = min(header.length, Self.unprovenAllocation)
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { room, count in
      // The bytes after `here` are not read before `receiveIntoPayload` has written them: `filled` says how far.
      UnsafeMutableRawBufferPointer(room).copyMemory(from: here)
      count = size
    }
    large = LargePayload(header: header, bytes: bytes, filled: here.count)
    (start, end) = (0, 0)
  }

  private mutating func frame(inMemory header: FrameHeader) throws(MalformedFrame) -> Frame {
    guard header.descriptorCount == 1, !descriptors.isEmpty else {
      throw MalformedFrame("a payload in memory came without its descriptor")
    }
    do {
      let memory = try SealedMemory(receiving: descriptors.removeFirst(), count: header.length)
      return Frame(kind: header.kind, sequence: header.sequence, value: header.value, memory: memory)
    } catch {
      throw MalformedFrame("the memory of a payload can't be used: \(error)")
    }
  }

  private mutating func frame(_ header: FrameHeader, _ payload: [UInt8]) throws(MalformedFrame) -> Frame {
    guard header.descriptorCount <= descriptors.count else {
      throw MalformedFrame("\(header.descriptorCount) descriptors are announced, \(descriptors.count) came")
    }
    let own = Array(descriptors.prefix(header.descriptorCount))
    descriptors.removeFirst(header.descriptorCount)
    return Frame(
      kind: header.kind, sequence: header.sequence, value: header.value, payload: payload,
      descriptors: .owning(own))
  }

  /// Between frames at most the next one's descriptors are here. More would pile up unclaimed.
  private func checkUnclaimedDescriptors() throws(MalformedFrame) {
    guard descriptors.count <= SystemCalls.maxPassedDescriptors else {
      throw MalformedFrame("\(descriptors.count) descriptors came that belong to no message")
    }
  }

  /// More than the message that was announced last and the next one can have brought.
  var isFullOfUnclaimedDescriptors: Bool { descriptors.count > 2 * SystemCalls.maxPassedDescriptors }

  deinit {
    buffer.deallocate()
    descriptors.forEach(SystemCalls.close)
  }
}
