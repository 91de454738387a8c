package import SystemPackage

/// A descriptor that the reactor waits for.
package final class Registration: Sendable {
  package let descriptor: FileDescriptor
  let number: UInt64
  let handler: @Sendable (SystemCalls.Readiness) -> Void
  private let reactor: Reactor

  init(
    number: UInt64, descriptor: FileDescriptor, reactor: Reactor,
    handler: @escaping @Sendable (SystemCalls.Readiness) -> Void
  ) {
    self.number = number
    self.descriptor = descriptor
    self.reactor = reactor
    self.handler = handler
  }

  /// Waits for something else from now on.
  package func change(to interests: SystemCalls.Readiness) {
    // Fails only for a descriptor that is not registered, which is what a cancelled one looks like.
    try? SystemCalls.change(descriptor, in: reactor.epoll, to: interests, number: number)
  }

  /// Ends it. Idempotent; on the reactor, the handler is not called again once this has returned. Elsewhere a call may
  /// still be under way.
  package func cancel() {
    let wasActive = reactor.state.withLock { $0.handlers.removeValue(forKey: number) != nil }
    if wasActive { try? SystemCalls.remove(descriptor, from: reactor.epoll) }
  }
}
