public import SystemPackage
public import ParallelCore

/// A program to be run, with everything about the new process.
///
/// ```swift
/// let log = try Command("git", ["log", "--oneline"], in: "/src").capture(timeout: .seconds(10)).checked().text
/// ```
///
/// A command is a value: it can be changed, kept and run as often as you like. No shell looks at it, so nothing in its
/// arguments needs quotes.
public struct Command: Sendable, Hashable {
  /// The program: a name that is looked for in the folders of `PATH`, or, with a slash in it, its file.
  ///
  /// The `PATH` is that of the new process's environment.
  public var program: String
  /// The arguments, without the program's name.
  public var arguments: [String]
  /// The environment variables that it sees.
  public var environment = CommandEnvironment.inherited
  /// The folder that it starts in; nil for this process's.
  public var workingDirectory: FilePath?
  /// What it reads.
  public var input = CommandInput.inherited
  /// Where its output goes.
  public var output = CommandOutput.inherited
  /// Where its errors go.
  public var errors = CommandOutput.inherited
  /// Further descriptors: the number that each gets in the new process, and what it is in this one. They stay open here.
  /// At most 253, with numbers from 3.
  public var descriptors: [Int32: FileDescriptor] = [:]
  /// Whether it leads a process group of its own: then a terminal's Ctrl-C does not reach it, and it can't read from the
  /// terminal.
  public var leadsProcessGroup = false
  /// How willingly it leaves the processor to others, from -20 to 19; nil for the same as the calling thread.
  public var niceness: Int?
  /// The processors that it may run on; nil for those of the calling thread.
  public var processors: Set<Int>?
  /// The limits that differ from this process's.
  public var resourceLimits: [LimitedResource: ResourceLimit] = [:]
  /// The permissions that its new files do not get; nil for this process's.
  public var fileModeMask: FilePermissions?
  /// Whether it, and what it starts, may gain privileges, as programs with the set-user-id bit do.
  public var allowsNewPrivileges = true

  /// Creates a command. Nothing is looked up or checked before it runs.
  public init(_ program: String, _ arguments: [String] = [], in workingDirectory: FilePath? = nil) {
    self.program = program
    self.arguments = arguments
    self.workingDirectory = workingDirectory
  }
}

extension Command: CustomStringConvertible {
  /// As one would type it, for people: words with anything unusual in them are quoted.
  public var description: String { ([program] + arguments).map(Self.quoted).joined(separator: " ") }

  private static func quoted(_ word: String) -> String {
    let plain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_./=:,+@%".utf8.contains(byte)
      }
    }
    if plain, !word.isEmpty { return word }
    return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
