internal import CParallel

/// How long a thread looks for a lock before it sleeps. Design note: Mutex.md.
public enum Spinning {
  /// The first pause between two looks, in processor hints of 3 to 45 ns each; each further pause is twice as long.
  public static let firstPause = 32

  /// How many pauses there are: none where the holder can't run meanwhile.
  ///
  /// The quota is not looked at: that takes files, and this is asked for within locks.
  package static let rounds = SystemCalls.permittedProcessors.count > 1 ? 4 : 0

  package static func pause(_ count: Int) {
    for _ in 0..<count { parallel_spin_hint() }
  }
}
