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
    var isWriting = false
    /// Bytes that were ever given, and ever written.
    var accepted = 0
    var written = 0
    /// In ascending order of the position that they wait for.
    var whenWritten: [(position: Int, body: @Sendable () -> Void)] = []
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
      state.accepted += bytes.count
      defer { state.isWriting = true }
      return (!state.isWriting, state.accepted - state.written <= Self.backlogLimit)
    }
    if mustStart { startWriting() }
    return mayGoOn
  }

  /// Calls `body` when everything that was given so far is written; at once if it is.
  func afterWriting(_ body: @escaping @Sendable () -> Void) {
    let isWritten = state.withLock { state in
      if state.written < state.accepted { state.whenWritten.append((state.accepted, body)) }
      return state.written == state.accepted
    }
    if isWritten { body() }
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
      for chunk in chunks {
        writeFully(chunk)
        noteWritten(chunk.count)
      }
    }
  }

  /// Nil when there is nothing more, and the thread has to end.
  private func takeChunks() -> [[UInt8]]? {
    state.withLock { state in
      state.isWriting = !state.chunks.isEmpty
      defer { state.chunks = [] }
      return state.isWriting ? state.chunks : nil
    }
  }

  private func noteWritten(_ count: Int) {
    let due = state.withLock { state in
      state.written += count
      let due = state.whenWritten.prefix { $0.position <= state.written }
      state.whenWritten.removeFirst(due.count)
      return due
    }
    for (_, body) in due { body() }
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
    let lost = takeChunks() ?? []
    noteWritten(lost.reduce(0) { $0 + $1.count })
    state.withLock { $0.isWriting = false }
  }
}
