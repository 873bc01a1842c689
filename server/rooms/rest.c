#include "server/rooms/rest.h"
#include <assert.h>
#include <stdlib.h>
#include "crdt/base/buf.h"
#include "server/rooms/fanout.h"
#include "server/rooms/registry.h"
#include "server/rooms/room.h"
#include "server/rooms/session.h"

#define REST_US     UINT64_C(2000000) /* without edits and readers */
#define REST_MEMORY (128 << 10)       /* of a document: some 1,500 structs, made again in a tenth of a millisecond */
#define TRIM_MEMORY (4 << 20)         /* a larger one keeps its room for growth: growing anew would copy it */

/* ---- The bytes ------------------------------------------------------------------------------------ */

bool rest_suits(const struct crdt_doc *doc)
{
    return crdt_doc_memory(doc) <= REST_MEMORY;
}

static int pack_vector(const struct crdt_doc *doc, struct rest *out)
{
    struct buf vector = {0};
    int rc = crdt_encode_state_vector(doc, &vector);

    if (rc == RC_OK) {
        out->vector = known_create(buf_span(&vector));
        rc = out->vector == NULL ? RC_NOMEM : RC_OK;
    }
    buf_finish(&vector);
    return rc;
}

static int pack_state(const struct crdt_doc *doc, struct rest *out)
{
    struct buf state = {0};
    int rc = crdt_encode_state(doc, CRDT_V2, span_of(NULL, 0), &state);

    if (rc == RC_OK) {
        uint8_t *exact = realloc(state.data, state.len);

        state.data = exact != NULL ? exact : state.data;
        out->state = buf_take(&state, &out->len);
    }
    buf_finish(&state);
    return rc;
}

int rest_pack(const struct crdt_doc *doc, struct rest *out)
{
    struct rest r = {0};
    int rc = pack_vector(doc, &r);

    rc = rc == RC_OK ? pack_state(doc, &r) : rc;
    if (rc != RC_OK) {
        rest_finish(&r);
        return rc;
    }
    *out = r;
    return RC_OK;
}

void rest_finish(struct rest *r)
{
    free(r->state);
    known_unref(r->vector);
    *r = (struct rest){0};
}

struct span rest_vector(const struct rest *r)
{
    return span_of(r->vector->data, r->vector->len);
}

int rest_encode(const struct rest *r, struct span vector, struct buf *out)
{
    struct buf whole = {0};
    int rc;

    if (vector.len == 0) {
        return crdt_update_convert(CRDT_V2, CRDT_V1, span_of(r->state, r->len), out);
    }
    rc = crdt_update_convert(CRDT_V2, CRDT_V1, span_of(r->state, r->len), &whole);
    if (rc == RC_OK) {
        rc = crdt_update_diff(CRDT_V1, buf_span(&whole), vector, out);
    }
    buf_finish(&whole);
    return rc;
}

/* ---- Going to rest, and back ---------------------------------------------------------------------- */

/* Nothing is under way that will need the document. */
static bool is_calm(const struct room *room)
{
    return room->doc != NULL && room->errands == 0 && room->waiting == 0 && room->visits.first == NULL && !room->late &&
           !room->fanout.queued && persist_is_quiet(room) && !persist_describes(room);
}

void rest_begin(struct room *room, struct rest *r)
{
    room->rest = *r;
    *r = (struct rest){0};
    room->rooms->stats.resting++;
}

void rest_leave(struct room *room)
{
    room->rooms->stats.resting -= room->rest.state != NULL;
    rest_finish(&room->rest);
}

static bool pack(struct room *room)
{
    struct rest rest;

    if (!rest_suits(room->doc) || rest_pack(room->doc, &rest) != RC_OK) {
        return false;
    }
    rest.given_back = crdt_doc_memory(room->doc);
    room->rooms->given_back += rest.given_back;
    crdt_doc_destroy(room->doc);
    room->doc = NULL;
    room_all_know(room, rest.vector);
    fanout_finish(&room->fanout);
    rest_begin(room, &rest);
    return true;
}

/* Too large for that: its room for growth goes. */
static void trim(struct room *room)
{
    uint64_t had = crdt_doc_memory(room->doc);

    if (had <= TRIM_MEMORY) {
        crdt_doc_trim(room->doc);
        room->rooms->given_back += had - crdt_doc_memory(room->doc);
    }
}

void rest_tick(struct room *room)
{
    if (room->settled || room->rooms->now_us - room->used_us < REST_US || !is_calm(room)) {
        return;
    }
    room->settled = true;
    if (!pack(room)) {
        trim(room);
    }
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

int rest_end(struct room *room)
{
    const struct crdt_doc_options options = {.memory_limit = room->rooms->config.options.note_memory};
    struct crdt_doc *doc;
    int rc;

    assert(room->state == ROOM_READY);
    room->used_us = room->rooms->now_us;
    if (room->doc != NULL) {
        return RC_OK;
    }
    rc = crdt_doc_create(&options, &doc);
    if (rc != RC_OK) {
        return rc;
    }
    rc = crdt_load(doc, CRDT_V2, span_of(room->rest.state, room->rest.len));
    if (rc != RC_OK) {
        crdt_doc_destroy(doc);
        return rc;
    }
    room->rooms->given_back -= least(room->rest.given_back, room->rooms->given_back);
    rest_leave(room);
    room->doc = doc;
    room->settled = false;
    room->rooms->stats.wakes++;
    return RC_OK;
}
