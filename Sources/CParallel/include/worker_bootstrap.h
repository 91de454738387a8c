// How a copy of this executable finds out that it is a worker, before any of its own code in main runs.
#pragma once

#include <stdbool.h>

#include "worker_status.h"

/// The environment variable that gives a process its role. Removed as soon as it was read.
#define PARALLEL_ROLE_VARIABLE "SWIFT_PARALLEL_ROLE"
/// Its value for a worker; anything else is not for us.
#define PARALLEL_ROLE_WORKER "worker"

/// The numbers at which a worker finds its descriptors.
enum parallel_worker_descriptor {
  PARALLEL_WORKER_LANE = 3,      // socket: messages that are large or have descriptors
  PARALLEL_WORKER_LIFELINE = 4,  // pipe, never written to: closed by the parent, or by the parent's death
  PARALLEL_WORKER_STATUS = 5,    // memfd: struct parallel_worker_status and the rings
  PARALLEL_WORKER_DOORBELL = 6,  // eventfd: rung by a worker that has results for a sleeping parent, or is dying
  PARALLEL_WORKER_CANCEL = 7,    // eventfd: rung by a parent that wants the running item no more
};

/// True once this process went through the bootstrap, so that a copy of it would, too.
bool parallel_bootstrap_is_in_place(void);

/// True if this executable gains privileges when it starts (set-user-id, file capabilities): then a copy of it does not
/// trust its environment, and so can't be told to be a worker.
bool parallel_bootstrap_is_privileged(void);

/// If this process was started as a worker, runs it and never returns; else notes that the bootstrap is in place.
void parallel_bootstrap_run_if_worker(void);

/// Gives the calling thread a stack on which to handle the overflow of its ordinary one. Never freed: for threads that
/// live as long as the process.
void parallel_install_alternate_signal_stack(void);
