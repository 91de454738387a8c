#define _GNU_SOURCE
#include "worker_bootstrap.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "worker_signals.h"

#if defined(PARALLEL_AUTOMATIC_BOOTSTRAP)
#include <dlfcn.h>
#endif

// The worker, in Swift; absent from a program that links only other modules of the package. Never returns.
extern void parallel_worker_main(struct parallel_worker_status *status) __attribute__((weak));

static bool in_place = false;

bool parallel_bootstrap_is_privileged(void) { return getauxval(AT_SECURE) != 0; }

bool parallel_bootstrap_is_in_place(void) { return in_place && parallel_worker_main; }

static bool is_of_type(int descriptor, mode_t type) {
  struct stat information;
  return fstat(descriptor, &information) == 0 && (information.st_mode & S_IFMT) == type;
}

// A variable that leaked into an unrelated start of the program must not turn it into a worker.
static bool has_worker_descriptors(void) {
  return is_of_type(PARALLEL_WORKER_LANE, S_IFSOCK) && is_of_type(PARALLEL_WORKER_LIFELINE, S_IFIFO)
      && is_of_type(PARALLEL_WORKER_STATUS, S_IFREG);
}

static _Noreturn void give_up(const char *why) {
  fprintf(stderr, "swift-parallel worker: %s\n", why);
  _exit(EXIT_FAILURE);
}

// From here on the kernel kills this process and its group when the parent's end closes: also while it computes, and
// also while it is stopped.
static void tie_to_parent(void) {
  int lifeline = PARALLEL_WORKER_LIFELINE;
  if (fcntl(lifeline, F_SETOWN, -getpgrp()) != 0 || fcntl(lifeline, F_SETSIG, SIGKILL) != 0
      || fcntl(lifeline, F_SETFL, O_ASYNC | O_NONBLOCK) != 0) {
    give_up("it cannot tie itself to its parent");
  }
  // The parent may have gone before the lines above took effect.
  struct pollfd state = {.fd = lifeline, .events = POLLIN};
  if (poll(&state, 1, 0) > 0) _exit(EXIT_FAILURE);
}

static struct parallel_worker_status *map_status(void) {
  void *page = mmap(NULL, PARALLEL_LANE_MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
                    PARALLEL_WORKER_STATUS, 0);
  if (page == MAP_FAILED) give_up("it cannot map the memory of its lane");
  close(PARALLEL_WORKER_STATUS);
  return page;
}

static void close_on_exec(int descriptor) { fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

static _Noreturn void run_worker(void) {
  tie_to_parent();
  close_on_exec(PARALLEL_WORKER_LANE);
  close_on_exec(PARALLEL_WORKER_LIFELINE);
  close_on_exec(PARALLEL_WORKER_DOORBELL);
  close_on_exec(PARALLEL_WORKER_CANCEL);
  prctl(PR_SET_NAME, "parallel-worker");
  // Its standard output is a pipe, which stdio would buffer in full: lines would be late, or lost in a crash.
  setvbuf(stdout, NULL, _IOLBF, 0);
  struct parallel_worker_status *status = map_status();
  parallel_install_worker_signals(status);
  parallel_install_alternate_signal_stack();
  parallel_worker_main(status);
  abort();
}

void parallel_bootstrap_run_if_worker(void) {
  in_place = true;
  const char *role = getenv(PARALLEL_ROLE_VARIABLE);
  if (!role) return;
  bool is_worker = strcmp(role, PARALLEL_ROLE_WORKER) == 0;
  unsetenv(PARALLEL_ROLE_VARIABLE);
  if (!is_worker || !has_worker_descriptors()) return;
  // From here on main must not run: it would make a pool of its own, and so on without end.
  if (parallel_bootstrap_is_privileged()) {
    give_up("the executable gained privileges when it started, so it does not trust its environment");
  }
  if (!parallel_worker_main) give_up("the program does not link ParallelProcesses");
  run_worker();
}

#if defined(PARALLEL_AUTOMATIC_BOOTSTRAP)

typedef int (*main_function)(int, char **, char **);
typedef int (*start_function)(
    main_function, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);

static main_function program_main;

static int bootstrap_main(int count, char **arguments, char **environment) {
  parallel_bootstrap_run_if_worker();
  return program_main(count, arguments, environment);
}

// The C library's entry point, called by every executable's start code. Defined here it comes before the library's; it
// hands on to it with a main of our own, so all constructors have run when that decides what this process is.
__attribute__((visibility("default"))) int __libc_start_main(
    main_function main, int count, char **arguments, void (*initialize)(void), void (*finish)(void),
    void (*finish_dynamic_linker)(void), void *stack_end) {
  start_function start = (start_function)dlsym(RTLD_NEXT, "__libc_start_main");
  if (!start) {
    static const char message[] = "swift-parallel: this C library has no __libc_start_main; "
                                  "build without the trait AutomaticBootstrap\n";
    (void)!write(STDERR_FILENO, message, sizeof message - 1);
    _exit(EXIT_FAILURE);
  }
  program_main = main;
  return start(bootstrap_main, count, arguments, initialize, finish, finish_dynamic_linker, stack_end);
}

#endif
