import ArgumentParser
import Parallel

/// A queue that gives the most urgent item first, and waits while there is none: a condition around an array.
final class UrgencyQueue<Item: Sendable>: @unchecked Sendable {
  // Sendable: `items` is touched only with the condition's lock held.
  private let condition = Condition(lock: Lock())
  private var items: [(urgency: Int, item: Item)] = []

  func put(_ item: Item, urgency: Int) {
    condition.withLock {
      // Behind those that are as urgent.
      let place = items.firstIndex { $0.urgency < urgency } ?? items.endIndex
      items.insert((urgency, item), at: place)
      condition.notify()
    }
  }

  func get() throws -> Item {
    try condition.withLock {
      try condition.wait { !items.isEmpty }
      return items.removeFirst().item
    }
  }
}

struct UrgentFirst: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "A queue by urgency, built on a condition.")

  func run() throws {
    let queue = UrgencyQueue<String>()
    let reader = try WorkerThread.start(name: "reader") { try queue.get() }
    queue.put("the first one is taken at once", urgency: 0)
    print(try reader.join())
    queue.put("post a letter", urgency: 1)
    queue.put("put out the fire", urgency: 9)
    queue.put("water the plants", urgency: 1)
    for _ in 0..<3 { print(try queue.get()) }
  }
}
