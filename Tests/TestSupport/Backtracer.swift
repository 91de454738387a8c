import Glibc
import SystemPackage

/// Whether the toolchain's backtracer is where the Swift runtime of this process looks for it.
///
/// With `SWIFT_BACKTRACE=enable=no` it is not used even then.
package var hasBacktracer: Bool {
  if isThreadSanitized { return false }
  if let options = getenv("SWIFT_BACKTRACE"), String(cString: options).contains("enable=no") { return false }
  return installations.contains { root in
    ["libexec/swift/linux/swift-backtrace", "libexec/swift/swift-backtrace"].contains { place in
      root.appending(place).withPlatformString { access($0, X_OK) } == 0
    }
  }
}

/// Where the Swift runtime may be installed: as the environment says, or around the library that is loaded, which lies
/// in `lib/swift/linux`.
private var installations: [FilePath] {
  var roots: [FilePath] = []
  if let root = getenv("SWIFT_ROOT") { roots.append(FilePath(String(cString: root))) }
  for line in (contents(of: "/proc/self/maps") ?? "").split(separator: "\n") {
    guard line.hasSuffix("/libswiftCore.so"), let start = line.firstIndex(of: "/") else { continue }
    var root = FilePath(String(line[start...]))
    for _ in 0..<4 { root.removeLastComponent() }
    roots.append(root)
    break
  }
  return roots
}
