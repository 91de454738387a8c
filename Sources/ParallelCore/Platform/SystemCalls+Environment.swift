internal import CParallel
import Glibc

extension SystemCalls {
  /// This process's environment variables, as `name=value`, byte by byte as they are.
  ///
  /// Source: `environ(7)`. As with the C library's own functions, no other thread may change them meanwhile.
  package static var environment: [[UInt8]] {
    guard var next = parallel_environment() else { return [] }
    var variables: [[UInt8]] = []
    while let variable = next.pointee {
      variables.append(Array(UnsafeRawBufferPointer(start: variable, count: strlen(variable))))
      next += 1
    }
    return variables
  }

  /// The name in `name=value`.
  package static func name(ofVariable variable: [UInt8]) -> String {
    String(decoding: variable.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
  }

  /// Whether an environment can hold such a variable.
  package static func canBeVariable(_ name: String, value: String?) -> Bool {
    !name.isEmpty && !name.utf8.contains(UInt8(ascii: "=")) && !name.utf8.contains(0)
      && !(value?.utf8.contains(0) ?? false)
  }
}
