import Glibc
import ParallelCore
import SystemPackage

/// What was read from one pipe so far. Grows without being cleared first, in large pages once it is large.
struct OutputBuffer {
  private static let firstRead = 4 << 10
  /// More than a pipe holds.
  private static let largestRead = 1 << 20
  private static let largePipe = 1 << 20
  /// From here on a buffer grows fourfold, in memory that takes room only where it is used.
  private static let largeSize = 4 << 20

  private(set) var bytes: [UInt8] = []
  /// More came than the limit allows.
  private(set) var isOverfull = false
  private let limit: Int
  private var hasLargePipe = false

  init(limit: Int) { self.limit = limit }

  enum Reading: Equatable {
    /// So many bytes.
    case some(Int)
    case nothingYet, end
  }

  /// Reads once. Throws `ENOMEM` when there is no memory for more.
  mutating func read(_ pipe: FileDescriptor) throws(Errno) -> Reading {
    do throws(Errno) {
      let count = try bytes.count < limit ? readMore(pipe) : readOver(pipe)
      return count == 0 ? .end : .some(count)
    } catch .resourceTemporarilyUnavailable {
      return .nothingYet
    }
  }

  private mutating func readMore(_ pipe: FileDescriptor) throws(Errno) -> Int {
    let available = SystemCalls.availableBytes(pipe)
    // One who writes that much will write more, and then fewer and larger steps cost less.
    if available >= 64 << 10, !hasLargePipe {
      hasLargePipe = true
      // Above the user's limit it stays as it is.
      try? SystemCalls.setPipeSize(pipe, Self.largePipe)
    }
    let wanted = min(max(available, Self.firstRead), Self.largestRead, limit - bytes.count)
    let growth = try growth(for: wanted)
    var result = Result<Int, Errno>.success(0)
    bytes.append(addingCapacity: growth ?? wanted) { (span: inout OutputSpan<UInt8>) in
      span.withUnsafeMutableBufferPointer { buffer, count in
        let memory = UnsafeMutableRawBufferPointer(buffer)
        if growth != nil { SystemCalls.preferLargePages(memory) }
        result = Result { () throws(Errno) in
          try SystemCalls.read(pipe, into: UnsafeMutableRawBufferPointer(rebasing: memory[..<wanted]))
        }
        count = (try? result.get()) ?? 0
      }
    }
    return try result.get()
  }

  /// By how much the memory is to grow before so many bytes are read; nil where there is room.
  private func growth(for wanted: Int) throws(Errno) -> Int? {
    guard bytes.capacity - bytes.count < wanted else { return nil }
    let generous = bytes.count * (bytes.count < Self.largeSize ? 1 : 3)
    let growth = min(max(wanted, generous), limit - bytes.count)
    if Self.isThereMemory(bytes.count + growth) { return growth }
    guard Self.isThereMemory(bytes.count + wanted) else { throw .noMemory }
    return wanted
  }

  /// An array that can't grow ends the program; so the system is asked before.
  private static func isThereMemory(_ size: Int) -> Bool {
    guard size >= largeSize else { return true }
    guard let memory = try? SystemCalls.mapPrivate(size: size) else { return false }
    SystemCalls.unmap(memory)
    return true
  }

  private mutating func readOver(_ pipe: FileDescriptor) throws(Errno) -> Int {
    let count = try withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) {
      buffer throws(Errno) in
      try SystemCalls.read(pipe, into: buffer)
    }
    if count > 0 { isOverfull = true }
    return count
  }
}
