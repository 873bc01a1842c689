/* For MAP_ANONYMOUS. */
#define _GNU_SOURCE
#include "bench/editors/vandal.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "bench/editors/hostile_update.h"
#include "bench/editors/vandal_line.h"

#define HALF_OPEN_LINES 200
#define FLOOD_LINES     8
#define STOPPED_LINES   10
#define STOPPED_READ_US 300000 /* until they are stopped */
#define STOPPED_NAP_US  10000
#define FLOOD_NAP_US    200
#define GARBAGE_NAP_US  4000 /* between connections: 250 a second at most */
#define GARBAGE_BYTES   4096
#define HOSTILE_NAP_US  1000000
#define HOSTILE_LINES   64 /* open at once */
#define HOSTILE_STATE   60000
#define HOSTILE_MESSAGE ((size_t)17 << 20)
#define HOSTILE_EARLY   ((size_t)1 << 20)
#define HOSTILE_AHEAD   10 /* units: what is typed while the vandal starts */
#define BOMB_NAP_US     20000
#define READERS_NAP_US  20000

static void nap(unsigned us)
{
    struct timespec t = {us / 1000000, (long)(us % 1000000) * 1000};

    (void)nanosleep(&t, NULL);
}

/* ---- Rude ------------------------------------------------------------------------------------------------------- */

static void half_open(struct vandal *v)
{
    for (int i = 0; i < HALF_OPEN_LINES; i++) {
        struct buf request = {0};
        static const uint8_t half_a_frame[] = {0x82, 0xFE, 0x40};
        vandal_new_note(v);
        int fd = i % 3 == 2 ? vandal_enter(v) : vandal_open(v);
        vandal_put_handshake(v, &request);
        if (fd >= 0 && i % 3 == 1) {
            (void)vandal_send(v, fd, span_of(request.data, request.len / 2));
        } else if (fd >= 0 && i % 3 == 2) {
            (void)vandal_send(v, fd, span_of(half_a_frame, sizeof(half_a_frame)));
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
        *fd = vandal_enter(v);
    }
    if (*fd >= 0 && typist_type(t, &update, &moved) == RC_OK && update.len > 0 &&
        !(vandal_send_update(v, *fd, buf_span(&update)) && vandal_drain(*fd))) {
        (void)close(*fd);
        *fd = -1;
    }
    buf_finish(&update);
}

static void flood(struct vandal *v)
{
    struct typist typists[FLOOD_LINES];
    int lines[FLOOD_LINES];

    vandal_new_note(v);
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
        vandal_new_note(v);
        int fd = i % 2 == 0 ? vandal_open(v) : vandal_enter(v);
        for (size_t k = 0; k < sizeof(bytes) / sizeof(*bytes); k++) {
            bytes[k] = rng_next(&v->rng);
        }
        struct span junk = span_of(bytes, 1 + rng_below(&v->rng, sizeof(bytes)));
        if (fd >= 0) {
            (void)(i % 4 == 3 ? vandal_send_message(v, fd, junk) : vandal_send(v, fd, junk));
            (void)vandal_drain(fd);
            (void)close(fd);
        }
        nap(GARBAGE_NAP_US);
    }
}

/* ---- Made to be slow: each into a note of its own, once a second ------------------------------------------------- */

static void send_authors(struct vandal *v, int fd)
{
    struct buf update = {0};

    hostile_authors(&update);
    (void)vandal_send_update(v, fd, buf_span(&update));
    buf_finish(&update);
}

/* Each is a transaction of its own among ever more authors. */
static void send_letters(struct vandal *v, int fd)
{
    bool ok = true;

    for (uint64_t author = 1; ok && author <= HOSTILE_AUTHORS; author++) {
        struct buf update = {0};
        hostile_letter(author, &update);
        ok = vandal_send_update(v, fd, buf_span(&update)) && vandal_drain(fd);
        buf_finish(&update);
    }
}

static void send_gaps(struct vandal *v, int fd)
{
    struct buf update = {0};

    hostile_gaps(&update);
    (void)vandal_send_update(v, fd, buf_span(&update));
    buf_finish(&update);
}

/* A state that says its author's name at length. */
static void send_state(struct vandal *v, int fd)
{
    struct buf json = {0}, update = {0}, message = {0};

    buf_put_u8(&json, '"');
    for (int i = 0; i < HOSTILE_STATE; i++) {
        buf_put_u8(&json, 'a');
    }
    buf_put_u8(&json, '"');
    awareness_put_count(&update, 1);
    awareness_put(&update, 1, 1, buf_span(&json));
    vandal_put_address(v, &message);
    proto_put_awareness(&message, buf_span(&update));
    (void)vandal_send_message(v, fd, buf_span(&message));
    buf_finish(&json);
    buf_finish(&update);
    buf_finish(&message);
}

/* More than a message may have, most of it before the server can know what it is. */
static void send_giant(struct vandal *v, int fd)
{
    struct buf giant = {0};

    vandal_put_address(v, &giant);
    for (size_t i = 0; i < HOSTILE_MESSAGE; i++) {
        buf_put_u8(&giant, 0);
    }
    (void)vandal_send_message(v, fd, buf_span(&giant));
    buf_finish(&giant);
}

/* To who has not been asked for his name yet, where the protocol asks for it. */
static void send_early(struct vandal *v)
{
    static const uint8_t junk[4096];
    int fd = vandal_enter_unknown(v);
    bool ok = fd >= 0;

    for (size_t sent = 0; ok && sent < HOSTILE_EARLY; sent += sizeof(junk)) {
        ok = vandal_send_message(v, fd, span_of(junk, sizeof(junk)));
    }
    if (fd >= 0) {
        (void)close(fd);
    }
}

static void send_size(struct vandal *v, int fd)
{
    send_giant(v, fd);
    send_early(v);
}

/* Lines stay open for a while: when one is cut, the system forgets what the server has not read. */
static void again_and_again(struct vandal *v, void (*deed)(struct vandal *v, int fd))
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
        vandal_new_note(v);
        *line = vandal_enter(v);
        if (*line >= 0) {
            deed(v, *line);
        }
        nap(HOSTILE_NAP_US);
        for (size_t k = 0; k < HOSTILE_LINES; k++) {
            (void)(lines[k] >= 0 && vandal_drain(lines[k]));
        }
    }
}

static void authors(struct vandal *v)
{
    again_and_again(v, send_authors);
}

static void letters(struct vandal *v)
{
    again_and_again(v, send_letters);
}

static void gaps(struct vandal *v)
{
    again_and_again(v, send_gaps);
}

static void state(struct vandal *v)
{
    again_and_again(v, send_state);
}

static void size(struct vandal *v)
{
    again_and_again(v, send_size);
}

/* ---- Aimed at the others ---------------------------------------------------------------------------------------- */

/* What these editors are about to write is deleted beforehand. The clocks are those of the moment when the vandal was
 * let loose, and what may have been written since is left alone: to delete that is everybody's right. */
static void claim(struct vandal *v)
{
    for (size_t i = 0; i < v->crowd->options.notes; i++) {
        const struct note *n = &v->crowd->notes[i];
        vandal_aim(v, n);
        int fd = vandal_enter(v);
        for (size_t seat = 0; fd >= 0 && seat < v->crowd->options.editors; seat++) {
            struct buf update = {0};
            hostile_claim(n->ledger.first_client + seat, n->ledger.authors[seat].clock + HOSTILE_AHEAD, &update);
            (void)vandal_send_update(v, fd, buf_span(&update));
            buf_finish(&update);
        }
    }
    for (;;) {
        (void)pause(); /* the lines stay open */
    }
}

/* What is sent to a process that does not run fills the system's buffers first, and then the server's. */
static void stopped(struct vandal *v)
{
    int lines[STOPPED_LINES];

    vandal_aim(v, &v->crowd->notes[0]);
    for (int i = 0; i < STOPPED_LINES; i++) {
        lines[i] = vandal_enter(v);
    }
    for (unsigned us = 0; us < STOPPED_READ_US; us += STOPPED_NAP_US) {
        for (int i = 0; i < STOPPED_LINES; i++) {
            (void)(lines[i] >= 0 && vandal_drain(lines[i]));
        }
        nap(STOPPED_NAP_US);
    }
    (void)raise(SIGSTOP); /* for ever: it is killed so */
}

/* Few bytes that stand for very much, by the HTTP interface, which takes update format v2. */
static void bomb(struct vandal *v)
{
    for (;;) {
        struct buf request = {0}, update = {0}, answer = {0};
        vandal_new_note(v);
        hostile_bomb(&update);
        buf_printf(&request,
                   "POST /api/v1/notes/%s/content?v=2 HTTP/1.1\r\nHost: %s\r\nContent-Type: "
                   "application/vnd.yjs.update\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
                   v->name, v->crowd->net.host, update.len);
        buf_put_span(&request, buf_span(&update));
        int fd = vandal_open(v);
        if (fd >= 0) {
            (void)vandal_send(v, fd, buf_span(&request));
            (void)vandal_wait(fd, &answer);
            (void)close(fd);
        }
        buf_finish(&request);
        buf_finish(&update);
        buf_finish(&answer);
        nap(BOMB_NAP_US);
    }
}

/* ---- Honest, of a large note --------------------------------------------------------------------------------------
 */

/* To the end: the server closes. */
static void read_by_http(struct vandal *v)
{
    struct buf request = {0}, answer = {0};

    buf_printf(&request,
               "GET /api/v1/notes/%s/content?v=2 HTTP/1.1\r\nHost: %s\r\nAccept: application/vnd.yjs.update\r\n"
               "Connection: close\r\n\r\n",
               v->name, v->crowd->net.host);
    int fd = vandal_open(v);
    if (fd >= 0) {
        bool more = vandal_send(v, fd, buf_span(&request));
        while (more) {
            buf_clear(&answer);
            more = vandal_wait(fd, &answer);
        }
        (void)close(fd);
    }
    buf_finish(&request);
    buf_finish(&answer);
}

static void open_it(struct vandal *v)
{
    static const uint8_t nothing[] = {0}; /* an empty state vector */
    struct buf message = {0}, answer = {0};

    vandal_put_address(v, &message);
    proto_put_sync(&message, PROTO_STEP1, span_of(nothing, 1));
    int fd = vandal_enter(v);
    if (fd >= 0) {
        bool more = vandal_send_message(v, fd, buf_span(&message));
        while (more && answer.len < HOSTILE_PIECES) {
            more = vandal_wait(fd, &answer);
        }
        (void)close(fd);
    }
    buf_finish(&message);
    buf_finish(&answer);
}

/* Somebody writes in it all the time, so that nothing that was made of it once is made for ever. */
static void readers(struct vandal *v)
{
    struct buf pieces = {0};

    vandal_new_note(v);
    int writer = vandal_enter(v);
    hostile_pieces(&pieces);
    bool ok = writer >= 0 && vandal_send_update(v, writer, buf_span(&pieces));
    buf_finish(&pieces);
    for (uint64_t author = 2; ok; author++) {
        struct buf letter = {0};
        hostile_letter(author, &letter);
        ok = vandal_send_update(v, writer, buf_span(&letter)) && vandal_drain(writer);
        buf_finish(&letter);
        read_by_http(v);
        open_it(v);
        nap(READERS_NAP_US);
    }
}

/* ---- The process ------------------------------------------------------------------------------------------------- */

/* The crowd's sockets are not the vandal's: the server must see it when the crowd closes one. */
static void let_go(struct crowd *c)
{
    for (size_t i = 0; i < crowd_size(c); i++) {
        line_abort(&crowd_editor(c, i)->line);
    }
    (void)close(c->net.epoll);
}

static void rage(enum vandal_kind kind, const struct crowd *crowd, struct vandal_deeds *done)
{
    static void (*const deeds[])(struct vandal *) = {
        [VANDAL_HALF_OPEN] = half_open, [VANDAL_FLOOD] = flood, [VANDAL_GARBAGE] = garbage, [VANDAL_AUTHORS] = authors,
        [VANDAL_LETTERS] = letters,     [VANDAL_GAPS] = gaps,   [VANDAL_CLAIM] = claim,     [VANDAL_STATE] = state,
        [VANDAL_SIZE] = size,           [VANDAL_BOMB] = bomb,   [VANDAL_STOPPED] = stopped, [VANDAL_READERS] = readers,
    };
    struct vandal v = {.crowd = crowd, .deeds = done};

    rng_init(&v.rng, (uint64_t)kind);
    if (kind != VANDAL_NONE) {
        deeds[kind](&v);
    }
}

int vandal_start(enum vandal_kind kind, struct crowd *crowd, struct vandal_process *out)
{
    const struct sched_param none = {0};
    struct vandal_deeds *deeds = mmap(NULL, sizeof(*deeds), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    (void)fflush(NULL);
    pid_t pid = deeds == MAP_FAILED ? -1 : fork();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)sched_setscheduler(0, SCHED_IDLE, &none);
        let_go(crowd);
        rage(kind, crowd, deeds);
        _exit(EXIT_FAILURE);
    }
    if (pid < 0) {
        (void)(deeds != MAP_FAILED && munmap(deeds, sizeof(*deeds)));
        return RC_IO;
    }
    *out = (struct vandal_process){pid, deeds};
    return RC_OK;
}

struct vandal_deeds vandal_stop(struct vandal_process *p)
{
    (void)kill(p->pid, SIGKILL);
    while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    struct vandal_deeds deeds = *p->deeds;
    (void)munmap(p->deeds, sizeof(*p->deeds));
    *p = (struct vandal_process){0};
    return deeds;
}
