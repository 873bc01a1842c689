#define _GNU_SOURCE /* prlimit, pipe2, closefrom for posix_spawn */
#include "server/export/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "server/base/clock.h"

#define CHUNK      65536
#define OPEN_FILES 64
#define NICENESS   5 /* the server goes first */
#define REAP_MS    5 /* between two looks whether it has ended, once it has closed its output */

static const char *const environment[] = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/nonexistent",
                                          "TMPDIR=/nonexistent", NULL};

struct run {
    const struct child_limits *limits;
    pid_t pid;
    int in, out, stop; /* our ends of the pipes; -1 when closed */
    struct span input; /* what is still to be written */
    struct buf *result;
    size_t before; /* length of the result at first */
    uint64_t deadline_us;
};

/* ---- Start ---------------------------------------------------------------------------------------- */

/* vfork-like, so that a large server starts a child in no time. No descriptor from 3 on is inherited, whoever opened it
 * and forgot to say so. */
static int spawn_with(const char *const *argv, int in, int out, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int error = posix_spawn_file_actions_init(&files);

    if (error != 0) {
        return error;
    }
    error = posix_spawnattr_init(&attributes);
    if (error != 0) {
        posix_spawn_file_actions_destroy(&files);
        return error;
    }
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    error = posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    error = error ? error : posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    error = error ? error : posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    error = error ? error : posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    error =
        error ? error : posix_spawn(pid, argv[0], &files, &attributes, (char *const *)argv, (char *const *)environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return error;
}

static bool limit(pid_t pid, int resource, size_t soft, size_t hard)
{
    struct rlimit both = {soft, hard};

    return prlimit(pid, (__rlimit_resource_t)resource, &both, NULL) == 0;
}

/* The soft limit on processor time sends SIGXCPU, which tells why it ended; the hard one SIGKILL. */
static bool set_limits(pid_t pid, const struct child_limits *l)
{
    return limit(pid, RLIMIT_AS, l->memory, l->memory) && limit(pid, RLIMIT_CPU, l->seconds, l->seconds + 1) &&
           limit(pid, RLIMIT_FSIZE, 0, 0) && limit(pid, RLIMIT_CORE, 0, 0) &&
           limit(pid, RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES) && setpriority(PRIO_PROCESS, (id_t)pid, NICENESS) == 0;
}

static int rc_of_spawn(int error)
{
    return error == ENOMEM || error == EAGAIN ? RC_NOMEM : RC_NOTFOUND;
}

/* Ends of pipes that are not to be blocked on. */
static bool set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}

static int start(struct run *r, const char *const *argv)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1}, rc = RC_IO;

    if (pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 && set_nonblocking(in[1]) && set_nonblocking(out[0])) {
        int error = spawn_with(argv, in[0], out[1], &r->pid);

        rc = error == 0 ? RC_OK : rc_of_spawn(error);
    }
    close_fd(&in[0]);
    close_fd(&out[1]);
    r->in = in[1];
    r->out = out[0];
    return rc;
}

/* ---- Bytes ---------------------------------------------------------------------------------------- */

/* What the child does not want to read any more is no failure: its exit code tells. */
static void write_some(struct run *r)
{
    ssize_t n = r->input.len > 0 ? write(r->in, r->input.data, r->input.len) : 0;

    if (n > 0) {
        r->input = span_of(r->input.data + n, r->input.len - (size_t)n);
    }
    if (r->input.len == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        close_fd(&r->in);
    }
}

static int read_some(struct run *r)
{
    ssize_t n;

    if (r->result->len - r->before > r->limits->output) {
        return RC_LIMIT;
    }
    if (buf_reserve(r->result, CHUNK) != RC_OK) {
        return RC_NOMEM;
    }
    n = read(r->out, r->result->data + r->result->len, CHUNK);
    if (n > 0) {
        r->result->len += (size_t)n;
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        close_fd(&r->out);
    }
    return RC_OK;
}

/* Waits for `milliseconds` at most, or for the pipes. RC_LIMIT: time is over. RC_STATE: stopped. */
static int wait_some(const struct run *r, int milliseconds, struct pollfd fds[3])
{
    uint64_t now = clock_monotonic_us(clock_system());
    uint64_t left_ms = now < r->deadline_us ? (r->deadline_us - now + 999) / 1000 : 0;

    if (left_ms == 0) {
        return RC_LIMIT;
    }
    fds[0] = (struct pollfd){.fd = r->in, .events = POLLOUT};
    fds[1] = (struct pollfd){.fd = r->out, .events = POLLIN};
    fds[2] = (struct pollfd){.fd = r->stop};
    if (poll(fds, 3, milliseconds >= 0 && (uint64_t)milliseconds < left_ms ? milliseconds : (int)left_ms) < 0) {
        return errno == EINTR ? RC_OK : RC_IO;
    }
    return fds[2].revents ? RC_STATE : RC_OK;
}

static int pump(struct run *r)
{
    int rc = RC_OK;

    while (rc == RC_OK && r->out >= 0) {
        struct pollfd fds[3] = {{0}};

        rc = wait_some(r, -1, fds);
        if (rc == RC_OK && fds[0].revents) {
            write_some(r);
        }
        if (rc == RC_OK && fds[1].revents) {
            rc = read_some(r);
        }
    }
    return rc;
}

/* ---- End ------------------------------------------------------------------------------------------ */

/* Its output has ended, and so does it, a little later. The zombie stays until reap. */
static int await_end(const struct run *r)
{
    int rc = RC_OK;

    while (rc == RC_OK) {
        siginfo_t info = {0};
        struct pollfd fds[3];

        if (waitid(P_PID, (id_t)r->pid, &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_pid == r->pid) {
            return RC_OK;
        }
        rc = wait_some(r, REAP_MS, fds);
    }
    return rc;
}

/* Nothing of the group survives. While the leader is a zombie its number is nobody else's. */
static int reap(const struct run *r, int *status)
{
    pid_t pid;

    kill(-r->pid, SIGKILL);
    do {
        pid = waitpid(r->pid, status, 0);
    } while (pid < 0 && errno == EINTR);
    return pid == r->pid ? RC_OK : RC_IO;
}

static int converse(struct run *r, int *exit_code)
{
    int status = 0, rc = set_limits(r->pid, r->limits) ? RC_OK : RC_IO, reaped;

    rc = rc ? rc : pump(r);
    close_fd(&r->in);
    rc = rc ? rc : await_end(r);
    reaped = reap(r, &status);
    if (rc != RC_OK || reaped != RC_OK) {
        return rc != RC_OK ? rc : reaped;
    }
    if (!WIFEXITED(status)) {
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU ? RC_LIMIT : RC_IO;
    }
    *exit_code = WEXITSTATUS(status);
    return RC_OK;
}

int child_run(const char *const *argv, const struct child_limits *limits, int stop, struct span input, struct buf *out,
              int *exit_code)
{
    struct run r = {
        .limits = limits, .in = -1, .out = -1, .stop = stop, .input = input, .result = out, .before = out->len};
    int rc;

    r.deadline_us = clock_monotonic_us(clock_system()) + (uint64_t)limits->seconds * 1000000;
    rc = start(&r, argv);
    if (rc == RC_OK) {
        rc = converse(&r, exit_code);
    }
    close_fd(&r.in);
    close_fd(&r.out);
    if (rc != RC_OK) {
        out->len = r.before;
    }
    return rc;
}
