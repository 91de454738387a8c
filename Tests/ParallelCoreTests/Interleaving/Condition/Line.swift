import ParallelCore

/// The line of a condition's waiters as a value, moved on by the real wait room.
///
/// Each operation makes a room in which the same ones wait, does the real thing, and keeps who waits then. The room's own
/// lock makes an operation one step; it has checks of its own. A waiter is named by the number of its parker.
struct Line: Hashable {
  private(set) var waiting: [Int] = []

  mutating func arrive(_ parker: Int) {
    inRoom { room, _ in _ = room.enter { _ in parker } }
  }

  /// Admits those who have waited longest, and returns them.
  mutating func admit(first count: Int) -> [Int] {
    inRoom { room, waiters in
      room.change { _, line in
        for _ in 0..<count { line.admitFirst() }
      }
      return waiters.filter { $0.end == .admitted }.map(\.request)
    }
  }

  /// Ends a wait at its deadline; false when it has ended otherwise.
  mutating func withdraw(_ parker: Int) -> Bool {
    inRoom { room, waiters in
      guard let waiter = waiters.first(where: { $0.request == parker }) else { return false }
      room.withdraw(waiter, because: .timedOut)
      return waiter.end == .timedOut
    }
  }

  private struct Plain: WaitRoomState { typealias Request = Int }

  private mutating func inRoom<R>(_ body: (WaitRoom<Plain>, [Waiter<Int>]) -> R) -> R {
    let room = WaitRoom(Plain())
    let waiters = waiting.compactMap { parker in room.enter { _ in parker } }
    let result = body(room, waiters)
    waiting = room.read { _, line in line.waiters.map(\.request) }
    return result
  }
}

extension [Int] {
  /// A list of small numbers above zero, as the one number that a step may return.
  var packed: Int { reduce(0) { $0 << 4 | $1 } }

  init(packed: Int) {
    self = packed == 0 ? [] : [Int](packed: packed >> 4) + [packed & 15]
  }
}
