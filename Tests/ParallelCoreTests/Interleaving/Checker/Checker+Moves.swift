import ParallelCore

extension Checker {
  /// All that can happen next.
  mutating func moves(from snapshot: Snapshot<Shared>) throws(Violation) -> [Move<Shared>] {
    var moves: [Move<Shared>] = []
    for thread in snapshot.threads.indices {
      switch snapshot.threads[thread].status {
      case .ended: break
      case .asleep(_, let hasDeadline):
        if hasDeadline { moves.append(wake(thread, SleepResult.timedOut, .timedOut, snapshot)) }
        if snapshot.spuriousLeft > 0 {
          var move = wake(thread, SleepResult.lookAgain, .wokeWithoutCause, snapshot)
          move.next.spuriousLeft -= 1
          moves.append(move)
        }
      case .ready:
        switch plan(thread, in: snapshot).next {
        case .fail(let message): throw violation(message)
        case .end: preconditionFailure("a thread whose function has ended has ended")
        case .perform(let operation): moves += perform(operation, by: thread, snapshot)
        }
      }
    }
    return moves
  }

  /// What a ready thread's operation does: one move, but for waking, where any sleeper may be the one.
  private mutating func perform(
    _ operation: Operation<Shared>, by thread: Int, _ snapshot: Snapshot<Shared>
  ) -> [Move<Shared>] {
    var next = snapshot
    let result: Int
    switch operation {
    case .load(let word): result = Int(next.words[word])
    case .compareExchange(let word, let expected, let desired):
      result = next.words[word] == expected ? 1 : 0
      if result == 1 { next.words[word] = desired }
    case .exchange(let word, let desired):
      result = Int(next.words[word])
      next.words[word] = desired
    case .step(_, let body): result = body(&next.shared)
    case .sleep(let word, let expected, let deadline):
      // As in the kernel: the word is compared before the deadline is looked at.
      if next.words[word] == expected, !deadline.hasPassed {
        next.threads[thread].status = .asleep(word: word, hasDeadline: !deadline.isNever)
        return [Move(thread: thread, event: .fellAsleep(word: word, value: expected), next: next)]
      }
      result = next.words[word] == expected ? SleepResult.timedOut : SleepResult.lookAgain
    case .wakeOne(let word):
      let sleepers = snapshot.sleepers(on: word)
      if !sleepers.isEmpty {
        return sleepers.map { wakeOne($0, on: word, by: thread, snapshot) }
      }
      result = 0
    }
    advance(thread, with: result, in: &next)
    return [Move(thread: thread, event: .performed(operation, result: result), next: next)]
  }

  private mutating func wakeOne(
    _ sleeper: Int, on word: Int, by thread: Int, _ snapshot: Snapshot<Shared>
  ) -> Move<Shared> {
    var next = snapshot
    advance(sleeper, with: SleepResult.lookAgain, in: &next)
    advance(thread, with: 0, in: &next)
    return Move(thread: thread, event: .woke(sleeper, word: word), next: next)
  }

  private mutating func wake(
    _ thread: Int, _ result: Int, _ event: Move<Shared>.Event, _ snapshot: Snapshot<Shared>
  ) -> Move<Shared> {
    var next = snapshot
    advance(thread, with: result, in: &next)
    return Move(thread: thread, event: event, next: next)
  }
}
