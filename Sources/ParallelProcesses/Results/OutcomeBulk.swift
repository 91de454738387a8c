/// Outcomes for one mailbox that are handed over together: one lock and at most one wake-up for all of them.
struct OutcomeBulk {
  /// In the order of their arrival.
  enum Part {
    case one(ItemOutcome, slot: Int)
    case results(AnswerRun, slots: ArraySlice<Int>)
  }

  private var mailbox: ResultsMailbox?
  private var parts: [Part] = []

  mutating func add(_ outcome: ItemOutcome, to slot: Int, of mailbox: ResultsMailbox) {
    open(mailbox)
    parts.append(.one(outcome, slot: slot))
  }

  mutating func add(_ results: AnswerRun, to slots: ArraySlice<Int>, of mailbox: ResultsMailbox) {
    open(mailbox)
    parts.append(.results(results, slots: slots))
  }

  private mutating func open(_ mailbox: ResultsMailbox) {
    guard self.mailbox !== mailbox else { return }
    deliver()
    self.mailbox = mailbox
  }

  mutating func deliver() {
    guard let mailbox else { return }
    mailbox.put(parts)
    parts.removeAll(keepingCapacity: true)
    self.mailbox = nil
  }
}
