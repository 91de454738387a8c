import ParallelCore

/// A reactor of a test's own. Its thread lives as long as the process.
func startedReactor() -> Reactor {
  let reactor = Reactor()
  do { try reactor.start() } catch { fatalError("\(error)") }
  return reactor
}
