internal import CParallel
import ParallelCore

// The steps of a thread that this package starts: listed → (refused, or begun) → finished.
extension ThreadHandle {
  /// Lists the thread, which is about to be started; false when it was started before.
  func list() -> Bool {
    ThreadRegistry.shared.withLock { registry in
      guard state.phase == .unstarted else { return false }
      state.phase = .running
      registry.threads[number] = self
      return true
    }
  }

  /// The system refused the thread: it can be started again. Whoever waits for it looks again.
  func unlist() {
    ThreadRegistry.shared.withLock { registry in
      state.phase = .unstarted
      registry.threads[number] = nil
    }
    life.change { _, waiters in waiters.admitAll() }
  }

  /// On the new thread, before anything else.
  ///
  /// - Parameter startName: The name that the thread was started under; it may have got another since.
  func begin(startName: String) {
    parallel_adopt_thread_number(number)
    becomeCurrent()
    let id = SystemCalls.currentThreadID
    let name = ThreadRegistry.shared.withLock { _ in
      state.nativeID = id
      return state.name
    }
    if name != startName { SystemCalls.nameCurrentThread(name) }
    life.change { life, waiters in
      life.hasBegun = true
      waiters.admitAll { $0 == .beginning }
    }
  }

  /// On the thread that ends, when nothing is left to do: it is no longer listed, then whoever waits for it
  /// is told.
  func finish() {
    let isFirst = ThreadRegistry.shared.withLock { registry in
      guard state.phase == .running else { return false }
      state.phase = .ended
      state.nativeID = nil
      registry.threads[number] = nil
      return true
    }
    guard isFirst else { return }
    life.change { life, waiters in
      life.isOver = true
      waiters.admitAll()
    }
  }
}
