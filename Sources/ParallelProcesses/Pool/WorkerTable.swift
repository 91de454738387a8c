/// The workers of a pool by their numbers, in the order in which they came, so that the same events always lead to the
/// same decisions.
struct WorkerTable {
  private(set) var values: [PoolWorker] = []

  var isEmpty: Bool { values.isEmpty }

  subscript(number: Int) -> PoolWorker? {
    let index = place(of: number)
    return index < values.count && values[index].number == number ? values[index] : nil
  }

  /// Adds a worker, whose number is higher than all before.
  mutating func append(_ worker: PoolWorker) { values.append(worker) }

  mutating func remove(_ number: Int) -> PoolWorker? {
    let index = place(of: number)
    guard index < values.count, values[index].number == number else { return nil }
    return values.remove(at: index)
  }

  mutating func removeAll() { values = [] }

  private func place(of number: Int) -> Int {
    var low = 0
    var high = values.count
    while low < high {
      let middle = (low + high) / 2
      if values[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
