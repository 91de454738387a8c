import Glibc
import Parallel
import SystemPackage
import TestSupport
import Testing

@testable import ParallelProcesses

@Suite struct ProgressTests {
  private func progress(
    _ finished: Int, failed: Int = 0, of total: Int?, after time: Duration
  ) -> PoolProgress {
    var progress = PoolProgress(total: total)
    progress.record(succeeded: finished - failed, failed: failed, at: time)
    return progress
  }

  @Test func nothingIsKnownAtFirst() {
    let start = PoolProgress(total: 10)
    #expect(start.finished == 0 && start.failed == 0 && start.rate == 0 && start.elapsed == .zero)
    #expect(start.timeLeft == nil && start.fraction == 0)
    #expect(PoolProgress().fraction == nil && PoolProgress().timeLeft == nil)
    #expect(PoolProgress(total: 0).fraction == 1 && PoolProgress(total: 0).timeLeft == .zero)
  }

  @Test func aSteadyRunHasItsRateAndTimeLeft() throws {
    var run = PoolProgress(total: 1000)
    for second in 1...50 { run.record(succeeded: 9, failed: 1, at: .seconds(second)) }
    #expect(run.finished == 500 && run.failed == 50 && run.fraction == 0.5)
    #expect(abs(run.rate - 10) < 0.001)
    #expect(abs(try #require(run.timeLeft) / .seconds(1) - 50) < 0.01)
  }

  @Test func theRateFollowsWhatIsRecent() {
    var run = PoolProgress()
    for second in 1...100 { run.record(succeeded: 100, at: .seconds(second)) }
    for second in 101...130 { run.record(succeeded: 1, at: .seconds(second)) }
    #expect(run.rate > 1 && run.rate < 2)
    // Standing still counts, too.
    for second in 131...200 { run.record(at: .seconds(second)) }
    #expect(run.rate < 0.01)
  }

  @Test func oddTimesAndTotalsDoNoHarm() {
    var run = PoolProgress(total: 2)
    run.record(succeeded: 3, at: .seconds(5))
    run.record(succeeded: 1, at: .seconds(2))
    #expect(run.finished == 4 && run.elapsed == .seconds(5))
    #expect(run.fraction == 1 && run.timeLeft == .zero)
    var endless = PoolProgress(total: .max)
    endless.record(succeeded: 1, at: .seconds(100))
    #expect(endless.timeLeft == nil)
  }

  @Test func aLineSaysHowFarItIs() {
    let half = progress(500, failed: 2, of: 1000, after: .seconds(10))
    #expect(
      ProgressLine(label: "files", progress: half).text
        == "files [############............]  50 %  500 of 1000  50/s  0:10 left  2 failed")
    let all = progress(10, of: 10, after: .seconds(4000))
    #expect(
      ProgressLine(label: "", progress: all).text
        == "[########################] 100 %  10 of 10  0.0/s  1:06:40")
    let open = progress(7, of: nil, after: .seconds(2))
    #expect(ProgressLine(label: "", progress: open).text == "7 done  3.5/s  0:02")
    let start = ProgressLine(label: "", progress: PoolProgress(total: 3)).text
    #expect(start == "[........................]   0 %  0 of 3  0.0/s  ?:?? left")
    #expect(ProgressLine.rate(.infinity) == "1000000000000000/s" && ProgressLine.rate(9.95) == "10/s")
  }

  /// What a bar writes into a pipe.
  private func drawn(_ visibility: ProgressBar.Visibility, _ body: (ProgressBar) -> Void) throws -> String {
    let pipe = try FileDescriptor.pipe()
    body(ProgressBar("x", to: pipe.writeEnd, visibility: visibility))
    try pipe.writeEnd.close()
    defer { try? pipe.readEnd.close() }
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = try buffer.withUnsafeMutableBytes({ try pipe.readEnd.read(into: $0) }), count > 0 {
      text += buffer[..<count]
    }
    return String(decoding: text, as: UTF8.self)
  }

  @Test func aBarIsRedrawnTenTimesASecond() throws {
    let text = try drawn(.always) { bar in
      for millisecond in 1...1000 {
        bar.update(progress(millisecond, of: 2000, after: .milliseconds(millisecond)))
      }
      bar.finish()
      bar.finish()
    }
    let lines = text.split(separator: "\r")
    #expect((10...12).contains(lines.count))
    #expect(lines.allSatisfy { $0.hasPrefix("x [") && $0.contains("\u{1B}[K") })
    #expect(lines.last?.contains("1000 of 2000") == true && text.hasSuffix("\u{1B}[K\n"))
    #expect(text.filter { $0 == "\n" }.count == 1)
  }

  @Test func aBarServesOneRunAfterTheOther() throws {
    let text = try drawn(.always) { bar in
      for total in [3, 4] {
        bar.update(progress(1, of: total, after: .seconds(1)))
        bar.update(progress(total, of: total, after: .seconds(1)))
        bar.finish()
      }
    }
    #expect(text.split(separator: "\n").count == 2)
    #expect(text.contains("3 of 3") && text.contains("1 of 4") && text.contains("4 of 4"))
  }

  @Test(arguments: [ProgressBar.Visibility.never, .onTerminal])
  func aBarIsSilentWhereItIsNotWanted(visibility: ProgressBar.Visibility) throws {
    let text = try drawn(visibility) { bar in
      bar.update(progress(1, of: 2, after: .seconds(1)))
      bar.finish()
    }
    #expect(text.isEmpty)
  }

  @Test func whatCannotBeWrittenIsLost() throws {
    let pipe = try FileDescriptor.pipe()
    defer { try? pipe.writeEnd.close() }
    // Nobody reads: first the pipe fills up, then its other end is gone.
    let bar = ProgressBar("x", to: pipe.writeEnd, visibility: .always)
    for second in 1...5000 { bar.update(progress(second, of: nil, after: .seconds(second))) }
    try pipe.readEnd.close()
    for second in 5001...5010 { bar.update(progress(second, of: nil, after: .seconds(second))) }
    bar.finish()
    let full = try FileDescriptor.open("/dev/full", .writeOnly)
    for output in [full, FileDescriptor(rawValue: -1)] {
      let bar = ProgressBar(to: output, visibility: .always)
      bar.update(progress(1, of: 2, after: .seconds(1)))
      bar.finish()
    }
    try full.close()
    // A signal that was raised would have ended the process; none may be left pending either.
    var pending = sigset_t()
    sigpending(&pending)
    #expect(sigismember(&pending, SIGPIPE) == 0)
  }
}
