internal import CParallel
import Glibc
package import SystemPackage

// Output that is for people who may look at it, and must never get into a program's way.
extension SystemCalls {
  /// Source: `isatty(3)`.
  package static func isTerminal(_ descriptor: FileDescriptor) -> Bool { isatty(descriptor.rawValue) == 1 }

  /// Writes what a short line needs, if it can be done at once: not where that would block (a stopped terminal, a full
  /// pipe). Errors are of no interest, and `SIGPIPE` is never raised.
  ///
  /// Source: `poll(2)`, `write(2)`, `pthread_sigmask(3)`.
  package static func writeIfPossible(_ descriptor: FileDescriptor, _ bytes: [UInt8]) {
    var event = pollfd(fd: descriptor.rawValue, events: Int16(POLLOUT), revents: 0)
    guard poll(&event, 1, 0) > 0, event.revents == Int16(POLLOUT) else { return }
    withoutBrokenPipeSignal {
      bytes.withUnsafeBytes { Glibc.write(descriptor.rawValue, $0.baseAddress, $0.count) }
    }
  }

  /// The other end may be closed between the look and the write.
  private static func withoutBrokenPipeSignal(_ write: () -> Int) {
    var signal = sigset_t()
    var mask = sigset_t()
    var pending = sigset_t()
    sigemptyset(&signal)
    sigaddset(&signal, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signal, &mask)
    defer { pthread_sigmask(SIG_SETMASK, &mask, nil) }
    sigpending(&pending)
    guard write() < 0, errno == EPIPE, sigismember(&pending, SIGPIPE) == 0 else { return }
    // The one that this write has raised; it is pending for this thread.
    var now = timespec()
    while sigtimedwait(&signal, nil, &now) < 0, errno == EINTR {}
  }
}
