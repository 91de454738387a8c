import Glibc
package import SystemPackage

/// A file to which any number of processes append numbers, each in one step: what was written before a process died
/// is there, whole, and once.
package struct SharedLog: Sendable, Codable {
  package var path: FilePath

  package init(path: FilePath) { self.path = path }

  /// Adds a number.
  package func append(_ number: Int) throws {
    let file = try FileDescriptor.open(
      path, .writeOnly, options: [.append, .create, .closeOnExec], permissions: .ownerReadWrite)
    defer { try? file.close() }
    // One write to a file that is opened for appending: the kernel serializes them.
    _ = try file.writeAll("\(number)\n".utf8)
  }

  /// The numbers in the order in which they came.
  package var numbers: [Int] {
    (contents(of: path) ?? "").split(separator: "\n").compactMap { Int($0) }
  }
}
