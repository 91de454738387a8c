import ParallelCore

/// How the system is to run a thread.
struct ThreadOptions: Sendable {
  var stackSize: Int?
  var niceness: Int?
  var processors: Set<Int>?

  /// Throws what the system would not tell apart from other mistakes, or would silently mend.
  func validate() throws(ParallelError) {
    if let niceness, !(-20...19).contains(niceness) {
      throw ParallelError(.invalidArgument, "the niceness of a thread is between -20 and 19, not \(niceness)")
    }
    guard let processors else { return }
    if processors.isEmpty {
      throw ParallelError(.invalidArgument, "a thread needs at least one processor to run on")
    }
    for number in processors where !(0..<1024).contains(number) {
      throw ParallelError(
        .invalidArgument, "there is no processor \(number): they are numbered from 0 to 1023")
    }
  }
}
