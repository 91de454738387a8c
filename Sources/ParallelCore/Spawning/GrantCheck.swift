/// What is wrong with what the system is to grant a new process, as far as that can be known before; the same for workers
/// and commands.
package struct GrantCheck {
  private let niceness: Int?
  private let processors: Set<Int>?
  private let resourceLimits: [LimitedResource: ResourceLimit]

  package init(
    niceness: Int?, processors: Set<Int>?, resourceLimits: [LimitedResource: ResourceLimit]
  ) {
    self.niceness = niceness
    self.processors = processors
    self.resourceLimits = resourceLimits
  }

  /// The first problem, for a message; nil where there is none.
  ///
  /// - Parameters:
  ///   - niceness: What it is called that must be within bounds: "the niceness of workers".
  ///   - runner: Who must have processors: "workers need".
  package func problem(niceness name: String, runner: String) -> String? {
    if let niceness, !(-20...19).contains(niceness) {
      return "\(name) is between -20 and 19, not \(niceness)"
    }
    if let processors {
      if processors.isEmpty { return "\(runner) at least one processor to run on" }
      if let number = processors.first(where: { !ProcessorMask.numbers.contains($0) }) {
        return
          "there is no processor \(number): they are numbered from 0 to \(ProcessorMask.numbers.upperBound - 1)"
      }
    }
    guard let (resource, limit) = resourceLimits.first(where: { !$0.value.isPossible }) else { return nil }
    return
      "\(limit) is no limit for \(resource): limits are not negative, and the soft one is not above the hard one"
  }
}
