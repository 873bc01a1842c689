#ifndef BENCH_EDITORS_CROWD_H
#define BENCH_EDITORS_CROWD_H

/* N editors in each of M notes, on one thread: connects them, lets them type, counts what each hears, and checks at the
 * end that all agree.
 *
 *     crowd_create ─► crowd_seed? ─► crowd_join ─► crowd_set_rate, crowd_run … ─► crowd_agree ─► crowd_destroy
 *
 * Seats of a note: 0 … editors - 1 type. Two more exist for every note: SEED brings what stands in the note at the
 * beginning, CHECK comes at the end and reads what the server has.
 *
 * An editor holds a document of our engine with what it wrote (that is what makes its updates real ones); of the others
 * it keeps what it has heard, by clocks (ledger.h). With `whole` it integrates all it hears instead and its text is
 * compared as well; that costs the generator a document a reader. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "bench/editors/ack_queue.h"
#include "bench/editors/ledger.h"
#include "bench/editors/line.h"
#include "bench/editors/schedule.h"
#include "bench/editors/typist.h"
#include "bench/editors/usage.h"
#include "crdt/proto.h"

#define CROWD_EXTRA_SEATS 2
#define CROWD_TOKEN_MOST  2048 /* bytes; it may stand in a path */
#define CROWD_PATH_MOST   (CROWD_TOKEN_MOST + 512)

enum crowd_protocol {
    CROWD_YWEBSOCKET,
    CROWD_HOCUSPOCUS,
    CROWD_BARE /* y-websocket's messages without handshakes: for a relay, which answers nothing */
};

struct crowd_options {
    enum crowd_protocol protocol;
    const char *host, *port;
    const char *path;          /* before the note's name; Hocuspocus: all of it */
    const char *token;         /* NULL: none */
    const char *prefix, *name; /* what note names begin with */
    size_t notes, editors;
    bool whole;                /* each editor's document holds all */
    bool acks;                 /* y-websocket: a message 102 behind each edit */
    bool presence;             /* cursors */
    size_t opening;            /* connections that may be coming in at once; 0: any number */
    double ramp;               /* connections begun a second; 0: no limit */
    const struct trace *trace; /* what is typed; NULL: made up */
    size_t piece;              /* of typist.h */
    uint64_t seed;
    pid_t server; /* 0: not to be looked at */
};

enum editor_state { EDITOR_OUT, EDITOR_COMING, EDITOR_IN };

struct crowd;
struct note;

struct editor {
    struct line line; /* first, so that a line is its editor */
    struct crowd *crowd;
    struct note *note;
    uint32_t seat;
    enum editor_state state;
    bool known;   /* was in before: a return is no first visit */
    bool whole;   /* the document holds all it heard */
    bool leaving; /* the end of its line is no loss */
    uint64_t came_at;
    size_t answers; /* to its steps 1 */
    struct typist typist;
    struct ledger_reader reader;
    struct ack_queue acks;
    uint64_t presence_clock, presence_at;
    struct awareness people; /* of seat 0: whom it sees */
};

struct note {
    char name[64];
    char path[CROWD_PATH_MOST];
    struct ledger ledger;
    struct editor *editors; /* editors + CROWD_EXTRA_SEATS */
    size_t in;              /* of the typing seats */
};

/* What happened since crowd_begin_window. */
struct crowd_tally {
    struct ledger_tally edits;
    struct histogram ack;  /* edit sent -> acknowledged */
    struct histogram lag;  /* how much later than planned the generator acted */
    struct histogram join; /* connect -> synced */
    double seconds;        /* of the window */
    uint64_t delivered;    /* within it */
    uint64_t sent, joined, acked, refused, lost, broken, presence_in, bytes_in, bytes_out;
};

struct crowd_sample {
    double at;        /* seconds since the window began */
    double delivered; /* a second */
    double p50, p99;  /* ms, of what arrived since the sample before */
    double memory;    /* bytes of the server */
};

struct crowd {
    struct crowd_options options;
    struct line_net net;
    struct note *notes;
    struct schedule due;
    struct rng rng;
    double rate; /* keys a second of each editor */
    size_t opening, in;
    size_t next_to_join, joiners; /* typing editors begun, to be begun */
    uint64_t join_began;
    const struct editor *awaited; /* crowd_seed: who waits for how many answers */
    size_t awaited_answers;
    uint64_t expected, heard; /* deliveries, all told */
    struct crowd_tally tally;
    struct histogram sampled; /* latencies up to the last sample */
    struct crowd_sample *samples;
    size_t sample_count, sample_cap;
    uint64_t sample_at, sample_delivered, peak_memory;
    uint64_t renewed_at; /* when presences were last looked through */
    bool sampling;
    struct buf scratch[3]; /* update, message, acknowledgement */
    int rc;                /* the first failure of our own side */
};

/* RC_NOTFOUND (host), RC_IO. */
int crowd_create(const struct crowd_options *options, struct crowd **out) MUST_CHECK;
void crowd_destroy(struct crowd *c);
/* What the handshake for a note of this name asks for: path, name and token, as the protocol has it. */
void crowd_make_path(const struct crowd_options *o, const char *name, char *out, size_t size);
struct editor *crowd_editor(struct crowd *c, size_t index); /* typing seats, note by note */
size_t crowd_size(const struct crowd *c);                   /* of them */
/* The seat of a note that reads what the server has. */
struct editor *crowd_checker(const struct crowd *c, size_t note);

/* Until nanotime `until`, or until `done`. */
void crowd_run(struct crowd *c, uint64_t until, bool (*done)(const struct crowd *c));
/* Begins to bring all typing editors in, or the first `count` of them. */
void crowd_join(struct crowd *c, size_t count);
bool crowd_is_in(const struct crowd *c); /* all that were asked for */
bool crowd_has_somebody(const struct crowd *c);
bool crowd_nobody_comes(const struct crowd *c); /* whoever was coming is in, or was turned away */
/* All editors that are in type `rate` keys a second each; 0: nobody does. */
void crowd_set_rate(struct crowd *c, double rate);
bool crowd_is_quiet(const struct crowd *c); /* all has been heard that is expected, and acknowledged */
/* The seat SEED of a note comes in and brings `len` units of text; true when the server has it. */
bool crowd_seed(struct crowd *c, size_t note, size_t len);
/* It leaves: the note stays open as long as others are in. */
void crowd_dismiss_seed(struct crowd *c, size_t note);
/* Counts begin anew, samples as well. */
void crowd_begin_window(struct crowd *c);
/* Edits sent from now on are not timed. */
void crowd_end_window(struct crowd *c);

#endif
