package import SystemPackage

/// Finds out how much processor time the control groups of this process allow it.
///
/// A group's quota holds for all groups below it, so those of the process's own group and of all that it lies in
/// count, as far as they can be seen: in a container usually those from the container's own group on. Both versions of
/// control groups are looked at; a system may have both. What can't be read or understood sets no limit.
///
/// Source: the chapters "Control Group v2" and "CFS Bandwidth Control" of the kernel's documentation, cgroups(7).
package struct ProcessorQuota {
  /// A file's text; nil where there is none.
  private let contents: (FilePath) -> String?

  package init(contents: @escaping (FilePath) -> String?) { self.contents = contents }

  /// How many processors' worth of time; nil for no limit.
  package var processors: Double? {
    guard let memberships = contents("/proc/self/cgroup"), let mounts = contents("/proc/self/mountinfo")
    else {
      return nil
    }
    let groups = ControlGroup.groups(memberships: memberships, mounts: mounts)
    return groups.flatMap { group in group.folders.compactMap { quota(of: $0, group.version) } }.min()
  }

  private func quota(of folder: FilePath, _ version: ControlGroup.Version) -> Double? {
    switch version {
    case .two:
      let words = contents(folder.appending("cpu.max"))?.split(whereSeparator: \.isWhitespace) ?? []
      // "max 100000" or "50000 100000"; the period may be left out.
      return Self.quota(words.first, period: words.count > 1 ? words[1] : "100000")
    case .one:
      return Self.quota(
        number(in: folder.appending("cpu.cfs_quota_us")),
        period: number(in: folder.appending("cpu.cfs_period_us")))
    }
  }

  private func number(in file: FilePath) -> Substring? {
    contents(file)?.split(whereSeparator: \.isWhitespace).first
  }

  /// Nil where one of them is no number above zero: "max" and -1 stand for no limit.
  private static func quota(_ quota: Substring?, period: Substring?) -> Double? {
    guard let quota = quota.flatMap({ Int($0) }), let period = period.flatMap({ Int($0) }) else { return nil }
    guard quota > 0, period > 0 else { return nil }
    return Double(quota) / Double(period)
  }
}
