// Sleeping and waking on a word of memory: futex(2), which glibc does not wrap.
#pragma once

#include <errno.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/// Sleeps while `*word == expected`, until woken or until `deadline` (CLOCK_MONOTONIC; NULL: no limit).
/// Returns 0 when woken (perhaps for no reason), else ETIMEDOUT, EAGAIN (the word differed) or EINTR.
static inline int parallel_futex_wait(
    const uint32_t *word, uint32_t expected, const struct timespec *deadline, bool shared) {
  int operation = FUTEX_WAIT_BITSET | (shared ? 0 : FUTEX_PRIVATE_FLAG);
  long result = syscall(SYS_futex, word, operation, expected, deadline, NULL, FUTEX_BITSET_MATCH_ANY);
  return result == 0 ? 0 : errno;
}

/// Wakes at most `count` sleepers of `word`; returns how many it woke.
static inline int parallel_futex_wake(const uint32_t *word, int count, bool shared) {
  int operation = FUTEX_WAKE | (shared ? 0 : FUTEX_PRIVATE_FLAG);
  return (int)syscall(SYS_futex, word, operation, count, NULL, NULL, 0);
}
