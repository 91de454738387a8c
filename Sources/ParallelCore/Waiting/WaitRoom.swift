/// What a room's state has to say when somebody leaves without having been admitted.
public protocol WaitRoomState: Sendable {
  associatedtype Request: Sendable

  /// A wait ended at its deadline or was cancelled; the waiter has left the list. May admit others.
  mutating func left(_ request: Request, waiters: inout WaitList<Request>)
}

extension WaitRoomState {
  /// Nothing to say.
  public mutating func left(_ request: Request, waiters: inout WaitList<Request>) {}
}

/// Where threads and tasks wait for the same thing, first come, first served.
///
/// A synchronization primitive is a state machine (``WaitRoomState``) in a room. A wait has two steps. *Entering*
/// decides under the lock, in one step with whatever else it does to the state, whether there is anything to wait for.
/// Then the thread parks, or the task suspends. A wait ends once: by being admitted, at its deadline, or by being
/// cancelled, whatever comes first under the lock; so an admission is never lost, and never given to one who has left.
///
/// Nothing is woken or resumed under the lock. Inlinable where a wait is not needed, as ``Guarded`` is.
public final class WaitRoom<State: WaitRoomState>: Sendable {
  /// What is waited for.
  public typealias Request = State.Request

  @usableFromInline
  struct Contents {
    @usableFromInline var state: State
    @usableFromInline var waiters = WaitList<Request>()

    @inlinable
    init(state: State) { self.state = state }
  }

  @usableFromInline let contents: Guarded<Contents>

  /// An empty room.
  @inlinable
  public init(_ state: State) { contents = Guarded(Contents(state: state)) }

  /// Looks at the state.
  @inlinable
  public func read<R>(_ body: (State, borrowing WaitList<Request>) -> R) -> R {
    contents.withLock { body($0.state, $0.waiters) }
  }

  /// Changes the state, then wakes those whom `body` admitted, also when it throws.
  @inlinable
  public func change<R, Failure: Error>(
    _ body: (inout State, inout WaitList<Request>) throws(Failure) -> R
  ) throws(Failure) -> R {
    var woken: Waiter<Request>?
    defer { if let woken { Self.wake(woken) } }
    return try contents.withLock { contents throws(Failure) in
      defer { woken = contents.waiters.takeEnded() }
      return try body(&contents.state, &contents.waiters)
    }
  }

  /// Begins a wait, unless `body` returns nil: then there is nothing to wait for. To be followed by ``park`` or
  /// ``suspend``, at once.
  @inlinable
  public func enter(_ body: (inout State) -> Request?) -> Waiter<Request>? {
    contents.withLock { contents in
      guard let request = body(&contents.state) else { return nil }
      let waiter = Waiter(request)
      contents.waiters.append(waiter)
      return waiter
    }
  }

  /// Begins a wait for something that others than the room decide about.
  ///
  /// - Parameter first: At the head of the line, for one who was admitted and found nothing.
  @inlinable
  public func join(_ request: Request, first: Bool = false) -> Waiter<Request> {
    let waiter = Waiter(request)
    contents.withLock { contents in
      if first { contents.waiters.prepend(waiter) } else { contents.waiters.append(waiter) }
    }
    return waiter
  }

  /// Ends a wait from outside, if it has not ended.
  @inlinable
  public func withdraw(_ waiter: Waiter<Request>, because reason: WaitEnd) {
    let woken: Waiter<Request>? = contents.withLock { contents in
      guard waiter.end == nil else { return nil }
      contents.waiters.withdraw(waiter, because: reason)
      contents.state.left(waiter.request, waiters: &contents.waiters)
      return contents.waiters.takeEnded()
    }
    if let woken { Self.wake(woken) }
  }

  @usableFromInline
  static func wake(_ chain: Waiter<Request>) {
    var next: Waiter<Request>? = chain
    while let waiter = next {
      next = waiter.next.take()
      waiter.wake()
    }
  }
}
