import Glibc
import ParallelCommands
import SystemPackage
import Testing

/// What the new process is given besides its streams.
@Suite struct CommandGrantTests {
  @Test func nicenessLimitsMaskAndPrivileges() async throws {
    var command = sh("nice; ulimit -n; umask; grep NoNewPrivs /proc/$$/status | tr -dc 0-9")
    command.niceness = 5
    command.resourceLimits = [.openFiles: .at(123)]
    command.fileModeMask = FilePermissions(rawValue: 0o027)
    command.allowsNewPrivileges = false
    #expect(try await command.capture().checked().lines == ["5", "123", "0027", "1"])
  }

  @Test func processors() async throws {
    var command = sh("grep Cpus_allowed_list /proc/$$/status | tr -d '[:alpha:]_:[:blank:]'")
    command.processors = [0]
    #expect(try await command.capture().checked().lines == ["0"])
    command.processors = [1_000]
    guard case .refused(_, .invalidArgument) = try await commandError({ try await command.run() }).reason
    else {
      Issue.record("not the right error")
      return
    }
  }

  @Test func aGroupOfItsOwn() async throws {
    var command = sh("cut -d' ' -f1,5 /proc/$$/stat")
    let inherited = try await command.capture().checked().lines[0].split(separator: " ")
    #expect(inherited[1] == "\(getpgrp())")
    command.leadsProcessGroup = true
    let own = try await command.capture().checked().lines[0].split(separator: " ")
    #expect(own[0] == own[1])
  }

  @Test func signalsAreAtTheirDefaultsAndNotBlocked() async throws {
    // Also those that this process ignores or blocks.
    let before = Glibc.signal(SIGPIPE, SIG_IGN)
    defer { _ = Glibc.signal(SIGPIPE, before) }
    let result = try await sh("grep -E 'Sig(Blk|Ign):' /proc/$$/status | tr -dc '1-9a-f'").capture().checked()
    #expect(!result.text.contains { "123456789".contains($0) }, "\(result.text)")
  }

  @Test func aLimitThatIsTooSmallToStart() async throws {
    var command = Command("true")
    command.resourceLimits = [.addressSpace: .at(4096)]
    let error = try? await command.run()
    // The kernel kills the program while it loads it, or refuses.
    #expect(error != .exited(0))
  }
}
