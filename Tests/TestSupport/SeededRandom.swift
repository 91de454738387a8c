import Glibc

/// SplitMix64, so that a failure can be run again from its seed: `PARALLEL_TEST_SEED=… swift test`.
package struct SeededRandom: RandomNumberGenerator {
  /// Where the sequence began.
  package let seed: UInt64
  private var state: UInt64

  /// Begins a sequence and prints its seed; that of the environment's `PARALLEL_TEST_SEED` comes before any other.
  ///
  /// - Parameter purpose: What the numbers are for; printed with the seed.
  package init(for purpose: String) {
    let wanted = getenv("PARALLEL_TEST_SEED").flatMap { UInt64(String(cString: $0)) }
    self.init(seed: wanted ?? .random(in: 0...UInt64.max))
    print("seed of \(purpose): \(seed)")
  }

  /// The sequence of a known seed; prints nothing.
  package init(seed: UInt64) {
    self.seed = seed
    state = seed
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// The full number in release builds, a twentieth in debug builds, a hundredth under the thread sanitizer, where a worker
/// alone takes a second to start; the environment's `PARALLEL_TEST_ROUNDS` multiplies it.
package func rounds(release: Int) -> Int {
  let all = release * roundsFactor
  #if DEBUG
    return max(1, all / (isThreadSanitized ? 100 : 20))
  #else
    return all
  #endif
}

private let roundsFactor = getenv("PARALLEL_TEST_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 1
