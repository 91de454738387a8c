// The memory that a worker shares with its parent: a status page, then the bytes of two rings. It outlives the worker, so
// the parent can read from it what the worker was doing when it was killed. Each field has one writer, named here.
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/// The most items that may be in a worker's hands, begun or not. A power of two.
#define PARALLEL_STATUS_SLOTS 256

/// The bytes of one ring. A power of two, and a multiple of the page size.
#define PARALLEL_RING_CAPACITY (256 * 1024)
/// Where the bytes of the first ring begin.
#define PARALLEL_STATUS_SIZE (16 * 1024)
/// All of it: status page, requests, results.
enum { PARALLEL_LANE_MEMORY_SIZE = PARALLEL_STATUS_SIZE + 2 * PARALLEL_RING_CAPACITY };

/// One direction of the lane: a ring of bytes with one producer and one consumer. Protocol: Ring.md.
/// Each cache line has one writer; padded by hand, because Swift does not import structures with alignment of their own.
struct parallel_ring {
  /// Producer: how many bytes were ever written.
  uint64_t tail;
  /// Producer: 1 when it waits for room; set back by the consumer when it has made some.
  uint32_t waits_for_room;
  uint8_t padding_after_producer[52];
  /// Consumer: how many bytes were ever read.
  uint64_t head;
  uint8_t padding_after_consumer[56];
  /// Consumer: how it sleeps, if it does; set back by whoever wakes it.
  uint32_t bell;
  uint8_t padding_after_bell[60];
};

struct parallel_worker_status {
  /// Worker (its crash handler): the signal that is killing it, or 0. Written after the other fields of the crash.
  uint32_t dying_signal;
  /// Worker (its crash handler): si_code of that signal.
  int32_t dying_code;
  /// Worker (its crash handler): the address that could not be used, for faults.
  uint64_t fault_address;
  /// Worker (its crash handler): CPU time so far in microseconds, user and system; peak memory in KiB.
  uint64_t user_microseconds, system_microseconds, peak_kibibytes;
  /// Parent: not 0 when it sends nothing more; followed by a ring of the worker's bell.
  uint32_t is_closed;
  uint8_t padding[20];
  /// The fate of each item in the worker's hands, by sequence number modulo the number of slots.
  /// Parent and worker both write, by compare-and-swap; see ItemFates.swift.
  uint64_t fates[PARALLEL_STATUS_SLOTS];
  /// Where the worker is in each batch in its hands, by the same numbers. Parent and worker both write, by
  /// compare-and-swap; see BatchCursors.swift.
  uint64_t cursors[PARALLEL_STATUS_SLOTS];
  /// Worker: when each item was begun, or the task of a batch that was begun last, on the monotonic clock; by the same
  /// numbers. Written before the item's fate says that it runs, so who reads that reads its own time here.
  uint64_t begun_at[PARALLEL_STATUS_SLOTS];
  /// Parent: items that are no longer wanted, by the same numbers; each followed by a ring of the cancel bell.
  uint64_t cancelled[PARALLEL_STATUS_SLOTS];
  /// From parent to worker.
  struct parallel_ring requests;
  /// From worker to parent.
  struct parallel_ring results;
};

_Static_assert(offsetof(struct parallel_worker_status, fates) % 64 == 0
                   && offsetof(struct parallel_worker_status, requests) % 64 == 0 && sizeof(struct parallel_ring) == 192,
               "what different sides write shares a cache line");
_Static_assert(sizeof(struct parallel_worker_status) <= PARALLEL_STATUS_SIZE, "the status page is too small");

static inline void parallel_status_cancel(struct parallel_worker_status *status, uint64_t item) {
  __atomic_store_n(&status->cancelled[item % PARALLEL_STATUS_SLOTS], item, __ATOMIC_RELEASE);
}

static inline _Bool parallel_status_is_cancelled(const struct parallel_worker_status *status, uint64_t item) {
  return __atomic_load_n(&status->cancelled[item % PARALLEL_STATUS_SLOTS], __ATOMIC_ACQUIRE) == item;
}

static inline void parallel_status_close(struct parallel_worker_status *status) {
  __atomic_store_n(&status->is_closed, 1, __ATOMIC_SEQ_CST);
}

static inline _Bool parallel_status_is_closed(const struct parallel_worker_status *status) {
  return __atomic_load_n(&status->is_closed, __ATOMIC_SEQ_CST) != 0;
}

/// Reads `dying_signal` so that the fields written before it can be read after it.
static inline uint32_t parallel_status_dying_signal(const struct parallel_worker_status *status) {
  return __atomic_load_n(&status->dying_signal, __ATOMIC_ACQUIRE);
}
