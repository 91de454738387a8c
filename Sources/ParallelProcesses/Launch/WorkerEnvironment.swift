internal import CParallel
import Glibc
import ParallelCore

/// The environment variables that worker processes see.
///
/// ```swift
/// let pool = try ProcessPool(environment: .only(["PATH", "HOME"]).setting("LANG", to: "C"))
/// ```
///
/// Unless it is set here, workers also see `PARALLEL_WORKERS`: how many workers a pool that a task makes has by default
/// (see ``ProcessPool/init(workers:setup:environment:options:maxPending:whenFull:backend:)``).
public struct WorkerEnvironment: Sendable, Hashable {
  private var allowed: Set<String>?
  private var changes: [String: String] = [:]

  /// All variables of this process, as they are when the pool is made.
  public static let inherited = WorkerEnvironment(allowed: nil)

  /// Of this process's variables only these: keeps secrets out of processes that run risky code.
  public static func only(_ names: Set<String>) -> WorkerEnvironment { WorkerEnvironment(allowed: names) }

  /// The same, with one variable more or changed.
  ///
  /// A name must be neither empty nor contain `=`, and neither string a zero byte: `ProcessPool` refuses them.
  public func setting(_ name: String, to value: String) -> WorkerEnvironment {
    var result = self
    result.changes[name] = value
    return result
  }

  private init(allowed: Set<String>?) { self.allowed = allowed }

  /// The first variable that no environment can hold.
  var invalidName: String? {
    changes.first { !SystemCalls.canBeVariable($0.key, value: $0.value) }?.key
  }
}

extension WorkerEnvironment {
  private static let backtraceVariable = "SWIFT_BACKTRACE"

  /// How a worker reports a crash: short, without colours or questions, to its standard error.
  private static let backtraceOptions =
    "enable=yes,color=no,interactive=no,threads=crashed,registers=none,images=none,timeout=30s,output-to=stderr"

  /// As `name=value`, with a worker's role, its backtrace options, and the default size of pools that its tasks make.
  func variables(workerShare: Int) -> [[UInt8]] {
    var variables = SystemCalls.environment.filter { variable in
      let name = SystemCalls.name(ofVariable: variable)
      return changes[name] == nil && allowed?.contains(name) ?? true && !Self.reserved.contains(name)
        && name != WorkerCount.variable
    }
    for (name, value) in changes where !Self.reserved.contains(name) {
      variables.append(Array("\(name)=\(value)".utf8))
    }
    if changes[WorkerCount.variable] == nil {
      variables.append(Array("\(WorkerCount.variable)=\(workerShare)".utf8))
    }
    variables.append(Array("\(Self.backtraceVariable)=\(backtraceOptions)".utf8))
    variables.append(Array("\(PARALLEL_ROLE_VARIABLE)=\(PARALLEL_ROLE_WORKER)".utf8))
    return variables
  }

  /// The user's own options come last, so that they win, and those made for the pool before those of this process.
  private var backtraceOptions: String {
    let own = changes[Self.backtraceVariable] ?? getenv(Self.backtraceVariable).map { String(cString: $0) }
    return own.map { "\(Self.backtraceOptions),\($0)" } ?? Self.backtraceOptions
  }

  private static let reserved: Set<String> = [backtraceVariable, PARALLEL_ROLE_VARIABLE]

  /// This process's own `SWIFT_BACKTRACE`, as the worker is to see it.
  var visibleBacktraceVariable: String? {
    if let value = changes[Self.backtraceVariable] { return value }
    guard allowed?.contains(Self.backtraceVariable) ?? true else { return nil }
    return getenv(Self.backtraceVariable).map { String(cString: $0) }
  }

  /// In a worker: programs that its tasks start see the variable as it was, not as the worker needed it.
  static func restoreBacktraceVariable(_ value: String?) {
    if let value {
      setenv(backtraceVariable, value, 1)
    } else {
      unsetenv(backtraceVariable)
    }
  }
}

/// A C string's bytes, without its end.
func bytes(of string: UnsafePointer<CChar>) -> [UInt8] {
  Array(UnsafeRawBufferPointer(start: string, count: strlen(string)))
}
