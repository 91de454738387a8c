import Glibc

/// Whether this process runs under the thread sanitizer, which handles some deadly errors itself: a failed allocation
/// ends the process with exit code 66, and the Swift runtime's backtracer finds its signals taken.
package let isThreadSanitized = dlsym(nil, "__tsan_init") != nil
