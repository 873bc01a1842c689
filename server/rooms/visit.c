#include "server/rooms/visit.h"
#include <stdlib.h>
#include "crdt/base/buf.h"
#include "server/base/log.h"
#include "server/rooms/errand.h"
#include "server/rooms/intake.h"
#include "server/rooms/reading.h"
#include "server/rooms/registry.h"
#include "server/rooms/room.h"

struct visit {
    struct visit *next;
    const struct rooms_reader *reader; /* a read … */
    void (*done)(void *ctx, int rc);   /* … or an edit: */
    void *ctx;
    enum crdt_format format;
    struct buf update, sender;
    uint64_t need;
};

/* An update in format v2, which a worker turns into v1. */
struct conversion {
    struct errand errand; /* first */
    struct visit *visit;
    struct buf v1;
    int rc;
};

static void visit_destroy(struct visit *v)
{
    buf_finish(&v->update);
    buf_finish(&v->sender);
    free(v);
}

static void put_last(struct visits *list, struct visit *v)
{
    v->next = NULL;
    if (list->last != NULL) {
        list->last->next = v;
    } else {
        list->first = v;
    }
    list->last = v;
}

static struct visit *take_first(struct visits *list)
{
    struct visit *v = list->first;

    if (v != NULL) {
        list->first = v->next;
        list->last = v->next == NULL ? NULL : list->last;
    }
    return v;
}

/* It comes to nothing, or the edit is taken. */
static void finish(struct visit *v, int rc)
{
    if (v->reader != NULL) {
        (void)v->reader->look(v->ctx, rc, NULL);
    } else {
        v->done(v->ctx, rc);
    }
    visit_destroy(v);
}

static void start(struct room *room, struct visit *v);

/* ---- Updates v2 ---------------------------------------------------------------------------------- */

static void convert(struct errand *e)
{
    struct conversion *c = (struct conversion *)(void *)e;

    c->rc = crdt_update_convert(CRDT_V2, CRDT_V1, buf_span(&c->visit->update), &c->v1);
}

static void converted(struct errand *e)
{
    struct conversion *c = (struct conversion *)(void *)e;
    struct visit *v = c->visit;

    buf_finish(&v->update);
    v->update = c->v1;
    v->format = CRDT_V1;
    if (c->rc == RC_OK) {
        start(e->room, v);
    } else {
        finish(v, c->rc);
    }
    free(c);
}

static int start_conversion(struct room *room, struct visit *v)
{
    struct conversion *c = calloc(1, sizeof *c);
    int rc;

    if (c == NULL) {
        return RC_NOMEM;
    }
    c->errand = (struct errand){.run = convert, .done = converted};
    c->visit = v;
    rc = errand_start(room, &c->errand);
    if (rc != RC_OK) {
        free(c);
    }
    return rc;
}

/* ---- Reading ------------------------------------------------------------------------------------- */

static int make(void *ctx, const struct crdt_doc *doc)
{
    const struct visit *v = ctx;

    return v->reader->make(v->ctx, doc);
}

static void made(struct room *room, void *ctx, int rc)
{
    struct visit *v = ctx;

    (void)room;
    v->reader->made(v->ctx, rc);
    visit_destroy(v);
}

static void run_reader(struct room *room, struct visit *v)
{
    static const struct reading reading = {make, made};
    int rc = room->persist.exists ? rest_end(room) : RC_NOTFOUND;

    if (rc != RC_OK) {
        finish(v, rc);
    } else if (v->reader->look(v->ctx, RC_OK, room->doc)) {
        reading_start(room, &reading, v);
    } else {
        visit_destroy(v);
    }
}

/* ---- Their turn ---------------------------------------------------------------------------------- */

static void run(struct room *room, struct visit *v)
{
    uint64_t need = 0;
    int rc;

    if (v->reader != NULL) {
        run_reader(room, v);
        return;
    }
    if (v->format == CRDT_V2) {
        rc = start_conversion(room, v);
        if (rc != RC_OK) {
            finish(v, rc);
        }
        return;
    }
    rc = intake_apply(room, buf_span(&v->update), buf_span(&v->sender), v, &need);
    if (rc != RC_BUSY) {
        visit_applied(room, v, rc, need);
    }
}

void visit_applied(struct room *room, struct visit *v, int rc, uint64_t need)
{
    if (rc != RC_OK) {
        finish(v, rc);
        return;
    }
    v->need = need;
    put_last(&room->applied, v);
    persist_await(room);
    visits_flush(room);
}

void visits_flush(struct room *room)
{
    struct persist *p = &room->persist;

    while (room->applied.first != NULL && (p->lost || room->applied.first->need <= p->committed)) {
        struct visit *v = take_first(&room->applied);

        finish(v, v->need <= p->committed ? RC_OK : RC_IO);
    }
}

void visits_run(struct room *room)
{
    while (room->visits.first != NULL && room_may_work(room)) {
        run(room, take_first(&room->visits));
        room_worked(room);
    }
}

void visits_fail(struct room *room, int rc)
{
    struct visit *v;

    while ((v = take_first(&room->visits)) != NULL) {
        finish(v, rc);
    }
}

static void start(struct room *room, struct visit *v)
{
    put_last(&room->visits, v);
    visits_run(room);
}

int visit_read(struct room *room, const struct rooms_reader *reader, void *ctx)
{
    struct visit *v = calloc(1, sizeof *v);

    if (v == NULL) {
        return RC_NOMEM;
    }
    v->reader = reader;
    v->ctx = ctx;
    room->idle_us = room->rooms->now_us;
    start(room, v);
    return RC_OK;
}

int visit_apply(struct room *room, enum crdt_format format, struct span update, struct span sender,
                void (*done)(void *ctx, int rc), void *ctx)
{
    struct visit *v = calloc(1, sizeof *v);

    if (v == NULL) {
        return RC_NOMEM;
    }
    v->done = done;
    v->ctx = ctx;
    v->format = format;
    buf_put_span(&v->update, update);
    buf_put_span(&v->sender, sender);
    if (v->update.rc != RC_OK || v->sender.rc != RC_OK) {
        visit_destroy(v);
        return RC_NOMEM;
    }
    room->idle_us = room->rooms->now_us;
    start(room, v);
    return RC_OK;
}

static void ignore(void *ctx, int rc)
{
    (void)ctx;
    (void)rc;
}

void visit_leave(struct room *room, struct span update, struct span sender)
{
    if (visit_apply(room, CRDT_V1, update, sender, ignore, NULL) != RC_OK) {
        log_event(LOG_LEVEL_WARN, "edit.lost", "room=%llu", (unsigned long long)room->serial);
    }
}
