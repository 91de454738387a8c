/// Which of a command's streams are collected. Those that the command itself sends elsewhere are not.
public struct CapturedStreams: OptionSet, Sendable, Hashable {
  /// The set's bits.
  public let rawValue: UInt8

  /// A set by its bits; use the constants.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Its standard output.
  public static let output = CapturedStreams(rawValue: 1)
  /// Its standard error.
  public static let errors = CapturedStreams(rawValue: 2)
  /// Both, each by itself.
  public static let both: CapturedStreams = [.output, .errors]
}
