import ArgumentParser
import Parallel

/// Threads that are all there, and go to work one for each permit.
struct SemaphoreCounter: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Let threads go to work one by one.")

  @Option(help: "How many threads wait.")
  var threads = 8
  @Option(help: "How many may work.")
  var permits = 3

  func validate() throws {
    guard (0...1000).contains(permits), (0...1000).contains(threads) else {
      throw ValidationError("threads and permits are numbers from 0 to 1000")
    }
  }

  func run() throws {
    let semaphore = Semaphore(permits: 0)
    let done = ThreadSafeCount()
    let worked = Event()
    let enough = min(permits, threads)
    let workers = try (0..<threads).map { number in
      try WorkerThread.start(name: "worker-\(number)") {
        try semaphore.acquire()
        if done.increase() == enough { worked.set() }
      }
    }
    if permits > 0 { semaphore.release(permits) }
    if enough > 0 { try worked.wait() }
    print("\(done.value) of \(threads) have worked")
    for worker in workers { worker.cancel() }
    for worker in workers { _ = try? worker.join() }
  }
}
