public import SystemPackage

/// Where a command's standard output, or its standard error, goes.
///
/// ```swift
/// var make = Command("make")
/// make.output = .file("build.log")
/// make.errors = .sameAsOutput
/// ```
public enum CommandOutput: Sendable, Hashable {
  /// To the same place as this process's; `Command.capture` collects it instead.
  case inherited
  /// Nowhere.
  case null
  /// Into a file, which is created, or emptied if it is there; with `appending` what it holds stays.
  case file(FilePath, appending: Bool = false)
  /// Into an open file, or the writing end of a pipe. It stays open in this process.
  case descriptor(FileDescriptor)
  /// For errors: to where the output goes, in the order in which it is written. Not for the output itself.
  case sameAsOutput
}
