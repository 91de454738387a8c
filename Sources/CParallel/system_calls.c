#define _GNU_SOURCE
#include "system_calls.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

_Static_assert(PARALLEL_READABLE == EPOLLIN && PARALLEL_WRITABLE == EPOLLOUT && PARALLEL_FAILED == EPOLLERR
                   && PARALLEL_HUNG_UP == EPOLLHUP,
               "the header's names for the events have the kernel's values");

#ifndef P_PIDFD
#define P_PIDFD 3
#endif
#define SIGNAL_WHOLE_GROUP (1u << 2)  // PIDFD_SIGNAL_PROCESS_GROUP

static uint64_t microseconds(struct timeval time) { return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec; }

int parallel_reap_pidfd(int pidfd, bool waits, struct parallel_process_end *end) {
  siginfo_t information;
  struct rusage usage;
  memset(&information, 0, sizeof information);
  memset(&usage, 0, sizeof usage);
  if (syscall(SYS_waitid, P_PIDFD, pidfd, &information, WEXITED | (waits ? 0 : WNOHANG), &usage) != 0) return -1;
  *end = (struct parallel_process_end){
      .code = information.si_pid == 0 ? 0 : information.si_code,
      .status = information.si_status,
      .user_microseconds = microseconds(usage.ru_utime),
      .system_microseconds = microseconds(usage.ru_stime),
      .peak_kibibytes = (uint64_t)usage.ru_maxrss};
  return 0;
}

// The kernel's struct pidfd_info, as of Linux 6.13, and what asks for it; the C library's headers may be older.
struct taken_status {
  uint64_t mask;
  uint64_t unused[6];
  uint32_t unused_too;
  int32_t wait_status;
};
_Static_assert(sizeof(struct taken_status) == 64, "the kernel knows the structure by its size");
#define GET_TAKEN_STATUS _IOWR(0xFF, 11, struct taken_status)  // PIDFD_GET_INFO
#define WITH_WAIT_STATUS (1u << 3)                             // PIDFD_INFO_EXIT

bool parallel_read_taken_status(int pidfd, struct parallel_process_end *end) {
  // Hung up once the process is cleared away; its status is there before.
  struct pollfd event = {.fd = pidfd};
  while (poll(&event, 1, 100) < 0 && errno == EINTR) {
  }
  struct taken_status taken = {.mask = WITH_WAIT_STATUS};
  if (ioctl(pidfd, GET_TAKEN_STATUS, &taken) != 0 || !(taken.mask & WITH_WAIT_STATUS)) return false;
  int status = taken.wait_status;
  *end = (struct parallel_process_end){
      .code = WIFEXITED(status) ? CLD_EXITED : WCOREDUMP(status) ? CLD_DUMPED : CLD_KILLED,
      .status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status)};
  return true;
}

int parallel_open_pidfd(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int parallel_set_pipe_size(int pipe, int size) { return fcntl(pipe, F_SETPIPE_SZ, size); }

int parallel_signal_pidfd(int pidfd, int signal, bool to_group) {
  return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, to_group ? SIGNAL_WHOLE_GROUP : 0);
}

char **parallel_environment(void) { return environ; }

int parallel_available_bytes(int descriptor) {
  int count = 0;
  return ioctl(descriptor, FIONREAD, &count) == 0 ? count : 0;
}

bool parallel_is_unreaped(int pidfd) {
  siginfo_t information;
  return waitid(P_PIDFD, (id_t)pidfd, &information, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

int parallel_get_processors(uint64_t *words, size_t size) {
  return (int)syscall(SYS_sched_getaffinity, 0, size, words);
}

int parallel_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int parallel_create_event(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int parallel_create_epoll(void) { return epoll_create1(EPOLL_CLOEXEC); }

int parallel_control_epoll(int epoll, enum parallel_epoll_operation operation, int descriptor, uint32_t events,
                           uint64_t number) {
  static const int operations[] = {EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL};
  struct epoll_event event = {.events = events, .data.u64 = number};
  return epoll_ctl(epoll, operations[operation], descriptor, &event);
}

int parallel_wait_epoll(int epoll, struct parallel_epoll_event *events, int room, int milliseconds) {
  struct epoll_event raw[64];
  int count = epoll_wait(epoll, raw, room < 64 ? room : 64, milliseconds);
  for (int i = 0; i < count; i++) {
    events[i] = (struct parallel_epoll_event){.events = raw[i].events, .number = raw[i].data.u64};
  }
  return count;
}

int parallel_poll(void *events, size_t count, int64_t nanoseconds) {
  struct timespec limit = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
  return ppoll(events, count, nanoseconds < 0 ? NULL : &limit, NULL);
}

int parallel_create_memory(const char *name) { return memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING); }

int parallel_seal_size(int descriptor) {
  return fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
}

int parallel_seal_contents(int descriptor) {
  return fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
}

bool parallel_has_sealed_contents(int descriptor) {
  int seals = fcntl(descriptor, F_GET_SEALS);
  return seals >= 0 && (seals & F_SEAL_SHRINK) && (seals & F_SEAL_WRITE);
}

union control_buffer {
  struct cmsghdr header;  // for its alignment
  char bytes[CMSG_SPACE(sizeof(int) * PARALLEL_MAX_PASSED_DESCRIPTORS)];
};

ssize_t parallel_send(int socket, const void *head, size_t head_size, const void *body, size_t body_size,
                      const int *descriptors, size_t descriptor_count, int flags) {
  struct iovec parts[2] = {{(void *)head, head_size}, {(void *)body, body_size}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
  union control_buffer control;
  if (descriptor_count > PARALLEL_MAX_PASSED_DESCRIPTORS) {
    errno = E2BIG;
    return -1;
  }
  if (descriptor_count > 0) {
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * descriptor_count);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * descriptor_count);
    memcpy(CMSG_DATA(header), descriptors, sizeof(int) * descriptor_count);
  }
  return sendmsg(socket, &message, flags | MSG_NOSIGNAL);
}

ssize_t parallel_receive(int socket, void *buffer, size_t size, int *descriptors, size_t *descriptor_count,
                         bool *truncated, int flags) {
  union control_buffer control;
  struct iovec part = {buffer, size};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  size_t room = *descriptor_count;
  *descriptor_count = 0;
  *truncated = false;
  ssize_t received = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
  if (received < 0) return received;
  *truncated = (message.msg_flags & MSG_CTRUNC) != 0;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
      int descriptor;
      memcpy(&descriptor, CMSG_DATA(header) + i * sizeof(int), sizeof descriptor);
      if (*descriptor_count < room) {
        descriptors[(*descriptor_count)++] = descriptor;
      } else {
        close(descriptor);
        *truncated = true;
      }
    }
  }
  return received;
}
