import DequeModule

/// Items that no worker holds, by priority, and within one in the order in which they came.
///
/// Items of priority 0, which are nearly all, are in a line of their own and cost nothing more. Items that were cancelled
/// stay until they come to the head or are too many.
struct WaitingItems {
  private var ordinary: Deque<PoolItem> = []
  /// Others, the highest first.
  private var special: [(priority: Int, items: Deque<PoolItem>)] = []
  private var total = 0
  private var cancelled = 0

  /// How many tasks are still wanted.
  var count: Int { total - cancelled }

  var isEmpty: Bool { total == cancelled }

  /// How many tasks are here, wanted or not.
  var storedCount: Int { total }

  /// The items that are still wanted, in no particular order.
  var all: [PoolItem] { ([ordinary] + special.map(\.items)).joined().filter { $0.stage == .waiting } }

  mutating func append(_ items: [PoolItem]) {
    for item in items { append(item) }
  }

  mutating func append(_ item: PoolItem) {
    total += item.count
    withLine(of: item.priority) { $0.append(item) }
  }

  /// Puts an item before all others of its priority.
  mutating func prepend(_ item: PoolItem) {
    total += item.count
    withLine(of: item.priority) { $0.prepend(item) }
  }

  /// The next one that is wanted.
  mutating func popFirst() -> PoolItem? {
    while let item = popAny() {
      total -= item.count
      if item.stage == .waiting { return item }
      cancelled -= item.count
    }
    return nil
  }

  /// An item in here, of so many tasks, is not `waiting` any more.
  mutating func noteCancelled(_ count: Int) {
    cancelled += count
    // So that items nobody wants do not keep their messages while nothing moves.
    guard cancelled > 64, cancelled > total / 2 else { return }
    ordinary.removeAll { $0.stage != .waiting }
    for index in special.indices { special[index].items.removeAll { $0.stage != .waiting } }
    special.removeAll { $0.items.isEmpty }
    total -= cancelled
    cancelled = 0
  }

  private mutating func popAny() -> PoolItem? {
    if special.isEmpty { return ordinary.popFirst() }
    let isAbove = special[0].priority > 0
    if !isAbove, let item = ordinary.popFirst() { return item }
    let item = special[0].items.popFirst()
    if special[0].items.isEmpty { special.removeFirst() }
    return item
  }

  private mutating func withLine(of priority: Int, _ body: (inout Deque<PoolItem>) -> Void) {
    if priority == 0 { return body(&ordinary) }
    let index = special.firstIndex { $0.priority <= priority } ?? special.endIndex
    if index == special.endIndex || special[index].priority != priority {
      special.insert((priority, []), at: index)
    }
    body(&special[index].items)
  }
}
