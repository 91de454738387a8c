import Glibc
import ParallelCommands
import SystemPackage
import TestSupport
import Testing

@Suite struct ProgramSearchTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func makeFile(_ name: String, _ text: String, mode: mode_t = 0o755) throws -> FilePath {
    let path = folder.path.appending(name)
    let file = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: .ownerReadWrite)
    try file.closeAfter { _ = try file.writeAll(text.utf8) }
    #expect(path.withPlatformString { chmod($0, mode) } == 0)
    return path
  }

  @Test func aNameIsLookedForInThePathOfTheNewProcess() async throws {
    _ = try makeFile("hello-there", "#!/bin/sh\necho found\n")
    var command = Command("hello-there")
    guard case .notFound(let folders) = try await commandError({ try await command.run() }).reason else {
      Issue.record("not the right error")
      return
    }
    #expect(!folders.isEmpty)
    command.environment = .inherited.setting("PATH", to: "/nowhere:\(folder.path)")
    #expect(try await command.capture().checked().text == "found\n")
  }

  @Test func withoutAPathTheSystemsFoldersAreSearched() async throws {
    var command = Command("true")
    command.environment = .empty
    #expect(try await command.run() == .exited(0))
  }

  @Test func anEmptyPathMeansThePresentFolder() async throws {
    var command = Command("no-such-program-at-all")
    command.environment = .empty.setting("PATH", to: "")
    guard case .notFound(let folders) = try await commandError({ try await command.run() }).reason else {
      Issue.record("not the right error")
      return
    }
    #expect(folders == ["."])
  }

  @Test func whatIsNoProgramIsPassedOverAndThenNamed() async throws {
    let path = try makeFile("plain", "text", mode: 0o644)
    var command = Command("plain")
    command.environment = .empty.setting("PATH", to: "\(folder.path)")
    let error = try await commandError { try await command.run() }
    guard case .notExecutable(path, .permissionDenied) = error.reason else {
      Issue.record("\(error)")
      return
    }
    let second = try TemporaryFolder()
    let program = second.path.appending("plain")
    let file = try FileDescriptor.open(
      program, .writeOnly, options: [.create], permissions: [.ownerReadWriteExecute])
    try file.closeAfter { _ = try file.writeAll("#!/bin/sh\nexit 7\n".utf8) }
    command.environment = .empty.setting("PATH", to: "\(folder.path):\(second.path)")
    #expect(try await command.run() == .exited(7))
  }

  @Test func aMissingFile() async throws {
    let error = try await commandError { try await Command("/no/such/file").run() }
    guard case .notFound(searched: []) = error.reason else {
      Issue.record("\(error)")
      return
    }
    #expect(error.description.contains("/no/such/file"))
  }

  @Test func aFolderIsNoProgram() async throws {
    let error = try await commandError { try await Command("/tmp").run() }
    guard case .notExecutable("/tmp", _) = error.reason else {
      Issue.record("\(error)")
      return
    }
  }

  @Test func aScriptWithoutItsInterpreter() async throws {
    let path = try makeFile("script", "#!/no/such/interpreter\n")
    let error = try await commandError { try await Command("\(path)").run() }
    guard case .notExecutable(path, .noSuchFileOrDirectory) = error.reason else {
      Issue.record("\(error)")
      return
    }
    #expect(error.description.contains("interpreter"))
  }

  @Test func aFileOfNoKnownFormat() async throws {
    let path = try makeFile("data", "no program")
    let error = try await commandError { try await Command("\(path)").run() }
    guard case .notExecutable(path, .execFormatError) = error.reason else {
      Issue.record("\(error)")
      return
    }
  }

  @Test func aRelativeFileStartsAtTheWorkingDirectory() async throws {
    _ = try makeFile("here", "#!/bin/sh\npwd\n")
    let command = Command("./here", in: folder.path)
    #expect(try await command.capture().checked().lines == ["\(folder.path)"])
    let missing = Command("./there", in: folder.path)
    guard case .notFound(searched: []) = try await commandError({ try await missing.run() }).reason else {
      Issue.record("not the right error")
      return
    }
  }

  @Test func aMissingWorkingDirectory() async throws {
    let error = try await commandError { try await Command("true", in: "/no/such/folder").run() }
    guard case .workingDirectory("/no/such/folder", .noSuchFileOrDirectory) = error.reason else {
      Issue.record("\(error)")
      return
    }
    let file = try makeFile("file", "")
    let other = try await commandError { try await Command("true", in: file).run() }
    guard case .workingDirectory(file, .notDirectory) = other.reason else {
      Issue.record("\(other)")
      return
    }
  }
}
