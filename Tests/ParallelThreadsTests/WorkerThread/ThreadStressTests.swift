import ParallelCore
import ParallelThreads
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(20))) struct ThreadStressTests {
  /// Threads start threads, and rename, cancel, list and join them in any order.
  @Test func threadsThatManageThreads() async throws {
    var random = SeededRandom(for: "threads that manage threads")
    let count = rounds(release: 2_000)
    let managers = try (0..<4).map { manager in
      let seed = random.next()
      return try WorkerThread.start(name: "manager-\(manager)") {
        var random = SeededRandom(seed: seed)
        for round in 0..<count { try manage(round, &random) }
      }
    }
    for manager in managers { try await manager.join() }
    #expect(!ThreadHandle.all.contains { $0.name.hasPrefix("managed") })
  }
}

private func manage(_ round: Int, _ random: inout SeededRandom) throws {
  let fails = Int.random(in: 0..<4, using: &random) == 0
  let waits = Bool.random(using: &random)
  let gate = WorkerThread(name: "managed-gate") { try? ThreadHandle.waitForAll(timeout: .zero) }
  let thread = WorkerThread(name: "managed", isDaemon: true, niceness: round % 16 == 0 ? 1 : nil) {
    () -> Int in
    if waits { try gate.join(timeout: .seconds(600)) }
    if fails { throw CancellationError() }
    return round
  }
  var steps: [() throws -> Void] = [
    { try gate.start() }, { try thread.start() }, { thread.name = "managed-\(round)" },
    { _ = ThreadHandle.all.map(\.description) }, { _ = thread.nativeID },
  ]
  let isCancelled = Int.random(in: 0..<3, using: &random) == 0
  if isCancelled { steps.append { thread.cancel() } }
  // The gate first, because who joins an unstarted thread is told so.
  for step in [steps[0]] + steps.dropFirst().shuffled(using: &random) { try step() }
  let second = try WorkerThread.start(name: "managed-second", isDaemon: true) { try? thread.join() }
  let value: Int?
  do { value = try thread.join() } catch is CancellationError { value = nil }
  guard try second.join() == value else { throw Wrong(round: round) }
  guard value == (fails ? nil : round) || (isCancelled && waits) else { throw Wrong(round: round) }
  guard !thread.isAlive, thread.nativeID == nil else { throw Wrong(round: round) }
  _ = try gate.join()
}

private struct Wrong: Error {
  var round: Int
}
