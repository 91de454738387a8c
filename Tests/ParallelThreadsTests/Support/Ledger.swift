/// Deliberately without protection of its own: only the lock under test keeps its parts in step.
final class Ledger: @unchecked Sendable {
  // Sendable: touched only with the lock held, changed only by one who holds it alone; a lock that
  // fails shows as entries that do not add up.
  var first = 0
  var second = 0
}
