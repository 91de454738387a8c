import ParallelCore

/// A number of permits, and those who wait for one. While somebody waits, none is free: permits are handed over.
struct SemaphoreState: WaitRoomState {
  typealias Request = Void

  private(set) var free: Int

  init(permits: Int) { free = permits }

  /// Takes a permit if one is free.
  mutating func take() -> Bool {
    guard free > 0 else { return false }
    free -= 1
    return true
  }

  /// Gives permits to those who have waited longest; what is left over is free.
  mutating func give(_ count: Int, to waiters: inout WaitList<Void>) {
    var left = count
    while left > 0, waiters.admitFirst() { left -= 1 }
    free += left
  }
}
