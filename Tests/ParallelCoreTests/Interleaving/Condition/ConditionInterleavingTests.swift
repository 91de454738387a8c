import ParallelCore
import TestSupport
import Testing

/// A condition made of the mutex's, the wait room's and the parker's own code, under every interleaving.
@Suite(.disabled(if: isThreadSanitized, "one thread simulates all others")) struct ConditionInterleavingTests
{
  struct Setting: Sendable, CustomTestStringConvertible {
    var waits: [Deadline]
    var counts: [Int]
    var spuriousWakeUps = 0

    var testDescription: String {
      return
        "\(waits.map(\.kind).joined(separator: ", ")); notify \(counts), \(spuriousWakeUps) wake-ups without a cause"
    }
  }

  static let settings = [
    Setting(waits: [.never], counts: [1], spuriousWakeUps: 2),
    Setting(waits: [.sometime], counts: [1, 1], spuriousWakeUps: 1),
    Setting(waits: [.never, .never], counts: [1, 1]),
    Setting(waits: [.never, .never], counts: [1], spuriousWakeUps: 1),
    Setting(waits: [.never, .sometime], counts: [1]),
    Setting(waits: [.never, .past], counts: [1]),
    // More are notified than wait.
    Setting(waits: [.never, .never], counts: [3]),
  ]

  static let largeSettings = [
    Setting(waits: [.sometime, .sometime], counts: [1], spuriousWakeUps: 1),
    Setting(waits: [.never, .sometime], counts: [1, 1]),
  ]

  @Test(arguments: settings + (hasTimeForMore ? largeSettings : []))
  func wakesAsManyAsAskedInOrderAndLosesNone(setting: Setting) throws {
    var scenario = ConditionCode.real.waits(setting.waits, notify: setting.counts)
    scenario.spuriousWakeUps = setting.spuriousWakeUps
    print("condition (\(setting.testDescription)): \(try scenario.check())")
  }

  static let markets = [
    Setting(waits: [.never], counts: [1], spuriousWakeUps: 1),
    Setting(waits: [.never, .never], counts: [2], spuriousWakeUps: 1),
    Setting(waits: [.never, .sometime], counts: [2]),
  ]

  static let largeMarkets = [
    Setting(waits: [.never, .sometime], counts: [2], spuriousWakeUps: 1),
    Setting(waits: [.never, .never], counts: [1, 1]),
  ]

  /// Nobody waits while there is something for him, though others may take it first.
  @Test(arguments: markets + (hasTimeForMore ? largeMarkets : []))
  func allGetWhatTheyWaitFor(setting: Setting) throws {
    var scenario = ConditionCode.real.market(consumers: setting.waits, portions: setting.counts)
    scenario.spuriousWakeUps = setting.spuriousWakeUps
    print("market (\(setting.testDescription)): \(try scenario.check())")
  }
}
