// System calls that touch neither errno nor any lock of the C library: the only kind that a child sharing its
// parent's memory may make.
#pragma once

#include <sys/syscall.h>

// Inlined always: a function of its own would be instrumented by a sanitizer.
#define RAW_CALL static inline __attribute__((always_inline, no_sanitize("thread", "address", "undefined")))

/// Returns the result, or the negated errno. The fifth argument is zero: prctl(2) looks at it.
RAW_CALL long raw_system_call(long number, long a, long b, long c, long d) {
#if defined(__x86_64__)
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = 0;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                   : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = 0;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
#else
#error "swift-parallel supports x86-64 and arm64"
#endif
}
