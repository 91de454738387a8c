import DequeModule

/// The books of one iteration over many tasks: which of its items are under way, which outcomes are to be delivered next.
///
/// An item has a slot, from before it is submitted until its outcome was consumed. Slots are numbers below the largest
/// window so far, so nothing is looked up, in either order. The life of a slot: free (known to whoever submits) →
/// occupied → holds an outcome → taken → released → free.
struct MailboxState {
  /// What a consumer, or whoever submits, waits for.
  enum Request {
    /// Something that can be delivered and `count` outcomes or a failure; or that more than `known` have come in all.
    case outcomes(count: Int, orMoreThan: Int)
    /// At most so many slots in use, or the end of the iteration.
    case room(Int)
  }

  /// How the input ended.
  enum InputEnd {
    case exhausted
    case failed(any Error)
  }

  struct Slot {
    var index: Int
    /// Until it has an outcome; nil where the task did not travel, or before it is submitted.
    var item: PoolItem?
    var outcome: ItemOutcome?
  }

  let order: ResultOrder
  private(set) var slots: [Slot] = []
  /// Released, and not yet known to be free to whoever submits.
  private var released: [Int] = []
  /// The slots in the order of delivery: in the order of the input, all; in that of completion, those with an outcome.
  private var line: Deque<Int> = []
  private var nextIndex = 0
  /// Occupied and not released.
  private(set) var inUse = 0
  /// Those with an outcome that was not taken.
  private var arrived = 0
  /// How many outcomes have come in all.
  private(set) var total = 0
  private(set) var hasFailure = false
  var inputEnd: InputEnd?
  var isAbandoned = false

  init(order: ResultOrder) { self.order = order }

  /// For the next task of the input; `item` is what to cancel if the iteration is abandoned.
  mutating func occupy(_ number: Int, with item: PoolItem?) {
    let slot = Slot(index: nextIndex, item: item)
    if number == slots.count { slots.append(slot) } else { slots[number] = slot }
    if order == .input { line.append(number) }
    nextIndex += 1
    inUse += 1
  }

  /// For an item that is submitted already, and may have its outcome.
  mutating func attach(_ item: PoolItem, to slot: Int) {
    if slots[slot].outcome == nil { slots[slot].item = item }
  }

  mutating func put(_ outcome: ItemOutcome, into slot: Int) {
    slots[slot].outcome = outcome
    slots[slot].item = nil
    if order == .completion { line.append(slot) }
    arrived += 1
    total += 1
    if outcome.isFailure { hasFailure = true }
  }

  /// Results, none of them a failure.
  mutating func put(_ results: AnswerRun, into numbers: ArraySlice<Int>) {
    for (index, slot) in zip(results.range, numbers) {
      slots[slot].outcome = .answer(results.answers[index])
      slots[slot].item = nil
    }
    if order == .completion { line.append(contentsOf: numbers) }
    arrived += results.count
    total += results.count
  }

  /// What is to be delivered next, if it is here. Its slot stays in use.
  mutating func take() -> Arrival? {
    guard let slot = line.first, let outcome = slots[slot].outcome.take() else { return nil }
    line.removeFirst()
    arrived -= 1
    return Arrival(slot: slot, index: slots[slot].index, outcome: outcome)
  }

  mutating func release(_ numbers: [Int]) {
    released.append(contentsOf: numbers)
    inUse -= numbers.count
  }

  mutating func takeReleased() -> [Int] {
    defer { released = [] }
    return released
  }

  /// Forgets the items and returns those that have no outcome, or tasks without one.
  mutating func abandon() -> [PoolItem] {
    isAbandoned = true
    inputEnd = .exhausted
    inUse = 0
    line = []
    defer { slots = [] }
    // The tasks of a batch have the same.
    var known: Set<ObjectIdentifier> = []
    return slots.compactMap(\.item).filter { known.insert(ObjectIdentifier($0)).inserted }
  }

  var hasNext: Bool { line.first.map { slots[$0].outcome != nil } ?? false }

  func meets(_ request: Request) -> Bool {
    switch request {
    case .outcomes(let count, let known):
      hasNext && arrived >= (hasFailure ? 1 : count) || total > known || inUse == 0 && inputEnd != nil
    case .room(let most): inUse <= most || isAbandoned
    }
  }
}

/// An outcome on its way to the consumer.
struct Arrival {
  var slot: Int
  var index: Int
  var outcome: ItemOutcome
}

extension ItemOutcome {
  /// Known without decoding it; an answer that turns out not to be decodable is not counted.
  var isFailure: Bool {
    switch self {
    case .failed: true
    case .answer(let answer): answer.kind != .result
    }
  }
}
