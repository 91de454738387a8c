import Glibc

/// Something of which the system lets a process have only so much; the keys of resource limits.
///
/// ```swift
/// let limits: [LimitedResource: ResourceLimit] = [.addressSpace: .at(2 << 30), .coreSize: .at(0)]
/// ```
///
/// The corresponding C constants are the `RLIMIT_` ones of `getrlimit(2)`.
public struct LimitedResource: Sendable, Hashable {
  /// The system's number of it.
  public let rawValue: Int32

  /// One that has no name here, by its number in `<sys/resource.h>`.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// Virtual memory, in bytes: beyond it allocations fail, which ends most Swift programs. Sanitizers need terabytes.
  public static let addressSpace = LimitedResource(rawValue: Int32(RLIMIT_AS.rawValue))
  /// The heap and other private memory, in bytes.
  public static let dataSize = LimitedResource(rawValue: Int32(RLIMIT_DATA.rawValue))
  /// The main thread's stack, and the default of other threads', in bytes.
  public static let stackSize = LimitedResource(rawValue: Int32(RLIMIT_STACK.rawValue))
  /// CPU time, in seconds: `SIGXCPU` at the soft limit, `SIGKILL` at the hard one.
  public static let cpuTime = LimitedResource(rawValue: Int32(RLIMIT_CPU.rawValue))
  /// The size to which a file can be written, in bytes: `SIGXFSZ`, or the error `EFBIG`.
  public static let fileSize = LimitedResource(rawValue: Int32(RLIMIT_FSIZE.rawValue))
  /// The size of a core file, in bytes; zero for none.
  public static let coreSize = LimitedResource(rawValue: Int32(RLIMIT_CORE.rawValue))
  /// One more than the highest descriptor that can be opened.
  public static let openFiles = LimitedResource(rawValue: Int32(RLIMIT_NOFILE.rawValue))
  /// How many processes and threads the user may have, those of all his programs counted.
  public static let processes = LimitedResource(rawValue: Int32(__RLIMIT_NPROC.rawValue))
  /// Memory that is kept from being swapped out, in bytes.
  public static let lockedMemory = LimitedResource(rawValue: Int32(__RLIMIT_MEMLOCK.rawValue))
}

extension LimitedResource: CustomStringConvertible {
  /// What it is, as a person would say it.
  public var description: String {
    switch self {
    case .addressSpace: "address space"
    case .dataSize: "data size"
    case .stackSize: "stack size"
    case .cpuTime: "CPU time"
    case .fileSize: "file size"
    case .coreSize: "core size"
    case .openFiles: "open files"
    case .processes: "processes"
    case .lockedMemory: "locked memory"
    default: "resource \(rawValue)"
    }
  }
}
