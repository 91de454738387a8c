import Glibc
import Testing

@testable import ParallelProcesses

@Suite struct WorkerEnvironmentTests {
  /// By name; fails where one comes twice.
  private func variables(_ environment: WorkerEnvironment) -> [String: String] {
    var found: [String: String] = [:]
    for variable in environment.variables(workerShare: 3) {
      let text = String(decoding: variable, as: UTF8.self)
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      #expect(parts.count == 2)
      #expect(found.updateValue(parts[1], forKey: parts[0]) == nil, "\(parts[0]) comes twice")
    }
    return found
  }

  private func own(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  @Test func aWorkerInheritsAll() {
    let found = variables(.inherited)
    #expect(found["PATH"] == own("PATH"))
    #expect(found["SWIFT_PARALLEL_ROLE"] == "worker")
    #expect(found["SWIFT_BACKTRACE"]?.contains("output-to=stderr") == true)
  }

  @Test func onlyWhatIsAllowed() {
    let found = variables(.only(["PATH", "NO_SUCH_VARIABLE"]))
    #expect(Set(found.keys) == ["PATH", "PARALLEL_WORKERS", "SWIFT_PARALLEL_ROLE", "SWIFT_BACKTRACE"])
    #expect(Set(variables(.only([])).keys) == ["PARALLEL_WORKERS", "SWIFT_PARALLEL_ROLE", "SWIFT_BACKTRACE"])
  }

  @Test func changesComeOnTop() {
    let found = variables(
      .only([]).setting("A", to: "1").setting("A", to: "x=y").setting("EMPTY", to: "").setting(
        "PATH", to: "/p"))
    #expect(found["A"] == "x=y")
    #expect(found["EMPTY"] == "")
    #expect(found["PATH"] == "/p")
    #expect(variables(.inherited.setting("PATH", to: "/p"))["PATH"] == "/p")
  }

  @Test func theSizeOfPoolsWithinIsThePoolsToSetOrTheUsers() {
    #expect(variables(.only([]))["PARALLEL_WORKERS"] == "3")
    #expect(variables(.inherited.setting("PARALLEL_WORKERS", to: "7"))["PARALLEL_WORKERS"] == "7")
  }

  @Test func theRoleIsNotTheUsersToSet() {
    #expect(variables(.inherited.setting("SWIFT_PARALLEL_ROLE", to: "x"))["SWIFT_PARALLEL_ROLE"] == "worker")
  }

  @Test func theUsersBacktraceOptionsComeLastAndAreVisible() {
    let environment = WorkerEnvironment.only([]).setting("SWIFT_BACKTRACE", to: "enable=no")
    #expect(variables(environment)["SWIFT_BACKTRACE"]?.hasSuffix(",enable=no") == true)
    #expect(environment.visibleBacktraceVariable == "enable=no")
    #expect(WorkerEnvironment.only([]).visibleBacktraceVariable == nil)
    #expect(WorkerEnvironment.inherited.visibleBacktraceVariable == own("SWIFT_BACKTRACE"))
  }

  @Test(arguments: [("", "x"), ("A=B", "x"), ("A\0", "x"), ("A", "x\0y")])
  func whatNoEnvironmentHoldsIsFound(name: String, value: String) {
    #expect(WorkerEnvironment.inherited.setting(name, to: value).invalidName == name)
    #expect(WorkerEnvironment.inherited.setting("B", to: "ok").invalidName == nil)
  }
}
