import Glibc
import Parallel
import TestSupport

/// The ways in which a task can take its worker with it.
enum CrashKind: String, Codable, Sendable, CaseIterable {
  case fatalError, precondition, outOfRange, overflow, divisionByZero, forceUnwrap, forceCast
  case abort, badPointer, busError, killsItself, raisesSegmentationFault, stackOverflow, outOfMemory
  case exits0, exits7, quickExits3, quickExits0
  case onOtherThread, inDetachedTask

  #if DEBUG
    private static let isDebugBuild = true
  #else
    private static let isDebugBuild = false
  #endif

  /// How the worker's end is to be reported.
  enum End: Sendable, Equatable {
    case exit(Int32)
    case signal(Int32)
    /// A trap instruction: which signal that is depends on the processor.
    case trap
    /// Any of the two above.
    case anySignal
  }

  var end: End {
    switch self {
    case .fatalError, .precondition, .outOfRange, .overflow, .divisionByZero, .forceUnwrap, .onOtherThread,
      .inDetachedTask:
      .trap
    case .abort: .signal(SIGABRT)
    // A release build traps where a debug build prints and aborts.
    case .forceCast: Self.isDebugBuild ? .signal(SIGABRT) : .trap
    case .badPointer, .raisesSegmentationFault, .stackOverflow: .signal(SIGSEGV)
    case .busError: .signal(SIGBUS)
    case .killsItself: .signal(SIGKILL)
    case .outOfMemory: isThreadSanitized ? .exit(66) : .anySignal
    case .exits0, .quickExits0: .exit(0)
    case .exits7: .exit(7)
    case .quickExits3: .exit(3)
    }
  }

  /// What the runtime prints; nil where it prints nothing, or only in debug builds.
  var message: String? {
    switch self {
    case .fatalError: "no such page"
    case .onOtherThread: "on another thread"
    case .inDetachedTask: "in a detached task"
    default: nil
    }
  }

  /// Whether the runtime's handler prints a backtrace.
  var isCaughtSignal: Bool {
    switch end {
    case .signal(SIGKILL), .exit: false
    default: true
    }
  }
}

extension ProcessExitStatus {
  func matches(_ end: CrashKind.End) -> Bool {
    switch (end, self) {
    case (.exit(let code), .exited(let own)): code == own
    case (.signal(let number), .signaled(let own, _)): number == own
    case (.trap, .signaled(let own, _)): own == SIGILL || own == SIGTRAP
    case (.anySignal, .signaled): true
    default: false
    }
  }
}
