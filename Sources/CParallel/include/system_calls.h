// System calls that the C library lacks, hides behind macros, or declares with variable arguments. Each returns what
// the call returns and leaves errno, as the C library's own do.
#pragma once

#include <fcntl.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

/// The most descriptors that travel with one message.
#define PARALLEL_MAX_PASSED_DESCRIPTORS 64

/// How a process ended and what it used.
struct parallel_process_end {
  int code;    // a CLD_ code of <signal.h>; 0: it still runs
  int status;  // exit code or signal
  uint64_t user_microseconds, system_microseconds;
  uint64_t peak_kibibytes;
};

/// waitid(2) on a pidfd, with the resource use that glibc's leaves out. Unless `waits`, it returns at once.
int parallel_reap_pidfd(int pidfd, bool waits, struct parallel_process_end *end);

/// How a process ended whose status somebody else has taken; false where the system does not tell (before Linux 6.15).
/// Waits for at most 100 ms, while the system clears the process away.
bool parallel_read_taken_status(int pidfd, struct parallel_process_end *end);

/// pidfd_open(2), closed on exec.
int parallel_open_pidfd(pid_t process);

/// fcntl(F_SETPIPE_SZ): asks for so much room in a pipe.
int parallel_set_pipe_size(int pipe, int size);

/// pidfd_send_signal(2). `to_group` reaches the whole process group (Linux 6.9).
int parallel_signal_pidfd(int pidfd, int signal, bool to_group);

/// The environment, or NULL after clearenv(3).
char **parallel_environment(void);

/// How many bytes can be read without waiting: ioctl(FIONREAD). 0 where that is not known.
int parallel_available_bytes(int descriptor);

/// Whether the process behind `pidfd` still runs, or has ended and nobody has taken its status.
bool parallel_is_unreaped(int pidfd);

/// The processors on which the calling thread may run, bit n % 64 of word n / 64 for processor n. Returns how many bytes
/// were filled; fails with EINVAL where there is too little room: sched_getaffinity(2).
int parallel_get_processors(uint64_t *words, size_t size);

/// pipe2(2), closed on exec.
int parallel_pipe(int ends[2]);

/// eventfd(2), closed on exec, never blocking.
int parallel_create_event(void);

/// epoll_create1(2), closed on exec.
int parallel_create_epoll(void);

/// One descriptor's news: EPOLLIN and so on, with the number given at its registration.
struct parallel_epoll_event {
  uint32_t events;
  uint64_t number;
};

enum parallel_epoll_operation { PARALLEL_EPOLL_ADD, PARALLEL_EPOLL_CHANGE, PARALLEL_EPOLL_REMOVE };

/// epoll_ctl(2).
int parallel_control_epoll(int epoll, enum parallel_epoll_operation operation, int descriptor, uint32_t events,
                           uint64_t number);

/// epoll_wait(2); at most 64 events.
int parallel_wait_epoll(int epoll, struct parallel_epoll_event *events, int room, int milliseconds);

/// memfd_create(2), closed on exec, sealable.
int parallel_create_memory(const char *name);

/// fcntl(F_ADD_SEALS): the size can't change any more.
int parallel_seal_size(int descriptor);

/// fcntl(F_ADD_SEALS): neither size nor contents can change any more. Fails while somebody may write to a mapping of it.
int parallel_seal_contents(int descriptor);

/// Whether nobody can shrink or change the memory any more.
bool parallel_has_sealed_contents(int descriptor);

/// ppoll(2) with the present signal mask on an array of `struct pollfd`; a negative limit is none.
int parallel_poll(void *events, size_t count, int64_t nanoseconds);

enum { PARALLEL_READABLE = 0x1, PARALLEL_WRITABLE = 0x4, PARALLEL_FAILED = 0x8, PARALLEL_HUNG_UP = 0x10 };

/// sendmsg(2) with descriptors; never raises SIGPIPE.
ssize_t parallel_send(int socket, const void *head, size_t head_size, const void *body, size_t body_size,
                      const int *descriptors, size_t descriptor_count, int flags);

/// recvmsg(2) with descriptors, which are closed on exec. `*descriptor_count` is the room on entry, the number
/// received on return; what did not fit was closed by the kernel and `*truncated` is true.
ssize_t parallel_receive(int socket, void *buffer, size_t size, int *descriptors, size_t *descriptor_count,
                         bool *truncated, int flags);
