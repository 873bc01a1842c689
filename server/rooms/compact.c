#include "server/rooms/compact.h"
#include <stdlib.h>
#include "server/base/log.h"
#include "server/rooms/reading.h"
#include "server/rooms/registry.h"
#include "server/rooms/room.h"
#include "server/store/store.h"

#define RETRY_US UINT64_C(30000000) /* between attempts */
#define AT_ONCE  2                  /* of all rooms: notes that are written in alike are due at the same moment */

static void ended(struct room *room)
{
    room->persist.compacting = false;
    room->rooms->compacting--;
}

static void failed(struct room *room, int rc)
{
    ended(room);
    room->persist.compact_after_us = room->rooms->now_us + RETRY_US;
    log_event(LOG_LEVEL_WARN, "room.compact_failed", "room=%llu error=%s", (unsigned long long)room->serial,
              rc_name(rc));
}

/* ---- The new snapshot ---------------------------------------------------------------------------- */

static void written(void *ctx, const struct store_answer *answer)
{
    struct room *room = ctx;
    struct persist *p = &room->persist;

    registry_touch(room->rooms);
    p->requests--;
    if (answer->rc != RC_OK) {
        failed(room, answer->rc);
        return;
    }
    ended(room);
    p->rows -= p->compact_rows;
    p->bytes -= p->compact_bytes;
    room->rooms->stats.compactions++;
}

/* All that was appended is in `state`: it is in front of the snapshot in the store's queue. */
static void write_snapshot(struct room *room, struct span state)
{
    struct persist *p = &room->persist;
    const struct store_reply reply = {.call = written, .ctx = room};
    int rc = store_compact(room->rooms->config.store, room_name(room), state, STORE_UPTO_ALL, reply);

    if (rc != RC_OK) {
        failed(room, rc);
        return;
    }
    p->requests++;
    p->compact_rows = p->rows;
    p->compact_bytes = p->bytes;
}

/* ---- The document --------------------------------------------------------------------------------- */

static int make(void *ctx, const struct crdt_doc *doc)
{
    return crdt_encode_state(doc, CRDT_V2, span_of(NULL, 0), ctx);
}

static void made(struct room *room, void *ctx, int rc)
{
    struct buf *state = ctx;

    if (rc == RC_OK) {
        write_snapshot(room, buf_span(state));
    } else {
        failed(room, rc);
    }
    buf_finish(state);
    free(state);
}

static void encode(struct room *room)
{
    static const struct reading reading = {make, made};
    struct buf *state = calloc(1, sizeof *state);

    if (state == NULL) {
        failed(room, RC_NOMEM);
        return;
    }
    reading_start(room, &reading, state);
}

bool compact_start(struct room *room)
{
    struct persist *p = &room->persist;

    if (p->compacting || p->dirty || p->lost || room->rooms->now_us < p->compact_after_us) {
        return true;
    }
    if (room->rooms->compacting >= AT_ONCE) {
        return false;
    }
    p->compacting = true;
    room->rooms->compacting++;
    if (room->rest.state != NULL) {
        write_snapshot(room, span_of(room->rest.state, room->rest.len));
    } else {
        encode(room);
    }
    return true;
}
