import Glibc
import Testing

@Suite struct ProgramTests {
  private let folder = ScratchFolder()

  @Test func aFolderIsCounted() async throws {
    var random = SeededRandom(state: 7)
    var all = ""
    for number in 0..<40 {
      let text = random.text(length: 500)
      try folder.write(text, to: "folder\(number % 3)/deep/file\(number)")
      all += text + "\n"
    }
    let expected = referenceCounts(all)
    let run = try await ProgramRun("--workers", "2", "--top", "100000", in: folder)
    #expect(run.status == 0)
    #expect(run.words == expected)
    #expect(run.total("files") == 40)
    #expect(run.total("words") == expected.values.reduce(0, +))
    #expect(run.total("distinct words") == expected.count)
    #expect(run.total("bytes") == all.utf8.count - 40)
    #expect(run.total("workers") == 2)
  }

  @Test func frequentWordsComeFirst() async throws {
    try folder.write("b a b c b a d", to: "file")
    let run = try await ProgramRun("--top", "3", in: folder)
    #expect(run.output.hasPrefix("3  b\n2  a\n1  c\n\nfiles"))
    let none = try await ProgramRun("--top", "0", in: folder)
    #expect(none.output.hasPrefix("files"))
    #expect(none.status == 0)
  }

  @Test func aCrashCostsOneFile() async throws {
    for number in 0..<30 {
      try folder.write("word", to: "folder/file\(number).\(number % 10 == 0 ? "bad" : "txt")")
    }
    let run = try await ProgramRun("--crash-on", "*.bad", "--workers", "2", in: folder)
    #expect(run.status == 1)
    #expect(run.words == ["word": 27])
    #expect(run.failures.count == 3)
    for number in [0, 10, 20] {
      let file = "folder/file\(number).bad"
      #expect(
        run.failures.contains {
          $0.contains(file + " ") && $0.hasSuffix("Fatal error: told to crash on \(file)")
        })
    }
  }

  @Test func crashesAreChosenByPathToo() async throws {
    try folder.write("one", to: "a/x")
    try folder.write("two", to: "b/x")
    let run = try await ProgramRun("--crash-on", "a/*", in: folder)
    #expect(run.status == 1)
    #expect(run.words == ["two": 1])
  }

  @Test func whatCannotBeReadIsReported() async throws {
    try folder.write("word", to: "file")
    // Not even root can read the memory at address zero.
    let run = try await ProgramRun("file", "/proc/self/mem", in: folder)
    #expect(run.status == 1)
    #expect(run.words == ["word": 1])
    #expect(run.failures.count == 1 && run.failures[0].contains("/proc/self/mem  "))
  }

  @Test(.enabled(if: geteuid() != 0, "root reads everything"))
  func filesAndFoldersWithoutPermissionAreReported() async throws {
    chmod(try folder.write("word", to: "secret"), 0)
    try folder.write("word", to: "closed/file")
    chmod(folder.path + "/closed", 0)
    defer { chmod(folder.path + "/closed", 0o700) }
    let run = try await ProgramRun(in: folder)
    #expect(run.status == 1)
    #expect(run.failures.count == 2)
  }

  @Test func whatIsNoTextIsSkipped() async throws {
    try folder.write("word", to: "text")
    try folder.write([1, 0, 2], to: "binary")
    try folder.write([0xFF, 0xFE], to: "latin")
    try folder.write("", to: "empty")
    let run = try await ProgramRun("--verbose", in: folder)
    #expect(run.status == 0)
    #expect(run.total("files") == 2)
    #expect(run.total("skipped, no text") == 2)
    #expect(run.output.contains("skipped  binary\nskipped  latin\n"))
  }

  @Test(.timeLimit(.minutes(5)))
  func oddEntriesAreNeitherFollowedNorRead() async throws {
    try folder.write("word", to: "folder.txt/file")
    try folder.write("word", to: ".hidden/file")
    try folder.write("word", to: ".build-x/file")
    #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
    #expect(symlink(".", folder.path + "/loop") == 0)
    #expect(symlink("nowhere", folder.path + "/dangling") == 0)
    let run = try await ProgramRun(in: folder)
    #expect(run.status == 0)
    #expect(run.words == ["word": 1])
    #expect(run.total("files") == 1)
  }

  @Test func aRootMayBeALinkOrHidden() async throws {
    try folder.write("word", to: ".hidden/file")
    #expect(symlink(".hidden", folder.path + "/link") == 0)
    let run = try await ProgramRun(".hidden", "link", in: folder)
    #expect(run.words == ["word": 2])
  }

  @Test func namesNeedNotBeText() async throws {
    folder.write("word", toName: [0x61, 0xFF])
    folder.write("word", toName: Array("line\nend".utf8))
    let run = try await ProgramRun("--crash-on", "line*", in: folder)
    #expect(run.words == ["word": 1])
    #expect(run.failures.count == 1 && run.failures[0].contains("line\\nend"))
  }

  @Test func anEmptyFolderHasNoWords() async throws {
    let run = try await ProgramRun(in: folder)
    #expect(run.status == 0)
    #expect(run.total("files") == 0 && run.total("words") == 0)
  }

  @Test(arguments: [
    ["--workers", "0"], ["--workers", "-1"], ["--workers", "many"], ["--workers", "1000000"],
    ["--top", "-1"],
    ["--top"], ["--no-such-option"], ["no-such-file"], ["/dev/null"], [""],
  ])
  func badArgumentsAreRefused(_ arguments: [String]) async throws {
    let run = try await ProgramRun(arguments, in: folder)
    #expect(run.status == 2)
    #expect(run.output.isEmpty)
    #expect(run.errors.hasPrefix("Error: "))
    #expect(run.errors.contains(arguments.last!))
  }

  @Test func aFullDiskIsAnError() async throws {
    try folder.write("word", to: "file")
    let run = try await ProgramRun([], in: folder, writingTo: "/dev/full")
    #expect(run.status == 1)
    #expect(run.errors.contains("the report could not be written"))
  }

  @Test func helpIsNoError() async throws {
    let run = try await ProgramRun("--help", in: folder)
    #expect(run.status == 0)
    #expect(run.output.contains("--crash-on <glob>"))
  }
}
