// What Swift cannot import, or what must run before main. Everything else is Swift.
#pragma once

#include "futex.h"
#include "spin.h"
#include "thread.h"
#include "type_lookup.h"
