#include "server/rooms/load.h"
#include <stdlib.h>
#include "server/base/background.h"
#include "server/base/log.h"
#include "server/rooms/dispatch.h"
#include "server/rooms/errand.h"
#include "server/rooms/registry.h"
#include "server/rooms/room.h"
#include "server/rooms/visit.h"

/* Reading a note, on a worker. */
struct load {
    struct errand errand; /* first */
    struct store_content *content;
    size_t memory_limit;
    struct crdt_doc *doc; /* made by the worker, … */
    struct rest rest;     /* … what stands for it at rest … */
    bool rested;          /* … when it is small */
    uint64_t text_units;
    int rc;
};

/* ---- The document ------------------------------------------------------------------------------ */

static int apply_row(struct crdt_doc *doc, const struct store_row *row)
{
    switch (row->kind & ~(unsigned)STORE_FOREIGN) {
    case STORE_UPDATE_V1:
        return crdt_apply(doc, CRDT_V1, row->data, NULL);
    case STORE_UPDATE_V2:
        return crdt_apply(doc, CRDT_V2, row->data, NULL);
    }
    return RC_UNSUPPORTED; /* written by a newer server */
}

static int apply_content(struct crdt_doc *doc, const struct store_content *content)
{
    int rc = RC_OK;

    if (content->snapshot.len > 0) {
        rc = crdt_load(doc, CRDT_V2, content->snapshot);
    }
    for (size_t i = 0; rc == RC_OK && i < content->count; i++) {
        rc = apply_row(doc, &content->row[i]);
        background_row(i);
    }
    return rc;
}

int load_document(const struct store_content *content, size_t memory_limit, struct crdt_doc **out)
{
    const struct crdt_doc_options options = {.memory_limit = memory_limit};
    struct crdt_doc *doc;
    int rc = crdt_doc_create(&options, &doc);

    if (rc != RC_OK) {
        return rc;
    }
    rc = apply_content(doc, content);
    if (rc != RC_OK) {
        crdt_doc_destroy(doc);
        return rc == RC_NOMEM || rc == RC_LIMIT ? rc : RC_CORRUPT;
    }
    *out = doc;
    return RC_OK;
}

const char *load_failure(int rc)
{
    switch (rc) {
    case RC_CORRUPT:
        return "this note is damaged and cannot be opened";
    case RC_LIMIT:
        return "this note needs more memory than the server gives to one note";
    default:
        return "this note cannot be opened now";
    }
}

/* ---- The room ---------------------------------------------------------------------------------- */

static void fail(struct room *room, int rc)
{
    log_event(LOG_LEVEL_ERROR, "room.load_failed", "room=%llu error=%s", (unsigned long long)room->serial, rc_name(rc));
    room->rooms->stats.failed_loads++;
    registry_remove(room->rooms, room);
    while (room->members > 0) {
        dispatch_refuse_room(room->member[room->members - 1], rc);
    }
    visits_fail(room, rc);
    room_destroy(room);
}

static void loaded(struct room *room, struct crdt_doc *doc, uint64_t text_units)
{
    room->rooms->stats.loads++;
    room->doc = doc;
    room->text_bound = text_units;
    room->used_us = room->rooms->now_us;
    room_home(room);
}

static void run(struct errand *e)
{
    struct load *l = (struct load *)(void *)e;
    struct crdt_stat stat;

    l->rc = load_document(l->content, l->memory_limit, &l->doc);
    if (l->rc == RC_OK) {
        crdt_doc_trim(l->doc); /* most are read more than written */
        crdt_doc_stat(l->doc, &stat);
        l->text_units = stat.text_units;
        l->rested =
            rest_suits(l->doc) && rest_pack(l->doc, &l->rest) == RC_OK; /* without memory the document will do */
    }
    store_content_unref(l->content);
}

/* The document is for who came to read or change it without a connection; members are answered from rest. */
static void choose(struct room *room, struct load *l)
{
    if (l->rested && room->visits.first == NULL) {
        rest_begin(room, &l->rest);
        crdt_doc_destroy(l->doc);
        l->doc = NULL;
    }
}

static void done(struct errand *e)
{
    struct load *l = (struct load *)(void *)e;

    if (l->rc == RC_OK) {
        choose(e->room, l);
        loaded(e->room, l->doc, l->text_units);
    } else {
        fail(e->room, l->rc);
    }
    rest_finish(&l->rest);
    free(l);
}

static int build(struct room *room, struct store_content *content)
{
    struct load *l = malloc(sizeof *l);
    int rc;

    if (l == NULL) {
        return RC_NOMEM;
    }
    *l = (struct load){.errand = {.run = run, .done = done},
                       .content = store_content_ref(content),
                       .memory_limit = room->rooms->config.options.note_memory};
    room->persist.exists = true;
    room->persist.rows = content->count;
    room->persist.bytes = content->bytes - content->snapshot.len;
    rc = errand_start(room, &l->errand);
    if (rc != RC_OK) {
        store_content_unref(content);
        free(l);
    }
    return rc;
}

static int begin_empty(struct room *room)
{
    const struct crdt_doc_options options = {.memory_limit = room->rooms->config.options.note_memory};
    struct crdt_doc *doc;
    int rc = crdt_doc_create(&options, &doc);

    if (rc == RC_OK) {
        loaded(room, doc, 0);
    }
    return rc;
}

static void answered(void *ctx, const struct store_answer *answer)
{
    struct room *room = ctx;
    int rc = answer->rc;

    registry_touch(room->rooms);
    room->persist.requests--;
    if (rc == RC_OK) {
        rc = build(room, answer->content);
    } else if (rc == RC_NOTFOUND) {
        rc = begin_empty(room);
    }
    if (rc != RC_OK) {
        fail(room, rc);
    }
}

int load_start(struct room *room)
{
    const struct store_reply reply = {.call = answered, .ctx = room};
    int rc = store_load(room->rooms->config.store, room_name(room), reply);

    if (rc == RC_OK) {
        room->persist.requests++;
    }
    return rc;
}
