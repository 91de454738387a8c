// clone(CLONE_VM | CLONE_VFORK | CLONE_PIDFD): the child borrows the parent's memory until it execs, so the cost does
// not grow with the parent, and the pidfd comes with the child, so no reaper elsewhere can make it stale.
//
// Rules for the child, which runs on a stack of its own while the calling thread (and only that one) is suspended:
// raw system calls only; no lock, no allocation, no errno, no sanitizer; nothing in shared memory changes but
// `result`. All signals are blocked before the clone, so no handler of the parent ever runs in the child.

#define _GNU_SOURCE
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "raw_system_call.h"

#define NO_SANITIZER __attribute__((no_sanitize("thread", "address", "undefined"), disable_sanitizer_instrumentation))
#define CHILD_STACK_SIZE (32 * 1024)
#define KERNEL_SIGNALS 64
#define KERNEL_SIGNAL_SET_SIZE 8

// glibc's clone under its other name: the thread sanitizer replaces `clone` by a function that locks.
extern int __clone(int (*body)(void *), void *stack, int flags, void *argument, ...);

struct child {
  const struct parallel_spawn_plan *plan;
  struct parallel_spawn_result *result;
  uint64_t parent_signal_mask;
};

// The kernel's own struct sigaction; all zeros means SIG_DFL on every architecture.
struct kernel_sigaction {
  uint64_t words[4];
};

NO_SANITIZER static _Noreturn void fail(struct child *child, int step, long error) {
  child->result->step = step;
  child->result->error = (int)-error;
  for (;;) raw_system_call(SYS_exit_group, 127, 0, 0, 0);
}

NO_SANITIZER static void reset_signal_handlers(void) {
  // Handlers are code of the old program; ignored signals would be inherited through exec.
  struct kernel_sigaction action = {{0, 0, 0, 0}};
  for (int signal = 1; signal <= KERNEL_SIGNALS; signal++) {
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    raw_system_call(SYS_rt_sigaction, signal, (long)&action, 0, KERNEL_SIGNAL_SET_SIZE);
  }
}

NO_SANITIZER static void place_descriptors(struct child *child) {
  const struct parallel_spawn_plan *plan = child->plan;
  int first_free = plan->placement_count == 0 ? 0 : plan->placements[plan->placement_count - 1].number + 1;
  // Two passes, because a source may have the number that another placement wants: first copy every source above
  // all the wanted numbers, then put the copies where they belong.
  int copies[PARALLEL_SPAWN_MAX_PLACEMENTS];
  for (size_t i = 0; i < plan->placement_count; i++) {
    long copy = raw_system_call(SYS_fcntl, plan->placements[i].source, F_DUPFD_CLOEXEC, first_free, 0);
    if (copy < 0) fail(child, PARALLEL_SPAWN_DESCRIPTORS, copy);
    copies[i] = (int)copy;
  }
  int next = 0;
  for (size_t i = 0; i < plan->placement_count; i++) {
    int number = plan->placements[i].number;
    long placed = raw_system_call(SYS_dup3, copies[i], number, 0, 0);
    if (placed < 0) fail(child, PARALLEL_SPAWN_DESCRIPTORS, placed);
    if (number > next) raw_system_call(SYS_close_range, next, number - 1, 0, 0);
    next = number + 1;
  }
  long closed = raw_system_call(SYS_close_range, next, (long)UINT_MAX, 0, 0);
  if (closed < 0) fail(child, PARALLEL_SPAWN_DESCRIPTORS, closed);
}

// What the system is to grant the child. After the descriptors, which a limit of their number must not be in the way of;
// the niceness before the limit of niceness.
NO_SANITIZER static void set_grants(struct child *child) {
  const struct parallel_spawn_plan *plan = child->plan;
  if (plan->sets_niceness) {
    long changed = raw_system_call(SYS_setpriority, PRIO_PROCESS, 0, plan->niceness, 0);
    if (changed < 0) fail(child, PARALLEL_SPAWN_NICENESS, changed);
  }
  if (plan->processor_word_count > 0) {
    long changed = raw_system_call(
        SYS_sched_setaffinity, 0, (long)(plan->processor_word_count * sizeof(uint64_t)), (long)plan->processors, 0);
    if (changed < 0) fail(child, PARALLEL_SPAWN_PROCESSORS, changed);
  }
  for (size_t i = 0; i < plan->limit_count; i++) {
    const struct parallel_resource_limit *limit = &plan->limits[i];
    const uint64_t bounds[2] = {limit->soft, limit->hard};  // the kernel's struct rlimit64
    child->result->limit = i;
    long changed = raw_system_call(SYS_prlimit64, 0, limit->resource, (long)bounds, 0);
    if (changed < 0) fail(child, PARALLEL_SPAWN_RESOURCE_LIMIT, changed);
  }
}

NO_SANITIZER static int child_main(void *argument) {
  struct child *child = argument;
  const struct parallel_spawn_plan *plan = child->plan;

  reset_signal_handlers();

  if (plan->own_process_group) {
    long grouped = raw_system_call(SYS_setpgid, 0, 0, 0, 0);
    if (grouped < 0) fail(child, PARALLEL_SPAWN_PROCESS_GROUP, grouped);
  }
  // Before the folder, which may be on a file system that hangs: until then the child holds copies of all descriptors.
  place_descriptors(child);
  set_grants(child);

  if (plan->sets_file_mode_mask) raw_system_call(SYS_umask, plan->file_mode_mask, 0, 0, 0);
  if (plan->working_directory) {
    long changed = raw_system_call(SYS_chdir, (long)plan->working_directory, 0, 0, 0);
    if (changed < 0) fail(child, PARALLEL_SPAWN_WORKING_DIRECTORY, changed);
  }
  if (plan->no_new_privileges) {
    long changed = raw_system_call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0);
    if (changed < 0) fail(child, PARALLEL_SPAWN_NO_NEW_PRIVILEGES, changed);
  }

  // Last before exec: until here a signal must not end the child half prepared.
  uint64_t blocked = plan->blocked_signals;
  raw_system_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&blocked, 0, KERNEL_SIGNAL_SET_SIZE);
  long error = raw_system_call(SYS_execve, (long)plan->path, (long)plan->arguments, (long)plan->environment, 0);
  fail(child, PARALLEL_SPAWN_EXEC, error);
}

NO_SANITIZER void parallel_spawn(const struct parallel_spawn_plan *plan, struct parallel_spawn_result *result) {
  *result = (struct parallel_spawn_result){.pid = -1, .pidfd = -1, .step = PARALLEL_SPAWN_CLONE};
  if (plan->placement_count > PARALLEL_SPAWN_MAX_PLACEMENTS) {
    result->error = E2BIG;
    return;
  }
  // On this thread's stack: the thread sleeps until the child has left it.
  _Alignas(16) char stack[CHILD_STACK_SIZE];
  struct child child = {.plan = plan, .result = result};
  // The kernel's call, not sigprocmask: glibc keeps two signals of its own unblocked.
  uint64_t all = ~(uint64_t)0;
  raw_system_call(
      SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&child.parent_signal_mask, KERNEL_SIGNAL_SET_SIZE);

  int pidfd = -1;
  int pid = __clone(
      child_main, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &child, &pidfd);
  int clone_error = errno;

  raw_system_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&child.parent_signal_mask, 0, KERNEL_SIGNAL_SET_SIZE);
  if (pid < 0) {
    result->error = clone_error;
    return;
  }
  result->pid = pid;
  result->pidfd = pidfd;
}
