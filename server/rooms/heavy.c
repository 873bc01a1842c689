#include "server/rooms/heavy.h"
#include <stdlib.h>
#include "crdt/crdt.h"
#include "server/rooms/dispatch.h"
#include "server/rooms/errand.h"
#include "server/rooms/intake.h"
#include "server/rooms/registry.h"
#include "server/rooms/room.h"
#include "server/rooms/session.h"
#include "server/rooms/visit.h"

struct heavy {
    struct errand errand; /* first */
    struct crdt_doc *doc; /* the room's, until it comes home */
    struct buf update, sender, changes;
    struct claims claims;
    uint64_t session; /* its serial; 0: a visit's */
    struct visit *visit;
    bool step2;
    bool pending;  /* structs waited in the document before */
    uint64_t took; /* bytes by which the document grew */
    int rc;
};

static void heavy_free(struct heavy *h)
{
    buf_finish(&h->update);
    buf_finish(&h->sender);
    buf_finish(&h->changes);
    free(h);
}

static void run(struct errand *e)
{
    struct heavy *h = (struct heavy *)(void *)e;
    uint64_t had = crdt_doc_memory(h->doc), has;

    h->rc = crdt_apply(h->doc, CRDT_V1, buf_span(&h->update), &h->changes);
    has = crdt_doc_memory(h->doc);
    h->took = has > had ? has - had : 0; /* what waited before may have gone */
}

static void done(struct errand *e)
{
    struct heavy *h = (struct heavy *)(void *)e;
    struct room *room = e->room;
    struct session *s = room_member(room, h->session);
    uint64_t need = 0;

    room->doc = h->doc;
    room->state = ROOM_READY;
    room->rooms->given_back += h->took; /* applying it took as much beside, and is over */
    if (h->rc == RC_OK) {
        const struct edit edit = {buf_span(&h->update), buf_span(&h->sender), &h->claims, h->session};

        need = intake_keep(room, &edit, buf_span(&h->changes), h->pending);
    }
    if (s != NULL && intake_applied(s, h->step2, &h->claims, h->rc, need) != RC_OK) {
        dispatch_bad_frame(s->peer);
    }
    if (h->visit != NULL) {
        visit_applied(room, h->visit, h->rc, need);
    }
    heavy_free(h);
    room_home(room);
}

int heavy_apply(struct room *room, struct session *s, bool step2, struct visit *v, struct span update,
                struct span sender, const struct claims *claims)
{
    struct heavy *h = calloc(1, sizeof *h);
    int rc;

    if (h == NULL) {
        return RC_NOMEM;
    }
    h->errand = (struct errand){.run = run, .done = done};
    h->claims = *claims;
    h->session = s == NULL ? 0 : s->serial;
    h->visit = v;
    h->step2 = step2;
    h->pending = crdt_has_pending(room->doc);
    h->doc = room->doc;
    buf_put_span(&h->update, update);
    buf_put_span(&h->sender, sender);
    rc = h->update.rc != RC_OK || h->sender.rc != RC_OK ? RC_NOMEM : errand_start(room, &h->errand);
    if (rc != RC_OK) {
        heavy_free(h);
        return rc;
    }
    room_lend(room);
    return RC_OK;
}
