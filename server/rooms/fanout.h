#ifndef SERVER_ROOMS_FANOUT_H
#define SERVER_ROOMS_FANOUT_H

/* What a room sends to all of its members: collected during a loop turn, sent at its end, each message encoded
 * once and shared by reference.
 *
 * Several updates of one turn go out as one (crdt_update_merge): a member pays for a message, not for every keystroke
 * of the others. A lone update is not sent back to its sender; a merged one is, which changes nothing there. Updates
 * leave before awareness, whose cursors may point into them. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/base/span.h"
#include "server/net/frame.h"

struct room;
struct session;

#define FANOUT_NOBODY UINT64_MAX

/* A step 2, kept for the next who has the same. */
struct answer {
    struct buf vector; /* what he has */
    uint64_t version;  /* of the document */
    uint64_t used_us;
    struct frame *bare, *named;
};

struct fanout {
    struct buf bytes; /* updates of this turn, one behind the other */
    size_t *end;      /* where each ends */
    size_t count, cap;
    uint64_t sender; /* session that sent all of them; FANOUT_NOBODY: several, or all must get them */
    bool queued;     /* in rooms->dirty */
    struct room *next_dirty;

    struct answer whole; /* for those who have nothing: a class opens a note in the same minute */
    struct answer rest;  /* for those with the vector asked about last: after a restart all have the same */
};

/* An update is going to be applied and then sent: those who get it are fetched ahead (base/cache.h). */
void fanout_expect(const struct room *room);
/* An update for everybody but `sender` (a session's serial; FANOUT_NOBODY: for everybody). */
void fanout_update(struct room *room, struct span update, uint64_t sender);
/* A message for everybody but `but`, without delay. */
void fanout_body(struct room *room, const struct buf *body, uint64_t but);
/* The room has something to do at the end of the turn. */
void fanout_enqueue(struct room *room);
/* Sends what was collected. */
void fanout_flush(struct room *room);
/* Gives back all memory; nothing may be collected. It may be used again. */
void fanout_finish(struct fanout *f);
/* The document as a step 2 for a client that has `state_vector` (empty: nothing). */
void fanout_step2(struct session *s, struct span state_vector);
/* A step 1: asks for what the client has more. */
void fanout_step1(struct session *s);
/* Everybody's awareness; with `removed` also who went. Nothing is sent when there is nothing to tell. */
void fanout_states(struct session *s, bool removed, bool even_if_empty);
/* An empty awareness update, as a sign of life. */
void fanout_keepalive(struct session *s);
/* What it may lack, from the document. */
void fanout_resync(struct session *s);
/* Time passes: answers that nobody asked for lately are given back. */
void fanout_tick(struct room *room);

#endif
