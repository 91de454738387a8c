/// Bytes under construction, with large or unfinished parts kept beside them until the message is assembled.
///
/// A piece is either a large block (an array, a string) that is copied once, straight to where the message goes,
/// or the buffer of a nested container, whose size is not known while its siblings are being written.
final class ByteBuffer {
  struct Piece {
    /// How many of the buffer's own bytes come before the piece.
    var offset: Int
    var content: Content
  }

  enum Content {
    case block(Block)
    case buffer(ByteBuffer)
  }

  /// Calls its argument with the bytes of a block, which stay as they are meanwhile.
  typealias Block = ((UnsafeRawBufferPointer) -> Void) -> Void

  /// A state to go back to when an element can't be encoded.
  struct Mark {
    var count: Int
    var pieceByteCount: Int
    var pieceCount: Int
  }

  // A message is coded by one thread, and no access to these members calls out while it lasts: so they go
  // without the exclusivity checks at run time, which took a tenth of the time of a small message.
  @exclusivity(unchecked) private(set) var base: UnsafeMutableRawPointer
  @exclusivity(unchecked) private(set) var count = 0
  @exclusivity(unchecked) private var capacity: Int
  @exclusivity(unchecked) private(set) var pieces: [Piece] = []
  /// The bytes of all blocks and all finished nested buffers.
  @exclusivity(unchecked) private(set) var pieceByteCount = 0

  /// Blocks from this size on are not copied before the message is assembled.
  static let blockThreshold = 16_384
  /// A buffer keeps this much memory for its next use.
  private static let mostKept = 65_536

  init(capacity: Int) {
    base = .allocate(byteCount: capacity, alignment: 16)
    self.capacity = capacity
  }

  deinit { base.deallocate() }

  /// The size this buffer adds to the message, pieces included.
  var totalCount: Int { count + pieceByteCount }

  var mark: Mark { Mark(count: count, pieceByteCount: pieceByteCount, pieceCount: pieces.count) }

  func rewind(to mark: Mark) {
    count = mark.count
    pieceByteCount = mark.pieceByteCount
    if pieces.count > mark.pieceCount { pieces.removeSubrange(mark.pieceCount...) }
  }

  /// Room for `size` bytes at the end; the caller fills them.
  @inline(__always)
  func extend(by size: Int) -> UnsafeMutableRawPointer {
    if capacity - count < size { grow(by: size) }
    let start = base + count
    count += size
    return start
  }

  @inline(never)
  private func grow(by size: Int) {
    let larger = max(capacity * 2, count + size)
    let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
    moved.copyMemory(from: base, byteCount: count)
    base.deallocate()
    base = moved
    capacity = larger
  }
}

// MARK: - Pieces

extension ByteBuffer {
  /// Adds a block of so many bytes, which lends them when the message is assembled.
  func addBlock(byteCount: Int, lend: @escaping Block) {
    pieces.append(Piece(offset: count, content: .block(lend)))
    pieceByteCount += byteCount
  }

  /// Reserves the place of a nested buffer that is still being written.
  func addBuffer(_ buffer: ByteBuffer) {
    pieces.append(Piece(offset: count, content: .buffer(buffer)))
  }

  /// Counts a nested buffer that will not change any more. If it is small and nothing came after it, its bytes
  /// move here, which is the case of every enum with associated values; the result is true if it is free again.
  func settle(_ buffer: ByteBuffer) -> Bool {
    if let last = pieces.last, case .buffer(let tail) = last.content, tail === buffer, last.offset == count,
      buffer.pieces.isEmpty, buffer.count <= 1024
    {
      pieces.removeLast()
      extend(by: buffer.count).copyMemory(from: buffer.base, byteCount: buffer.count)
      return true
    }
    pieceByteCount += buffer.totalCount
    return false
  }

  /// Makes the buffer empty for its next use, and gives up memory that only an unusual message needs.
  @inline(__always)
  func removeAll() {
    count = 0
    pieceByteCount = 0
    if !pieces.isEmpty { pieces.removeAll(keepingCapacity: pieces.count <= 64) }
    if capacity > Self.mostKept { shrink() }
  }

  /// The buffer's content, if it has no pieces.
  var contiguousBytes: UnsafeRawBufferPointer? {
    pieces.isEmpty ? UnsafeRawBufferPointer(start: base, count: count) : nil
  }

  /// Forgets what comes after the first bytes of a buffer without pieces.
  func truncate(to byteCount: Int) { count = byteCount }

  @inline(never)
  private func shrink() {
    base.deallocate()
    base = .allocate(byteCount: 256, alignment: 16)
    capacity = 256
  }

  /// Writes everything to `target`, which has room for `totalCount` bytes.
  func copy(to target: UnsafeMutableRawPointer) {
    var target = target
    forEachPart { part in
      target.copyMemory(from: part.baseAddress.unsafelyUnwrapped, byteCount: part.count)
      target += part.count
    }
  }

  /// Calls `body` with one part of the whole after the other; none is empty.
  func forEachPart(_ body: (UnsafeRawBufferPointer) -> Void) {
    var done = 0
    for piece in pieces {
      lend(from: done, to: piece.offset, body)
      done = piece.offset
      switch piece.content {
      case .block(let lend): lend(body)
      case .buffer(let buffer): buffer.forEachPart(body)
      }
    }
    lend(from: done, to: count, body)
  }

  private func lend(from start: Int, to end: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
    if start < end { body(UnsafeRawBufferPointer(start: base + start, count: end - start)) }
  }
}
