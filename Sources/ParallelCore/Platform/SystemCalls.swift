import Glibc
import SystemPackage

/// Every system call of the package, each retried when a signal interrupts it and turned into an `Errno` in one way.
///
/// What only Linux has stays in this folder: a port to another system replaces it and nothing else.
package enum SystemCalls {
  /// The calls that tests can make fail; see `FaultInjection`.
  package enum Name: Sendable, Hashable {
    case duplicate, createEpoll, controlEpoll, createEvent, createMemory, allocate,
      seal, map
    case open, pipe, read, write, send, receive, socketPair, setFlags, waitProcess, signalProcess
  }

  /// Runs `call` until it is not interrupted; throws the errno when it returns a negative number.
  @inline(__always)
  static func retrying<Result: FixedWidthInteger & SignedInteger>(
    _ name: Name, _ call: () -> Result
  ) throws(Errno) -> Result {
    while true {
      #if DEBUG
        if let fault = FaultInjection.fault(in: name) {
          if fault == .interrupted { continue }
          throw fault
        }
      #endif
      let result = call()
      if result >= 0 { return result }
      let error = Errno(rawValue: errno)
      if error != .interrupted { throw error }
    }
  }
}
