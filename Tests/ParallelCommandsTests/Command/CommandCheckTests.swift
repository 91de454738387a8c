import ParallelCommands
import SystemPackage
import Testing

/// What can be known to be wrong is said before anything is started.
@Suite struct CommandCheckTests {
  private static let mistakes: [(@Sendable (inout Command) -> Void, String)] = [
    ({ $0.program = "" }, "has no name"),
    ({ $0.program = "a\0b" }, "name of its program"),
    ({ $0.arguments = ["a", "b\0"] }, "argument 2"),
    ({ $0.environment = .inherited.setting("", to: "x") }, "“”"),
    ({ $0.environment = .inherited.setting("A=B", to: "x") }, "“A=B”"),
    ({ $0.environment = .inherited.setting("A\0", to: "x") }, "variable"),
    ({ $0.environment = .empty.setting("A", to: "x\0") }, "“A”"),
    ({ $0.output = .sameAsOutput }, "name the place"),
    ({ $0.descriptors = [2: .standardError] }, "number 2"),
    ({ $0.descriptors = [-1: .standardError] }, "number -1"),
    ({ $0.descriptors = [.max: .standardError] }, "number 2147483647"),
    ({ $0.descriptors = Dictionary(uniqueKeysWithValues: (3..<257).map { ($0, .standardError) }) }, "254"),
    ({ $0.niceness = 20 }, "not 20"),
    ({ $0.niceness = -21 }, "not -21"),
    ({ $0.processors = [] }, "at least one processor"),
    ({ $0.processors = [-1] }, "no processor -1"),
    ({ $0.resourceLimits = [.openFiles: .at(-1)] }, "open files"),
    ({ $0.resourceLimits = [.openFiles: ResourceLimit(soft: 9, hard: 8)] }, "open files"),
  ]

  @Test(arguments: mistakes.indices)
  func isSaid(index: Int) async throws {
    let (mistake, text) = Self.mistakes[index]
    var command = Command("true")
    mistake(&command)
    let error = try await commandError { try await command.run() }
    guard case .invalid = error.reason else {
      Issue.record("\(error)")
      return
    }
    #expect(error.description.contains(text), "\(error)")
    #expect(try await commandError { try command.spawn() }.kind == error.kind)
  }
}
