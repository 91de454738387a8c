import Foundation
import Glibc

/// A folder for one test, gone with the value's last reference.
final class ScratchFolder {
  let path: String

  init() {
    var template = Array((NSTemporaryDirectory() + "/wordcount-XXXXXX").utf8CString)
    precondition(mkdtemp(&template) != nil, "no folder for temporary files")
    path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Makes the folders that lead to the file, too.
  @discardableResult
  func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
    let file = URL(fileURLWithPath: path + "/" + name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file.path
  }

  @discardableResult
  func write(_ text: String, to name: String) throws -> String { try write(text.utf8, to: name) }

  /// The name need not be text.
  func write(_ text: String, toName name: [UInt8]) {
    let file = open(
      (Array(path.utf8) + [UInt8(ascii: "/")] + name + [0]).map(CChar.init(bitPattern:)), O_CREAT | O_WRONLY,
      0o600)
    precondition(file >= 0 && Glibc.write(file, text, text.utf8.count) == text.utf8.count && close(file) == 0)
  }
}
