import Glibc
import ParallelCommands
import ParallelCore
import SystemPackage
import TestSupport
import Testing

/// In programs that have closed their own standard streams.
@Suite struct ClosedStreamTests {
  @Test(arguments: [[], [0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]])
  func nothingTakesTheirPlaces(closed: [Int32]) async throws {
    let log = try TemporaryFolder()
    let path: String = log.path.appending("problem").string
    await #expect(processExitsWith: .success) { [closed, path = path as String] in
      await ClosedStreamTests.run(closing: closed, log: FilePath(path))
    }
    if let problem = contents(of: FilePath(path)) { Issue.record("\(problem)") }
  }

  private static func run(closing closed: [Int32], log: FilePath) async {
    func require(_ condition: Bool, _ message: @autoclosure () -> String) {
      if condition { return }
      let file = try? FileDescriptor.open(log, .writeOnly, options: .create, permissions: .ownerReadWrite)
      _ = try? file?.writeAll(message().utf8)
      exit(1)
    }
    // Dispatch opens a descriptor with the first timer of each clock, and takes any number: so before they are closed.
    let timers = [
      Task { try? await Task.sleep(for: .seconds(3600), clock: .continuous) },
      Task { try? await Task.sleep(for: .seconds(3600), clock: .suspending) },
    ]
    defer { for timer in timers { timer.cancel() } }
    try? await eventually("both clocks have theirs") { openFiles().count { $0.contains("timerfd") } == 2 }
    for number in closed { close(number) }
    var command = sh("ls /proc/$$/fd; cat; echo err >&2")
    command.input = .text("in\n")
    do {
      let before = names(in: "/proc/self/fd").count
      let result = try await command.capture().checked()
      require(result.text == "0\n1\n2\nin\n" && result.errorText == "err\n", "\(result)")
      // What is inherited is as closed as it is here.
      let listing = try await sh(
        "for n in 0 1 2; do [ -e /proc/$$/fd/$n ] && open=$open$n; done; echo $open >&9"
      )
      .listing()
      require(listing == [0, 1, 2].filter { !closed.contains($0) }.map { "\($0)" }.joined(), "\(listing)")
      for number in closed { require(fcntl(number, F_GETFD) < 0, "\(number) is open") }
      require(names(in: "/proc/self/fd").count == before, "descriptors are left behind")
    } catch {
      require(false, "\(error)")
    }
  }
}

extension Command {
  /// What it writes to its descriptor 9.
  fileprivate func listing() async throws -> String {
    let file = try SystemCalls.createMemory(name: "listing", size: 4096)
    // Out of the way of the streams, whose numbers are free perhaps.
    let high = FileDescriptor(rawValue: fcntl(file.rawValue, F_DUPFD_CLOEXEC, 20))
    try file.close()
    defer { try? high.close() }
    var command = self
    command.descriptors[9] = high
    _ = try await command.run()
    lseek(high.rawValue, 0, SEEK_SET)
    // Behind what was written the memory is empty.
    return String(try text(from: high).prefix { $0 != "\0" && $0 != "\n" })
  }
}
