#include "server/rooms/compact.h"
#include <stdlib.h>
#include "server/base/log.h"
#include "server/rooms/errand.h"
#include "server/rooms/load.h"
#include "server/rooms/registry.h"
#include "server/rooms/room.h"

#define RETRY_US UINT64_C(30000000) /* between attempts */
#define AT_ONCE  2                  /* of all rooms: notes that are written in alike are due at the same moment */

struct compaction {
    struct errand errand; /* first */
    struct store_content *content;
    size_t memory_limit;
    struct buf state; /* made by the worker */
    int rc;
};

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

/* `rows` and `bytes` of the log are in `state`. */
static int write_snapshot(struct room *room, struct span state, uint64_t upto, size_t rows, size_t bytes)
{
    struct persist *p = &room->persist;
    const struct store_reply reply = {.call = written, .ctx = room};
    int rc = store_compact(room->rooms->config.store, room_name(room), state, upto, reply);

    if (rc == RC_OK) {
        p->requests++;
        p->compact_rows = rows < p->rows ? rows : p->rows;
        p->compact_bytes = bytes < p->bytes ? bytes : p->bytes;
    }
    return rc;
}

/* What is stored is damaged, the document is not: it holds every row that was ever appended here. */
static int write_own(struct room *room)
{
    struct buf state = {0};
    int rc = room->state == ROOM_READY ? rest_end(room) : RC_BUSY;

    if (rc == RC_OK) {
        rc = crdt_encode_state(room->doc, CRDT_V2, span_of(NULL, 0), &state);
    }
    if (rc == RC_OK) {
        rc = write_snapshot(room, buf_span(&state), STORE_UPTO_ALL, room->persist.rows, room->persist.bytes);
    }
    buf_finish(&state);
    return rc;
}

/* ---- The worker's part ---------------------------------------------------------------------------- */

static void compaction_free(struct compaction *c)
{
    store_content_unref(c->content);
    buf_finish(&c->state);
    free(c);
}

static void run(struct errand *e)
{
    struct compaction *c = (struct compaction *)(void *)e;
    struct crdt_doc *doc;

    c->rc = load_document(c->content, c->memory_limit, &doc);
    if (c->rc == RC_OK) {
        c->rc = crdt_encode_state(doc, CRDT_V2, span_of(NULL, 0), &c->state);
        crdt_doc_destroy(doc);
    }
}

static void done(struct errand *e)
{
    struct compaction *c = (struct compaction *)(void *)e;
    const struct store_content *content = c->content;
    struct room *room = e->room;
    int rc = c->rc;

    if (rc == RC_OK) {
        rc = write_snapshot(room, buf_span(&c->state), content->last_seq, content->count,
                            content->bytes - content->snapshot.len);
    } else if (rc == RC_CORRUPT) {
        rc = write_own(room);
    }
    if (rc != RC_OK) {
        failed(room, rc);
    }
    compaction_free(c);
}

static int encode(struct room *room, struct store_content *content)
{
    struct compaction *c = calloc(1, sizeof *c);
    int rc;

    if (c == NULL) {
        return RC_NOMEM;
    }
    c->errand = (struct errand){.run = run, .done = done};
    c->content = store_content_ref(content);
    c->memory_limit = room->rooms->config.options.note_memory;
    rc = errand_start(room, &c->errand);
    if (rc != RC_OK) {
        compaction_free(c);
    }
    return rc;
}

/* ---- The beginning -------------------------------------------------------------------------------- */

static void read_back(void *ctx, const struct store_answer *answer)
{
    struct room *room = ctx;
    int rc = answer->rc;

    registry_touch(room->rooms);
    room->persist.requests--;
    if (rc == RC_OK) {
        rc = encode(room, answer->content);
    } else if (rc == RC_CORRUPT) {
        rc = write_own(room);
    }
    if (rc != RC_OK) {
        failed(room, rc);
    }
}

bool compact_start(struct room *room)
{
    struct persist *p = &room->persist;
    const struct store_reply reply = {.call = read_back, .ctx = room};

    if (p->compacting || p->dirty || p->lost || room->rooms->now_us < p->compact_after_us) {
        return true;
    }
    if (room->rooms->compacting >= AT_ONCE) {
        return false;
    }
    if (store_load(room->rooms->config.store, room_name(room), reply) != RC_OK) {
        p->compact_after_us = room->rooms->now_us + RETRY_US;
        return true;
    }
    p->requests++;
    p->compacting = true;
    room->rooms->compacting++;
    return true;
}
