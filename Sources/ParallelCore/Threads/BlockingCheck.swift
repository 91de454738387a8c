import Glibc

/// Says so, in debug builds, when a call is about to block a thread that Swift tasks share.
///
/// `@available(*, noasync)` stops a direct call only: a synchronous function in between hides it from the compiler.
/// Blocking there takes a thread from the cooperative pool, and with all of them taken no task goes on.
package enum BlockingCheck {
  /// Whether this thread may block also while it runs a Swift task: true on threads that nobody else waits for.
  package static var threadMayBlock: Bool {
    get { pthread_getspecific(key) != nil }
    set { pthread_setspecific(key, newValue ? UnsafeRawPointer(bitPattern: 1) : nil) }
  }

  /// To be called right before a thread parks; `fileID` and `line` are those of the user's call.
  ///
  /// Warns on standard error, once for each place. Does nothing in release builds.
  @inline(__always)
  package static func aboutToPark(fileID: StaticString, line: UInt) {
    #if DEBUG
      if withUnsafeCurrentTask(body: { $0 != nil }), !threadMayBlock { warn("\(fileID):\(line)") }
    #endif
  }

  /// The places that were warned about so far.
  package static var reportedSites: Set<String> { sites.withLock { $0 } }

  private static let sites = Guarded<Set<String>>([])

  private static let key = ThreadSlot.makeKey()

  @inline(never)
  private static func warn(_ site: String) {
    guard sites.withLock({ $0.insert(site).inserted }) else { return }
    SystemCalls.report(
      """
      \(site): warning: this call blocks a thread of Swift's cooperative pool; \
      use the async call of the same name, or run the blocking one on a thread of its own
      """)
  }
}
