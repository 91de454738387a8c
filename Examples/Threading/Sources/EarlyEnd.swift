import ArgumentParser
import Parallel

/// A thread that is told to end while it waits for something that never comes.
///
/// A flag that the thread looks at now and then would not help: it does not come to look.
struct EarlyEnd: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "End a thread in the middle of a wait.")

  func run() throws {
    let news = Event()
    let begun = Event()
    let listener = try WorkerThread.start(name: "listener") {
      begun.set()
      try news.wait()
    }
    try begun.wait()
    listener.cancel()
    do {
      try listener.join()
      print("there were news")
    } catch is CancellationError {
      print("the listener ended early")
    }
  }
}
