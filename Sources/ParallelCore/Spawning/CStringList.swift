import Glibc

/// A null-terminated array of C strings, the form in which programs get their arguments and environment.
package struct CStringList: ~Copyable {
  private let strings: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  /// Copies the strings; each must be free of zero bytes.
  package init(_ values: [[UInt8]]) {
    count = values.count
    strings = .allocate(capacity: count + 1)
    for (index, value) in values.enumerated() {
      let copy = UnsafeMutablePointer<CChar>.allocate(capacity: value.count + 1)
      for (offset, byte) in value.enumerated() { copy[offset] = CChar(bitPattern: byte) }
      copy[value.count] = 0
      strings[index] = copy
    }
    strings[count] = nil
  }

  /// Valid as long as the list lives.
  var pointers: UnsafePointer<UnsafeMutablePointer<CChar>?> { UnsafePointer(strings) }

  deinit {
    for index in 0..<count { strings[index]?.deallocate() }
    strings.deallocate()
  }
}
