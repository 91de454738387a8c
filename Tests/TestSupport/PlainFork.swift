package import Glibc

/// A `fork` as a C library would do it: Swift hides the function, because hardly anything works in the child of a process
/// that has threads.
package func plainFork() -> pid_t {
  typealias Fork = @convention(c) () -> pid_t
  // The C type of `fork`.
  return unsafeBitCast(dlsym(nil, "fork"), to: Fork.self)()
}
