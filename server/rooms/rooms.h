#ifndef SERVER_ROOMS_ROOMS_H
#define SERVER_ROOMS_ROOMS_H

/* Rooms: one for each note that somebody has open. This header is all that the program needs of them.
 *
 *     transport ── conn_events ──► rooms ── store_append … ──► store
 *                  ◄── conn_ops ──       ◄── answers ────────
 *
 * Make one `struct rooms`, give rooms_conn_events() and it to the transport, call store_drain() when the store wakes
 * the loop. Everything runs on the event loop thread, nothing blocks; time comes from the clock that is passed in, and
 * is looked at in the events only. How it works inside: README.md.
 *
 * Promises to clients: an edit is broadcast at once and acknowledged after the commit that holds it, in the order of
 * the edits; an edit that is not taken is answered as refused; a note that does not load is refused, never empty. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "crdt/crdt.h"
#include "server/base/clock.h"
#include "server/base/completion.h"
#include "server/base/worker.h"
#include "server/net/transport.h"
#include "server/store/store.h"

struct rooms;

/* ---- Who may do what ---------------------------------------------------------------------------- */

enum rooms_right { ROOMS_NONE, ROOMS_VIEW, ROOMS_EDIT };

/* Somebody wants into a note. Borrowed during the call. */
struct rooms_request {
    struct span note;
    struct span token; /* as the client sent it; may be empty. Never log it */
    struct span peer;  /* numeric address; may be empty */
};

struct rooms_grant {
    enum rooms_right right;
    struct span sender; /* account, seat or link, for the log rows; at most STORE_SENDER_MAX bytes, copied */
    uint16_t code;      /* for ROOMS_NONE: CONN_CLOSE_UNKNOWN, _FORBIDDEN or _DELETED */
    const char *reason; /* for ROOMS_NONE: a few words for the client; static storage */
};

struct rooms_auth {
    /* Decides at once. `out` is zeroed (no right) at first. */
    void (*authorize)(void *ctx, const struct rooms_request *request, struct rooms_grant *out);
    void *ctx;
};

/* Everyone may edit everything: `cahier serve --open`, and tests. */
const struct rooms_auth *rooms_auth_open(void);

/* ---- Making and ending --------------------------------------------------------------------------- */

struct rooms_options {
    uint64_t note_text;           /* UTF-16 units that a note may hold */
    size_t note_memory;           /* bytes that a document may take */
    unsigned note_members;        /* sessions in one room */
    size_t awareness_state;       /* bytes of one presence, at most AWARENESS_STATE_MOST */
    unsigned conn_notes;          /* notes on one Hocuspocus connection */
    unsigned conn_messages;       /* messages a second from one connection; above, it is not read for a while */
    size_t conn_held;             /* bytes that may wait of one session before its socket is not read */
    size_t held_bytes;            /* that larger messages which wait may take, of all connections together */
    size_t lag_bytes;             /* updates that a room keeps for those who read slowly */
    size_t unauthenticated_bytes; /* before a token was accepted: bytes that may wait, … */
    unsigned unauthenticated_ms;  /* … and time */
    unsigned keepalive_ms;        /* after this silence an empty awareness update is sent */
    unsigned claim_ms;            /* how long a claim on another's clocks waits for that other */
    unsigned idle_ms;             /* an empty room is unloaded after this */
    unsigned stop_ms;             /* rooms_stop waits this long for acknowledgements */
    unsigned compact_rows;        /* a room is compacted beyond so many rows … */
    size_t compact_bytes;         /* … or bytes since the snapshot */
    unsigned unload_rows;         /* … and, before it is unloaded, beyond so many rows */
    unsigned describe_ms;         /* title and excerpt are made anew at most this often while somebody is there */
};
/* The defaults of the design: 10 MiB of text, 1,000 sessions, 4 KiB of presence, 500 messages/s, 64 KiB and 10 s. */
struct rooms_options rooms_options_default(void);

struct rooms_config {
    struct rooms_options options;
    struct store *store;           /* borrowed until rooms_destroy; may close before it */
    const struct rooms_auth *auth; /* borrowed */
    const struct clock *clock;     /* borrowed */
    /* Notes are loaded and large ones encoded here, and long edits applied. Any number of jobs may wait in it. Borrowed
     * until rooms_destroy; to be destroyed, and its completions drained, before. */
    struct worker_pool *workers;
    struct completion_queue *completions; /* of the loop; borrowed likewise */
    /* Title and excerpt of a note for lists, appended (STORE_TITLE_MAX, STORE_EXCERPT_MAX bytes at most); called on
     * the loop after changes. NULL: nobody makes them. */
    int (*describe)(void *ctx, const struct crdt_doc *doc, struct buf *title, struct buf *excerpt);
    void *describe_ctx;
};

int rooms_create(const struct rooms_config *config, struct rooms **out) MUST_CHECK;
/* No connection may be left, and the store must have answered everything (or be closed). NULL is fine. */
void rooms_destroy(struct rooms *rooms);
/* Give these to the transport with the `struct rooms` as their pointer. Static storage. */
const struct conn_events *rooms_conn_events(void);
/* First step of the end: no more edits are taken; connections are closed with 1001 once all that they sent is
 * acknowledged (or after stop_ms). `stopped` is called once, from tick, when no connection is left, no worker has
 * anything of a room, and no room has anything left to do. Then close the store. */
void rooms_stop(struct rooms *rooms, void (*stopped)(void *ctx), void *ctx);

/* ---- Reading and writing without a connection (HTTP) ----------------------------------------------- */

/* Somebody who reads a note. */
struct rooms_reader {
    /* Called once: with RC_OK and the document, borrowed until it returns; or RC_NOTFOUND (nothing was ever stored
     * under that name; nothing is created), or why the note does not load (RC_LIMIT: beyond note_memory). True when
     * `make` is to be called; never with a failure. */
    bool (*look)(void *ctx, int rc, const struct crdt_doc *doc);
    /* What takes its time with a large document, as to encode it: at once, or, where that would hold the loop up, on a
     * worker, which has the document meanwhile. It touches nothing but the document and what is `ctx`'s own. Then
     * `made` gets its answer, on the loop. Both may be NULL when `look` is always false. */
    int (*make)(void *ctx, const struct crdt_doc *doc);
    void (*made)(void *ctx, int rc);
};
/* From within this call when the note is loaded, else later. A code returned here means that nothing is called. */
int rooms_read(struct rooms *rooms, struct span note, const struct rooms_reader *reader, void *ctx) MUST_CHECK;
/* Applies an update as one edit by `sender`: it is broadcast at once, and `done` called once after its commit (RC_OK)
 * or when it is refused: RC_FORMAT, RC_RANGE, RC_LIMIT (the note would become too large), RC_FULL, RC_IO (the store is
 * read only), RC_CORRUPT (the note does not load), RC_STATE (stopping), RC_NOMEM. An unknown note comes into being. */
int rooms_apply(struct rooms *rooms, struct span note, enum crdt_format format, struct span update, struct span sender,
                void (*done)(void *ctx, int rc), void *ctx) MUST_CHECK;

/* ---- Figures --------------------------------------------------------------------------------------- */

struct rooms_stats {
    size_t rooms, connections, sessions;
    uint64_t edits;      /* taken: stored and broadcast */
    uint64_t repeats;    /* taken, with nothing new in them */
    uint64_t refused;    /* answered as refused: no right, full disk, too large, foreign clocks */
    uint64_t foreign;    /* structs under an id that belongs to another connection */
    uint64_t bad_frames; /* connections closed with 1002 */
    uint64_t merges;     /* slow readers sent what they had missed as one message */
    uint64_t resyncs;    /* … or brought up to date from the document */
    uint64_t throttled;  /* times that a socket was not read because it sent too much */
    uint64_t loads, failed_loads, unloads, compactions;
    size_t resting; /* of the rooms: without a document, see rest.h */
    uint64_t wakes; /* rooms that got it back */
};
void rooms_stats(const struct rooms *rooms, struct rooms_stats *out);

#endif
