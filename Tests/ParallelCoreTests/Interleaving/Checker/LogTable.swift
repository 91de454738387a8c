/// What simulated threads have been told, each log once: a log is a number, and that of the log without its last entry.
///
/// So the state of a thread is one number, and comparing two states is cheap.
struct LogTable {
  typealias Log = Int

  enum Entry: Hashable {
    /// Of one operation.
    case result(Int)
    /// Of several that have become one.
    case call(Bool)
  }

  private struct Node: Hashable {
    var before: Log
    var entry: Entry
  }

  static let empty: Log = 0

  private var nodes = [Node(before: 0, entry: .result(0))]
  private var numbers: [Node: Log] = [:]

  mutating func appending(_ entry: Entry, to log: Log) -> Log {
    let node = Node(before: log, entry: entry)
    if let known = numbers[node] { return known }
    nodes.append(node)
    numbers[node] = nodes.count - 1
    return nodes.count - 1
  }

  mutating func number(of entries: [Entry]) -> Log {
    entries.reduce(Self.empty) { appending($1, to: $0) }
  }

  func entries(of log: Log) -> [Entry] {
    var entries: [Entry] = []
    var log = log
    while log != Self.empty {
      entries.append(nodes[log].entry)
      log = nodes[log].before
    }
    return entries.reversed()
  }
}
