import Testing

@testable import ParallelProcesses

@Suite struct TaskWindowTests {
  private static let quick: UInt64 = 100_000
  private static let slow: UInt64 = 1_000_000_000

  /// Fills the window again and again, so long after the filling before, with so many tasks each time.
  private func fill(
    _ window: inout TaskWindow, times: Int, every interval: UInt64, with count: (Int) -> Int = { $0 / 2 }
  ) {
    for _ in 0..<times {
      now += interval
      window.adapt(at: now)
      window.noteFilling(with: count(window.size), from: now)
    }
  }

  private final class Clock {
    var now: UInt64 = 1
  }

  private let clock = Clock()
  private var now: UInt64 {
    get { clock.now }
    nonmutating set { clock.now = newValue }
  }

  @Test func growsWhileItIsEmptiedQuickly() {
    var window = TaskWindow(16...100)
    #expect(window.size == 16)
    fill(&window, times: 1, every: Self.quick)
    #expect(window.size == 16, "nothing is known yet")
    fill(&window, times: 1, every: Self.quick)
    #expect(window.size == 32)
    fill(&window, times: 10, every: Self.quick)
    #expect(window.size == 100)
  }

  @Test func goesBackWhenItIsEmptiedSlowly() {
    var window = TaskWindow(16...100)
    fill(&window, times: 10, every: Self.quick)
    fill(&window, times: 1, every: Self.slow)
    #expect(window.size == 50)
    fill(&window, times: 10, every: Self.slow)
    #expect(window.size == 16)
  }

  @Test func staysInBetween() {
    var window = TaskWindow(16...100)
    fill(&window, times: 2, every: Self.quick)
    fill(&window, times: 10, every: 5_000_000)
    #expect(window.size == 32)
  }

  @Test func fewTasksSayNothing() {
    var window = TaskWindow(16...100)
    fill(&window, times: 10, every: Self.quick) { $0 / 2 - 1 }
    #expect(window.size == 16)
  }

  @Test func aChosenSizeStays() {
    var window = TaskWindow(7...7)
    fill(&window, times: 10, every: Self.quick)
    fill(&window, times: 10, every: Self.slow)
    #expect(window.size == 7)
  }
}
