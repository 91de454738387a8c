import Glibc

/// Lets other tasks run until the condition holds; a condition that never comes hangs the test: that is its failure.
func eventually(_ condition: () -> Bool) async {
  while !condition() { await Task.yield() }
}

/// The same for a thread that may block.
func spin(until condition: () -> Bool) {
  while !condition() { sched_yield() }
}

struct Oops: Error, Equatable {
  var number = 0
}
