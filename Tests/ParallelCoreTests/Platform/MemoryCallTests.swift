import Glibc
import ParallelCore
import SystemPackage
import Testing

@Suite struct MemoryCallTests {
  @Test func memoryIsZeroedSharedAndWritable() throws {
    let memory = try SystemCalls.createMemory(name: "shared", size: 5_000)
    defer { SystemCalls.close(memory) }
    let first = try SystemCalls.map(memory, size: 5_000)
    let second = try SystemCalls.map(memory, size: 5_000)
    defer { [first, second].forEach(SystemCalls.unmap) }
    #expect(first.allSatisfy { $0 == 0 })
    first[4_999] = 7
    #expect(second[4_999] == 7)
  }

  @Test func itsSizeIsSealed() throws {
    let memory = try SystemCalls.createMemory(name: "sealed", size: 8_192)
    defer { SystemCalls.close(memory) }
    for size in [0, 4_096, 16_384] {
      #expect(ftruncate(memory.rawValue, size) == -1)
      #expect(Errno(rawValue: errno) == .notPermitted)
    }
    var information = stat()
    #expect(fstat(memory.rawValue, &information) == 0)
    #expect(information.st_size == 8_192)
    // Reserved, not merely promised.
    #expect(information.st_blocks * 512 >= 8_192)
  }

  @Test(arguments: [0, -1]) func anImpossibleSizeIsAnErrorAndLeavesNothing(size: Int) {
    let name = "impossible\(size)"
    #expect(throws: Errno.invalidArgument) { try SystemCalls.createMemory(name: name, size: size) }
    #expect(OpenFiles.count(containing: name) == 0)
  }

  @Test func privateMemoryIsZeroedAndWritable() throws {
    let memory = try SystemCalls.mapPrivate(size: 1)
    #expect(memory[0] == 0)
    memory[0] = 1
    #expect(memory[0] == 1)
    SystemCalls.unmap(memory)
    #expect(throws: Errno.invalidArgument) { try SystemCalls.mapPrivate(size: 0) }
  }

  #if DEBUG
    @Test(arguments: [SystemCalls.Name.createMemory, .allocate, .seal])
    func aFailureHalfWayClosesTheDescriptor(call: SystemCalls.Name) throws {
      let name = "half-way-\(call)"
      FaultInjection.inject(.noSpace, into: call) {
        _ = #expect(throws: Errno.noSpace) { try SystemCalls.createMemory(name: name, size: 64) }
      }
      #expect(OpenFiles.count(containing: name) == 0)
      let memory = try SystemCalls.createMemory(name: name, size: 64)
      #expect(OpenFiles.count(containing: name) == 1)
      SystemCalls.close(memory)
    }
  #endif
}
