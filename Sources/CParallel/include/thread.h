// What concerns the calling thread and lies behind macros, variable arguments or thread-local variables.
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/single_threaded.h>

/// Names the calling thread; the kernel keeps the first 15 bytes.
static inline void parallel_set_thread_name(const char *name) {
  (void)prctl(PR_SET_NAME, name, 0, 0, 0);
}

/// The calling thread's name: prctl(PR_GET_NAME).
static inline void parallel_get_thread_name(char name[16]) { (void)prctl(PR_GET_NAME, name, 0, 0, 0); }

/// The kernel's number of the calling thread: gettid(2).
int32_t parallel_native_thread_id(void);

/// Lets a thread that is to be created run on these processors only, each numbered from 0 to 1023: an error number of
/// pthread_attr_setaffinity_np(3).
int parallel_set_processors(pthread_attr_t *attributes, const int *numbers, size_t count);

/// The calling thread's number: no other thread of this process has or had it. The main thread has 1.
uint64_t parallel_thread_number(void);

/// A number for a thread that does not run yet.
uint64_t parallel_reserve_thread_number(void);

/// Gives the calling thread a number that was reserved for it, before it has asked for one.
void parallel_adopt_thread_number(uint64_t number);

/// Whether this process has had one thread only until now, by the C library's account.
static inline bool parallel_is_single_threaded(void) { return __libc_single_threaded; }
