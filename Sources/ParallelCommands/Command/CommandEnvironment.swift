import ParallelCore

/// The environment variables that a command sees.
///
/// ```swift
/// command.environment = .inherited.setting("LANG", to: "C").removing("LD_PRELOAD")
/// command.environment = .empty.setting("PATH", to: "/usr/bin")
/// ```
public struct CommandEnvironment: Sendable, Hashable {
  private let inherits: Bool
  private var changes: [String: String?] = [:]

  /// All variables of this process, as they are when the command is run.
  public static let inherited = CommandEnvironment(inherits: true)
  /// None.
  public static let empty = CommandEnvironment(inherits: false)

  private init(inherits: Bool) { self.inherits = inherits }

  /// The same, with one variable more or changed.
  ///
  /// A name must be neither empty nor contain `=`, and neither string a zero byte: running the command throws otherwise.
  public func setting(_ name: String, to value: String) -> CommandEnvironment {
    var result = self
    result.changes[name] = .some(value)
    return result
  }

  /// The same with these variables more or changed.
  public func setting(_ variables: [String: String]) -> CommandEnvironment {
    variables.reduce(self) { $0.setting($1.key, to: $1.value) }
  }

  /// The same without this variable.
  public func removing(_ name: String) -> CommandEnvironment {
    var result = self
    result.changes[name] = .some(nil)
    return result
  }
}

extension CommandEnvironment {
  /// The first variable that no environment can hold.
  var invalidName: String? { changes.first { !SystemCalls.canBeVariable($0.key, value: $0.value) }?.key }

  /// As `name=value`. What this process has is passed on byte by byte, whatever it looks like.
  var variables: [[UInt8]] {
    let inherited = inherits ? SystemCalls.environment : []
    let kept =
      changes.isEmpty ? inherited : inherited.filter { changes[SystemCalls.name(ofVariable: $0)] == nil }
    return kept + changes.compactMap { name, value in value.map { Array("\(name)=\($0)".utf8) } }
  }
}
