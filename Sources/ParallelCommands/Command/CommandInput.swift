public import SystemPackage

/// What a command reads from its standard input.
///
/// ```swift
/// var sort = Command("sort")
/// sort.input = .text("pear\napple\n")
/// ```
public enum CommandInput: Sendable, Hashable {
  /// The same as this process.
  case inherited
  /// Nothing.
  case null
  /// These bytes. They are put into memory that the program sees as a file: nobody has to write them while it runs, and a
  /// program that does not read them is no error.
  case bytes([UInt8])
  /// A file, from its beginning.
  case file(FilePath)
  /// An open file, or the reading end of a pipe. It stays open in this process.
  case descriptor(FileDescriptor)

  /// The UTF-8 bytes of a string.
  public static func text(_ text: String) -> CommandInput { .bytes(Array(text.utf8)) }
}
