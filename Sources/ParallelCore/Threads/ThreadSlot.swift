package import Glibc

/// Room for one pointer in every thread.
package enum ThreadSlot {
  /// A new slot, null in all threads. `destructor` gets what a thread left in it when that thread ends.
  ///
  /// Traps when the process has no slots left (1,024).
  package static func makeKey(
    _ destructor: (@convention(c) (UnsafeMutableRawPointer?) -> Void)? = nil
  )
    -> pthread_key_t
  {
    var key = pthread_key_t()
    precondition(pthread_key_create(&key, destructor) == 0, "no thread-local storage left in this process")
    return key
  }
}
