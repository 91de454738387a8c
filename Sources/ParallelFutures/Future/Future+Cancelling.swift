extension Future {
  /// Cancels the future, pending or running, unless it has a result; true if this or an earlier call cancelled it.
  ///
  /// The future is cancelled at once: who waits for it gets `CancellationError`, callbacks run. What becomes of the
  /// work is up to its producer, whose hook (``Promise/onCancel(_:)``) is called here, on the cancelling thread.
  /// A result that comes later is dropped.
  @discardableResult
  public func cancel() -> Bool {
    let (wins, before) = apply { $0.cancel() }
    guard wins else { return before.phase == .cancelled }
    notify(before)?()
    return true
  }

  /// Leaves the producer's hook; false when there is one already.
  func setCancelHook(_ hook: @escaping @Sendable () -> Void) -> Bool {
    let (takes, before) = apply { $0.takeHook() }
    guard takes else {
      if before.has(.hookTaken) { return false }
      if before.phase == .cancelled { hook() }
      return true
    }
    cancelHook = hook
    let (sets, after) = apply { $0.setHook() }
    guard !sets else { return true }
    // The future ended before anybody could see the hook, so it is still ours.
    cancelHook = nil
    if after.phase == .cancelled { hook() }
    return true
  }
}
