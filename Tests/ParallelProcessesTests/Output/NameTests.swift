import Glibc
import ParallelCore
import Testing

@testable import ParallelProcesses

@Suite struct NameTests {
  private struct Private { struct Inner {} }
  enum Generic<T> { struct Inner {} }

  @Test func typesAreNamedAsAPersonWroteThem() {
    struct Local {}
    #expect(readableName(of: Int.self) == "Swift.Int")
    #expect(readableName(of: [String: Int].self) == "Swift.Dictionary<Swift.String, Swift.Int>")
    #expect(readableName(of: Private.self) == "ParallelProcessesTests.NameTests.Private")
    #expect(readableName(of: Private.Inner.self) == "ParallelProcessesTests.NameTests.Private.Inner")
    #expect(!readableName(of: Local.self).contains("$"))
    #expect(readableName(of: Local.self).hasSuffix("Local"))
    let twice = readableName(of: Generic<(Private, Private.Inner)>.Inner.self)
    #expect(!twice.contains("unknown context"), "\(twice)")
    #expect(twice.contains("Private.Inner"), "\(twice)")
  }

  @Test func signalsAreNamedAsInTheManual() {
    #expect(signalName(SIGILL) == "SIGILL")
    #expect(signalName(SIGKILL) == "SIGKILL")
    #expect(signalName(SIGSYS) == "SIGSYS")
    #expect(signalName(40) == "signal 40")
    #expect(signalName(0) == "signal 0")
    #expect(signalName(-1) == "signal -1")
  }
}
