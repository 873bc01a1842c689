#include "server/rooms/reading.h"
#include <stdlib.h>
#include "server/rooms/errand.h"
#include "server/rooms/room.h"

struct loan {
    struct errand errand; /* first */
    const struct reading *reading;
    void *ctx;
    struct crdt_doc *doc; /* the room's, until it comes home */
    int rc;
};

static void run(struct errand *e)
{
    struct loan *l = (struct loan *)(void *)e;

    l->rc = l->reading->make(l->ctx, l->doc);
}

static void done(struct errand *e)
{
    struct loan *l = (struct loan *)(void *)e;
    struct room *room = e->room;

    room->doc = l->doc;
    room->state = ROOM_READY;
    l->reading->made(room, l->ctx, l->rc);
    free(l);
    room_home(room);
}

/* False: it is to be made here. */
static bool lend(struct room *room, const struct reading *reading, void *ctx)
{
    struct loan *l = calloc(1, sizeof *l);

    if (l == NULL) {
        return false;
    }
    *l = (struct loan){.errand = {.run = run, .done = done}, .reading = reading, .ctx = ctx, .doc = room->doc};
    if (errand_start(room, &l->errand) != RC_OK) {
        free(l);
        return false;
    }
    room_lend(room);
    return true;
}

void reading_start(struct room *room, const struct reading *reading, void *ctx)
{
    if (crdt_doc_memory(room->doc) < READING_LARGE || !lend(room, reading, ctx)) {
        reading->made(room, ctx, reading->make(ctx, room->doc));
    }
}
