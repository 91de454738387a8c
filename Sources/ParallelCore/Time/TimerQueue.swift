import HeapModule

/// Calls to be made at certain times: a heap by time, and the set of those still wanted.
struct TimerQueue {
  private struct Entry: Comparable {
    var deadline: Deadline
    var number: UInt64

    static func < (left: Entry, right: Entry) -> Bool {
      (left.deadline, left.number) < (right.deadline, right.number)
    }
  }

  private var heap = Heap<Entry>()
  private var bodies: [UInt64: @Sendable () -> Void] = [:]
  private var nextNumber: UInt64 = 0

  var isEmpty: Bool { heap.isEmpty }

  /// How many are still wanted.
  var count: Int { bodies.count }

  /// When the earliest timer is due; never, if there is none.
  var next: Deadline { heap.min?.deadline ?? .never }

  mutating func add(at deadline: Deadline, _ body: @escaping @Sendable () -> Void) -> UInt64 {
    nextNumber += 1
    heap.insert(Entry(deadline: deadline, number: nextNumber))
    bodies[nextNumber] = body
    return nextNumber
  }

  /// Forgets a timer, and returns what it would have called. Its entry leaves the heap when it comes to the top, or
  /// when most entries are dead.
  mutating func cancel(_ number: UInt64) -> (@Sendable () -> Void)? {
    defer { trim() }
    return bodies.removeValue(forKey: number)
  }

  private mutating func trim() {
    while let top = heap.min, bodies[top.number] == nil { heap.removeMin() }
    if heap.count > 64, heap.count > 2 * bodies.count {
      heap = Heap(heap.unordered.filter { bodies[$0.number] != nil })
    }
  }

  /// Takes out what is due, the earliest first.
  mutating func takeDue(now: Deadline) -> [@Sendable () -> Void] {
    var due: [@Sendable () -> Void] = []
    while let top = heap.min, top.deadline <= now {
      heap.removeMin()
      if let body = bodies.removeValue(forKey: top.number) { due.append(body) }
    }
    return due
  }
}
