import Glibc
import ParallelCore
import SystemPackage
import Testing

@Suite(.serialized) struct SpawnErrorTests {
  private func expectFailure(
    _ plan: SpawnPlan, _ step: SpawnError.Step, _ errno: Errno,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    do {
      let child = try plan.spawn()
      Issue.record("it was started", sourceLocation: sourceLocation)
      _ = child.waitForEnd()
    } catch {
      #expect(error.step == step, sourceLocation: sourceLocation)
      #expect(error.errno == errno, sourceLocation: sourceLocation)
      #expect(error.publicError.code == .system, sourceLocation: sourceLocation)
      #expect(error.publicError.underlying as? Errno == errno, sourceLocation: sourceLocation)
    }
  }

  private static let missing = SpawnPlan(path: "/nowhere/program", arguments: [[]], environment: [])

  @Test func aProgramThatIsNotThere() {
    expectFailure(Self.missing, .exec, .noSuchFileOrDirectory)
    expectFailure(SpawnPlan(path: "", arguments: [[]], environment: []), .exec, .noSuchFileOrDirectory)
  }

  @Test func aProgramThatIsNone() throws {
    expectFailure(SpawnPlan(path: "/etc/passwd", arguments: [[]], environment: []), .exec, .permissionDenied)
    expectFailure(SpawnPlan(path: "/usr", arguments: [[]], environment: []), .exec, .permissionDenied)
    // Executable, but of no format that the kernel knows.
    let memory = try SystemCalls.createMemory(name: "no-program", size: 100)
    defer { SystemCalls.close(memory) }
    fchmod(memory.rawValue, 0o700)
    let path = FilePath("/proc/\(getpid())/fd/\(memory.rawValue)")
    expectFailure(SpawnPlan(path: path, arguments: [[]], environment: []), .exec, Errno(rawValue: ENOEXEC))
  }

  @Test func argumentsThatAreTooLong() {
    var plan = SpawnPlan.shell(":")
    plan.arguments.append([UInt8](repeating: 120, count: 1 << 20))
    expectFailure(plan, .exec, Errno(rawValue: E2BIG))
  }

  @Test(arguments: [
    (FilePath("/nowhere"), Errno.noSuchFileOrDirectory), ("/etc/passwd", .notDirectory),
    ("", .noSuchFileOrDirectory),
  ]) func aFolderThatIsNone(folder: FilePath, errno: Errno) {
    var plan = SpawnPlan.shell(":")
    plan.workingDirectory = folder
    expectFailure(plan, .workingDirectory, errno)
  }

  @Test func descriptorsThatCannotBePlaced() {
    var plan = SpawnPlan.shell(":")
    plan.descriptors = [3: FileDescriptor(rawValue: -1)]
    expectFailure(plan, .descriptors, .badFileDescriptor)
    plan.descriptors = [3: FileDescriptor(rawValue: 1 << 24)]
    expectFailure(plan, .descriptors, .badFileDescriptor)
    plan.descriptors = [1 << 24: .standardInput]
    expectFailure(plan, .descriptors, .invalidArgument)
    plan.descriptors = [-1: .standardInput]
    expectFailure(plan, .descriptors, .badFileDescriptor)
    plan.descriptors = [-7: .standardInput]
    expectFailure(plan, .descriptors, .invalidArgument)
  }

  @Test func moreDescriptorsThanAPlanHolds() {
    var plan = SpawnPlan.shell(":")
    for number in 0...256 as ClosedRange<Int32> { plan.descriptors[number] = .standardInput }
    expectFailure(plan, .clone, Errno(rawValue: E2BIG))
  }

  @Test func failuresLeaveNothingBehind() throws {
    let pidfds = OpenFiles.count(containing: "[pidfd]")
    for _ in 0..<1_000 { #expect(throws: SpawnError.self) { try Self.missing.spawn() } }
    // Other tests have a few children of their own meanwhile.
    #expect(OpenFiles.count(containing: "[pidfd]") < pidfds + 300)
    #expect(zombies() < 300)
  }

  /// Children of this process that have ended and were not reaped.
  private func zombies() -> Int {
    guard let folder = opendir("/proc") else { return .max }
    defer { closedir(folder) }
    var count = 0
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) }
      guard Int32(name) != nil, let file = try? FileDescriptor.open("/proc/\(name)/stat", .readOnly) else {
        continue
      }
      defer { SystemCalls.close(file) }
      let text = String(decoding: (try? readToEnd(file)) ?? [], as: UTF8.self)
      if let rest = text.split(separator: ")").last, rest.hasPrefix(" Z \(getpid()) ") { count += 1 }
    }
    return count
  }
}
