internal import SystemPackage

/// Writes pieces to a file, one behind the other, in few calls: small ones are gathered, large ones go from where they
/// lie.
///
/// After a failure it writes nothing more; `finish` throws it.
struct PieceWriter: ~Copyable {
  private static let room = 65_536

  private let file: FileDescriptor
  private let gathered = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 16)
  private var count = 0
  private var failure: Errno?

  init(_ file: FileDescriptor) { self.file = file }

  deinit { gathered.deallocate() }

  mutating func write(_ piece: UnsafeRawBufferPointer) {
    if piece.count > gathered.count - count { flush() }
    if piece.count > gathered.count { return put(piece) }
    UnsafeMutableRawBufferPointer(rebasing: gathered[count...]).copyMemory(from: piece)
    count += piece.count
  }

  consuming func finish() throws(Errno) {
    flush()
    if let failure { throw failure }
  }

  private mutating func flush() {
    put(UnsafeRawBufferPointer(rebasing: gathered[..<count]))
    count = 0
  }

  private mutating func put(_ bytes: UnsafeRawBufferPointer) {
    guard failure == nil else { return }
    do throws(Errno) { try SystemCalls.writeAll(file, bytes) } catch { failure = error }
  }
}
