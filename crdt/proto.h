#ifndef CRDT_PROTO_H
#define CRDT_PROTO_H

/* The messages that Yjs clients and servers exchange, as pure encode and decode of bytes.
 *
 * Two framings carry the same bodies. y-websocket sends a body alone; Hocuspocus puts the address of the document
 * before it, so that one socket serves many:
 *
 *     y-websocket    body                                                (one document a socket)
 *     Hocuspocus     varstring address, body                             address: name, or name NUL session (v4)
 *                    a lone byte 9 or 10                                 ping and pong of the socket (v4)
 *
 *     body    type 0   sync               varuint step, varbytes: 0 state vector, 1 update (answer), 2 update
 *                  1   awareness          varbytes: an awareness update, see below
 *                  2   auth               y-websocket: 0, varstring reason (denied)
 *                                         Hocuspocus:  0, varstring token [, varstring provider version] (client)
 *                                                      1, varstring reason · 2, varstring scope         (server)
 *                  3   query awareness
 *                  4   sync reply         Hocuspocus: as 0, but a step 1 in it is not answered by another step 1
 *                  5   stateless          Hocuspocus: varstring payload; 6 the same, between servers
 *                  7   close              Hocuspocus: [varstring reason]
 *                  8   sync status        Hocuspocus: 1 stored, 0 refused
 *                  9   ping, 10 pong      Hocuspocus
 *                  102 acknowledge        y-websocket: any bytes, which the server returns (the convention of y-sweet)
 *
 * Sources: y-protocols 1.0 (sync.js, awareness.js, auth.js), y-websocket 3.1, @hocuspocus/provider and server 2 to 4.
 *
 * Decoded spans borrow from the message. Bytes behind a complete body are passed by, as the originals do. Writers
 * append to a buf with its sticky error. Nothing here allocates but the awareness table. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/base/span.h"

#pragma GCC visibility push(default) /* the library exports what stands in its public headers, and nothing else */

/* ---- Messages --------------------------------------------------------------------------------- */

enum proto_type {
    PROTO_SYNC = 0,
    PROTO_AWARENESS = 1,
    PROTO_AUTH = 2,
    PROTO_QUERY_AWARENESS = 3,
    PROTO_SYNC_REPLY = 4,
    PROTO_STATELESS = 5,
    PROTO_BROADCAST_STATELESS = 6,
    PROTO_CLOSE = 7,
    PROTO_SYNC_STATUS = 8,
    PROTO_PING = 9,
    PROTO_PONG = 10,
    PROTO_ACK = 102
};

enum proto_sync { PROTO_STEP1 = 0, PROTO_STEP2 = 1, PROTO_UPDATE = 2 };
enum proto_auth { PROTO_TOKEN = 0, PROTO_DENIED = 1, PROTO_AUTHENTICATED = 2 };

struct proto_message {
    enum proto_type type;
    struct span address; /* Hocuspocus: as it was written; answers carry the same. Empty: about the whole socket */
    struct span name;    /* Hocuspocus: the address up to the first NUL */
    struct span session; /* Hocuspocus v4: the address behind it; empty without one */
    uint64_t sub;        /* sync: enum proto_sync; auth: enum proto_auth; sync status: 0 or 1 */
    struct span payload; /* state vector, update, awareness update, token, reason, scope, payload, bytes of 102 */
    struct span version; /* auth with a token, Hocuspocus v4: the provider's version, else empty */
};

/* RC_FORMAT: truncated, malformed, or an unknown step of a known type. RC_UNSUPPORTED: a type that this framing
 * does not know; for Hocuspocus address, name and session are set then. */
int proto_read_ywebsocket(struct span bytes, struct proto_message *out) MUST_CHECK;
int proto_read_hocuspocus(struct span bytes, struct proto_message *out) MUST_CHECK;

/* Hocuspocus: written before a body. */
void proto_put_address(struct buf *b, struct span address);

void proto_put_sync(struct buf *b, enum proto_sync step, struct span payload);
void proto_put_awareness(struct buf *b, struct span update);
void proto_put_query_awareness(struct buf *b);
/* y-websocket and Hocuspocus differ in the number of "denied". */
void proto_put_ywebsocket_denied(struct buf *b, struct span reason);
void proto_put_hocuspocus_denied(struct buf *b, struct span reason);
void proto_put_token(struct buf *b, struct span token);
void proto_put_authenticated(struct buf *b, bool readonly);
void proto_put_stateless(struct buf *b, struct span payload);
void proto_put_close(struct buf *b, struct span reason);
void proto_put_sync_status(struct buf *b, bool stored);
void proto_put_ack(struct buf *b, struct span payload);

/* ---- Awareness ---------------------------------------------------------------------------------- */

/* Who is here: client id -> (clock, state as JSON text), the table behind y-protocols/awareness.js.
 *
 *     awareness update    varuint count, then for each: varuint client, varuint clock, varstring JSON
 *
 * A state is replaced by one of a higher clock, and removed by null of a higher or the same clock; the first clock
 * that counts is 1, as a client that is not known has clock 0. A removed client stays in the table without state,
 * so that an old state that arrives late does not return it; when the table is full the removed go first.
 *
 * Each state has an owner, a number of the caller's (the session that announced it last), and a time.
 *
 * Invariant (awareness_check): entries ascend by client; `live` counts those with a state, `bytes` their text. */
#define AWARENESS_STATE_MAX   4096  /* bytes of JSON text that a table takes of one state, unless told otherwise */
#define AWARENESS_STATE_MOST  65536 /* … and can be told */
#define AWARENESS_CLIENTS_MAX 4096  /* entries of a table, the removed included */
#define AWARENESS_OWNED_MAX   64    /* states that one owner may bring into a table */

struct awareness_entry {
    uint64_t client, clock;
    uint64_t owner;
    int64_t time;
    char *json;      /* NULL: removed */
    size_t json_len; /* 0 when removed */
};

struct awareness {
    struct awareness_entry *entry;
    size_t count, cap;
    size_t live, bytes;
    size_t state_max; /* AWARENESS_STATE_MAX after awareness_init; yours to set, up to AWARENESS_STATE_MOST */
};

/* One entry of an awareness update. */
struct awareness_item {
    uint64_t client, clock;
    struct span json;
    bool null;
};

/* Walks an update. Failures are kept in `rc`: RC_FORMAT also for a text that is not JSON, RC_LIMIT for a state beyond
 * AWARENESS_STATE_MOST or nested deeper than 64. */
struct awareness_iter {
    struct span rest; /* private */
    uint64_t left;    /* entries still to come */
    int rc;
};
void awareness_iter_init(struct awareness_iter *it, struct span update);
/* False at the end and after a failure. */
bool awareness_iter_next(struct awareness_iter *it, struct awareness_item *out);
/* An update is its count, then that many entries. */
void awareness_put_count(struct buf *b, uint64_t count);
void awareness_put(struct buf *b, uint64_t client, uint64_t clock, struct span json);

void awareness_init(struct awareness *a);
void awareness_finish(struct awareness *a);
/* Applies an update, all or nothing. What counted is appended to `changes` as an awareness update to be passed on;
 * nothing is appended when nothing counted. RC_FORMAT, RC_LIMIT (a state, the table, or the states of `owner`). */
int awareness_apply(struct awareness *a, struct span update, uint64_t owner, int64_t time,
                    struct buf *changes) MUST_CHECK;
/* `owner` says that this is its client's state at `clock`. When the table has that state already, as after a
 * reconnection, it is the new owner's from now on. */
void awareness_claim(struct awareness *a, uint64_t client, uint64_t clock, uint64_t owner, int64_t time);
/* Removes the states of an owner, or those last announced before `time`; appends what went, as awareness_apply. */
int awareness_remove_owner(struct awareness *a, uint64_t owner, struct buf *changes) MUST_CHECK;
int awareness_remove_older(struct awareness *a, int64_t time, struct buf *changes) MUST_CHECK;
/* All states, as an awareness update (one of zero entries when nobody is here). */
int awareness_encode(const struct awareness *a, struct buf *out) MUST_CHECK;
/* The same with the removed ones as null, for a client that may have missed that they went. */
int awareness_encode_all(const struct awareness *a, struct buf *out) MUST_CHECK;
/* The entry of a client, borrowed until the next change; NULL when it is not known. */
const struct awareness_entry *awareness_find(const struct awareness *a, uint64_t client);
bool awareness_check(const struct awareness *a);

/* ---- What an update claims ------------------------------------------------------------------------ */

/* Walks an update (v1) and tells which clocks it brings and deletes, without a document and in constant memory.
 * Neighbouring structs of a client come as one claim; skips claim nothing. */
struct proto_claim {
    uint64_t client, clock, end; /* clocks from `clock` up to, not including, `end` */
    bool deletes;                /* a range of the delete set; false: structs */
};

struct proto_claims {
    int rc;           /* the first failure: RC_FORMAT, RC_RANGE, RC_LIMIT (nesting) */
    struct span rest; /* private from here */
    uint64_t clients, structs, client, clock;
    bool deletes;
};

void proto_claims_init(struct proto_claims *c, struct span update);
/* False at the end and after a failure: look at c->rc then. */
bool proto_claims_next(struct proto_claims *c, struct proto_claim *out);

/* The clock of `client` in an encoded state vector; 0 when it is not there or the bytes are malformed. */
uint64_t proto_state_vector_get(struct span state_vector, uint64_t client);
/* Well-formed from end to end. */
bool proto_state_vector_valid(struct span state_vector);

#pragma GCC visibility pop

#endif
