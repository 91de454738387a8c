import Glibc
import ParallelCore
import SystemPackage
import Testing

@Suite struct ProcessUsageTests {
  private static func withChild(_ command: String, _ body: (SpawnedProcess) throws -> Void) throws {
    let arguments = ["sh", "-c", command].map { Array($0.utf8) }
    var plan = SpawnPlan(path: "/bin/sh", arguments: arguments, environment: [])
    plan.leadsProcessGroup = true
    let child = try plan.spawn()
    defer { SystemCalls.close(child.pidfd) }
    try body(child)
    child.killGroup()
    SystemCalls.waitForInput(child.pidfd)
    _ = child.reap()
    #expect(child.usage() == nil)
  }

  @Test func aLivingChildHasUsedSomething() throws {
    try Self.withChild("while :; do :; done") { child in
      var usage = try #require(child.usage())
      while usage.cpuTime < .milliseconds(50) { usage = try #require(child.usage()) }
      // Only now: right after its start a program has hardly a page.
      #expect(usage.peakMemory > 100_000)
      #expect(try #require(SystemCalls.residentMemory(of: child.pid)) > 0)
    }
  }

  @Test func aZombieHasNoUsage() throws {
    try Self.withChild("exit 0") { child in
      SystemCalls.waitForInput(child.pidfd)
      #expect(child.usage() == nil)
      #expect(SystemCalls.isUnreaped(child.pidfd))
    }
  }

  @Test func whereThereIsNoProcessNothingIsKnown() {
    #expect(SystemCalls.usage(of: .max) == nil)
    #expect(SystemCalls.residentMemory(of: .max) == nil)
  }

  #if DEBUG
    @Test(arguments: [SystemCalls.Name.open, .read])
    func whereItCannotBeReadNothingIsKnown(call: SystemCalls.Name) {
      FaultInjection.inject(.tooManyOpenFiles, into: call) { #expect(SystemCalls.usage(of: getpid()) == nil) }
      FaultInjection.inject(.interrupted, into: call) { #expect(SystemCalls.usage(of: getpid()) != nil) }
    }
  #endif

  @Test func timesAddUpAndThePeakIsOfTheLargest() {
    var sum = ResourceUsage(userTime: .seconds(1), systemTime: .seconds(2), peakMemory: 5)
    sum.add(ResourceUsage(userTime: .seconds(3), systemTime: .seconds(4), peakMemory: 3))
    #expect(sum == ResourceUsage(userTime: .seconds(4), systemTime: .seconds(6), peakMemory: 5))
  }
}
