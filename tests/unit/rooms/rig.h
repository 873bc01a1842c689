#ifndef TESTS_UNIT_ROOMS_RIG_H
#define TESTS_UNIT_ROOMS_RIG_H

/* Rooms on a loopback transport, the memory store and a fake clock, and clients that behave as the real providers do:
 * they say hello when they open, answer step 1 and query awareness, and keep a document and an awareness table.
 *
 * Edits are updates made by hand: one character run after another under the client's own id, in the root text "t". */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/crdt.h"
#include "crdt/proto.h"
#include "server/base/clock.h"
#include "server/net/loopback.h"
#include "server/rooms/rooms.h"
#include "server/store/memory.h"

#define RIG_GUESTS 64

struct guest;

struct rig {
    struct clock_fake clock;
    struct store *store;
    struct completion_queue completions;
    struct worker_pool *workers;
    unsigned threads; /* of the workers; set before rig_open. 0: work is done at once, its result comes with the next
                         run … */
    bool hold;        /* … or not yet */
    struct rooms *rooms;
    struct loopback *net;
    struct rooms_auth auth;
    struct rooms_options options;
    struct guest *guest[RIG_GUESTS];
    size_t guests;
    unsigned wakes;    /* that the store asked for */
    size_t soft, hard; /* of the queues; set before rig_open, 0: generous */
};

/* The defaults, but that one may send any number of messages at once: the tests' clock stands still. */
struct rooms_options rig_options(void);
/* `options` NULL: rig_options(). Token "view" may read, "no" may not come in, "late" neither without it; anything else
 * edits. The sender is the token.
 */
void rig_open(struct rig *r, const struct rooms_options *options);
void rig_close(struct rig *r);
/* Forgets the rooms and connections as a crash does, keeps the store. */
void rig_crash(struct rig *r);
/* Turns the loop and lets the clients answer until nothing moves. */
void rig_run(struct rig *r);
/* Time passes in steps of 100 ms with a tick and a run each. */
void rig_pass(struct rig *r, unsigned ms);
/* The note as the server has it, as a v1 state; empty when it is not found. */
void rig_state(struct rig *r, const char *note, struct buf *out);
struct rooms_stats rig_stats(const struct rig *r);

struct guest {
    struct rig *rig;
    struct conn *conn;
    enum conn_protocol protocol;
    char address[80];
    size_t address_len;
    uint64_t id, clock; /* own client id and next clock */
    struct crdt_doc *doc;
    struct awareness awareness;
    uint64_t awareness_clock;
    bool silent; /* answers nothing by itself */
    bool deaf;   /* does not even read */

    /* what has come */
    unsigned stored, refused, denied, echoes, authenticated, readonly, step1, step2, updates, presences, closed, pongs;
    char reason[128]; /* of the last denial or close */
    struct buf last;  /* the last message */
    struct buf echo;  /* the last message 102 */
};

/* Connects; `note` may hold a NUL-separated session for Hocuspocus (then `note_len` matters). */
void guest_connect(struct guest *c, struct rig *r, enum conn_protocol protocol, const char *note, const char *token,
                   uint64_t id);
/* What providers send first: the token (Hocuspocus), step 1, awareness. */
void guest_hello(struct guest *c, const char *token);
/* Both. */
void guest_open(struct guest *c, struct rig *r, enum conn_protocol protocol, const char *note, const char *token,
                uint64_t id);
/* The same client (document, id) on a new connection. */
void guest_reopen(struct guest *c, const char *note, const char *token);
void guest_disconnect(struct guest *c);
void guest_finish(struct guest *c);
/* Sends a body with the client's address before it. */
void guest_send(struct guest *c, const struct buf *body);
void guest_send_sync(struct guest *c, enum proto_sync step, struct span payload);
void guest_send_hex(struct guest *c, const char *hex);
void guest_send_presence(struct guest *c, const char *json);
/* Types at the end of its own run: into its document and to the server. */
void guest_type(struct guest *c, const char *ascii);
/* The same edit as bytes, without sending; moves the clock on. */
void guest_make(struct guest *c, const char *ascii, struct buf *update);
/* An update that deletes clocks of a client. */
void make_delete(struct buf *update, uint64_t client, uint64_t clock, uint64_t len);
/* One run of text of `client` from `clock` on. */
void make_text(struct buf *update, uint64_t client, uint64_t clock, const char *ascii);
uint16_t guest_close_code(const struct guest *c);
/* Equal documents, as v1 states. */
bool guest_agrees(const struct guest *a, const struct guest *b);
bool guest_agrees_with_server(struct guest *c, const char *note);

#endif
