import Glibc

extension LockOrder {
  /// A place in a program where a lock is taken.
  public struct Site: Sendable, Hashable, CustomStringConvertible {
    private let file: StaticString
    /// The line in the file.
    public let line: UInt

    init(_ fileID: StaticString, _ line: UInt) {
      file = fileID
      self.line = line
    }

    /// The module and the file, as `#fileID` has it.
    public var fileID: String { file.description }

    /// `Module/File.swift:12`.
    public var description: String { "\(file):\(line)" }

    /// Whether both are the same line of the same file.
    public static func == (left: Site, right: Site) -> Bool {
      left.line == right.line
        && left.file.withUTF8Buffer { left in right.file.withUTF8Buffer { left.elementsEqual($0) } }
    }

    /// Feeds line and file to the hasher.
    public func hash(into hasher: inout Hasher) {
      hasher.combine(line)
      file.withUTF8Buffer { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
  }

  /// One step of a cycle: a thread that took a lock, or is about to, while it held another.
  ///
  /// Locks and threads are known by numbers that are never used again within a process.
  public struct Edge: Sendable, Hashable {
    /// The thread's number.
    public let thread: UInt64
    /// The number of the lock that it held.
    public let heldLock: UInt64
    /// Where it had taken that.
    public let heldAt: Site
    /// The number of the lock that it took then.
    public let acquiredLock: UInt64
    /// Where it took that.
    public let acquiredAt: Site
  }

  /// Locks that may deadlock, or a thread that waits for itself.
  public struct Report: Sendable, CustomStringConvertible {
    /// The cycle: each edge takes the lock that the next one holds, and the last one takes what the first one holds. The
    /// first edge is what the calling thread is about to do; the others were seen before.
    public let edges: [Edge]

    /// Whether the thread waits for a lock that it holds itself: a cycle of one edge.
    public var isSelfDeadlock: Bool { edges.count == 1 }

    /// A line that a person can read, then one for each edge.
    public var description: String {
      let now = edges[0]
      if isSelfDeadlock {
        return """
          \(now.acquiredAt): warning: this thread waits for a lock that it holds itself
            thread \(now.thread) has held lock \(now.heldLock) since \(now.heldAt)
          """
      }
      let first = """
        \(now.acquiredAt): warning: taking locks in this order may deadlock
          thread \(now.thread) holds lock \(now.heldLock), taken at \(now.heldAt), and takes \
        lock \(now.acquiredLock) at \(now.acquiredAt)
        """
      return edges.dropFirst().reduce(first) { text, edge in
        """
        \(text)
          before, thread \(edge.thread) held lock \(edge.heldLock), taken at \(edge.heldAt), and took \
        lock \(edge.acquiredLock) at \(edge.acquiredAt)
        """
      }
    }

    /// One write: what other threads and processes print does not come in between.
    func writeToStandardError() {
      var text = description + "\n"
      text.withUTF8 { while write(STDERR_FILENO, $0.baseAddress, $0.count) < 0, errno == EINTR {} }
    }
  }
}
