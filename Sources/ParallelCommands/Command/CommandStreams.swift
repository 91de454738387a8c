import ParallelCore
import SystemPackage

/// What a new process gets as its descriptors, and this process's ends of the pipes among them.
///
/// Owns each descriptor that it opens, and nothing that the user gave: those of the process are closed once it has
/// started, this process's ends unless they are taken. All have numbers above the standard streams', so that in a program
/// that has closed its own nothing takes their places.
final class CommandStreams {
  /// Which of this process's descriptors the new one gets at which number.
  private(set) var placements: [Int32: FileDescriptor]
  private var ownEnds: [StandardStream: FileDescriptor] = [:]
  private var openedForProcess: [FileDescriptor] = []

  /// Opens what the command's streams need.
  ///
  /// - Parameter piped: The streams for which there is a pipe, whatever the command says.
  init(_ command: Command, piped: Set<StandardStream>) throws(CommandError) {
    placements = command.descriptors
    for stream in StandardStream.allCases {
      do throws(Errno) {
        placements[stream.number] = try open(command, stream, piped: piped)
      } catch {
        throw CommandError(command, .stream(command.name(of: stream), error))
      }
    }
  }

  /// Hands over this process's end of the pipe to the stream; nil where there is none.
  func takeEnd(_ stream: StandardStream) -> FileDescriptor? { ownEnds.removeValue(forKey: stream) }

  /// The process has its copies now.
  func processHasStarted() {
    openedForProcess.forEach(SystemCalls.close)
    openedForProcess = []
  }

  deinit { (openedForProcess + ownEnds.values).forEach(SystemCalls.close) }

  // MARK: Opening

  private func open(
    _ command: Command, _ stream: StandardStream, piped: Set<StandardStream>
  ) throws(Errno) -> FileDescriptor? {
    if piped.contains(stream) { return try openPipe(stream) }
    switch stream {
    case .input: return try open(command.input)
    case .output: return try open(command.output, stream)
    case .errors: return try open(command.errors, stream)
    }
  }

  private func open(_ input: CommandInput) throws(Errno) -> FileDescriptor? {
    switch input {
    case .inherited: return inherited(.input)
    case .null: return try keep(SystemCalls.open("/dev/null", .readOnly))
    case .bytes(let bytes): return try keep(MemoryFile.containing(bytes))
    case .file(let path): return try keep(SystemCalls.open(path, .readOnly))
    case .descriptor(let descriptor): return try checked(descriptor)
    }
  }

  private func open(_ output: CommandOutput, _ stream: StandardStream) throws(Errno) -> FileDescriptor? {
    switch output {
    case .inherited: return inherited(stream)
    case .null: return try keep(SystemCalls.open("/dev/null", .writeOnly))
    case .file(let path, let appending):
      return try keep(
        SystemCalls.open(path, .writeOnly, options: [.create, appending ? .append : .truncate]))
    case .descriptor(let descriptor): return try checked(descriptor)
    case .sameAsOutput: return placements[StandardStream.output.number]
    }
  }

  private func openPipe(_ stream: StandardStream) throws(Errno) -> FileDescriptor {
    let (readEnd, writeEnd) = try SystemCalls.pipe()
    let (own, other) = stream == .input ? (writeEnd, readEnd) : (readEnd, writeEnd)
    do throws(Errno) {
      let own = try SystemCalls.aboveStandardStreams(own)
      ownEnds[stream] = own
      try SystemCalls.setNonBlocking(own)
    } catch {
      SystemCalls.close(other)
      throw error
    }
    return try keep(other)
  }

  private func keep(_ descriptor: FileDescriptor) throws(Errno) -> FileDescriptor {
    let kept = try SystemCalls.aboveStandardStreams(descriptor)
    openedForProcess.append(kept)
    return kept
  }

  /// What is closed here is closed there.
  private func inherited(_ stream: StandardStream) -> FileDescriptor? {
    let own = FileDescriptor(rawValue: stream.number)
    return SystemCalls.isOpen(own) ? own : nil
  }

  private func checked(_ descriptor: FileDescriptor) throws(Errno) -> FileDescriptor {
    guard SystemCalls.isOpen(descriptor) else { throw .badFileDescriptor }
    return descriptor
  }
}

extension Command {
  /// A stream and where it is to come from or go to, for the message about why that is not possible.
  fileprivate func name(of stream: StandardStream) -> String {
    switch stream {
    case .input:
      if case .file(let path) = input { return "its input, the file \(path)" }
      if case .descriptor(let descriptor) = input {
        return "its input, the descriptor \(descriptor.rawValue)"
      }
    case .output, .errors:
      switch stream == .output ? output : errors {
      case .file(let path, _): return "its \(stream.name), the file \(path)"
      case .descriptor(let descriptor): return "its \(stream.name), the descriptor \(descriptor.rawValue)"
      default: break
      }
    }
    return "its \(stream.name)"
  }
}
