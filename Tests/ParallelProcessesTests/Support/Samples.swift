import Glibc
import Parallel
import SystemPackage
import TestSupport

/// The task that all suites use where any task would do.
struct Add: WorkerTask {
  var a: Int
  var b = 1
  func run() -> Int { a + b }
}

/// Says which process it runs in.
struct ProcessID: WorkerTask {
  func run() -> Int32 { getpid() }
}

/// Runs until it is told to go on, or is cancelled in vain.
struct Hold: WorkerTask {
  var begun: Gate
  var goOn: Gate
  var answer = 0

  func run() -> Int {
    begun.open()
    goOn.pass()
    return answer
  }
}

/// Computes for ever.
struct Spin: WorkerTask {
  var begun: Gate

  func run() -> Int {
    begun.open()
    while true { sched_yield() }
  }
}

/// Both backends, for what must be the same in both.
let backends: [ProcessPool.Backend] = [.processes, .inProcess]

/// Writes to the standard error of the process, unbuffered.
func say(_ text: String) { _ = try? FileDescriptor.standardError.writeAll(text.utf8) }
