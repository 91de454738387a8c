import ParallelCore
import SystemPackage

/// Reads a worker's standard output or error and passes whole lines on. All of it happens on the reactor.
final class WorkerStream: @unchecked Sendable {
  // Sendable: everything mutable is touched on the reactor only.

  private static let readSize = 16 * 1024

  private let descriptor: FileDescriptor
  private let relay: OutputRelay
  private let isDying: () -> Bool
  private var registration: Registration?
  private var isOpen = true
  private(set) var text = CrashText()

  /// Owns `descriptor`, the non-blocking reading end of a pipe, from here on. `isDying` is asked on the reactor.
  init(closing descriptor: FileDescriptor, to relay: OutputRelay, isDying: @escaping @Sendable () -> Bool) {
    self.descriptor = descriptor
    self.relay = relay
    self.isDying = isDying
  }

  func activate() throws(ParallelError) {
    registration = try Reactor.shared.register(descriptor, for: .readable) { [self] _ in
      read(atMost: Self.readSize)
    }
  }

  /// Reads what is in the pipe at this moment, and no more: whoever writes to it might never stop.
  func drain() {
    var left = SystemCalls.availableBytes(descriptor)
    while left > 0, isOpen {
      let count = read(atMost: min(left, Self.readSize))
      guard count > 0 else { return }
      left -= count
    }
  }

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

  @discardableResult
  private func read(atMost limit: Int) -> Int {
    guard isOpen else { return 0 }
    return withUnsafeTemporaryAllocation(byteCount: limit, alignment: 16) { buffer in
      do throws(Errno) {
        let count = try SystemCalls.read(descriptor, into: buffer)
        guard count > 0 else {
          close()
          return 0
        }
        if !relay.write(text.append(ArraySlice(buffer[..<count]), isDying: isDying())) { pause() }
        return count
      } catch {
        if error != .wouldBlock { close() }
        return 0
      }
    }
  }

  /// Lets the pipe fill, and so the worker wait, until this process's own stream has taken what there is.
  private func pause() {
    registration?.change(to: [])
    relay.afterWriting { [self] in
      Reactor.shared.perform { [self] in registration?.change(to: .readable) }
    }
  }
}
