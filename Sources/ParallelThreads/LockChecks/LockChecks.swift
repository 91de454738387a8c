/// What debug builds look for at every lock: a thread that waits for itself, and orders that may deadlock.
struct LockChecks: ~Copyable {
  @inline(__always) func willWaitInOrder(_ fileID: StaticString, _ line: UInt) {}
  @inline(__always) func willPark(_ fileID: StaticString, _ line: UInt) {}
  @inline(__always) func acquired(_ fileID: StaticString, _ line: UInt) {}
  @inline(__always) func willRelease() {}
}
