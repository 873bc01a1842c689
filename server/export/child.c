#define _GNU_SOURCE /* prlimit, pipe2, closefrom for posix_spawn */
#include "server/export/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "server/base/clock.h"

#define CHUNK      65536
#define OPEN_FILES 64
#define NICENESS   5  /* the server goes first */
#define REAP_MS    5  /* between two looks whether it has ended, once it has closed its output */
#define POLLED     4  /* descriptors */
#define LAST_READS 16 /* of standard error, once it is dead: what a pipe holds */

static const char *const environment[] = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/nonexistent",
                                          "TMPDIR=/nonexistent", NULL};

struct run {
    const struct child_limits *limits;
    pid_t pid;
    int in, out, stop; /* our ends of the pipes; -1 when closed */
    int errors;        /* likewise, of standard error; -1 as well when that is not read */
    struct span input; /* what is still to be written */
    struct buf *result;
    size_t before; /* length of the result at first */
    uint64_t deadline_us;
    char tail[CHILD_LINE]; /* of what came from standard error */
    size_t tail_len;
};

/* ---- Start ---------------------------------------------------------------------------------------- */

/* vfork-like, so that a large server starts a child in no time. No descriptor from 3 on is inherited, whoever opened it
 * and forgot to say so. */
static int spawn_with(const char *const *argv, int in, int out, int errors, pid_t *pid)
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
    error = error         ? error
            : errors >= 0 ? posix_spawn_file_actions_adddup2(&files, errors, STDERR_FILENO)
                          : posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
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

/* A pipe of which our end, `ours`, is not to be blocked on. */
static bool open_pipe(int ends[2], int ours)
{
    return pipe2(ends, O_CLOEXEC) == 0 && set_nonblocking(ends[ours]);
}

static int start(struct run *r, const char *const *argv)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1}, errors[2] = {-1, -1}, rc = RC_IO;

    if (open_pipe(in, 1) && open_pipe(out, 0) && (!r->limits->errors || open_pipe(errors, 0))) {
        int error = spawn_with(argv, in[0], out[1], errors[1], &r->pid);

        rc = error == 0 ? RC_OK : rc_of_spawn(error);
    }
    close_fd(&in[0]);
    close_fd(&out[1]);
    close_fd(&errors[1]);
    r->in = in[1];
    r->out = out[0];
    r->errors = errors[0];
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

static void keep_tail(struct run *r, const char *bytes, size_t len)
{
    size_t kept;

    if (len > sizeof r->tail) {
        bytes += len - sizeof r->tail;
        len = sizeof r->tail;
    }
    kept = r->tail_len < sizeof r->tail - len ? r->tail_len : sizeof r->tail - len;
    memmove(r->tail, r->tail + r->tail_len - kept, kept);
    memcpy(r->tail + kept, bytes, len);
    r->tail_len = kept + len;
}

/* False: there was nothing to read. */
static bool read_errors(struct run *r)
{
    char bytes[4096];
    ssize_t n = read(r->errors, bytes, sizeof bytes);

    if (n > 0) {
        keep_tail(r, bytes, (size_t)n);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        close_fd(&r->errors);
    }
    return n > 0;
}

/* Waits for `milliseconds` at most, or for the pipes. RC_LIMIT: time is over. RC_STATE: stopped. */
static int wait_some(const struct run *r, int milliseconds, struct pollfd fds[POLLED])
{
    uint64_t now = clock_monotonic_us(clock_system());
    uint64_t left_ms = now < r->deadline_us ? (r->deadline_us - now + 999) / 1000 : 0;

    if (left_ms == 0) {
        return RC_LIMIT;
    }
    fds[0] = (struct pollfd){.fd = r->in, .events = POLLOUT};
    fds[1] = (struct pollfd){.fd = r->out, .events = POLLIN};
    fds[2] = (struct pollfd){.fd = r->stop};
    fds[3] = (struct pollfd){.fd = r->errors, .events = POLLIN};
    if (poll(fds, POLLED, milliseconds >= 0 && (uint64_t)milliseconds < left_ms ? milliseconds : (int)left_ms) < 0) {
        return errno == EINTR ? RC_OK : RC_IO;
    }
    return fds[2].revents ? RC_STATE : RC_OK;
}

static int pump(struct run *r)
{
    int rc = RC_OK;

    while (rc == RC_OK && r->out >= 0) {
        struct pollfd fds[POLLED] = {{0}};

        rc = wait_some(r, -1, fds);
        if (rc == RC_OK && fds[0].revents) {
            write_some(r);
        }
        if (rc == RC_OK && fds[1].revents) {
            rc = read_some(r);
        }
        if (rc == RC_OK && fds[3].revents) {
            (void)read_errors(r);
        }
    }
    return rc;
}

/* ---- End ------------------------------------------------------------------------------------------ */

/* Its output has ended, and so does it, a little later. The zombie stays until reap. */
static int await_end(struct run *r)
{
    int rc = RC_OK;

    while (rc == RC_OK) {
        siginfo_t info = {0};
        struct pollfd fds[POLLED];

        if (waitid(P_PID, (id_t)r->pid, &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_pid == r->pid) {
            return RC_OK;
        }
        rc = wait_some(r, REAP_MS, fds);
        if (rc == RC_OK && fds[3].revents) {
            (void)read_errors(r);
        }
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

static void read_last_errors(struct run *r)
{
    int reads = 0;

    while (r->errors >= 0 && reads < LAST_READS && read_errors(r)) {
        reads++;
    }
}

/* The last line of the tail that has something on it. */
static void tell_line(const struct run *r, char line[CHILD_LINE])
{
    size_t end = r->tail_len, from, len = 0;

    while (end > 0 && (uint8_t)r->tail[end - 1] <= ' ') {
        end--;
    }
    from = end;
    while (from > 0 && r->tail[from - 1] != '\n' && end - from < CHILD_LINE - 1) {
        from--;
    }
    for (; from < end; from++) {
        char c = r->tail[from];

        line[len++] = c >= ' ' && c <= '~' ? c : '?';
    }
    line[len] = '\0';
}

/* What killed it, when that was us. */
static enum child_cause limit_of(const struct run *r)
{
    return r->result->len - r->before > r->limits->output ? CHILD_OUTPUT : CHILD_TIME;
}

static int judge(int status, struct child_end *end)
{
    if (WIFEXITED(status)) {
        end->cause = CHILD_EXITED;
        end->number = WEXITSTATUS(status);
        return RC_OK;
    }
    end->number = WTERMSIG(status);
    end->cause = end->number == SIGXCPU ? CHILD_PROCESSOR : CHILD_SIGNALLED;
    return end->cause == CHILD_PROCESSOR ? RC_LIMIT : RC_IO;
}

static int converse(struct run *r, struct child_end *end)
{
    int status = 0, rc = set_limits(r->pid, r->limits) ? RC_OK : RC_IO, reaped;

    rc = rc ? rc : pump(r);
    close_fd(&r->in);
    rc = rc ? rc : await_end(r);
    reaped = reap(r, &status);
    read_last_errors(r);
    tell_line(r, end->line);
    if (rc != RC_OK || reaped != RC_OK) {
        end->cause = rc == RC_LIMIT ? limit_of(r) : CHILD_LOST;
        return rc != RC_OK ? rc : reaped;
    }
    return judge(status, end);
}

int child_run(const char *const *argv, const struct child_limits *limits, int stop, struct span input, struct buf *out,
              struct child_end *end)
{
    struct run r = {.limits = limits,
                    .in = -1,
                    .out = -1,
                    .errors = -1,
                    .stop = stop,
                    .input = input,
                    .result = out,
                    .before = out->len};
    int rc;

    *end = (struct child_end){.cause = CHILD_LOST};
    r.deadline_us = clock_monotonic_us(clock_system()) + (uint64_t)limits->seconds * 1000000;
    rc = start(&r, argv);
    if (rc == RC_OK) {
        rc = converse(&r, end);
    }
    close_fd(&r.in);
    close_fd(&r.out);
    close_fd(&r.errors);
    if (rc != RC_OK) {
        out->len = r.before;
    }
    return rc;
}
