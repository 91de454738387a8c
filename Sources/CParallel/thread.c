#include "thread.h"

#include <stdatomic.h>

static _Atomic uint64_t last_number;
static _Thread_local uint64_t own_number;

uint64_t parallel_thread_number(void) {
  if (own_number == 0) own_number = atomic_fetch_add_explicit(&last_number, 1, memory_order_relaxed) + 1;
  return own_number;
}
