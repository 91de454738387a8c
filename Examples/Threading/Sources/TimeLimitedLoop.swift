import ArgumentParser
import Parallel

/// A loop of waits with one limit for all of them together.
struct TimeLimitedLoop: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read numbers that come slower and slower, for a limited time.")

  @Option(help: "Milliseconds that the loop may take.")
  var limit = 50

  func run() throws {
    let inbox = Monitor<[Int]>([])
    let token = CancellationToken(timeout: .milliseconds(limit))
    let sender = try WorkerThread.start(name: "sender") {
      var number = 1
      // Two waits at once: for the next number's time, and for the end.
      while try !token.wait(timeout: .milliseconds(number)) {
        inbox.withLock { $0.append(number) }
        number *= 2
      }
    }
    var received: [Int] = []
    do {
      try token.bound {
        while true { received.append(try inbox.withLock(when: { !$0.isEmpty }) { $0.removeFirst() }) }
      }
    } catch is CancellationError {
      print("received until the end: \(received.map(String.init).joined(separator: " "))")
    }
    try sender.join()
  }
}
