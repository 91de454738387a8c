import Glibc
import Testing

@Suite(.timeLimit(.minutes(10))) struct ServerTests {
  private static let good = "apples,3\npears,4\n"
  private static let bad = "apples,3\npears,many\n"

  @Test func aBadUploadCostsItsOwnRequestOnly() async throws {
    let server = try await RunningServer()
    let client = server.client
    let first = await onThread { client.post(Self.good) }
    #expect(first == .init(status: 200, body: "rows 2, total 7\n"))
    let crashed = await onThread { client.post(Self.bad) }
    #expect(crashed.status == 422 && crashed.body.contains("Fatal error: no amount in line 2"), "\(crashed)")
    let next = await onThread { client.post(Self.good) }
    #expect(next == first)
    let process = await onThread { client.get("/pid") }
    #expect(process == .init(status: 200, body: "\(server.processIdentifier)\n"))
    #expect(server.isRunning)
  }

  /// A line without a comma makes the parser read behind the end of an array.
  @Test func trapsOfTheRuntimeAreAnswersToo() async throws {
    let server = try await RunningServer()
    let client = server.client
    let crashed = await onThread { client.post("nothing\n") }
    #expect(crashed.status == 422 && !crashed.body.isEmpty)
    #expect(await onThread { client.post("") } == .init(status: 200, body: "rows 0, total 0\n"))
  }

  @Test func whatIsNoUploadIsRefused() async throws {
    let server = try await RunningServer()
    let client = server.client
    #expect(await onThread { client.get("/") }.status == 404)
    let long =
      "POST /upload HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 99999999\r\n\r\n"
    #expect(await onThread { client.exchange(long) }.status == 413)
  }

  @Test func controlCEndsIt() async throws {
    let server = try await RunningServer()
    let client = server.client
    #expect(await onThread { client.post(Self.good) }.status == 200)
    #expect(await server.interrupted() == SIGINT)
  }

  /// Says how long innocent requests take beside crashing ones; checks only that each has its own answer.
  @Test func innocentRequestsGoOnWhileOthersCrash() async throws {
    let server = try await RunningServer()
    for crashing in [0, 1] {
      let latencies = await load(server.client, clients: 4, requests: 100, crashingPercent: crashing).sorted()
      func microseconds(_ part: Double) -> Int {
        Int(latencies[Int(part * Double(latencies.count - 1))] / .microseconds(1))
      }
      print(
        "\(crashing) % crashes, \(latencies.count) innocent requests: median \(microseconds(0.5)) µs,",
        "99 % \(microseconds(0.99)) µs, longest \(microseconds(1)) µs")
    }
    #expect(server.isRunning)
  }

  private func load(
    _ client: HTTPClient, clients: Int, requests: Int, crashingPercent: Int
  ) async -> [Duration] {
    await withTaskGroup { group in
      for number in 0..<clients {
        group.addTask {
          await onThread {
            (0..<requests).compactMap { request -> Duration? in
              // Not all clients at once.
              let crashes = (request + 25 * number) % 100 < crashingPercent
              let start = ContinuousClock.now
              let response = client.post(crashes ? Self.bad : Self.good)
              let latency = ContinuousClock.now - start
              #expect(response.status == (crashes ? 422 : 200))
              return crashes ? nil : latency
            }
          }
        }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
  }
}
