/* For seccomp, which is Linux's own. */
#define _GNU_SOURCE
#include "bench/editors/disk.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "bench/bench_memory.h"

/* A filter sees numbers of calls, which differ between architectures. */
#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#else
#define NATIVE_ARCH 0
#endif

struct disk {
    int pair[2]; /* a child sends its listener through [1] */
    int listener;
    bool attached;
    pthread_t thread;
    _Atomic int state;
    _Atomic unsigned delay_ms;
    _Atomic uint64_t writes, syncs, refused, delayed;
};

/* ---- Answering ------------------------------------------------------------------------------------------------- */

static bool is_sync(int nr)
{
    return nr == __NR_fsync || nr == __NR_fdatasync;
}

static void nap(unsigned ms)
{
    struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};

    while (nanosleep(&t, &t) != 0 && errno == EINTR) {
    }
}

static void judge(struct disk *d, const struct seccomp_notif *call, struct seccomp_notif_resp *answer)
{
    enum disk_state state = (enum disk_state)atomic_load(&d->state);
    bool sync = is_sync(call->data.nr);

    atomic_fetch_add(sync ? &d->syncs : &d->writes, 1);
    if (state == DISK_FULL && !sync) {
        answer->error = -ENOSPC;
        atomic_fetch_add(&d->refused, 1);
        return;
    }
    if (state == DISK_SLOW && sync) {
        nap(atomic_load(&d->delay_ms));
        atomic_fetch_add(&d->delayed, 1);
    }
    answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
}

/* False: nobody is on the disk any more. */
static bool serve_one(struct disk *d)
{
    struct pollfd ready = {.fd = d->listener, .events = POLLIN};
    struct seccomp_notif call = {0};
    struct seccomp_notif_resp answer = {0};

    if (poll(&ready, 1, -1) < 0) {
        return errno == EINTR;
    }
    if ((ready.revents & POLLIN) == 0) {
        return false;
    }
    if (ioctl(d->listener, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) {
        return errno == EINTR || errno == ENOENT; /* who called was killed meanwhile */
    }
    answer.id = call.id;
    judge(d, &call, &answer);
    (void)ioctl(d->listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    return true;
}

static void *disk_main(void *disk)
{
    while (serve_one(disk)) {
    }
    return NULL;
}

/* ---- The child -------------------------------------------------------------------------------------------------- */

static int install_filter(void)
{
#define ASK_ABOUT(call)                                                                                                \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF)
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ASK_ABOUT(__NR_pwrite64),
        ASK_ABOUT(__NR_fallocate),
        ASK_ABOUT(__NR_fsync),
        ASK_ABOUT(__NR_fdatasync),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
#undef ASK_ABOUT
    struct sock_fprog program = {sizeof(code) / sizeof(*code), code};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return -1;
    }
    return (int)syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* The descriptor's number means nothing in another process: it goes as a right. */
static bool send_right(int by, int fd)
{
    char byte = 0, room[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec io = {&byte, 1};
    struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);

    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(head), &fd, sizeof(int));
    return sendmsg(by, &message, MSG_NOSIGNAL) == 1;
}

bool disk_enter(struct disk *d)
{
    int listener = install_filter();
    bool ok = listener >= 0 && send_right(d->pair[1], listener);

    if (!ok) {
        (void)send(d->pair[1], "", 1, MSG_NOSIGNAL); /* without a right: the parent need not wait */
    }
    return ok; /* what is open closes by itself when the program begins */
}

/* ---- The parent ------------------------------------------------------------------------------------------------- */

/* Negative: none came. */
static int receive_right(int by)
{
    char byte, room[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec io = {&byte, 1};
    struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)};
    int fd = -1;

    if (recvmsg(by, &message, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&message) != NULL) {
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
    }
    return fd;
}

static bool is_supported(void)
{
    uint32_t action = SECCOMP_RET_USER_NOTIF;

    return NATIVE_ARCH != 0 && syscall(__NR_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

int disk_create(struct disk **out)
{
    struct disk *d;

    if (!is_supported()) {
        return RC_UNSUPPORTED;
    }
    d = memory_create(1, sizeof(*d));
    d->listener = -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, d->pair) != 0) {
        free(d);
        return RC_IO;
    }
    *out = d;
    return RC_OK;
}

static void detach(struct disk *d)
{
    if (d->attached) {
        (void)pthread_join(d->thread, NULL);
        (void)close(d->listener);
        d->attached = false;
    }
}

int disk_attach(struct disk *d)
{
    detach(d);
    d->listener = receive_right(d->pair[0]);
    if (d->listener < 0) {
        return RC_IO;
    }
    if (pthread_create(&d->thread, NULL, disk_main, d) != 0) {
        (void)close(d->listener);
        return RC_IO;
    }
    d->attached = true;
    return RC_OK;
}

void disk_destroy(struct disk *d)
{
    if (d != NULL) {
        detach(d);
        (void)close(d->pair[0]);
        (void)close(d->pair[1]);
        free(d);
    }
}

void disk_set(struct disk *d, enum disk_state state, unsigned delay_ms)
{
    atomic_store(&d->delay_ms, delay_ms);
    atomic_store(&d->state, (int)state);
}

struct disk_counts disk_count(const struct disk *d)
{
    return (struct disk_counts){atomic_load(&d->writes), atomic_load(&d->syncs), atomic_load(&d->refused),
                                atomic_load(&d->delayed)};
}
