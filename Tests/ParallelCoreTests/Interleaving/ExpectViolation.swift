import Testing

/// The checker has to find this, and to tell how it comes about.
func expectViolation<Shared>(
  _ message: String, _ scenario: Scenario<Shared>, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let violation = try #require(throws: Violation.self, sourceLocation: sourceLocation) {
    try scenario.check()
  }
  #expect(violation.message.contains(message), "\(violation)", sourceLocation: sourceLocation)
  #expect(!violation.schedule.isEmpty, sourceLocation: sourceLocation)
}
