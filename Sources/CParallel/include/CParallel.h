// What Swift cannot import, or what must run before main. Everything else is Swift.
#pragma once

#include "futex.h"
#include "lifelines.h"
#include "signal_counts.h"
#include "spawn.h"
#include "spin.h"
#include "system_calls.h"
#include "thread.h"
#include "type_lookup.h"
#include "worker_bootstrap.h"
#include "worker_status.h"
