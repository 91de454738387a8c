import Testing

@testable import ParallelProcesses

@Suite struct IdleSpinTests {
  @Test(
    arguments: [
      (1, nil, false), (2, nil, true), (8, 7.9, false), (8, 8, true), (2, 64, true), (1, 4, false),
    ] as [(Int, Double?, Bool)])
  func needsAProcessorThatNobodyCharges(permitted: Int, quota: Double?, isAffordable: Bool) {
    #expect(IdleSpin.isAffordable(permitted: permitted, quota: quota) == isAffordable)
  }

  @Test func looksOnceWhereItMayNot() {
    var spin = IdleSpin(isAllowed: false)
    var looks = 0
    let found = spin.spin {
      looks += 1
      return false
    }
    #expect(!found && looks == 1)
    #expect(spin.spin { true })
  }

  @Test func looksAgainAndAgainWhereItMay() {
    var spin = IdleSpin(isAllowed: true)
    var looks = 0
    let found = spin.spin {
      looks += 1
      return looks == 3
    }
    #expect(found && looks == 3)
    #expect(!spin.spin { false })
  }
}
