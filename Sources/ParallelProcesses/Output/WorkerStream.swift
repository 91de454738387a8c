import ParallelCore
import SystemPackage

/// Reads a worker's standard output or error and passes whole lines on. All of it happens on the reactor.
final class WorkerStream: @unchecked Sendable {
  // Sendable: everything mutable is touched on the reactor only.

  private let descriptor: FileDescriptor
  private let relay: OutputRelay
  private let isDying: () -> Bool
  private var registration: Registration?
  private var isOpen = true
  private(set) var text = CrashText()

  /// Owns `descriptor`, the reading end of a pipe, from here on. `isDying` is asked on the reactor.
  init(closing descriptor: FileDescriptor, to relay: OutputRelay, isDying: @escaping @Sendable () -> Bool) {
    self.descriptor = descriptor
    self.relay = relay
    self.isDying = isDying
  }

  func activate() throws(ParallelError) {
    do {
      try SystemCalls.setNonBlocking(descriptor)
    } catch {
      throw ParallelError(.system, "a worker's output can't be read", underlying: error)
    }
    registration = try Reactor.shared.register(descriptor, for: .readable) { [self] _ in
      read(untilEmpty: false)
    }
  }

  /// Reads what is in the pipe, as far as it does not have to wait for more.
  func drain() { read(untilEmpty: true) }

  /// Reads what is left and closes the pipe. Processes that a task left behind may still hold its other end.
  func finish() {
    guard isOpen else { return }
    drain()
    close()
  }

  private func close() {
    guard isOpen else { return }
    isOpen = false
    registration?.cancel()
    registration = nil
    SystemCalls.close(descriptor)
    _ = relay.write(text.finish())
  }

  private func read(untilEmpty: Bool) {
    guard isOpen else { return }
    withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 16) { buffer in
      while isOpen {
        do throws(Errno) {
          let count = try SystemCalls.read(descriptor, into: buffer)
          guard count > 0 else { return close() }
          let own = text.append(ArraySlice(buffer[..<count]), isDying: isDying())
          if !relay.write(own) { pause() }
        } catch .wouldBlock {
          return
        } catch {
          return close()
        }
        if !untilEmpty { return }
      }
    }
  }

  /// Lets the pipe fill, and so the worker wait, until this process's own stream has taken what there is.
  private func pause() {
    registration?.change(to: [])
    relay.afterWriting { [self] in
      try? Reactor.shared.perform { [self] in registration?.change(to: .readable) }
    }
  }
}
