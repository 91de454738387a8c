import ParallelCore
import SystemPackage
import Testing

@testable import ParallelProcesses

@Suite struct FrameDescriptorTests {
  private func frame(_ sequence: UInt64, size: Int = 3, _ file: MarkedFile, count: Int) throws -> Frame {
    Frame(
      kind: .run, sequence: sequence, payload: Array(repeating: 7, count: size),
      descriptors: try .duplicating(Array(repeating: file.descriptor, count: count)))
  }

  @Test(arguments: [0, 1, 64], [0, 3, 100_000]) func arriveWithTheirFrame(count: Int, size: Int) throws {
    let file = try MarkedFile()
    let lane = try LanePair()
    lane.outbox.append(try frame(1, size: size, file, count: count))
    #expect(file.references == 1 + count)
    do {
      let received = try lane.transfer()
      #expect(received.map { $0.descriptors?.all.count ?? 0 } == [count])
      withExtendedLifetime(received) {
        #expect(received[0].descriptors?.all.allSatisfy(file.refersHere) ?? true)
        // The sender's are closed, the receiver's are there.
        #expect(file.references == 1 + count)
      }
    }
    #expect(file.references == 1)
  }

  @Test func eachFrameGetsItsOwn() throws {
    let files = try (0..<3).map { _ in try MarkedFile() }
    let lane = try LanePair()
    // Frames with and without, small and large, in one stream.
    for (index, (file, count)) in [(0, 2), (1, 0), (2, 1), (0, 0), (1, 5), (2, 3)].enumerated() {
      lane.outbox.append(try frame(UInt64(index), size: index % 2 * 50_000, files[file], count: count))
    }
    let received = try lane.transfer()
    #expect(received.map { $0.descriptors?.all.count ?? 0 } == [2, 0, 1, 0, 5, 3])
    #expect(received.map(\.sequence) == [0, 1, 2, 3, 4, 5])
    withExtendedLifetime(received) {
      for (index, file) in [(0, 0), (2, 2), (4, 1), (5, 2)] {
        #expect(received[index].descriptors?.all.allSatisfy(files[file].refersHere) == true)
      }
    }
  }

  @Test func whatWasTakenIsNotClosed() throws {
    let file = try MarkedFile()
    let taken = try PassedDescriptors.duplicating([file.descriptor])?.take() ?? []
    #expect(file.references == 2)
    taken.forEach(SystemCalls.close)
    #expect(try PassedDescriptors.duplicating([]) == nil)
    #expect(throws: Errno.badFileDescriptor) {
      _ = try PassedDescriptors.duplicating([file.descriptor, FileDescriptor(rawValue: -1)])
    }
    #expect(file.references == 1)
  }

  @Test func aBrokenSocketClosesWhatWasNotSent() throws {
    let file = try MarkedFile()
    let (left, right) = try SystemCalls.socketPair()
    defer { SystemCalls.close(left) }
    var outbox = FrameOutbox()
    for number in 0..<3 as Range<UInt64> { outbox.append(try frame(number, file, count: 2)) }
    SystemCalls.close(right)
    #expect(file.references == 7)
    #expect(outbox.flush(to: left) == .broken)
    #expect(outbox.isEmpty)
    #expect(file.references == 1)
    #expect(outbox.flush(to: left) == .everythingSent)
  }

  @Test func discardingClosesThem() throws {
    let file = try MarkedFile()
    var outbox = FrameOutbox()
    outbox.append(try frame(1, file, count: 3))
    outbox.discard()
    #expect(outbox.isEmpty)
    #expect(file.references == 1)
  }

  @Test func unclaimedOnesAreRefusedAndClosed() throws {
    let file = try MarkedFile()
    do {
      let lane = try LanePair()
      try lane.send([1], Array(repeating: file.descriptor, count: 64))
      let nothing = try lane.receiveAll()
      #expect(nothing.isEmpty)
      try lane.send([2], [file.descriptor])
      #expect(throws: MalformedFrame.self) { try lane.receiveAll() }
    }
    #expect(file.references == 1)
  }

  @Test func thoseOfAFrameThatNeverCameCompletelyAreClosed() throws {
    let file = try MarkedFile()
    do {
      let lane = try LanePair()
      var bytes = Frame(kind: .run, payload: [1, 2, 3]).bytes
      bytes[5] = 2
      try lane.send(bytes.dropLast(), [file.descriptor, file.descriptor])
      let nothing = try lane.receiveAll()
      #expect(nothing.isEmpty)
      #expect(file.references == 3)
    }
    #expect(file.references == 1)
  }
}
