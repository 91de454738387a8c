/// Outcomes for one mailbox that are handed over together: one lock and at most one wake-up for all of them.
struct OutcomeBulk {
  private var mailbox: ResultsMailbox?
  private var outcomes: [(slot: Int, outcome: ItemOutcome)] = []

  mutating func add(_ outcome: ItemOutcome, to slot: ResultsMailbox.Address) {
    if mailbox !== slot.mailbox {
      deliver()
      mailbox = slot.mailbox
    }
    outcomes.append((slot.slot, outcome))
  }

  mutating func deliver() {
    guard let mailbox else { return }
    mailbox.put(outcomes)
    outcomes.removeAll(keepingCapacity: true)
    self.mailbox = nil
  }
}
