// A handler that counts and rings; whoever waits for the eventfd does the rest, where he may call anything. No Swift code
// is async-signal-safe, so none runs in a handler.
//
// Each signal has a place in a table. `previous` is written before the handler is installed and after it was removed,
// and read by the handler only in a forked child.

#define _GNU_SOURCE
#include "signal_counts.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

static struct {
  struct sigaction previous;
  _Atomic uint32_t count;
  _Atomic int event;
} places[NSIG];

static _Atomic pid_t counting_process;

static void count_signal(int signal) {
  int saved_errno = errno;
  if (getpid() == atomic_load(&counting_process)) {
    atomic_fetch_add(&places[signal].count, 1);
    uint64_t one = 1;
    (void)!write(atomic_load(&places[signal].event), &one, sizeof one);
  } else {
    // A child of a plain fork, where nobody waits for the eventfd, which is the parent's: there the signal does what it
    // did before. It is blocked until this handler returns.
    sigaction(signal, &places[signal].previous, NULL);
    raise(signal);
  }
  errno = saved_errno;
}

enum parallel_signal_counting parallel_count_signal(int signal, int event) {
  struct sigaction present;
  if (sigaction(signal, NULL, &present) != 0) return PARALLEL_SIGNAL_FAILED;
  if (present.sa_handler == SIG_IGN) return PARALLEL_SIGNAL_IS_IGNORED;
  if (present.sa_handler == count_signal) {
    errno = EBUSY;
    return PARALLEL_SIGNAL_FAILED;
  }
  places[signal].previous = present;
  atomic_store(&places[signal].count, 0);
  atomic_store(&places[signal].event, event);
  atomic_store(&counting_process, getpid());
  struct sigaction counting = {.sa_handler = count_signal, .sa_flags = SA_RESTART};
  sigemptyset(&counting.sa_mask);
  return sigaction(signal, &counting, NULL) == 0 ? PARALLEL_SIGNAL_IS_COUNTED : PARALLEL_SIGNAL_FAILED;
}

void parallel_stop_counting_signal(int signal) {
  struct sigaction present;
  if (sigaction(signal, NULL, &present) != 0 || present.sa_handler != count_signal) return;
  sigaction(signal, &places[signal].previous, NULL);
}

uint32_t parallel_signal_count(int signal) { return atomic_load(&places[signal].count); }

void parallel_die_by_signal(int signal) {
  struct sigaction deadly = {.sa_handler = SIG_DFL};
  sigaction(signal, &deadly, NULL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  raise(signal);
  _exit(128 + signal);
}
