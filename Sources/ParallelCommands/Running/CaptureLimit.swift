/// How much of a command's output is kept.
///
/// ```swift
/// try Command("journalctl").capture(limit: .failing(above: 64 << 20))
/// ```
public enum CaptureLimit: Sendable, Hashable {
  /// All, as long as there is memory.
  case unlimited
  /// A command that writes more than so many bytes to one of its streams is killed, and the call throws.
  case failing(above: Int)
  /// The first bytes, so many of each stream. The command goes on; the rest is read and forgotten.
  case truncating(to: Int)

  /// Never negative.
  var bytes: Int {
    switch self {
    case .unlimited: .max
    case .failing(let bytes), .truncating(let bytes): max(0, bytes)
    }
  }
}
