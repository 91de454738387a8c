import DequeModule
import ParallelCore
import ParallelFutures

/// The events of a pool from the start of an iteration on, to its end.
///
/// ```swift
/// Task {
///   for try await event in pool.events() { log("\(event)") }
/// }
/// ```
///
/// Each iteration has a buffer of its own. When it is full the oldest events are dropped, and
/// ``PoolEvent/missed(_:)`` stands in their place: a slow listener never holds up the pool.
public struct PoolEvents: AsyncSequence, Sendable {
  /// What it delivers.
  public typealias Element = PoolEvent

  let engine: PoolEngine
  let buffer: Int

  /// Begins to listen.
  public func makeAsyncIterator() -> Iterator {
    let listener = PoolListener(capacity: buffer)
    engine.add(listener)
    return Iterator(subscription: Subscription(engine: engine, listener: listener))
  }

  /// Delivers the events of one iteration.
  public struct Iterator: AsyncIteratorProtocol {
    fileprivate let subscription: Subscription

    /// The next event; nil after the pool's end. Throws `CancellationError` when the calling Swift task is cancelled.
    public mutating func next() async throws -> PoolEvent? {
      while true {
        switch subscription.listener.take() {
        case .event(let event): return event
        case .ended: return nil
        case .wait(let arrival): try await arrival.get()
        }
      }
    }

    /// The next event; blocks the calling thread. Nil after the pool's end. Throws `timedOut`.
    @available(*, noasync)
    public mutating func next(
      timeout: Duration? = nil, fileID: StaticString = #fileID, line: UInt = #line
    ) throws -> PoolEvent? {
      let deadline = Deadline(timeout: timeout)
      while true {
        switch subscription.listener.take() {
        case .event(let event): return event
        case .ended: return nil
        case .wait(let arrival): try arrival.get(timeout: deadline.remaining, fileID: fileID, line: line)
        }
      }
    }
  }

  /// Listens as long as it lives.
  fileprivate final class Subscription: Sendable {
    let engine: PoolEngine
    let listener: PoolListener

    init(engine: PoolEngine, listener: PoolListener) {
      self.engine = engine
      self.listener = listener
    }

    deinit { engine.remove(listener) }
  }
}

@available(*, unavailable)
extension PoolEvents.Iterator: Sendable {}

extension ProcessPool {
  /// What happens in the pool from now on, for logs and monitors. Costs nothing while nobody iterates.
  ///
  /// - Parameter buffer: How many events one iteration keeps for a slow listener, at least 1.
  public func events(buffer: Int = 256) -> PoolEvents {
    precondition(buffer >= 1, "a listener's buffer must hold at least one event, not \(buffer)")
    return PoolEvents(engine: engine, buffer: buffer)
  }

  /// What the pool has done and is doing, at this moment.
  public var statistics: PoolStatistics { engine.statistics }
}

/// The buffer of one iteration.
final class PoolListener: Sendable {
  private struct State {
    var events: Deque<PoolEvent> = []
    var missed = 0
    var hasEnded = false
    var arrival: Promise<Void>?
  }

  enum Next {
    case event(PoolEvent)
    case ended
    case wait(Future<Void>)
  }

  private let capacity: Int
  private let state = Guarded(State())

  init(capacity: Int) { self.capacity = capacity }

  func put(_ event: PoolEvent) {
    update { state in
      if state.events.count == capacity {
        state.events.removeFirst()
        state.missed += 1
      }
      state.events.append(event)
    }
  }

  func end() { update { $0.hasEnded = true } }

  private func update(_ body: (inout State) -> Void) {
    let arrival = state.withLock { state in
      body(&state)
      return state.arrival.take()
    }
    _ = try? arrival?.succeed()
  }

  func take() -> Next {
    state.withLock { state in
      if state.missed > 0 {
        defer { state.missed = 0 }
        return .event(.missed(state.missed))
      }
      if let event = state.events.popFirst() { return .event(event) }
      if state.hasEnded { return .ended }
      let promise = state.arrival.flatMap { $0.future.isDone ? nil : $0 } ?? Promise<Void>()
      state.arrival = promise
      return .wait(promise.future)
    }
  }
}
