#define _GNU_SOURCE
#include "worker_signals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "worker_bootstrap.h"

#define ALTERNATE_STACK_SIZE (64 * 1024)

static const int crash_signals[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT};
#define CRASH_SIGNALS (sizeof crash_signals / sizeof crash_signals[0])

static struct parallel_worker_status *status_page;
static struct sigaction previous_actions[CRASH_SIGNALS];
static pid_t worker;
static pid_t parent;
// Whether this thread has gone on to the previous handler; a fault in there must not go there again. The model of access
// is the one that never allocates.
static _Thread_local bool is_chaining __attribute__((tls_model("initial-exec")));

static uint64_t microseconds(struct timeval time) { return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec; }

// Runs in a signal handler: plain stores to the shared page and two system calls.
static void tell_parent(int signal, const siginfo_t *information) {
  static atomic_flag told = ATOMIC_FLAG_INIT;
  // A child that a task forked has these handlers and this page, too; its crash is not the worker's.
  if (getpid() != worker || atomic_flag_test_and_set(&told)) return;
  struct rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    status_page->user_microseconds = microseconds(usage.ru_utime);
    status_page->system_microseconds = microseconds(usage.ru_stime);
    status_page->peak_kibibytes = (uint64_t)usage.ru_maxrss;
  }
  status_page->dying_code = information->si_code;
  status_page->fault_address = information->si_code > 0 ? (uint64_t)(uintptr_t)information->si_addr : 0;
  __atomic_store_n(&status_page->dying_signal, (uint32_t)signal, __ATOMIC_RELEASE);
  uint64_t one = 1;
  (void)!write(PARALLEL_WORKER_DOORBELL, &one, sizeof one);
}

// A backtrace keeps a processor busy for a third of a second, while the parent gives the work to others: they go first.
// The program that makes it is started by this thread, and as nice.
static void step_back(void) {
  if (getpid() == worker) setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + 10);
}

// The Swift runtime's handler, where backtraces are on. It expects crash signals to be deliverable: where it may not
// trace the process from outside it reads memory from inside, and survives bad addresses by catching the fault.
static void chain(const struct sigaction *previous, int signal, siginfo_t *information, void *context) {
  sigset_t crashes;
  sigemptyset(&crashes);
  for (size_t i = 0; i < CRASH_SIGNALS; i++) sigaddset(&crashes, crash_signals[i]);
  pthread_sigmask(SIG_UNBLOCK, &crashes, NULL);
  if (previous->sa_flags & SA_SIGINFO) {
    previous->sa_sigaction(signal, information, context);
  } else if (previous->sa_handler != SIG_DFL && previous->sa_handler != SIG_IGN) {
    previous->sa_handler(signal);
  }
}

static void on_crash(int signal, siginfo_t *information, void *context) {
  int saved_errno = errno;
  tell_parent(signal, information);
  if (!is_chaining) {
    is_chaining = true;
    step_back();
    for (size_t i = 0; i < CRASH_SIGNALS; i++) {
      if (crash_signals[i] == signal) chain(&previous_actions[i], signal, information, context);
    }
  }
  struct sigaction deadly = {.sa_handler = SIG_DFL};
  sigaction(signal, &deadly, NULL);
  // A fault happens again when this returns; what somebody sent, or a breakpoint, does not.
  if (information->si_code <= 0 || signal == SIGTRAP || signal == SIGBUS) raise(signal);
  errno = saved_errno;
}

// A terminal or service manager signals every process of the program. The parent decides what that means; only from
// the parent does such a signal count here.
static void on_request_to_end(int signal, siginfo_t *information, void *context) {
  (void)context;
  if (getpid() == worker && information->si_pid != parent) return;
  struct sigaction deadly = {.sa_handler = SIG_DFL};
  sigaction(signal, &deadly, NULL);
  raise(signal);
}

void parallel_install_worker_signals(struct parallel_worker_status *status) {
  status_page = status;
  worker = getpid();
  parent = getppid();
  // On the alternate stack: a stack overflow leaves no other. Deferring all signals keeps one crash one crash.
  struct sigaction crash = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigfillset(&crash.sa_mask);
  for (size_t i = 0; i < CRASH_SIGNALS; i++) sigaction(crash_signals[i], &crash, &previous_actions[i]);
  // A handler, never SIG_IGN or a blocked mask: those would be inherited by programs that a task starts.
  struct sigaction end = {.sa_sigaction = on_request_to_end, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigfillset(&end.sa_mask);
  static const int requests[] = {SIGINT, SIGTERM, SIGHUP};
  sigset_t deliverable;
  sigemptyset(&deliverable);
  for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
    sigaction(requests[i], &end, NULL);
    sigaddset(&deliverable, requests[i]);
  }
  // Blocked by the parent until this handler was there.
  pthread_sigmask(SIG_UNBLOCK, &deliverable, NULL);
}

void parallel_install_alternate_signal_stack(void) {
  void *memory = mmap(NULL, ALTERNATE_STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  stack_t stack = {.ss_sp = memory, .ss_size = ALTERNATE_STACK_SIZE};
  if (sigaltstack(&stack, NULL) != 0) munmap(memory, ALTERNATE_STACK_SIZE);
}
