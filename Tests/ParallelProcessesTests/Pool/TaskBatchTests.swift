import Foundation
import ParallelCore
import SystemPackage
import TestSupport
import Testing

@testable import ParallelProcesses

@Suite struct TaskBatchTests {
  private struct Bytes: WorkerTask {
    var bytes: [UInt8]
    func run() -> Int { bytes.count }
  }

  private func tasks(in batch: ArraySlice<UInt8>) throws -> [Bytes] {
    var reader = TaskBatchReader(batch)
    var tasks: [Bytes] = []
    while let task = reader.next() { tasks.append(try MessageDecoder().decode(Bytes.self, from: task)) }
    return tasks
  }

  @Test func tasksComeOutAsTheyWentIn() throws {
    let writer = TaskBatchWriter()
    for count in 0..<50 {
      guard case .added = try writer.add(Bytes(bytes: Array(repeating: UInt8(count), count: count))) else {
        return #expect(Bool(false), "it has room")
      }
    }
    #expect(writer.count == 50)
    let batch = writer.takeBatch()
    #expect(batch.count == 50)
    #expect(writer.count == 0)
    #expect(try tasks(in: batch.records(of: 0..<50)).map(\.bytes.count) == Array(0..<50))
    #expect(
      try tasks(in: batch.records(of: 7..<9)).map(\.bytes) == [
        .init(repeating: 7, count: 7), .init(repeating: 8, count: 8),
      ])
    #expect(try MessageDecoder().decode(Bytes.self, from: batch.task(49)).bytes.count == 49)
  }

  @Test func aFullOneTakesNothingMore() throws {
    let writer = TaskBatchWriter()
    var count = 0
    while case .added = try writer.add(Bytes(bytes: Array(repeating: 1, count: 1000))) { count += 1 }
    #expect(count == writer.count && count > 10)
    #expect(writer.takeBatch().count == count)
    guard case .added = try writer.add(Bytes(bytes: [1])) else { return #expect(Bool(false), "it is empty") }
    #expect(try tasks(in: writer.takeBatch().records(of: 0..<1)).map(\.bytes) == [[1]])
  }

  @Test func whatIsLargeOrHasDescriptorsTravelsAlone() throws {
    let writer = TaskBatchWriter()
    guard case .alone(let message) = try writer.add(Bytes(bytes: Array(repeating: 1, count: 5000))) else {
      return #expect(Bool(false), "it is large")
    }
    #expect(try MessageDecoder().decode(Bytes.self, from: message.payload).bytes.count == 5000)
    guard case .alone(let other) = try writer.add(Hold(begun: Gate(), goOn: Gate())) else {
      return #expect(Bool(false), "it has descriptors")
    }
    #expect(other.descriptors.count > 0)
    other.closeDescriptors()
    #expect(writer.count == 0)
  }

  @Test func whatCannotBeEncodedLeavesNothingBehind() throws {
    struct Odd: WorkerTask {
      var number: Int
      func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if number < 0 { throw Marked(index: number) }
        try container.encode(number)
      }
      init(number: Int) { self.number = number }
      init(from decoder: any Decoder) throws {
        number = try decoder.singleValueContainer().decode(Int.self)
      }
      func run() -> Int { number }
    }
    let writer = TaskBatchWriter()
    _ = try writer.add(Odd(number: 1))
    #expect(throws: Marked.self) { try writer.add(Odd(number: -1)) }
    _ = try writer.add(Odd(number: 2))
    var reader = TaskBatchReader(writer.takeBatch().records(of: 0..<2))
    for number in 1...2 {
      guard let task = reader.next() else { return #expect(Bool(false), "a task is missing") }
      #expect(try MessageDecoder().decode(Odd.self, from: task).number == number)
    }
    let end = reader.next()
    #expect(end == nil)
  }

  /// Only what a task has scribbled over looks like that.
  @Test(arguments: [[], [1], [1, 0, 0], [1, 0, 0, 0], [255, 255, 255, 255, 1, 2, 3]] as [[UInt8]])
  func recordsThatAreNoneEndTheBatch(bytes: [UInt8]) {
    var reader = TaskBatchReader(([9, 9] + bytes)[2...])
    for _ in 0..<2 {
      let task = reader.next()
      #expect(task == nil)
    }
  }

  private struct Marked: Error { var index: Int }
}
