import Parallel

/// Writes at once. Nobody may be listening, and that is no reason to stop.
func writeToStandardError(_ text: String) {
  _ = try? FileDescriptor.standardError.writeAll(text.utf8)
}
