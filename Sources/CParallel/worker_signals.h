#pragma once

#include "worker_status.h"

/// Sets up what a worker does about signals: it tells its parent of a crash before anything else happens, and takes
/// requests to end from its parent only.
void parallel_install_worker_signals(struct parallel_worker_status *status);
