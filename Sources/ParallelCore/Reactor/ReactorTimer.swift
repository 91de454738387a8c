/// A call that the reactor will make at a certain time.
package struct ReactorTimer: Sendable {
  let number: UInt64
  let reactor: Reactor

  /// Takes it back. Without effect when it has been made or is under way.
  package func cancel() {
    // The body is let go of outside of the lock.
    let body = reactor.state.withLock { $0.timers.cancel(number) }
    withExtendedLifetime(body) {}
  }
}
