import HeapModule
import ParallelCore

/// What a pool has to look at, and when. Entries that were overtaken by events stay until their time comes or they are
/// too many.
struct PoolTimers {
  enum Subject {
    /// An item's limits and pauses.
    case item(PoolItem)
    /// The age of the worker with this number.
    case age(Int)
    /// What is looked at again and again, as long as there is a reason to.
    case watch(Watch)
    /// The end of the time for draining.
    case drainEnd
  }

  enum Watch {
    /// The memory of workers.
    case memory
    /// Results of batches that go on.
    case results
  }

  private struct Entry: Comparable {
    var time: Deadline
    var number: UInt64
    var subject: Subject

    static func < (left: Entry, right: Entry) -> Bool {
      (left.time, left.number) < (right.time, right.number)
    }
    static func == (left: Entry, right: Entry) -> Bool { left.number == right.number }

    /// An item has one check only, and none once it is finished.
    var isDead: Bool {
      if case .item(let item) = subject { item.control?.nextCheck != time } else { false }
    }
  }

  private var heap = Heap<Entry>()
  private var deadCount = 0
  private var nextNumber: UInt64 = 0
  private var watches: Set<Watch> = []

  /// When the earliest is due; never, if there is none.
  var next: Deadline { heap.min?.time ?? .never }

  mutating func add(_ subject: Subject, at time: Deadline) {
    guard !time.isNever else { return }
    nextNumber += 1
    heap.insert(Entry(time: time, number: nextNumber, subject: subject))
  }

  /// Looks then, unless it will look at an earlier time anyway.
  mutating func add(_ watch: Watch, at time: Deadline) {
    if watches.insert(watch).inserted { add(.watch(watch), at: time) }
  }

  /// Looks at `item` then, and not at the time that was set before. An item is never looked at once that is `never`.
  mutating func setCheck(of item: PoolItem, _ control: ItemControl, to time: Deadline) {
    guard control.nextCheck != time else { return }
    if !control.nextCheck.isNever { deadCount += 1 }
    control.nextCheck = time
    add(.item(item), at: time)
    trim()
  }

  mutating func takeDue(now: Deadline) -> Subject? {
    while let top = heap.min, top.time <= now {
      heap.removeMin()
      if top.isDead {
        deadCount -= 1
        continue
      }
      switch top.subject {
      case .item(let item): item.control?.nextCheck = .never
      case .watch(let watch): watches.remove(watch)
      case .age, .drainEnd: break
      }
      return top.subject
    }
    return nil
  }

  mutating func removeAll() { self = PoolTimers() }

  private mutating func trim() {
    while let top = heap.min, top.isDead {
      heap.removeMin()
      deadCount -= 1
    }
    if deadCount > 64, deadCount > heap.count / 2 {
      heap = Heap(heap.unordered.filter { !$0.isDead })
      deadCount = 0
    }
  }
}
