import ParallelCore
import SystemPackage
import Testing

@testable import ParallelCommands

@Suite struct OutputBufferTests {
  @Test func tellsHowMuchItRead() throws {
    let (readEnd, writeEnd) = try SystemCalls.pipe()
    defer { SystemCalls.close(readEnd) }
    try SystemCalls.setNonBlocking(readEnd)
    var buffer = OutputBuffer(limit: 5)
    #expect(try buffer.read(readEnd) == .nothingYet)
    _ = try writeEnd.writeAll([1, 2, 3, 4, 5, 6, 7])
    #expect(try buffer.read(readEnd) == .some(5))
    #expect(!buffer.isOverfull)
    // Beyond the limit it is read, too, and counted, so that whoever reads on knows when to stop.
    #expect(try buffer.read(readEnd) == .some(2))
    #expect(buffer.bytes == [1, 2, 3, 4, 5] && buffer.isOverfull)
    SystemCalls.close(writeEnd)
    #expect(try buffer.read(readEnd) == .end)
  }
}
