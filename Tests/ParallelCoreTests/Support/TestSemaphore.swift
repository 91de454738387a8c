import ParallelCore

/// Permits that are handed out strictly in order of arrival, several at a time: a wait room's smallest real use.
struct Permits: WaitRoomState {
  var available: Int
  /// How many wait: nobody overtakes them.
  var waiting = 0

  mutating func take(_ count: Int) -> Bool {
    guard waiting == 0, available >= count else { return false }
    available -= count
    return true
  }

  mutating func serve(_ waiters: inout WaitList<Int>) {
    while let first = waiters.first, first.request <= available {
      available -= first.request
      waiting -= 1
      waiters.admit(first)
    }
  }

  mutating func left(_ request: Int, waiters: inout WaitList<Int>) {
    waiting -= 1
    serve(&waiters)
  }
}

/// A semaphore for threads and tasks, for the tests of the room it is made of.
final class TestSemaphore: Sendable {
  let room: WaitRoom<Permits>

  init(_ available: Int) { room = WaitRoom(Permits(available: available)) }

  func enter(_ count: Int = 1) -> Waiter<Int>? {
    room.enter { permits in
      if permits.take(count) { return nil }
      permits.waiting += 1
      return count
    }
  }

  @available(*, noasync)
  func acquire(_ count: Int = 1, until deadline: Deadline = .never) throws -> Bool {
    guard let waiter = enter(count) else { return true }
    return try park(waiter, until: deadline)
  }

  func acquire(_ count: Int = 1, until deadline: Deadline = .never) async throws -> Bool {
    guard let waiter = enter(count) else { return true }
    return try await room.suspend(waiter, until: deadline)
  }

  func park(_ waiter: Waiter<Int>, until deadline: Deadline = .never) throws -> Bool {
    try room.park(waiter, until: deadline, fileID: #fileID, line: #line)
  }

  func release(_ count: Int = 1) {
    room.change { permits, waiters in
      permits.available += count
      permits.serve(&waiters)
    }
  }

  var available: Int { room.read { permits, _ in permits.available } }

  /// What those who wait ask for, in order.
  var requests: [Int] { room.read { _, line in line.waiters.map(\.request) } }
}
