import Glibc
import ParallelCommands
import ParallelCore
import SystemPackage
import TestSupport
import Testing

@Suite struct CommandStreamTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func path(_ name: String) -> FilePath { folder.path.appending(name) }

  // MARK: Input

  @Test(arguments: [0, 1, 65_536, 3_000_000])
  func bytesAsInput(count: Int) async throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var command = Command("cat")
    command.input = .bytes(bytes)
    #expect(try await command.capture().checked().output == bytes)
  }

  @Test func inputThatIsNotReadIsNoError() async throws {
    var command = Command("true")
    command.input = .bytes([UInt8](repeating: 1, count: 1 << 20))
    #expect(try await command.run() == .exited(0))
  }

  @Test func textFileNullAndDescriptorAsInput() async throws {
    var command = Command("cat")
    command.input = .text("é\n")
    #expect(try await command.capture().checked().text == "é\n")
    var writes = sh("printf file")
    writes.output = .file(path("in"))
    try await writes.check()
    command.input = .file(path("in"))
    #expect(try await command.capture().checked().text == "file")
    command.input = .null
    #expect(try await command.capture().checked().output.isEmpty)
    let (readEnd, writeEnd) = try FileDescriptor.pipe()
    _ = try writeEnd.writeAll("pipe".utf8)
    try writeEnd.close()
    command.input = .descriptor(readEnd)
    #expect(try await command.capture().checked().text == "pipe")
    try readEnd.close()
  }

  @Test func missingInput() async throws {
    var command = Command("cat")
    command.input = .file("/no/such/file")
    let error = try await commandError { try await command.run() }
    guard case .stream(_, .noSuchFileOrDirectory) = error.reason else {
      Issue.record("\(error)")
      return
    }
    #expect(error.description.contains("/no/such/file"))
    command.input = .descriptor(FileDescriptor(rawValue: 999_999))
    guard case .stream(_, .badFileDescriptor) = try await commandError({ try await command.run() }).reason
    else {
      Issue.record("not the right error")
      return
    }
  }

  // MARK: Output

  @Test func filesAreEmptiedOrContinued() async throws {
    var command = sh("echo $0$1; echo e$1 >&2", "1")
    command.output = .file(path("out"))
    command.errors = .file(path("err"))
    try await command.check()
    try await command.check()
    #expect(contents(of: path("out")) == "sh1\n" && contents(of: path("err")) == "e1\n")
    command.output = .file(path("out"), appending: true)
    try await command.check()
    #expect(contents(of: path("out")) == "sh1\nsh1\n")
  }

  @Test func errorsGoWhereTheOutputGoes() async throws {
    var command = sh("echo 1; echo 2 >&2; echo 3")
    command.errors = .sameAsOutput
    let result = try await command.capture().checked()
    #expect(result.text == "1\n2\n3\n" && result.errors.isEmpty)
    command.output = .file(path("both"))
    #expect(try await command.capture().checked().output.isEmpty)
    #expect(contents(of: path("both")) == "1\n2\n3\n")
  }

  @Test func whatIsSentElsewhereIsNotCaptured() async throws {
    var command = sh("echo out; echo err >&2")
    command.output = .null
    let result = try await command.capture().checked()
    #expect(result.text.isEmpty && result.errorText == "err\n")
    command.output = .inherited
    command.errors = .null
    #expect(try await command.capture().checked().text == "out\n")
  }

  @Test func anImpossibleOutputFile() async throws {
    var command = Command("true")
    command.output = .file("/no/such/folder/file")
    let error = try await commandError { try await command.run() }
    guard case .stream(_, .noSuchFileOrDirectory) = error.reason else {
      Issue.record("\(error)")
      return
    }
  }

  @Test func aFullDisk() async throws {
    var command = sh("echo lost")
    command.output = .file("/dev/full")
    #expect(try await command.run() != .exited(0))
  }

  // MARK: Descriptors

  @Test func onlyWhatIsNamedIsOpenInTheProcess() async throws {
    let leaky = try FileDescriptor.open("/dev/null", .readOnly)
    defer { try? leaky.close() }
    var command = sh("ls /proc/$$/fd")
    #expect(try await command.capture().checked().lines == ["0", "1", "2"])
    command.descriptors = [7: leaky, 3: leaky]
    #expect(try await command.capture().checked().lines == ["0", "1", "2", "3", "7"])
  }

  @Test func descriptorsMaySwapTheirNumbers() async throws {
    let (firstRead, firstWrite) = try FileDescriptor.pipe()
    let (secondRead, secondWrite) = try FileDescriptor.pipe()
    defer { for end in [firstRead, secondRead] { try? end.close() } }
    var command = sh(
      "echo a >/proc/self/fd/\(firstWrite.rawValue); echo b >/proc/self/fd/\(secondWrite.rawValue)")
    command.descriptors = [firstWrite.rawValue: secondWrite, secondWrite.rawValue: firstWrite]
    try await command.check()
    try firstWrite.close()
    try secondWrite.close()
    #expect(try text(from: firstRead) == "b\n" && text(from: secondRead) == "a\n")
  }

  @Test func standardStreamsMaySwap() async throws {
    let (readEnd, writeEnd) = try FileDescriptor.pipe()
    defer { try? readEnd.close() }
    var command = sh("echo out; echo err >&2")
    command.output = .descriptor(.standardError)
    command.errors = .descriptor(writeEnd)
    #expect(try await command.capture().checked().output.isEmpty)
    try writeEnd.close()
    #expect(try text(from: readEnd) == "err\n")
  }

  @Test func endsOfPipesDoNotLeakIntoOthers() async throws {
    // While one is captured, another that started at the same time must not hold its pipe: it would never end.
    let long = try Command("sleep", ["1000"]).spawn()
    defer { long.killTree() }
    for _ in 0..<20 {
      async let first = sh("echo 1").capture()
      async let second = sh("echo 2").capture()
      let other = try Command("sleep", ["1000"]).spawn()
      #expect(try await first.text == "1\n")
      #expect(try await second.text == "2\n")
      try other.kill()
      await #expect(throws: Never.self) { try await other.wait() }
    }
  }
}
