// Naming the calling thread: prctl(2) is variadic, which Swift can't call.
#pragma once

#include <sys/prctl.h>

/// Names the calling thread; the kernel keeps the first 15 bytes.
static inline void parallel_set_thread_name(const char *name) {
  (void)prctl(PR_SET_NAME, name, 0, 0, 0);
}
