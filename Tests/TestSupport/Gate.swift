import Glibc
import ParallelCore
import SystemPackage

/// A door that is closed until somebody opens it, and open from then on; for threads, tasks and processes alike.
///
/// It travels in worker tasks, as a descriptor: all copies are the same door.
///
/// ```swift
/// let begun = try Gate(), goOn = try Gate()
/// async let result = pool.run(Wait(begun: begun, goOn: goOn))   // begun.open(); goOn.pass()
/// try await begun.opened()
/// goOn.open()
/// ```
package final class Gate: Sendable {
  /// An event counter: above zero means open, and nobody ever reads it.
  private let event: FileDescriptor

  /// A closed gate.
  package init() throws {
    event = try SystemCalls.createEvent()
  }

  private init(event: FileDescriptor) { self.event = event }

  deinit { try? event.close() }

  /// Lets all pass, now and later.
  package func open() { SystemCalls.ring(event) }

  package var isOpen: Bool { poll(0) }

  /// Waits until the gate is open; blocks the thread.
  package func pass() { _ = poll(-1) }

  /// Waits until the gate is open, and suspends the task meanwhile.
  package func opened() async throws { try await onThread { [self] in pass() } }

  private func poll(_ milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: event.rawValue, events: Int16(POLLIN), revents: 0)
    while true {
      let count = Glibc.poll(&entry, 1, milliseconds)
      if count >= 0 || errno != EINTR { return count > 0 }
    }
  }
}

extension Gate: Codable {
  package convenience init(from decoder: any Decoder) throws {
    // Decoded descriptors belong to whoever decodes: this object closes it at its end.
    self.init(event: try decoder.singleValueContainer().decode(FileDescriptor.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(event)
  }
}
