import ArgumentParser
import Parallel

/// One thread prepares something, another one waits until it is there.
struct EventHandOver: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Hand something over when it is ready.")

  @Argument(help: "How far to count.")
  var count = 5

  func validate() throws {
    if count < 0 { throw ValidationError("a count is not negative, as \(count) is") }
  }

  func run() throws {
    let ready = Event()
    let counter = try WorkerThread.start(name: "counter") { [count] in
      print("counting")
      ready.set()
      return (0..<count).reduce(0, +)
    }
    try ready.wait()
    print("the counter is at work")
    print("sum \(try counter.join())")
  }
}
