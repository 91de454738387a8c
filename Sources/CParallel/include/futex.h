// Sleeping and waking on a word of memory: futex(2), which glibc does not wrap.
#pragma once

#include <errno.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/// The monotonic clock, in nanoseconds.
static inline uint64_t parallel_monotonic_nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/// Sleeps while `*word == expected`, until woken or until `deadline` (monotonic nanoseconds; UINT64_MAX: no limit).
/// Returns 0 when woken (perhaps for no reason), else ETIMEDOUT, EAGAIN (the word differed) or EINTR.
static inline int parallel_futex_wait(const uint32_t *word, uint32_t expected, uint64_t deadline, bool shared) {
  int operation = FUTEX_WAIT_BITSET | (shared ? 0 : FUTEX_PRIVATE_FLAG);
  struct timespec time = {.tv_sec = (time_t)(deadline / 1000000000), .tv_nsec = (long)(deadline % 1000000000)};
  struct timespec *limit = deadline == UINT64_MAX ? NULL : &time;
  long result = syscall(SYS_futex, word, operation, expected, limit, NULL, FUTEX_BITSET_MATCH_ANY);
  return result == 0 ? 0 : errno;
}

/// Wakes at most `count` sleepers of `word`; returns how many it woke.
static inline int parallel_futex_wake(const uint32_t *word, int count, bool shared) {
  int operation = FUTEX_WAKE | (shared ? 0 : FUTEX_PRIVATE_FLAG);
  return (int)syscall(SYS_futex, word, operation, count, NULL, NULL, 0);
}

/// The most words that one wait can watch: FUTEX_WAITV_MAX.
#define PARALLEL_FUTEX_WAIT_ANY_MAX 128

/// One word of several to sleep on, laid out as the kernel's struct futex_waitv.
struct parallel_futex_waiter {
  uint64_t expected;
  uint64_t word;  // its address
  uint32_t flags;
  uint32_t reserved;
};

static inline struct parallel_futex_waiter parallel_futex_waiter(const uint32_t *word, uint32_t expected, bool shared) {
  enum { SIZE_32_BITS = 2, IS_PRIVATE = 128 };
  return (struct parallel_futex_waiter){
      .expected = expected, .word = (uint64_t)(uintptr_t)word, .flags = SIZE_32_BITS | (shared ? 0 : IS_PRIVATE)};
}

/// Sleeps until one of the words differs from what is expected or is woken: futex_waitv(2), of Linux 5.16. Returns 0 when
/// woken, else ETIMEDOUT, EAGAIN, EINTR, or ENOSYS on older kernels.
static inline int parallel_futex_wait_any(
    const struct parallel_futex_waiter *waiters, unsigned count, uint64_t deadline) {
  enum { FUTEX_WAITV_NUMBER = 449 };
  // The kernel's time is of 64 bits here whatever the C library's is.
  struct { int64_t seconds, nanoseconds; } time = {(int64_t)(deadline / 1000000000), (int64_t)(deadline % 1000000000)};
  void *limit = deadline == UINT64_MAX ? NULL : &time;
  long result = syscall(FUTEX_WAITV_NUMBER, waiters, count, 0, limit, CLOCK_MONOTONIC);
  return result >= 0 ? 0 : errno;
}
