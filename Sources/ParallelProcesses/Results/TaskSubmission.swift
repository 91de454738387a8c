import ParallelCore

/// The way of an iteration's tasks into the pool; used by one thread or task at a time.
///
/// Holds no reference to the pool itself, whose last reference is its shutdown.
struct TaskSubmission<Input: WorkerTask> {
  let engine: PoolEngine
  let mailbox: ResultsMailbox
  private let batch: Int?
  /// Looked up once for all tasks.
  private let type: Result<TaskType, ParallelError>
  private var freeSlots: [Int] = []
  private var nextSlot = 0

  private var places: [(slot: Int, item: PoolItem?)] = []
  private var items: [PoolItem] = []
  private var failures: [(slot: Int, outcome: ItemOutcome)] = []

  init(engine: PoolEngine, mailbox: ResultsMailbox, options: ResultsOptions) {
    self.engine = engine
    self.mailbox = mailbox
    batch = options.batch
    type = Result { () throws(ParallelError) in try TaskType.of(Input.self) }
  }

  /// How many were added and not yet submitted.
  var count: Int { places.count }

  /// Encodes the task, which has its place among the pool's unfinished ones. Returns its slot.
  @inline(__always)  // The loop around it then looks up the types that it deals with only once.
  mutating func add(_ task: Input) -> Int {
    let slot = takeSlot()
    do throws(ParallelError) {
      let address = ResultsMailbox.Address(mailbox: mailbox, slot: slot)
      let item = try PoolItem(task, of: type.get(), batch: batch, sink: address)
      places.append((slot, item))
      items.append(item)
    } catch {
      // It does not travel: that is its outcome.
      places.append((slot, nil))
      failures.append((slot, .failed(error)))
    }
    return slot
  }

  /// Submits what was added.
  mutating func submit() {
    guard !places.isEmpty else { return }
    mailbox.occupy(places)
    send()
  }

  /// The same while others may abandon the iteration: an item must not be cancelled before it was submitted.
  mutating func submitSharing() {
    mailbox.occupy(places.map { ($0.slot, nil) })
    let submitted = places
    send()
    for case (let slot, let item?) in submitted where !mailbox.attach(item, to: slot) { engine.cancel(item) }
  }

  private mutating func send() {
    places.removeAll(keepingCapacity: true)
    if !items.isEmpty { engine.submit(items) }
    items.removeAll(keepingCapacity: true)
    guard !failures.isEmpty else { return }
    for _ in failures { engine.gate?.leave() }
    mailbox.put(failures)
    failures = []
  }

  private mutating func takeSlot() -> Int {
    if freeSlots.isEmpty { freeSlots = mailbox.takeReleased() }
    if let slot = freeSlots.popLast() { return slot }
    defer { nextSlot += 1 }
    return nextSlot
  }
}
