import Glibc
import ParallelCore
import SystemPackage

/// What a process holds at one moment, for finding out what was left behind.
package struct ResourceCount: Sendable, Hashable, Codable {
  package var descriptors: Int
  package var threads: Int
  package var mappings: Int
  /// Child processes that run.
  package var children: Int
  /// Child processes that have ended and that nobody waited for.
  package var zombies: Int

  /// Of this process, now. Other threads may change it at any time: for processes in which nothing else happens.
  package static var now: ResourceCount {
    let children = ProcessEntry.children()
    // Looking into the folder takes a descriptor itself.
    return ResourceCount(
      descriptors: names(in: "/proc/self/fd").count - 1, threads: names(in: "/proc/self/task").count,
      mappings: contents(of: "/proc/self/maps").map { $0.split(separator: "\n").count } ?? 0,
      children: children.count { !$0.isZombie }, zombies: children.count(where: \.isZombie))
  }

  /// Whether no more of anything is held than in `other`, but for `slack`: what the runtime makes when it is first needed
  /// (timers, arenas), and threads that come and go with work.
  package func isWithin(_ other: ResourceCount, slack: Slack = Slack()) -> Bool {
    descriptors <= other.descriptors + slack.descriptors && threads <= other.threads + slack.threads
      && mappings <= other.mappings + slack.mappings && children <= other.children
      && zombies <= other.zombies
  }

  /// Far less than what many rounds of work would leave behind if each left one.
  package struct Slack: Sendable {
    package var descriptors = 2
    package var threads = 3
    package var mappings = 24

    package init() {}
  }
}

/// What the descriptors of this process refer to, sorted: for the report when there are too many.
package func openFiles() -> [String] {
  names(in: "/proc/self/fd").compactMap { name in
    SystemCalls.linkTarget(FilePath("/proc/self/fd/\(name)")).map { "\(name) \($0)" }
  }.sorted()
}
