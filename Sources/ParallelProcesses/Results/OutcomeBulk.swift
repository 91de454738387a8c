/// Outcomes for one mailbox that are handed over together: one lock and at most one wake-up for all of them.
struct OutcomeBulk {
  private var mailbox: ResultsMailbox?
  private var outcomes: [(slot: Int, outcome: ItemOutcome)] = []

  mutating func add(_ outcome: ItemOutcome, to slot: Int, of mailbox: ResultsMailbox) {
    if self.mailbox !== mailbox {
      deliver()
      self.mailbox = mailbox
    }
    outcomes.append((slot, outcome))
  }

  mutating func deliver() {
    guard let mailbox else { return }
    mailbox.put(outcomes)
    outcomes.removeAll(keepingCapacity: true)
    self.mailbox = nil
  }
}
