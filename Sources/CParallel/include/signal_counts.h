// Counting signals, in a handler that does nothing else: see signal_counts.c.
#pragma once

#include <stdbool.h>
#include <stdint.h>

/// What became of the wish to count a signal.
enum parallel_signal_counting {
  PARALLEL_SIGNAL_IS_COUNTED,
  PARALLEL_SIGNAL_IS_IGNORED,  // by the program or by who started it: left as it is
  PARALLEL_SIGNAL_FAILED,      // errno says why
};

/// From now on the signal is counted, from zero, and adds one to the eventfd, instead of what it did before. The eventfd
/// must never be closed: a handler may be on its way to it. Fails with EBUSY while it is counted already.
enum parallel_signal_counting parallel_count_signal(int signal, int event);

/// The signal does again what it did before, unless somebody has installed another handler meanwhile.
void parallel_stop_counting_signal(int signal);

/// How often it came since it is counted.
uint32_t parallel_signal_count(int signal);

/// Ends this process by the signal, so that its parent sees that, whatever handlers there are. Where the signal does not
/// kill, as process 1 of a container, the exit status is 128 + signal, as shells have it. Runs no handlers of atexit.
_Noreturn void parallel_die_by_signal(int signal);
