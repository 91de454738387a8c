import ParallelCommands
import Testing

@Suite struct CommandDescriptionTests {
  @Test(arguments: [
    (["a", "b.c", "--x=1", "/p/q"], "a b.c --x=1 /p/q"),
    (["two words"], "'two words'"),
    ([""], "''"),
    (["it's"], #"'it'\''s'"#),
    (["*", "$HOME", "a;b", "é"], "'*' '$HOME' 'a;b' 'é'"),
    (["\n"], "'\n'"),
  ])
  func looksAsOneWouldTypeIt(arguments: [String], text: String) {
    #expect(Command("p", arguments).description == "p " + text)
  }

  @Test func aShellReadsItBack() async throws {
    let arguments = ["two words", "", "it's", "'", "*", "$HOME", "a\\b", "\n", "\"", "é"]
    let command = Command("printf", ["%s\\0"] + arguments)
    let result = try await sh(command.description).capture().checked()
    #expect(result.output == Array(arguments.map { $0 + "\0" }.joined().utf8))
  }
}
