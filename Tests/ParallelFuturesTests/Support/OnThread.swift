import Glibc
import ParallelCore

/// Runs `body` on a thread of its own, where it may block, while the test's task is suspended.
func onThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
  try await withCheckedThrowingContinuation { continuation in
    do {
      _ = try NativeThread.start(name: "test") { continuation.resume(with: Result(catching: body)) }
    } catch {
      continuation.resume(throwing: error)
    }
  }
}

/// Lets other tasks run until the condition holds; a condition that never comes hangs the test: that is its failure.
func eventually(_ condition: () -> Bool) async {
  while !condition() { await Task.yield() }
}

/// The same for a thread that may block.
func spin(until condition: () -> Bool) {
  while !condition() { sched_yield() }
}

struct Oops: Error, Equatable {
  var number = 0
}

/// A small seeded generator (SplitMix64), so that a failing run can be repeated.
struct SeededRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
