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
