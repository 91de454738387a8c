/// Those who wait, in order of arrival; a part of what a ``WaitRoom`` guards.
///
/// A doubly linked list through the waiters themselves, so that whoever gives up leaves at once, at the cost of a few
/// stores and from any place. Those whose wait has ended are collected, and woken after the lock is released.
public struct WaitList<Request> {
  /// One who waits.
  public typealias Element = Waiter<Request>

  @usableFromInline var size = 0
  @usableFromInline var head: Element?
  @usableFromInline var tail: Element?
  @usableFromInline var endedHead: Element?
  @usableFromInline var endedTail: Element?

  /// Nobody waits.
  @inlinable
  public init() {}

  /// How many wait.
  @inlinable
  public var count: Int { size }

  /// Whether nobody waits.
  @inlinable
  public var isEmpty: Bool { head == nil }

  /// Who has waited longest.
  @inlinable
  public var first: Element? { head }

  /// Puts a waiter last in the line.
  @inlinable
  public mutating func append(_ waiter: Element) {
    waiter.previous = tail
    if let tail { tail.next = waiter } else { head = waiter }
    tail = waiter
    size += 1
  }

  /// Puts a new waiter first in the line, for one who was admitted and found nothing.
  @inlinable
  public mutating func prepend(_ waiter: Element) {
    waiter.next = head
    if let head { head.previous = waiter } else { tail = waiter }
    head = waiter
    size += 1
  }

  /// Ends the wait of one that is in the list: what it asked for is there.
  @inlinable
  public mutating func admit(_ waiter: Element) { finish(waiter, .admitted) }

  /// Ends the wait of one that is in the list and was not admitted.
  @inlinable
  mutating func withdraw(_ waiter: Element, because reason: WaitEnd) { finish(waiter, reason) }

  @inlinable
  mutating func finish(_ waiter: Element, _ end: WaitEnd) {
    remove(waiter)
    waiter.end = end
    if let endedTail { endedTail.next = waiter } else { endedHead = waiter }
    endedTail = waiter
  }

  /// Ends the wait of the one that has waited longest; false if nobody waits.
  @inlinable
  @discardableResult
  public mutating func admitFirst() -> Bool {
    guard let head else { return false }
    admit(head)
    return true
  }

  /// Ends the wait of all.
  @inlinable
  public mutating func admitAll() { while admitFirst() {} }

  /// Ends the wait of all whose request meets the condition, which may change the request to leave an answer.
  ///
  /// Not for empty requests: the thread sanitizer takes a change of one for a change of the whole waiter.
  @inlinable
  public mutating func admitAll(where condition: (inout Request) -> Bool) {
    var candidate = head
    while let waiter = candidate {
      candidate = waiter.next
      if condition(&waiter.request) { admit(waiter) }
    }
  }

  /// All who wait, in order.
  @inlinable
  public var waiters: [Element] {
    var all: [Element] = []
    all.reserveCapacity(size)
    var next = head
    while let waiter = next {
      all.append(waiter)
      next = waiter.next
    }
    return all
  }

  @inlinable
  mutating func remove(_ waiter: Element) {
    let next = waiter.next
    let previous = waiter.previous
    if let previous { previous.next = next } else { head = next }
    if let next { next.previous = previous } else { tail = previous }
    waiter.next = nil
    waiter.previous = nil
    size -= 1
  }

  /// Those whose wait has ended since the last call, as a chain; to be woken once the lock is released.
  @inlinable
  mutating func takeEnded() -> Element? {
    defer { endedTail = nil }
    return endedHead.take()
  }
}
