/// How much of a ``LimitedResource`` a process may use.
///
/// ```swift
/// ResourceLimit.at(256)                    // it can't be raised again
/// ResourceLimit(soft: 256, hard: 4096)     // the process itself may raise it up to 4096
/// ```
///
/// The corresponding C function is `prlimit(2)`.
public struct ResourceLimit: Sendable, Hashable {
  /// What counts, in the unit of the resource; nil for no limit.
  public var soft: Int?
  /// Up to where the process may raise the soft limit; nil for no limit. Only a privileged process can set it above
  /// its own.
  public var hard: Int?

  /// Creates a limit. Neither may be negative, nor the soft limit above the hard one: whoever applies it refuses that.
  public init(soft: Int?, hard: Int?) {
    self.soft = soft
    self.hard = hard
  }

  /// Soft and hard limit at one value.
  public static func at(_ value: Int) -> ResourceLimit { ResourceLimit(soft: value, hard: value) }

  /// No limit.
  public static let unlimited = ResourceLimit(soft: nil, hard: nil)

  /// Whether it makes sense, whatever the resource.
  package var isPossible: Bool {
    guard (soft ?? 0) >= 0, (hard ?? 0) >= 0 else { return false }
    guard let hard else { return true }
    return soft.map { $0 <= hard } ?? false
  }
}

extension ResourceLimit: CustomStringConvertible {
  /// The soft limit, and the hard one where it is another.
  public var description: String {
    let texts = [soft, hard].map { $0.map { "\($0)" } ?? "unlimited" }
    return texts[0] == texts[1] ? texts[0] : "\(texts[0]), at most \(texts[1])"
  }
}
