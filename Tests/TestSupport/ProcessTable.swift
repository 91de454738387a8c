import Glibc
package import ParallelCore

package typealias ProcessEntry = ParallelCore.ProcessEntry

extension ProcessEntry {
  /// The children of a process, those that have ended and were not waited for included.
  package static func children(of parent: Int32 = getpid()) -> [ProcessEntry] {
    all.filter { $0.parent == parent }
  }
}

/// Whether a process with this number runs (or is stopped): a zombie does not.
package func isAlive(_ processID: Int32) -> Bool {
  ProcessEntry(processID).map { !$0.isZombie } ?? false
}
