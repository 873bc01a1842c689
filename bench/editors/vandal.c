#include "bench/editors/vandal.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "bench/editors/hostile_update.h"

#define HALF_OPEN_LINES 200
#define FLOOD_LINES     8
#define FLOOD_NAP_US    200
#define GARBAGE_NAP_US  4000 /* between connections: 250 a second at most */
#define GARBAGE_BYTES   4096
#define HOSTILE_NAP_US  200000
#define HOSTILE_LINES   64 /* open at once */
#define HOSTILE_STATE   60000
#define HOSTILE_KINDS   5 /* three updates, a long state, letters one by one */
#define PATIENCE_S      5 /* for a server that does not answer or take more */
#define PATH_MOST       320

struct vandal {
    const struct crowd *crowd;
    struct rng rng;
    unsigned notes; /* made so far */
    char name[96], path[PATH_MOST];
};

/* ---- Lines: blocking, with a timeout ---------------------------------------------------------------------------- */

static void new_note(struct vandal *v)
{
    const struct crowd_options *o = &v->crowd->options;
    bool named = o->protocol == CROWD_HOCUSPOCUS;

    (void)snprintf(v->name, sizeof(v->name), "vandal-%u", v->notes++);
    (void)snprintf(v->path, sizeof(v->path), "%s/%s%s%s", o->path, named ? "" : v->name,
                   o->token != NULL && !named ? "?token=" : "", o->token != NULL && !named ? o->token : "");
}

static int open_socket(const struct vandal *v)
{
    struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return -1;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (connect(fd, (const struct sockaddr *)&v->crowd->net.server, sizeof(v->crowd->net.server)) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static bool send_all(int fd, struct span bytes)
{
    while (bytes.len > 0) {
        ssize_t n = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        bytes = span_of(bytes.data + n, bytes.len - (size_t)n);
    }
    return true;
}

static bool send_message(struct vandal *v, int fd, struct span message)
{
    uint32_t random = (uint32_t)rng_next(&v->rng);
    uint8_t mask[4];
    struct buf frame = {0};

    memcpy(mask, &random, 4);
    ws_frame_put(&frame, WS_BINARY, message, mask);
    bool ok = send_all(fd, buf_span(&frame));
    buf_finish(&frame);
    return ok;
}

static void put_address(const struct vandal *v, struct buf *out)
{
    if (v->crowd->options.protocol == CROWD_HOCUSPOCUS) {
        proto_put_address(out, span_str(v->name));
    }
}

/* Says who it is, where the protocol asks for it. */
static bool introduce(struct vandal *v, int fd)
{
    const char *token = v->crowd->options.token;
    struct buf message = {0};
    bool ok = true;

    if (v->crowd->options.protocol == CROWD_HOCUSPOCUS) {
        put_address(v, &message);
        proto_put_token(&message, span_str(token != NULL ? token : "-"));
        ok = send_message(v, fd, buf_span(&message));
    }
    buf_finish(&message);
    return ok;
}

static bool send_update(struct vandal *v, int fd, struct span update)
{
    struct buf message = {0};

    put_address(v, &message);
    proto_put_sync(&message, PROTO_UPDATE, update);
    bool ok = send_message(v, fd, buf_span(&message));
    buf_finish(&message);
    return ok;
}

static void put_handshake(struct vandal *v, struct buf *out)
{
    uint64_t random[2] = {rng_next(&v->rng), rng_next(&v->rng)};
    char key[WS_KEY_LEN + 1];

    ws_key_make((const uint8_t *)random, key);
    ws_request_put(out, v->crowd->net.host, v->path, key);
}

/* In a new note, through the handshake. */
static int enter(struct vandal *v)
{
    struct buf request = {0};
    char answer[1024];
    int fd = open_socket(v);

    if (fd < 0) {
        return -1;
    }
    put_handshake(v, &request);
    bool ok = send_all(fd, buf_span(&request)) && recv(fd, answer, sizeof(answer), 0) > 0 && introduce(v, fd);
    buf_finish(&request);
    if (!ok) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* What the server says is taken, so that it is not slow reading that stops the vandal. False: it hung up. */
static bool drain(int fd)
{
    static char heap[65536];
    ssize_t n;

    while ((n = recv(fd, heap, sizeof(heap), MSG_DONTWAIT)) > 0) {
    }
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static void nap(unsigned us)
{
    struct timespec t = {us / 1000000, (long)(us % 1000000) * 1000};

    (void)nanosleep(&t, NULL);
}

/* ---- What it does --------------------------------------------------------------------------------------------------
 */

static void half_open(struct vandal *v)
{
    for (int i = 0; i < HALF_OPEN_LINES; i++) {
        struct buf request = {0};
        static const uint8_t half_a_frame[] = {0x82, 0xFE, 0x40};
        new_note(v);
        int fd = i % 3 == 2 ? enter(v) : open_socket(v);
        put_handshake(v, &request);
        if (fd >= 0 && i % 3 == 1) {
            (void)send_all(fd, span_of(request.data, request.len / 2));
        } else if (fd >= 0 && i % 3 == 2) {
            (void)send_all(fd, span_of(half_a_frame, sizeof(half_a_frame)));
        }
        buf_finish(&request);
    }
    for (;;) {
        (void)pause(); /* the lines stay open */
    }
}

static void type_on(struct vandal *v, int *fd, struct typist *t)
{
    struct buf update = {0};
    bool moved;

    if (*fd < 0) {
        *fd = enter(v);
    }
    if (*fd >= 0 && typist_type(t, &update, &moved) == RC_OK && update.len > 0 &&
        !(send_update(v, *fd, buf_span(&update)) && drain(*fd))) {
        (void)close(*fd);
        *fd = -1;
    }
    buf_finish(&update);
}

static void flood(struct vandal *v)
{
    struct typist typists[FLOOD_LINES];
    int lines[FLOOD_LINES];

    new_note(v);
    for (unsigned i = 0; i < FLOOD_LINES; i++) {
        lines[i] = -1;
        if (typist_init(&typists[i], 1 + i, i, NULL) != RC_OK) {
            return;
        }
    }
    for (uint64_t round = 0;; round++) {
        for (unsigned i = 0; i < FLOOD_LINES; i++) {
            type_on(v, &lines[i], &typists[i]);
        }
        nap(round % 8 == 0 ? FLOOD_NAP_US : 0);
    }
}

static void garbage(struct vandal *v)
{
    uint64_t bytes[GARBAGE_BYTES / sizeof(uint64_t)];

    for (unsigned i = 0;; i++) {
        new_note(v);
        int fd = i % 2 == 0 ? open_socket(v) : enter(v);
        for (size_t k = 0; k < sizeof(bytes) / sizeof(*bytes); k++) {
            bytes[k] = rng_next(&v->rng);
        }
        struct span junk = span_of(bytes, 1 + rng_below(&v->rng, sizeof(bytes)));
        if (fd >= 0) {
            (void)(i % 4 == 3 ? send_message(v, fd, junk) : send_all(fd, junk));
            (void)drain(fd);
            (void)close(fd);
        }
        nap(GARBAGE_NAP_US);
    }
}

/* A state that says its author's name at length. */
static bool send_long_state(struct vandal *v, int fd)
{
    struct buf json = {0}, update = {0}, message = {0};

    buf_put_u8(&json, '"');
    for (int i = 0; i < HOSTILE_STATE; i++) {
        buf_put_u8(&json, 'a');
    }
    buf_put_u8(&json, '"');
    awareness_put_count(&update, 1);
    awareness_put(&update, 1, 1, buf_span(&json));
    put_address(v, &message);
    proto_put_awareness(&message, buf_span(&update));
    bool ok = send_message(v, fd, buf_span(&message));
    buf_finish(&json);
    buf_finish(&update);
    buf_finish(&message);
    return ok;
}

/* Update 0 author by author: each is a transaction of its own among ever more authors. */
static bool send_letters(struct vandal *v, int fd)
{
    bool ok = true;

    for (uint64_t author = 1; ok && author <= HOSTILE_AUTHORS; author++) {
        struct buf update = {0};
        hostile_letter(author, &update);
        ok = send_update(v, fd, buf_span(&update)) && drain(fd);
        buf_finish(&update);
    }
    return ok;
}

static void do_harm(struct vandal *v, int fd, unsigned number)
{
    struct buf update = {0};

    if (hostile_update(number, &update)) {
        (void)send_update(v, fd, buf_span(&update));
    } else if (number % 2 == 0) {
        (void)send_letters(v, fd);
    } else {
        (void)send_long_state(v, fd);
    }
    buf_finish(&update);
}

/* Lines stay open for a while: when one is cut, the system forgets what the server has not read. */
static void hostile(struct vandal *v)
{
    int lines[HOSTILE_LINES];

    for (size_t i = 0; i < HOSTILE_LINES; i++) {
        lines[i] = -1;
    }
    for (unsigned i = 0;; i++) {
        int *line = &lines[i % HOSTILE_LINES];
        if (*line >= 0) {
            (void)close(*line);
        }
        new_note(v);
        *line = enter(v);
        if (*line >= 0) {
            do_harm(v, *line, i % HOSTILE_KINDS);
        }
        nap(HOSTILE_NAP_US);
        for (size_t k = 0; k < HOSTILE_LINES; k++) {
            (void)(lines[k] >= 0 && drain(lines[k]));
        }
    }
}

/* ---- The process
 * ------------------------------------------------------------------------------------------------------ */

/* The crowd's sockets are not the vandal's: the server must see it when the crowd closes one. */
static void let_go(struct crowd *c)
{
    for (size_t i = 0; i < crowd_size(c); i++) {
        line_abort(&crowd_editor(c, i)->line);
    }
    (void)close(c->net.epoll);
}

static void rage(enum vandal_kind kind, const struct crowd *crowd)
{
    static void (*const deeds[])(struct vandal *) = {NULL, half_open, flood, garbage, hostile};
    struct vandal v = {.crowd = crowd};

    rng_init(&v.rng, (uint64_t)kind);
    if (kind != VANDAL_NONE) {
        deeds[kind](&v);
    }
}

pid_t vandal_start(enum vandal_kind kind, struct crowd *crowd)
{
    struct sched_param ordinary = {0};

    (void)fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)sched_setscheduler(0, SCHED_OTHER, &ordinary);
        let_go(crowd);
        rage(kind, crowd);
        _exit(EXIT_FAILURE);
    }
    return pid;
}

void vandal_stop(pid_t pid)
{
    if (pid > 0) {
        (void)kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
}
