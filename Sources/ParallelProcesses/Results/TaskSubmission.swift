import ParallelCore

/// The way of an iteration's tasks into the pool; used by one thread or task at a time.
///
/// Holds no reference to the pool itself, whose last reference is its shutdown.
struct TaskSubmission<Input: WorkerTask> {
  let engine: PoolEngine
  let mailbox: ResultsMailbox
  /// How many tasks travel in one message, if that was asked for.
  private let batchSize: Int?
  /// Looked up once for all tasks.
  private let type: Result<TaskType, ParallelError>
  private var freeSlots: [Int] = []
  private var nextSlot = 0

  private let writer = TaskBatchWriter()
  /// Of the tasks that the writer has.
  private var batchSlots: [Int] = []
  private var places: [(slot: Int, item: PoolItem?)] = []
  private var items: [PoolItem] = []
  private var largeCount = 0
  private var failures: [(slot: Int, outcome: ItemOutcome)] = []

  init(engine: PoolEngine, mailbox: ResultsMailbox, options: ResultsOptions) {
    self.engine = engine
    self.mailbox = mailbox
    batchSize = options.batch
    type = Result { () throws(ParallelError) in try TaskType.of(Input.self) }
  }

  /// How much was added and not yet submitted: the number of tasks, of which a large one counts as sixteen.
  var load: Int { places.count + batchSlots.count + 15 * largeCount }

  /// Encodes the task, which has its place among the pool's unfinished ones. Returns its slot.
  @inline(__always)  // The loop around it then looks up the types that it deals with only once.
  mutating func add(_ task: Input) -> Int {
    let slot = takeSlot()
    do {
      if try !write(task, slot) {
        closeBatch()
        _ = try write(task, slot)
      }
      if batchSlots.count == batchSize { closeBatch() }
    } catch {
      // It does not travel: that is its outcome.
      fail(.unencodable(Input.self, error), slot)
    }
    return slot
  }

  /// False if it has to wait for the next batch.
  @inline(__always)
  private mutating func write(_ task: Input, _ slot: Int) throws -> Bool {
    switch try writer.add(task) {
    case .added: batchSlots.append(slot)
    case .alone(let message): addAlone(message, slot)
    case .full: return false
    }
    return true
  }

  private mutating func addAlone(_ message: OutgoingMessage, _ slot: Int) {
    closeBatch()
    largeCount += 1
    do {
      let address = ResultsMailbox.Address(mailbox: mailbox, slot: slot)
      let item = PoolItem(type: try type.get(), message: message, depth: batchSize, sink: address)
      places.append((slot, item))
      items.append(item)
    } catch {
      message.closeDescriptors()
      fail(error, slot)
    }
  }

  /// Makes an item of what the writer has.
  private mutating func closeBatch() {
    guard !batchSlots.isEmpty else { return }
    defer { batchSlots.removeAll(keepingCapacity: true) }
    let batch = writer.takeBatch()
    do {
      let addresses = ResultsMailbox.Addresses(mailbox: mailbox, slots: batchSlots)
      let item = PoolItem(type: try type.get(), batch: batch, depth: batchSize, sink: addresses)
      for slot in batchSlots { places.append((slot, item)) }
      items.append(item)
    } catch {
      for slot in batchSlots { note(error, slot) }
    }
  }

  private mutating func fail(_ error: ParallelError, _ slot: Int) {
    closeBatch()
    note(error, slot)
  }

  private mutating func note(_ error: ParallelError, _ slot: Int) {
    places.append((slot, nil))
    failures.append((slot, .failed(error)))
  }

  /// Submits what was added.
  mutating func submit() {
    closeBatch()
    guard !places.isEmpty else { return }
    mailbox.occupy(places)
    send()
  }

  /// The same while others may abandon the iteration: an item must not be cancelled before it was submitted.
  mutating func submitSharing() {
    closeBatch()
    mailbox.occupy(places.map { ($0.slot, nil) })
    let submitted = places
    send()
    for case (let slot, let item?) in submitted where !mailbox.attach(item, to: slot) { engine.cancel(item) }
  }

  private mutating func send() {
    places.removeAll(keepingCapacity: true)
    largeCount = 0
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
