import Foundation

/// A folder for one test, gone with the value's last reference.
final class ScratchFolder {
  let path: String

  init() {
    var template = Array((NSTemporaryDirectory() + "/thumbnails-XXXXXX").utf8CString)
    precondition(mkdtemp(&template) != nil, "no folder for temporary files")
    path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func read(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
  }

  func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path + "/" + folder)
  }

  func newFile(_ name: String) throws -> FileHandle {
    let file = URL(fileURLWithPath: path + "/" + name)
    try Data().write(to: file)
    return try FileHandle(forWritingTo: file)
  }
}
