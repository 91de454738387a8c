import SystemPackage
import TestSupport
import Testing

@testable import ParallelCore

/// Quotas of control groups, from the files of systems as they are found.
@Suite struct ProcessorQuotaTests {
  private static let unified =
    "31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"
  private static let legacy =
    "33 25 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:7 - cgroup cgroup rw,cpu,cpuacct"

  private func quota(_ memberships: String, _ mounts: String, _ files: [String: String] = [:]) -> Double? {
    var files = files
    files["/proc/self/cgroup"] = memberships
    files["/proc/self/mountinfo"] = mounts
    return ProcessorQuota { [files] in files[$0.string] }.processors
  }

  @Test func theOwnGroupsQuotaCounts() {
    let file = "/sys/fs/cgroup/user.slice/job.scope/cpu.max"
    #expect(quota("0::/user.slice/job.scope\n", Self.unified, [file: "150000 100000\n"]) == 1.5)
    #expect(quota("0::/user.slice/job.scope\n", Self.unified, [file: "max 100000\n"]) == nil)
    #expect(quota("0::/user.slice/job.scope\n", Self.unified, [file: "20000\n"]) == 0.2)
  }

  @Test(arguments: ["/a/b/c", "/a/b", "/a", ""])
  func theSmallestOfAllThatItLiesInCounts(smallest: String) {
    var files: [String: String] = [:]
    for path in ["/a/b/c", "/a/b", "/a", ""] {
      files["/sys/fs/cgroup\(path)/cpu.max"] = path == smallest ? "300000 100000" : "400000 100000"
    }
    files["/sys/fs/cgroup/a/x/cpu.max"] = "1000 100000"
    files["/sys/fs/cgroup/a/b/c/d/cpu.max"] = "1000 100000"
    #expect(quota("0::/a/b/c", Self.unified, files) == 3)
  }

  @Test func versionOne() {
    let memberships = "9:name=systemd:/\n4:memory:/m\n3:cpu,cpuacct:/docker/abc\n2:cpuset:/\n0::/"
    let folder = "/sys/fs/cgroup/cpu,cpuacct"
    let files = [
      "\(folder)/docker/abc/cpu.cfs_quota_us": "250000\n",
      "\(folder)/docker/abc/cpu.cfs_period_us": "100000\n",
      "\(folder)/docker/cpu.cfs_quota_us": "-1\n", "\(folder)/docker/cpu.cfs_period_us": "100000\n",
    ]
    #expect(quota(memberships, Self.legacy, files) == 2.5)
    #expect(quota("3:cpuset:/docker/abc", Self.legacy, files) == nil)
    #expect(quota(memberships, Self.legacy, files.filter { !$0.key.hasSuffix("period_us") }) == nil)
  }

  /// The host's path is what the process sees as its own, and the mount shows the container's group only.
  @Test func aContainerWithoutANamespaceOfItsOwn() {
    let mount = "44 40 0:30 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu"
    let files = [
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "50000", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
      "/sys/fs/cgroup/cpu/inner/cpu.cfs_quota_us": "20000",
      "/sys/fs/cgroup/cpu/inner/cpu.cfs_period_us": "100000",
    ]
    #expect(quota("1:cpu:/docker/abc", mount, files) == 0.5)
    #expect(quota("1:cpu:/docker/abc/inner", mount, files) == 0.2)
    // Elsewhere, or with a like name: what is mounted is all there is to go by.
    #expect(quota("1:cpu:/docker/abcd/inner", mount, files) == 0.5)
    #expect(quota("1:cpu:/kubepods/x", mount, files) == 0.5)
  }

  @Test func aContainerWithANamespaceOfItsOwn() {
    #expect(quota("0::/", Self.unified, ["/sys/fs/cgroup/cpu.max": "100000 100000"]) == 1)
    // Of another namespace's group only the way out is seen.
    #expect(quota("0::/../other", Self.unified, ["/sys/fs/cgroup/cpu.max": "100000 100000"]) == 1)
  }

  @Test func bothVersionsAtOnce() {
    let files = [
      "/sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us": "300000",
      "/sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_period_us": "100000", "/unified/y/cpu.max": "200000 100000",
    ]
    let mounts = Self.legacy + "\n41 31 0:38 / /unified rw - cgroup2 cgroup2 rw\n"
    #expect(quota("3:cpu,cpuacct:/x\n0::/y", mounts, files) == 2)
  }

  @Test func namesWithOddCharacters() {
    let mount = #"31 23 0:28 /with\040blank /mnt/a\134b\040c rw - cgroup2 none rw"#
    #expect(quota("0::/with blank/a:b", mount, [#"/mnt/a\b c/a:b/cpu.max"#: "700000 100000"]) == 7)
  }

  @Test func theMountThatShowsTheGroupIsTaken() {
    let mounts = """
      1 2 0:28 /other /elsewhere rw - cgroup2 none rw
      3 2 0:28 / /sys/fs/cgroup rw - cgroup2 none rw
      """
    let files = ["/elsewhere/cpu.max": "100000 100000", "/sys/fs/cgroup/own/cpu.max": "200000 100000"]
    #expect(quota("0::/own", mounts, files) == 2)
  }

  @Test(arguments: [
    "", "x", "max", "max max", "0 100000", "-1 100000", "100000 0", "100000 -5", "1e5 100000",
    "99999999999999999999 1",
    "\u{0}\u{0}",
  ]) func garbageSetsNoLimit(text: String) {
    #expect(quota("0::/a", Self.unified, ["/sys/fs/cgroup/a/cpu.max": text]) == nil)
    // But does not hide another's.
    let files = ["/sys/fs/cgroup/a/cpu.max": text, "/sys/fs/cgroup/cpu.max": "100000 100000"]
    #expect(quota("0::/a", Self.unified, files) == 1)
  }

  @Test(arguments: [
    "", "\n\n", "0", "0:", "0::", "::::", "x:cpu:/", "1:cpu:", "0::relative", "31 23 0:28",
    "a b c d e f - cgroup2",
    "- - - - - - - - -", "1 2 3 / /m rw - cgroup cgroup", #"1 2 3 \ \777 rw - cgroup2 x y"#,
  ]) func oddLinesAreSkipped(line: String) {
    let files = ["/sys/fs/cgroup/a/cpu.max": "100000 100000"]
    #expect(quota(line + "\n0::/a", line + "\n" + Self.unified, files) ?? 1 == 1)
    _ = quota(line, line, files)
  }

  @Test func filesThatAreMissing() {
    #expect(ProcessorQuota { _ in nil }.processors == nil)
    #expect(quota("", "") == nil)
    #expect(quota("0::/a", Self.unified) == nil)
    #expect(quota("0::/a", "") == nil)
  }

  @Test func randomTextsAreNoTrouble() {
    var random = SeededRandom(for: "garbled control groups")
    let samples = Array("0:1::/ab..,-cpu max\\040\n cgroup2 rw/sys 100000".unicodeScalars)
    for _ in 0..<3_000 {
      func text() -> String {
        String(
          String.UnicodeScalarView(
            (0..<Int.random(in: 0..<80, using: &random)).map { _ in
              samples.randomElement(using: &random)!
            }))
      }
      let (one, two, three) = (text(), Self.unified + "\n" + text(), text())
      let found = ProcessorQuota {
        $0 == "/proc/self/cgroup" ? one : $0 == "/proc/self/mountinfo" ? two : three
      }
      #expect(found.processors ?? 1 > 0)
    }
  }

  @Test(
    arguments: [
      (4, nil, 4), (4, 1.5, 2), (4, 0.1, 1), (4, 4, 4), (4, 7.5, 4), (0, nil, 1), (8, 3, 3), (1, 1e300, 1),
    ] as [(Int, Double?, Int)]) func whatIsUsable(permitted: Int, quota: Double?, usable: Int)
  {
    #expect(SystemCalls.usableProcessors(permitted: permitted, quota: quota) == usable)
  }

  @Test func thisMachine() {
    #expect((1...SystemCalls.permittedProcessors.count).contains(SystemCalls.usableProcessors))
    let start = Deadline.now.nanoseconds
    for _ in 0..<100 { #expect(SystemCalls.processorQuota ?? 1 > 0) }
    print("ProcessorQuotaTests: \((Deadline.now.nanoseconds - start) / 100_000) µs to find the quota")
    #expect(SystemCalls.contents(of: "/proc/self/mountinfo")?.isEmpty == false)
    #expect(SystemCalls.contents(of: "/nowhere") == nil)
    #expect(SystemCalls.contents(of: "/proc") == nil)
  }
}
