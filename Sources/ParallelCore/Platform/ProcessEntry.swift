internal import SystemPackage

/// One process as the kernel describes it in `/proc/<pid>/stat`.
package struct ProcessEntry: Sendable, Hashable, Codable {
  package var processID: Int32
  /// One letter: `R` running, `S` sleeping, `T` stopped, `Z` a zombie.
  package var state: String
  package var parent: Int32
  package var group: Int32
  package var session: Int32
  /// When it was started, in clock ticks since the system was; with its number it stands for one process only.
  package var startTime: UInt64

  /// Nil where there is no such process, or it is hidden from this user.
  ///
  /// Source: `proc_pid_stat(5)`.
  package init?(_ processID: Int32) {
    let entry = SystemCalls.withStatus(of: processID) { fields -> ProcessEntry? in
      guard fields.count > 19, let parent: Int32 = SystemCalls.number(fields[1]),
        let group: Int32 = SystemCalls.number(fields[2]), let session: Int32 = SystemCalls.number(fields[3]),
        let startTime: UInt64 = SystemCalls.number(fields[19])
      else { return nil }
      return ProcessEntry(
        processID: processID, state: String(decoding: fields[0], as: UTF8.self), parent: parent,
        group: group, session: session, startTime: startTime)
    }
    guard let entry else { return nil }
    self = entry
  }

  private init(
    processID: Int32, state: String, parent: Int32, group: Int32, session: Int32, startTime: UInt64
  ) {
    self.processID = processID
    self.state = state
    self.parent = parent
    self.group = group
    self.session = session
    self.startTime = startTime
  }

  /// It has ended, and its parent has not taken its status.
  package var isZombie: Bool { state == "Z" || state == "X" }

  /// All processes of this machine that this one may see.
  package static var all: [ProcessEntry] {
    SystemCalls.names(in: "/proc").compactMap { Int32($0).flatMap(ProcessEntry.init) }
  }
}
