import Glibc
import ParallelCore
package import SystemPackage

/// A file's text, also of files in `/proc`, which have no size; nil where it can't be read.
package func contents(of path: FilePath) -> String? { SystemCalls.contents(of: path) }

/// What is left to read in a file or pipe, to its end.
package func text(from file: FileDescriptor) throws -> String {
  var bytes: [UInt8] = []
  let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
  defer { chunk.deallocate() }
  while true {
    let count = try file.read(into: chunk)
    if count == 0 { return String(decoding: bytes, as: UTF8.self) }
    bytes += chunk[..<count]
  }
}

/// The names in a folder, without `.` and `..`; none where it can't be read.
package func names(in folder: FilePath) -> [String] {
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
