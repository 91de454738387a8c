import Glibc
import Parallel
import SystemPackage

/// A task that does not survive.
struct Crash: WorkerTask {
  var kind: CrashKind
  /// Read at run time, so that no compiler sees what is coming.
  var zero = 0

  func run() async -> Int {
    switch kind {
    case .fatalError: fatalError("no such page")
    case .precondition: precondition(zero == 1, "must be one")
    case .outOfRange: return [1, 2, 3][zero + 3]
    case .overflow: return Int.max - zero + 1 - zero
    case .divisionByZero: return 1 / zero
    case .forceUnwrap: return Int(String(repeating: "x", count: zero + 1))!
    case .forceCast: return (zero as Any as AnyObject) as! Int + (("" as Any) as! Int)
    case .abort: abort()
    case .badPointer: return UnsafePointer<Int>(bitPattern: 8 + zero)!.pointee
    case .busError: return touchBeyondEndOfFile()
    case .killsItself: kill(getpid(), SIGKILL)
    case .raisesSegmentationFault: raise(SIGSEGV)
    case .stackOverflow: return descend(zero)
    case .outOfMemory: return exhaustMemory()
    case .exits0: exit(0)
    case .exits7: exit(7)
    case .quickExits3: _exit(3)
    case .quickExits0: _exit(0)
    case .onOtherThread: crashOnOtherThread()
    case .inDetachedTask: return await Task.detached { fatalError("in a detached task") }.value
    }
    // For those whose end comes from another thread or a pending signal.
    while true { pause() }
  }
}

@inline(never) private func descend(_ depth: Int) -> Int {
  withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 16) { buffer in
    buffer[depth & 4095] = UInt8(truncatingIfNeeded: depth)
    return descend(depth + 1) &+ Int(buffer[depth & 4095])
  }
}

private func touchBeyondEndOfFile() -> Int {
  let file = try! FileDescriptor.open("/proc/self/exe", .readOnly)
  var information = stat()
  fstat(file.rawValue, &information)
  let size = Int(information.st_size)
  let memory = mmap(nil, size + 65_536, PROT_READ, MAP_PRIVATE, file.rawValue, 0)!
  return memory.load(fromByteOffset: (size + 32_768) & ~4095, as: Int.self)
}

private func exhaustMemory() -> Int {
  var limit = rlimit(rlim_cur: 4 << 30, rlim_max: 4 << 30)
  setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
  var blocks: [[UInt8]] = []
  while true { blocks.append([UInt8](unsafeUninitializedCapacity: 1 << 30) { $1 = 1 << 30 }) }
}

private func crashOnOtherThread() {
  var thread = pthread_t()
  pthread_create(&thread, nil, { _ in fatalError("on another thread") }, nil)
}
