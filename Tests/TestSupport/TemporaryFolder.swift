import Glibc
package import SystemPackage

/// A folder of its own for a test; it goes with this object, and all that is in it.
package final class TemporaryFolder: Sendable {
  package let path: FilePath

  /// Makes the folder where the environment's `TMPDIR` says, else in `/tmp`.
  package init() throws {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/parallel-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    path = template.withUnsafeBufferPointer { FilePath(platformString: $0.baseAddress!) }
  }

  deinit { Self.remove(path) }

  private static func remove(_ folder: FilePath) {
    for name in names(in: folder) {
      let path = folder.appending(name)
      if path.withPlatformString({ unlink($0) }) != 0 { remove(path) }
    }
    _ = folder.withPlatformString { rmdir($0) }
  }
}
