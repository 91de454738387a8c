internal import CParallel

/// What a process used while it ran.
///
/// The corresponding C function is `getrusage`.
public struct ResourceUsage: Sendable, Hashable, Codable {
  /// CPU time spent in the program itself.
  public var userTime: Duration
  /// CPU time that the kernel spent on its behalf.
  public var systemTime: Duration
  /// The most memory it held at one time, in bytes (its peak resident set).
  ///
  /// Linux counts in what the process that started it held at that moment: a small child of a large parent seems large.
  public var peakMemory: Int

  /// CPU time in total.
  public var cpuTime: Duration { userTime + systemTime }

  package init(userTime: Duration, systemTime: Duration, peakMemory: Int) {
    self.userTime = userTime
    self.systemTime = systemTime
    self.peakMemory = peakMemory
  }

  /// Takes another process's in: the times add up, and the peak is that of the largest.
  package mutating func add(_ other: ResourceUsage) {
    userTime += other.userTime
    systemTime += other.systemTime
    peakMemory = max(peakMemory, other.peakMemory)
  }

  init(_ end: parallel_process_end) {
    self.init(
      userTime: .microseconds(Int64(clamping: end.user_microseconds)),
      systemTime: .microseconds(Int64(clamping: end.system_microseconds)),
      peakMemory: Int(clamping: end.peak_kibibytes) * 1024)
  }
}
