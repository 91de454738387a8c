import Synchronization

// What becomes of the line when its head moves; with the line's lock held. Each of these makes one attempt to replace
// the word that was seen, or loops until it has.
extension ReadWriteLock {
  /// Lets the readers before the first writer in, together with `newcomers` that did not stand in the line; returns whom
  /// to wake, or nil if the word was not as seen.
  func admitReaders(
    _ line: inout ReadWriteLine, newcomers: UInt32, _ seen: inout ReadWriteWord
  ) -> [ReadWriteWaiter]? {
    let count = line.leadingReaders
    var next = seen.withReaders(newcomers + UInt32(count))
    if count > 0 { next.headLeaves(behind: line.count - count) }
    guard replace(&seen, with: next) else { return nil }
    return count > 0 ? line.admitReaders(count) : []
  }

  /// The head goes in, a reader with all that stand right behind it; returns whom to wake, or nil if the word was not as
  /// seen.
  func enterAsHead(
    _ head: ReadWriteWaiter, _ line: inout ReadWriteLine, _ seen: inout ReadWriteWord
  ) -> [ReadWriteWaiter]? {
    if head.access == .reading {
      return admitReaders(&line, newcomers: 0, &seen).map { $0.filter { $0 !== head } }
    }
    var next = seen.withWriter()
    next.headLeaves(behind: line.count - 1)
    guard replace(&seen, with: next) else { return nil }
    line.remove(head)
    return []
  }

  /// The head was woken and found the lock taken. In the same step as that is seen it is marked as not woken: whoever
  /// gives the lock back from then on wakes it again.
  func sleepsAgain(_ head: ReadWriteWaiter, _ seen: inout ReadWriteWord) -> Bool {
    var next = seen
    next.isHeadWoken = false
    next.isUrgent = head.passes + 1 >= Self.mostPasses
    guard replace(&seen, with: next) else { return false }
    head.passes += 1
    return true
  }

  /// The head gave up, perhaps when it had just been woken: the turn goes to the one behind it. Returns whom to wake.
  func passOn(_ line: inout ReadWriteLine, _ seen: inout ReadWriteWord) -> [ReadWriteWaiter] {
    while true {
      if line.head?.access == .reading, seen.admits(.reading) {
        if let admitted = admitReaders(&line, newcomers: 0, &seen) { return admitted }
        continue
      }
      var next = seen
      next.headLeaves(behind: line.count)
      let woken = line.head.flatMap { seen.admits($0.access) ? $0 : nil }
      next.isHeadWoken = woken != nil
      if replace(&seen, with: next) { return woken.map { [$0] } ?? [] }
    }
  }

  /// One attempt to change the word; `seen` is what it holds otherwise.
  func replace(_ seen: inout ReadWriteWord, with next: ReadWriteWord) -> Bool {
    let (isDone, now) = word.compareExchange(
      expected: seen, desired: next, successOrdering: .acquiring, failureOrdering: .relaxed)
    seen = now
    return isDone
  }
}
