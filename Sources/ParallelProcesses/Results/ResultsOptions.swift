/// How one iteration over many tasks is to go.
struct ResultsOptions {
  var order = ResultOrder.input
  /// How many tasks may be submitted and not yet consumed, at first and at most.
  var window: ClosedRange<Int>
  /// How many tasks travel in one message; nil for what their pace suggests.
  var batch: Int?
  /// Whether the consumer wants the tasks back.
  var keepsInputs = false
  /// Whether the first failure is the end: then nothing is submitted after it.
  var failsFast = false

  /// At how many tasks the window is filled again: half, so that many tasks travel in one message; more where that would
  /// leave workers idle.
  static func refillBelow(_ window: Int, workers: Int) -> Int {
    max(window / 2, min(window - 1, 2 * workers))
  }
}

extension ProcessPool {
  /// Checks what the caller asked for; a wrong number is a mistake in the program.
  func options(
    order: ResultOrder, window: Int?, batch: BatchSize, keepsInputs: Bool = false, failsFast: Bool = false
  ) -> ResultsOptions {
    let batch = batch.limit
    if let window {
      precondition(window >= 1, "the window must have room for at least one task, not \(window)")
    }
    let smallest = window ?? workerCount * max(128, 2 * min(batch ?? 0, 1 << 20))
    let largest = window ?? max(smallest, workerCount * 2048)
    return ResultsOptions(
      order: order, window: smallest...largest, batch: batch, keepsInputs: keepsInputs, failsFast: failsFast)
  }
}
