/// In which order the results of many tasks are delivered.
public enum ResultOrder: Sendable, Hashable {
  /// That of the tasks: a slow one holds back those behind it.
  case input
  /// As they get finished.
  case completion
}
