#define _GNU_SOURCE
#include "thread.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#define MAIN_THREAD 1

static _Atomic uint64_t last_number = MAIN_THREAD;
static _Thread_local uint64_t own_number;

uint64_t parallel_reserve_thread_number(void) {
  return atomic_fetch_add_explicit(&last_number, 1, memory_order_relaxed) + 1;
}

void parallel_adopt_thread_number(uint64_t number) { own_number = number; }

uint64_t parallel_thread_number(void) {
  if (own_number == 0) own_number = gettid() == getpid() ? MAIN_THREAD : parallel_reserve_thread_number();
  return own_number;
}

int32_t parallel_native_thread_id(void) { return gettid(); }

int parallel_set_processors(pthread_attr_t *attributes, const int *numbers, size_t count) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (size_t i = 0; i < count; i++) {
    if (numbers[i] < 0 || numbers[i] >= CPU_SETSIZE) return EINVAL;
    CPU_SET(numbers[i], &set);
  }
  return pthread_attr_setaffinity_np(attributes, sizeof set, &set);
}
