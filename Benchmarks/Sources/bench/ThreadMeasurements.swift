import Parallel

/// Waking a thread, and making one.
enum ThreadMeasurements {
  static let all: [Measurement] = [
    // Two threads hand a permit back and forth: two wake-ups a round trip, as the C peer's on a bare futex.
    Measurement(name: "wake.thread.ours", unit: "us") {
      let ping = Semaphore(permits: 0)
      let pong = Semaphore(permits: 0)
      let count = 20_000
      let time = try seconds {
        let other = try WorkerThread.start {
          for _ in 0..<count {
            try ping.acquire()
            pong.release()
          }
        }
        for _ in 0..<count {
          ping.release()
          try pong.acquire()
        }
        try other.join()
      }
      return time / Double(count) * 1e6
    },
    Measurement(name: "thread.create_join.ours", unit: "us") {
      let count = 2000
      let time = try seconds { for _ in 0..<count { try WorkerThread.start {}.join() } }
      return time / Double(count) * 1e6
    },
  ]
}
