import Glibc
import SystemPackage

/// One process as the kernel describes it in `/proc/<pid>/stat`.
package struct ProcessEntry: Sendable, Hashable, Codable {
  package var processID: Int32
  /// One letter: `R` running, `S` sleeping, `T` stopped, `Z` a zombie.
  package var state: String
  package var parent: Int32
  package var group: Int32

  /// Nil where there is no such process.
  package init?(_ processID: Int32) {
    guard let text = contents(of: FilePath("/proc/\(processID)/stat")) else { return nil }
    // The name, in parentheses, may hold anything, parentheses and blanks too.
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 2, let parent = Int32(fields[1]), let group = Int32(fields[2]) else { return nil }
    self.processID = processID
    state = String(fields[0])
    self.parent = parent
    self.group = group
  }

  package var isZombie: Bool { state == "Z" }

  /// All processes of this machine that this one may see.
  package static var all: [ProcessEntry] {
    names(in: "/proc").compactMap { Int32($0).flatMap(ProcessEntry.init) }
  }

  /// The children of a process, those that have ended and were not waited for included.
  package static func children(of parent: Int32 = getpid()) -> [ProcessEntry] {
    all.filter { $0.parent == parent }
  }
}

/// Whether a process with this number runs (or is stopped): a zombie does not.
package func isAlive(_ processID: Int32) -> Bool {
  ProcessEntry(processID).map { !$0.isZombie } ?? false
}
