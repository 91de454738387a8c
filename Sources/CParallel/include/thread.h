// What concerns the calling thread and lies behind macros, variable arguments or thread-local variables.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/single_threaded.h>

/// Names the calling thread; the kernel keeps the first 15 bytes.
static inline void parallel_set_thread_name(const char *name) {
  (void)prctl(PR_SET_NAME, name, 0, 0, 0);
}

/// The calling thread's number, from 1: no other thread of this process has or had it.
uint64_t parallel_thread_number(void);

/// Whether this process has had one thread only until now, by the C library's account.
static inline bool parallel_is_single_threaded(void) { return __libc_single_threaded; }
