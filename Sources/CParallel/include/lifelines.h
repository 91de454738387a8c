// A child of a plain fork inherits this process's ends of its workers' lifelines and would keep the workers alive after
// this process has died. So every such child closes them, from this table.
#pragma once

#include <stdbool.h>

/// Notes a lifeline's writing end; false when the table is full (4,096 workers).
bool parallel_lifeline_remember(int descriptor);
/// Forgets it; to be called before the descriptor is closed.
void parallel_lifeline_forget(int descriptor);
