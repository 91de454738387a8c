import Glibc
import ParallelCommands
import Testing

@Suite struct CommandEnvironmentTests {
  private func seen(_ environment: CommandEnvironment) async throws -> [String] {
    var command = Command("/usr/bin/env")
    command.environment = environment
    return try await command.capture().checked().lines.sorted()
  }

  @Test func isExactlyWhatIsAskedFor() async throws {
    #expect(try await seen(.empty) == [])
    #expect(try await seen(.empty.setting("A", to: "1")) == ["A=1"])
    #expect(try await seen(.empty.setting(["B": "", "A": "x=y z"])) == ["A=x=y z", "B="])
  }

  @Test func inheritedWithChanges() async throws {
    let own = try await seen(.inherited)
    #expect(own.contains { $0.hasPrefix("PATH=") })
    let path = try #require(own.first { $0.hasPrefix("PATH=") })
    let changed = try await seen(
      .inherited.setting("PATH", to: "/bin").setting("PARALLEL_NEW", to: "é").removing("HOME"))
    #expect(changed.contains("PATH=/bin") && !changed.contains(path) && changed.contains("PARALLEL_NEW=é"))
    #expect(!changed.contains { $0.hasPrefix("HOME=") })
  }

  @Test func theLastChangeCounts() async throws {
    #expect(try await seen(.empty.setting("A", to: "1").removing("A")) == [])
    #expect(try await seen(.empty.removing("A").setting("A", to: "2").setting("A", to: "3")) == ["A=3"])
  }
}
