import Glibc
package import SystemPackage

extension SystemCalls {
  /// Throws what prevents that a process works in the folder. Source: `access(2)`.
  package static func checkFolder(_ path: FilePath) throws(Errno) {
    // With the dot it would name the folder in which this process works.
    guard !path.isEmpty else { throw .noSuchFileOrDirectory }
    // Of a file there is no such entry.
    _ = try retrying(.open) { path.appending(".").withPlatformString { access($0, X_OK) } }
  }

  /// The folder in which this process works. Source: `getcwd(3)`.
  package static func currentFolder() throws(Errno) -> FilePath {
    guard let path = getcwd(nil, 0) else { throw Errno(rawValue: errno) }
    defer { free(path) }
    return FilePath(platformString: path)
  }

  /// The names in a folder, without `.` and `..`; none where it can't be read. Source: `readdir(3)`.
  package static func names(in folder: FilePath) -> [String] {
    guard let stream = folder.withPlatformString({ opendir($0) }) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        // The kernel ends the name with a zero byte within the field.
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// What a symbolic link points to; nil where there is none. Source: `readlink(2)`.
  package static func linkTarget(_ link: FilePath) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
      let count = link.withPlatformString { readlink($0, buffer.baseAddress!, buffer.count) }
      return count < 0 ? nil : String(decoding: UnsafeRawBufferPointer(buffer)[..<count], as: UTF8.self)
    }
  }
}
