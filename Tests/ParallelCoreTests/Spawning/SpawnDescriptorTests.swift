import Glibc
import ParallelCore
import SystemPackage
import TestSupport
import Testing

/// A child has exactly the descriptors that its plan names, at their numbers.
@Suite struct SpawnDescriptorTests {
  /// What the child of a plan with these descriptors finds; its standard output is needed to say so.
  private func inChild(_ descriptors: [Int32: FileDescriptor]) throws -> [Int32: String] {
    var plan = SpawnPlan.shell(descriptorListing)
    plan.descriptors = descriptors
    var found = parseDescriptorListing(try plan.lines())
    #expect(found.removeValue(forKey: 1)?.hasPrefix("pipe:") == true)
    return found
  }

  private func expect(_ descriptors: [Int32: FileDescriptor]) throws {
    let targets = descriptors.compactMapValues(OpenFiles.target)
    #expect(targets.count == descriptors.count)
    #expect(try inChild(descriptors) == targets)
  }

  private func withEvents(_ count: Int, _ body: ([FileDescriptor]) throws -> Void) throws {
    // Each with a name of its own, so that one that is at the wrong place shows.
    let files = try (0..<count).map { try SystemCalls.createMemory(name: "placed-\($0)", size: 1) }
    defer { files.forEach(SystemCalls.close) }
    try body(files)
  }

  @Test func noneButStandardOutput() throws { try expect([:]) }

  @Test func gapsStayClosed() throws {
    try withEvents(3) { try expect([3: $0[0], 17: $0[1], 200: $0[2]]) }
  }

  @Test func sourcesThatAreOthersTargets() throws {
    try withEvents(3) { files in
      try expect([files[0].rawValue: files[1], files[1].rawValue: files[0]])
      try expect([
        files[0].rawValue: files[1], files[1].rawValue: files[2], files[2].rawValue: files[0],
      ])
      try expect([files[0].rawValue: files[0]])
    }
  }

  @Test func oneSourceAtManyNumbers() throws {
    try withEvents(1) { files in try expect([0: files[0], 2: files[0], 5: files[0], 9: files[0]]) }
  }

  @Test func standardDescriptorsAsSources() throws {
    try expect([0: .standardInput, 2: .standardError])
    try expect([5: .standardInput, 6: .standardOutput, 7: .standardError])
    try expect([0: .standardError, 2: .standardInput])
  }

  @Test func asManyAsAPlanHolds() throws {
    try withEvents(1) { files in
      var descriptors: [Int32: FileDescriptor] = [:]
      for number in 2..<257 as Range<Int32> { descriptors[number] = files[0] }
      try expect(descriptors)
    }
  }

  @Test func descriptorsThatAreNotClosedOnExecAreClosedAllTheSame() throws {
    let careless = try FileDescriptor.pipe()
    defer {
      SystemCalls.close(careless.readEnd)
      SystemCalls.close(careless.writeEnd)
    }
    try expect([:])
  }

  @Test func theParentKeepsItsOwn() throws {
    try withEvents(2) { files in
      let before = files.map(OpenFiles.target)
      _ = try inChild([files[0].rawValue: files[1], files[1].rawValue: files[0]])
      #expect(files.map(OpenFiles.target) == before)
      for file in files { #expect(fcntl(file.rawValue, F_GETFD) & FD_CLOEXEC != 0) }
    }
  }

  @Test func nothingLeaksFromManyThreadsAtOnce() throws {
    let children = max(8, rounds(release: 400)) / 2
    let isOver = Guarded(false)
    let churn = try NativeThread.start(name: "churn") {
      var opened: [FileDescriptor] = []
      while !isOver.withLock({ $0 }) {
        // Without close-on-exec, as other libraries open them.
        for _ in 0..<50 where opened.count < 2_000 {
          if let ends = try? FileDescriptor.pipe() { opened += [ends.readEnd, ends.writeEnd] }
        }
        if opened.count >= 2_000 {
          opened.forEach(SystemCalls.close)
          opened = []
        }
      }
      opened.forEach(SystemCalls.close)
    }
    try onThreads(8) { _ throws in
      for _ in 0..<children { #expect(try inChild([:]) == [:]) }
    }
    isOver.withLock { $0 = true }
    churn.join()
  }
}
