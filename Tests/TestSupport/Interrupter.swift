import Glibc
import ParallelCore
import Synchronization

private let handled = Atomic<Int>(0)

/// Interrupts threads by signals all the time: a system call that returns early must not end a wait, nor begin its time
/// limit anew.
package final class Interrupter: Sendable {
  private let threads = Guarded<[pthread_t]>([])
  private let isDone = Atomic<Bool>(false)

  /// How many signals the process has handled.
  package static var count: Int { handled.load(ordering: .relaxed) }

  package init() {
    // Before the handler can want it: nothing may be initialized in there.
    _ = Self.count
    var action = sigaction()
    // Without SA_RESTART. Never put back: another test may send the signal still.
    action.__sigaction_handler.sa_handler = { _ in handled.add(1, ordering: .relaxed) }
    sigaction(SIGUSR2, &action, nil)
  }

  /// Runs `body` on this thread, which is interrupted meanwhile.
  package func interrupting<R>(_ body: () throws -> R) rethrows -> R {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGUSR2)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    let thread = pthread_self()
    threads.withLock { $0.append(thread) }
    defer { threads.withLock { $0.removeAll { $0 == thread } } }
    return try body()
  }

  /// Sends signals until ``stop()``.
  package func run(every microseconds: UInt32 = 500) {
    while !isDone.load(ordering: .relaxed) {
      interruptAll()
      usleep(microseconds)
    }
  }

  /// Sends each thread one signal.
  package func interruptAll() {
    // None of the threads ends meanwhile: it would have to leave the list first.
    threads.withLock { for thread in $0 { pthread_kill(thread, SIGUSR2) } }
  }

  package func stop() { isDone.store(true, ordering: .relaxed) }
}
