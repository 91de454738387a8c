// Starting a program without copying the caller's memory: see spawn.c.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// The most descriptors that one child can be given.
#define PARALLEL_SPAWN_MAX_PLACEMENTS 256

/// "The child's descriptor `number` is a copy of the parent's `source`."
struct parallel_placement {
  int source;
  int number;
};

/// How much of a resource (an RLIMIT_ number) the child may use; UINT64_MAX: without limit.
struct parallel_resource_limit {
  int resource;
  uint64_t soft;
  uint64_t hard;
};

/// The steps between clone and exec that may fail, in the order in which the child takes them.
enum parallel_spawn_step {
  PARALLEL_SPAWN_CLONE = 0,
  PARALLEL_SPAWN_PROCESS_GROUP,
  PARALLEL_SPAWN_DESCRIPTORS,
  PARALLEL_SPAWN_NICENESS,
  PARALLEL_SPAWN_PROCESSORS,
  PARALLEL_SPAWN_RESOURCE_LIMIT,
  PARALLEL_SPAWN_WORKING_DIRECTORY,
  PARALLEL_SPAWN_NO_NEW_PRIVILEGES,
  PARALLEL_SPAWN_EXEC,
};

/// Everything the child does, prepared before it exists.
struct parallel_spawn_plan {
  const char *path;
  char *const *arguments;
  char *const *environment;
  const char *working_directory;  // NULL: the parent's
  // In ascending order of `number`, no number twice. All other descriptors are closed.
  const struct parallel_placement *placements;
  size_t placement_count;
  // The processors it may run on: bit n % 64 of word n / 64 for processor n. No words: the calling thread's.
  const uint64_t *processors;
  size_t processor_word_count;
  const struct parallel_resource_limit *limits;
  size_t limit_count;
  bool sets_niceness;  // false: the calling thread's
  int niceness;
  bool sets_file_mode_mask;  // false: the parent's
  uint32_t file_mode_mask;
  bool own_process_group;
  bool no_new_privileges;
  // Signals that stay blocked in the program: bit n - 1 for signal n.
  uint64_t blocked_signals;
};

struct parallel_spawn_result {
  pid_t pid;
  int pidfd;  // closed on exec
  int step;   // where it failed (enum parallel_spawn_step)
  int error;  // 0, or the errno of that step
  size_t limit;  // at PARALLEL_SPAWN_RESOURCE_LIMIT: which one
};

/// Starts the program; returns when the child has begun it or has failed. Blocks while exec does.
void parallel_spawn(const struct parallel_spawn_plan *plan, struct parallel_spawn_result *result);
