import ParallelCore
import ParallelFutures
import SystemPackage

/// Writes the workers' output to one of this process's own streams, on a thread of its own: the stream may block, and
/// the reactor must not.
final class OutputRelay: Sendable {
  static let standardOutput = OutputRelay(to: .standardOutput, name: "worker-stdout")
  static let standardError = OutputRelay(to: .standardError, name: "worker-stderr")

  /// With more than this not yet written, workers that write more have to wait.
  private static let backlogLimit = 1 << 20

  private struct State {
    var chunks: [[UInt8]] = []
    var backlog = 0
    var isWriting = false
    var whenWritten: [@Sendable () -> Void] = []
  }

  private let stream: FileDescriptor
  private let name: String
  private let state = Guarded(State())

  private init(to stream: FileDescriptor, name: String) {
    self.stream = stream
    self.name = name
  }

  /// Takes whole lines. False: the backlog is long, and the writer should pause until `afterWriting` calls.
  func write(_ bytes: [UInt8]) -> Bool {
    guard !bytes.isEmpty else { return true }
    let (mustStart, mayGoOn) = state.withLock { state in
      state.chunks.append(bytes)
      state.backlog += bytes.count
      defer { state.isWriting = true }
      return (!state.isWriting, state.backlog <= Self.backlogLimit)
    }
    if mustStart { startWriting() }
    return mayGoOn
  }

  /// Calls `body` when everything that was given so far is written; at once if it is.
  func afterWriting(_ body: @escaping @Sendable () -> Void) {
    let isWriting = state.withLock { state in
      if state.isWriting { state.whenWritten.append(body) }
      return state.isWriting
    }
    if !isWriting { body() }
  }

  /// The thread lives while there is something to write: output comes in bursts, and an idle process has no thread for
  /// it.
  private func startWriting() {
    do {
      _ = try NativeThread.start(name: name, stackSize: 256 << 10) { self.writeAll() }
    } catch {
      // Without a thread the output is lost, but nobody waits for it for ever.
      drop()
    }
  }

  private func writeAll() {
    while let chunks = takeChunks() {
      for chunk in chunks { writeFully(chunk) }
    }
  }

  /// Nil when there was nothing more, and the thread has to end.
  private func takeChunks() -> [[UInt8]]? {
    let (chunks, bodies) = state.withLock { state -> ([[UInt8]]?, [@Sendable () -> Void]) in
      if state.chunks.isEmpty {
        state.isWriting = false
        defer { state.whenWritten = [] }
        return (nil, state.whenWritten)
      }
      defer { (state.chunks, state.backlog) = ([], 0) }
      return (state.chunks, [])
    }
    for body in bodies { body() }
    return chunks
  }

  private func writeFully(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { bytes in
      var written = 0
      while written < bytes.count {
        do throws(Errno) {
          written += try SystemCalls.write(stream, UnsafeRawBufferPointer(rebasing: bytes[written...]))
        } catch .wouldBlock {
          SystemCalls.waitForRoom(stream)
        } catch {
          // Nobody reads this stream any more (closed, full disk): the workers must not suffer for it.
          return
        }
      }
    }
  }

  private func drop() {
    let bodies = state.withLock { state in
      defer { state = State() }
      return state.whenWritten
    }
    for body in bodies { body() }
  }
}
