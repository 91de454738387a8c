import ArgumentParser

/// Small programs about threads, each about one thing; `threading --help` lists them.
@main
struct Threading: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "threading", abstract: "Small programs about threads, each about one thing.",
    subcommands: [
      EarlyEnd.self, TimeLimitedLoop.self, EventHandOver.self, PeriodicTimer.self, SemaphoreCounter.self,
      OrderedLocks.self, UrgentFirst.self,
    ])
}
