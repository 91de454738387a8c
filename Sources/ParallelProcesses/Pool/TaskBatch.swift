import ParallelCore

/// Tasks of one type that travel together, each encoded by itself, so that they can be told apart again: after a crash,
/// or when another worker is to run a part of them.
final class TaskBatch: Sendable {
  /// One record a task: its length in four bytes, then the encoded task.
  private let records: [UInt8]
  /// Where each record begins, and the end.
  private let bounds: [Int]

  fileprivate init(records: [UInt8], bounds: [Int]) {
    self.records = records
    self.bounds = bounds
  }

  var count: Int { bounds.count - 1 }

  /// The records of some tasks.
  func records(of tasks: Range<Int>) -> ArraySlice<UInt8> {
    records[bounds[tasks.lowerBound]..<bounds[tasks.upperBound]]
  }

  /// One task as it travels alone.
  func task(_ index: Int) -> ArraySlice<UInt8> {
    records[bounds[index] + TaskBatchWriter.prefixSize..<bounds[index + 1]]
  }
}

/// Collects the tasks of a batch.
final class TaskBatchWriter {
  enum Result {
    case added
    /// Only what was added before has room.
    case full
    /// It is too large, or has descriptors: it has to travel alone.
    case alone(OutgoingMessage)
  }

  static let prefixSize = 4
  /// Larger tasks gain nothing from company.
  private static let largestTask = 2 * 1024
  private static let capacity = 16 * 1024

  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
  private var bounds = [0]

  deinit { buffer.deallocate() }

  var count: Int { bounds.count - 1 }

  /// Encodes a task behind those before. Throws what keeps it from being encoded.
  func add(_ task: some WorkerTask) throws -> Result {
    try MessageEncoder().withEncoded(task) { message in
      guard message.byteCount <= Self.largestTask, message.descriptors.isEmpty else {
        return .alone(OutgoingMessage(message))
      }
      let start = bounds[bounds.count - 1]
      let end = start + Self.prefixSize + message.byteCount
      guard end <= buffer.count, count < BatchCursors.mostTasks else { return .full }
      buffer.storeBytes(of: UInt32(message.byteCount), toByteOffset: start, as: UInt32.self)
      message.write(to: UnsafeMutableRawBufferPointer(rebasing: buffer[(start + Self.prefixSize)...]))
      bounds.append(end)
      return .added
    }
  }

  /// Takes what was added.
  func takeBatch() -> TaskBatch {
    let records = [UInt8](UnsafeRawBufferPointer(rebasing: buffer[..<bounds[bounds.count - 1]]))
    defer {
      bounds.removeAll(keepingCapacity: true)
      bounds.append(0)
    }
    return TaskBatch(records: records, bounds: bounds)
  }
}

/// Reads the tasks of a batch one after the other, as they have arrived.
struct TaskBatchReader {
  private let records: ArraySlice<UInt8>
  private var position: Int

  init(_ records: ArraySlice<UInt8>) {
    self.records = records
    position = records.startIndex
  }

  /// Nil where there is no whole record.
  mutating func next() -> ArraySlice<UInt8>? {
    let start = position + TaskBatchWriter.prefixSize
    guard start <= records.endIndex else { return nil }
    let length = records[position..<start].withUnsafeBytes { Int($0.loadUnaligned(as: UInt32.self)) }
    guard length <= records.endIndex - start else { return nil }
    position = start + length
    return records[start..<position]
  }
}
