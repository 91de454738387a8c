internal import CParallel
import Glibc
package import SystemPackage

extension SystemCalls {
  /// What a descriptor is ready for.
  package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    package static let readable = Readiness(rawValue: UInt32(PARALLEL_READABLE))
    package static let writable = Readiness(rawValue: UInt32(PARALLEL_WRITABLE))
    /// An error is pending on the descriptor; always reported.
    package static let failed = Readiness(rawValue: UInt32(PARALLEL_FAILED))
    /// The other end was closed; always reported.
    package static let hungUp = Readiness(rawValue: UInt32(PARALLEL_HUNG_UP))
    /// There is no such descriptor; reported by looks at single ones.
    static let notOpen = Readiness(rawValue: UInt32(POLLNVAL))
  }

  /// How many events one wait can give.
  static var eventsPerWait: Int { 64 }

  /// A set of descriptors to wait for, never in a closed standard stream's place. Source: `epoll_create1(2)`.
  static func createEpoll() throws(Errno) -> FileDescriptor {
    try aboveStandardStreams(FileDescriptor(rawValue: try retrying(.createEpoll) { parallel_create_epoll() }))
  }

  /// Puts a descriptor into the set under `number`. Source: `epoll_ctl(2)`.
  static func add(
    _ descriptor: FileDescriptor, to epoll: FileDescriptor, for readiness: Readiness, number: UInt64
  ) throws(Errno) {
    try control(epoll, PARALLEL_EPOLL_ADD, descriptor, readiness, number)
  }

  /// Waits for something else on a descriptor of the set.
  static func change(
    _ descriptor: FileDescriptor, in epoll: FileDescriptor, to readiness: Readiness, number: UInt64
  ) throws(Errno) {
    try control(epoll, PARALLEL_EPOLL_CHANGE, descriptor, readiness, number)
  }

  /// Takes a descriptor out of the set.
  static func remove(_ descriptor: FileDescriptor, from epoll: FileDescriptor) throws(Errno) {
    try control(epoll, PARALLEL_EPOLL_REMOVE, descriptor, [], 0)
  }

  private static func control(
    _ epoll: FileDescriptor, _ operation: parallel_epoll_operation, _ descriptor: FileDescriptor,
    _ readiness: Readiness, _ number: UInt64
  ) throws(Errno) {
    _ = try retrying(.controlEpoll) {
      parallel_control_epoll(epoll.rawValue, operation, descriptor.rawValue, readiness.rawValue, number)
    }
  }

  /// Waits for events, at most `milliseconds` (nil: without limit). An interruption counts as no event.
  ///
  /// Source: `epoll_wait(2)`.
  static func wait(
    _ epoll: FileDescriptor, milliseconds: Int32?, _ body: (_ number: UInt64, _ readiness: Readiness) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: parallel_epoll_event.self, capacity: eventsPerWait) { events in
      let count = parallel_wait_epoll(
        epoll.rawValue, events.baseAddress, Int32(eventsPerWait), milliseconds ?? -1)
      for index in 0..<Int(max(count, 0)) {
        body(events[index].number, Readiness(rawValue: events[index].events))
      }
    }
  }
}

extension SystemCalls {
  /// Sleeps until one of the descriptors has input or was closed at its other end. Returns for each whether it is that
  /// one; nil if any of them is not open.
  ///
  /// Source: `poll(2)`.
  @discardableResult
  package static func waitForInput(_ descriptors: FileDescriptor...) -> [Bool]? {
    var watches = descriptors.map { Watch($0) }
    _ = wait(for: &watches, until: .never)
    guard !watches.contains(where: { $0.found.contains(.notOpen) }) else { return nil }
    return watches.map { !$0.found.isEmpty }
  }

  /// Sleeps until the descriptor takes more output, or never will. Source: `poll(2)`.
  package static func waitForRoom(_ descriptor: FileDescriptor) {
    var watches = [Watch(descriptor, for: .writable)]
    _ = wait(for: &watches, until: .never)
  }

  /// Lets time pass, where there is nothing to wait for. Source: `poll(2)`.
  package static func pause(milliseconds: Int32) {
    _ = poll(nil, 0, milliseconds)
  }

  /// A descriptor to look at, and what was found there.
  package struct Watch {
    fileprivate var event: pollfd

    /// Without a descriptor nothing is ever found.
    package init(_ descriptor: FileDescriptor?, for readiness: Readiness = .readable) {
      event = pollfd(fd: descriptor?.rawValue ?? -1, events: Int16(readiness.rawValue), revents: 0)
    }

    /// What the last look has found; empty when nothing.
    package var found: Readiness { Readiness(rawValue: UInt32(UInt16(bitPattern: event.revents))) }

    /// Whether there is still something to look at.
    package var isActive: Bool { event.fd >= 0 }

    /// It is not looked at any more.
    package mutating func end() { event = pollfd(fd: -1, events: 0, revents: 0) }
  }

  /// Sleeps until something is found at one of them; false when the deadline came first. Looks once if it has passed.
  ///
  /// Source: `ppoll(2)`.
  package static func wait(for watches: inout [Watch], until deadline: Deadline) -> Bool {
    watches.withUnsafeMutableBytes { bytes in
      // A watch is nothing but its event.
      let events = bytes.assumingMemoryBound(to: pollfd.self)
      while true {
        let found = parallel_poll(
          events.baseAddress, events.count, deadline.nanosecondsLeft.map(Int64.init(clamping:)) ?? -1)
        if found > 0 { return true }
        if found == 0 {
          if deadline.hasPassed { return false }
        } else if errno != EINTR {
          // No memory for it, or more than may be open. Let the caller try what he waits for, and not too often.
          pause(milliseconds: 1)
          for index in events.indices where events[index].fd >= 0 {
            events[index].revents = events[index].events
          }
          return true
        }
      }
    }
  }
}
