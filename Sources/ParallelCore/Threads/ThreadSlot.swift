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

  /// Runs `body`, meanwhile `object` is what this thread has in the slot; afterwards it is again what it was before.
  ///
  /// The slot does not own the object: it is alive as long as it is there, because this call holds it.
  package static func bind<Result: ~Copyable, Failure: Error>(
    _ object: AnyObject, to key: pthread_key_t, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let outer = pthread_getspecific(key)
    pthread_setspecific(key, Unmanaged.passUnretained(object).toOpaque())
    defer {
      pthread_setspecific(key, outer)
      withExtendedLifetime(object) {}
    }
    return try body()
  }
}
