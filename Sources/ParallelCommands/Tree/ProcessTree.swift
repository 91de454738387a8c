import Glibc
import ParallelCore
import SystemPackage

/// A process and all that it has started, to be killed together.
///
/// Descendants are stopped one after the other until a look at all processes finds no more: what is stopped starts
/// nothing, and stays the parent of what it has started. Then all are killed. Each is held by a descriptor of its own, so
/// that no process that has got a number of one of them is hit.
///
/// Not found are those whose parent had ended before: except in the process group that the root leads, and those that can
/// still write to one of `pipes`.
struct ProcessTree {
  /// Longer than it takes a process to notice that it is stopped; some never do while they wait for a device.
  private static let timeToStop = Duration.milliseconds(50)

  private let root: SpawnedProcess
  private let leadsGroup: Bool
  private let pipes: [FileDescriptor]

  /// - Parameter pipes: This process's ends of pipes from which it reads what the root writes.
  init(_ root: SpawnedProcess, leadsGroup: Bool, pipes: [FileDescriptor] = []) {
    self.root = root
    self.leadsGroup = leadsGroup
    self.pipes = pipes
  }

  /// Sends `SIGKILL` to all of it. Does not wait for their end.
  func kill() {
    let descendants = stopDescendants()
    defer { descendants.values.forEach(SystemCalls.close) }
    for process in descendants.values { try? SystemCalls.signal(process, SIGKILL) }
    // ESRCH: it has ended already.
    if leadsGroup { root.killGroup() }
    try? SystemCalls.signal(root.pidfd, SIGKILL)
    for process in PipeWriters(ofPipes: pipes).open() {
      try? SystemCalls.signal(process, SIGKILL)
      SystemCalls.close(process)
    }
  }

  // MARK: Descendants

  private func stopDescendants() -> [Int32: FileDescriptor] {
    var held: [Int32: FileDescriptor] = [:]
    guard SystemCalls.isUnreaped(root.pidfd) else { return held }
    try? SystemCalls.signal(root.pidfd, SIGSTOP)
    let deadline = Deadline(timeout: Self.timeToStop)
    var areStopped = false
    while true {
      let table = ProcessEntry.all
      let new = Self.descendants(of: root.pid, in: table).filter { held[$0.processID] == nil }
      for entry in new { held[entry.processID] = Self.hold(entry) }
      // None is new although all were stopped before the look.
      if new.isEmpty, areStopped || deadline.hasPassed { return held }
      areStopped = ([root.pid] + held.keys).allSatisfy(Self.isStopped)
      if !areStopped { SystemCalls.pause(milliseconds: 1) }
    }
  }

  /// Stops a process that is the one of the entry; nil where that has ended meanwhile, or is not this user's.
  private static func hold(_ entry: ProcessEntry) -> FileDescriptor? {
    guard let process = try? SystemCalls.openProcess(entry.processID) else { return nil }
    // Its parent is stopped, so it still is its parent if it is the same process.
    guard ProcessEntry(entry.processID)?.startTime == entry.startTime,
      (try? SystemCalls.signal(process, SIGSTOP)) != nil
    else {
      SystemCalls.close(process)
      return nil
    }
    return process
  }

  private static func descendants(of root: Int32, in table: [ProcessEntry]) -> [ProcessEntry] {
    let children = Dictionary(grouping: table, by: \.parent)
    var found: [ProcessEntry] = []
    var parents = [root]
    while let parent = parents.popLast() {
      for child in children[parent] ?? [] where !child.isZombie {
        found.append(child)
        parents.append(child.processID)
      }
    }
    return found
  }

  private static func isStopped(_ process: Int32) -> Bool {
    guard let state = ProcessEntry(process)?.state else { return true }
    // Stopped, traced, ended, or asleep in the kernel, where it starts nothing either.
    return ["T", "t", "Z", "X", "D"].contains(state)
  }
}
