import ParallelCore
import Testing

/// Runs `body` on `count` threads at once, with their numbers, and waits for all of them.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
  let threads = try (0..<count).map { number in
    try NativeThread.start(name: "test-\(number)") {
      do { try body(number) } catch { Issue.record(error, "on thread \(number)") }
    }
  }
  for thread in threads { thread.join() }
}

/// The full number in release builds, a twentieth in debug builds.
func rounds(release: Int) -> Int {
  #if DEBUG
    release / 20
  #else
    release
  #endif
}

/// SplitMix64, so that a failure can be run again from its seed.
struct SeededRandom: RandomNumberGenerator {
  let seed: UInt64
  private var state: UInt64

  init(seed: UInt64 = .random(in: 0...UInt64.max)) {
    self.seed = seed
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
