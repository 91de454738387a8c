import Glibc

extension SystemCalls {
  /// Writes a line to standard error, for a person, as far as that can be done. A short one is not torn apart
  /// by other threads' lines.
  package static func report(_ line: String) {
    var bytes = Array((line + "\n").utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}
