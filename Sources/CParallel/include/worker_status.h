// The page of memory that a worker shares with its parent. It outlives the worker, so the parent can read from it what
// the worker was doing when it was killed. Each field has one writer, named here.
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/// The most items that may be in a worker's hands, begun or not. A power of two.
#define PARALLEL_STATUS_SLOTS 256

struct parallel_worker_status {
  /// Worker (its crash handler): the signal that is killing it, or 0. Written after the other fields of the crash.
  uint32_t dying_signal;
  /// Worker (its crash handler): si_code of that signal.
  int32_t dying_code;
  /// Worker (its crash handler): the address that could not be used, for faults.
  uint64_t fault_address;
  /// Worker (its crash handler): CPU time so far in microseconds, user and system; peak memory in KiB.
  uint64_t user_microseconds, system_microseconds, peak_kibibytes;
  /// Parent: the item that is no longer wanted; followed by a ring of the cancel bell.
  uint64_t cancelled_item;
  /// Worker: when the item that it runs was begun, on the monotonic clock. Written before the item's fate says that it
  /// runs, so who reads that the item runs reads its own time here, or that of one begun later.
  uint64_t begun_at;
  uint64_t reserved;
  /// The fate of each item in the worker's hands, by sequence number modulo the number of slots.
  /// Parent and worker both write, by compare-and-swap; see ItemFates.swift.
  uint64_t fates[PARALLEL_STATUS_SLOTS];
};

static inline void parallel_status_set_cancelled_item(struct parallel_worker_status *status, uint64_t item) {
  __atomic_store_n(&status->cancelled_item, item, __ATOMIC_RELEASE);
}

static inline uint64_t parallel_status_cancelled_item(const struct parallel_worker_status *status) {
  return __atomic_load_n(&status->cancelled_item, __ATOMIC_ACQUIRE);
}

/// Reads `dying_signal` so that the fields written before it can be read after it.
static inline uint32_t parallel_status_dying_signal(const struct parallel_worker_status *status) {
  return __atomic_load_n(&status->dying_signal, __ATOMIC_ACQUIRE);
}
