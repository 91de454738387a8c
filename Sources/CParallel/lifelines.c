#include "lifelines.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#define CAPACITY 4096

// Descriptor + 1, so that a zeroed slot is empty.
static _Atomic int slots[CAPACITY];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void close_all_in_child(void) {
  for (size_t i = 0; i < CAPACITY; i++) {
    int value = atomic_exchange_explicit(&slots[i], 0, memory_order_relaxed);
    if (value != 0) close(value - 1);
  }
}

static void register_fork_handler(void) { pthread_atfork(NULL, NULL, close_all_in_child); }

bool parallel_lifeline_remember(int descriptor) {
  pthread_once(&once, register_fork_handler);
  for (size_t i = 0; i < CAPACITY; i++) {
    int empty = 0;
    if (atomic_compare_exchange_strong(&slots[i], &empty, descriptor + 1)) return true;
  }
  return false;
}

void parallel_lifeline_forget(int descriptor) {
  for (size_t i = 0; i < CAPACITY; i++) {
    int value = descriptor + 1;
    if (atomic_compare_exchange_strong(&slots[i], &value, 0)) return;
  }
}
