package import SystemPackage

/// The control group of this process that counts its processor time, in one of the hierarchies there may be.
package struct ControlGroup: Hashable {
  package enum Version: Hashable { case one, two }

  package var version: Version
  /// Where the hierarchy, or a part of it, is mounted.
  package var mountPoint: FilePath
  /// The way from there to the group.
  package var path: [String]

  /// The folders of the group and of those that it lies in, as far as they can be seen; the innermost first.
  package var folders: [FilePath] {
    (0...path.count).reversed().map { count in
      path[..<count].reduce(mountPoint) { $0.appending($1) }
    }
  }

  /// Reads the texts of `/proc/self/cgroup` and `/proc/self/mountinfo`; skips what makes no sense.
  package static func groups(memberships: String, mounts: String) -> [ControlGroup] {
    let mounts = mounts.split(separator: "\n").compactMap { Mount(line: $0) }
    return memberships.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return nil }
      let version: Version
      if fields[0] == "0" && fields[1].isEmpty {
        version = .two
      } else if fields[1].split(separator: ",").contains("cpu") {
        version = .one
      } else {
        return nil
      }
      return group(version, components(fields[2]), mounts.filter { $0.version == version })
    }
  }

  private static func group(_ version: Version, _ path: [String], _ mounts: [Mount]) -> ControlGroup? {
    for mount in mounts where path.starts(with: mount.root) && !path.contains("..") {
      let rest = Array(path.dropFirst(mount.root.count))
      return ControlGroup(version: version, mountPoint: mount.point, path: rest)
    }
    // The group is outside of what is mounted, as in some containers: what is there is then the container's own.
    return mounts.first.map { ControlGroup(version: version, mountPoint: $0.point, path: []) }
  }

  fileprivate static func components(_ path: Substring) -> [String] {
    path.split(separator: "/").map(String.init)
  }
}

/// A line of `/proc/self/mountinfo` about control groups of processor time; proc_pid_mountinfo(5).
private struct Mount {
  var version: ControlGroup.Version
  /// The group that is seen at the mount point.
  var root: [String]
  var point: FilePath

  init?(line: Substring) {
    let fields = line.split(separator: " ")
    // A varying number of optional fields is before the hyphen.
    guard fields.count > 6, let hyphen = fields[6...].firstIndex(of: "-"), hyphen + 3 < fields.count else {
      return nil
    }
    switch fields[hyphen + 1] {
    case "cgroup2": version = .two
    case "cgroup" where fields[hyphen + 3].split(separator: ",").contains("cpu"): version = .one
    default: return nil
    }
    root = ControlGroup.components(Substring(Self.unescaped(fields[3])))
    point = FilePath(Self.unescaped(fields[4]))
  }

  /// Blanks and the like are written as a backslash and three octal digits.
  private static func unescaped(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3).map { $0 &- UInt8(ascii: "0") }
      guard byte == UInt8(ascii: "\\"), digits.count == 3, digits.allSatisfy({ $0 < 8 }), digits[0] < 4 else {
        bytes.append(byte)
        continue
      }
      bytes.append(digits.reduce(0) { $0 << 3 | $1 })
      rest = rest.dropFirst(3)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
