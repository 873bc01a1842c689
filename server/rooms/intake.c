/* The way of an edit into a document:
 *
 *     right? ─► store writable? ─► whose clocks? ─► too large? ─► applied, stored, broadcast, owed
 *       no: refused  no: refused     beyond: waits    yes: refused
 *
 * What is long is applied on a worker (heavy.h). A claim on clocks that a connected owner has not announced waits. The
 * owner is asked for its awareness, which every provider answers by itself: what it wrote before the question arrives
 * before the answer. So when the time is over and the owner has been heard, the claim was not honest and is refused;
 * when it was not heard, its connection is dead and closed, and the claim is taken. */
#include "server/rooms/intake.h"
#include "crdt/crdt.h"
#include "crdt/proto.h"
#include "server/base/log.h"
#include "server/rooms/heavy.h"
#include "server/rooms/owed.h"
#include "server/rooms/registry.h"
#include "server/rooms/room.h"
#include "server/rooms/session.h"
#include "server/store/store.h"

#define SECOND_US UINT64_C(1000000)

/* ---- Viewers -------------------------------------------------------------------------------------- */

/* Walks the ranges of an encoded snapshot's delete set beside those of an update. Both stand in yjs's order: clients
 * descending, clocks ascending; what stands otherwise is not found. */
static bool deletes_known(struct proto_claims *update, struct proto_claim *first, struct span snapshot)
{
    struct buf as_update = {0};
    struct proto_claims have;
    struct proto_claim range;
    bool known = true, more;

    /* A delete set is an update without structs, once their count of 0 stands before it. */
    buf_put_u8(&as_update, 0);
    buf_put_span(&as_update, snapshot);
    proto_claims_init(&have, buf_span(&as_update));
    more = as_update.rc == RC_OK && proto_claims_next(&have, &range);
    do {
        while (more && (range.client != first->client || range.end < first->end)) {
            more = proto_claims_next(&have, &range);
        }
        known = more && range.clock <= first->clock;
    } while (known && proto_claims_next(update, first));
    buf_finish(&as_update);
    return known && update->rc == RC_OK;
}

/* Does the document hold everything of the update? */
static bool is_known(const struct crdt_doc *doc, struct span update)
{
    struct proto_claims walk;
    struct proto_claim claim;
    struct buf snapshot = {0};
    bool known = true;

    proto_claims_init(&walk, update);
    while (known && proto_claims_next(&walk, &claim)) {
        if (claim.deletes) {
            known = crdt_encode_snapshot(doc, &snapshot) == RC_OK && deletes_known(&walk, &claim, buf_span(&snapshot));
            break;
        }
        known = claim.end <= crdt_state(doc, claim.client);
    }
    buf_finish(&snapshot);
    return known && walk.rc == RC_OK;
}

static void refuse(struct session *s, bool step2, const char *reason, uint64_t retry_us)
{
    owed_refuse(s, !owed_answers(s, step2), reason, retry_us);
}

/* A viewer's client answers our step 1 with a step 2 all the same; nothing new in it is no edit. */
static void receive_from_viewer(struct session *s, bool step2, struct span update)
{
    if (step2 && is_known(s->room->doc, update)) {
        owed_answers(s, step2);
        owed_stored(s, persist_need(s->room));
        return;
    }
    refuse(s, step2, "this note may be read, not edited", 0);
}

/* ---- Taking --------------------------------------------------------------------------------------- */

/* The text of an update is no longer than its bytes. */
static bool too_large(struct room *room, struct span update, const struct claims *claims)
{
    uint64_t limit = room->rooms->config.options.note_text;
    struct crdt_stat stat;

    if (!claims->brings || room->text_bound + update.len <= limit) {
        return false;
    }
    crdt_doc_stat(room->doc, &stat);
    room->text_bound = stat.text_units;
    return room->text_bound + update.len > limit;
}

/* Clocks have moved on: who waits for them tries again at the end of the turn. */
static void pump_later(struct room *room)
{
    if (room->waiting > 0) {
        room->pump = true;
        fanout_enqueue(room);
    }
}

uint64_t intake_keep(struct room *room, const struct edit *edit, struct span changes, bool pending)
{
    uint64_t need;

    if (changes.len > 0 || crdt_has_pending(room->doc)) {
        room_changed(room);
        room->rooms->stats.edits++;
        room->text_bound += edit->claims->brings ? edit->update.len : 0;
        need = persist_row(room, edit->update, edit->sender, edit->claims->foreign);
    } else {
        room->rooms->stats.repeats++;
        need = persist_need(room);
    }
    if (changes.len > 0) {
        /* What was set free by this update may be of others, and new to its sender. */
        fanout_update(room, changes, edit->session == 0 || pending ? FANOUT_NOBODY : edit->session);
        pump_later(room);
    }
    return need;
}

/* Applies, stores and broadcasts what is in order. */
static int take(struct room *room, const struct edit *edit, uint64_t *need)
{
    struct buf changes = {0};
    bool pending = crdt_has_pending(room->doc);
    int rc;

    fanout_expect(room);
    rc = crdt_apply(room->doc, CRDT_V1, edit->update, &changes);

    if (rc == RC_OK) {
        *need = intake_keep(room, edit, buf_span(&changes), pending);
    }
    buf_finish(&changes);
    return rc;
}

/* ---- Waiting -------------------------------------------------------------------------------------- */

static void ask_owner(struct session *owner)
{
    struct buf body = {0};

    proto_put_query_awareness(&body);
    session_send_body(owner, &body, OUTQ_ONCE);
    buf_finish(&body);
}

static void stop_waiting(struct session *s)
{
    if (s->waits) {
        s->waits = false;
        s->room->waiting--;
    }
}

static void wait_for(struct session *s, uint64_t client)
{
    uint64_t now = s->room->rooms->now_us;
    struct owner *owner = owners_find(&s->room->owners, client);

    if (s->waits && s->waits_for == client) {
        return;
    }
    if (!s->waits) {
        s->waits = true;
        s->room->waiting++;
    }
    s->waits_for = client;
    s->waits_since_us = now;
    s->waits_until_us = now + (uint64_t)s->room->rooms->config.options.claim_ms * 1000;
    ask_owner(owner->session);
    room_stir(s->room);
}

void intake_tick(struct session *s)
{
    struct owner *owner = owners_find(&s->room->owners, s->waits_for);

    if (owner != NULL && s->room->rooms->now_us < s->waits_until_us) {
        return;
    }
    if (owner != NULL && owner->session->peer->heard_us > s->waits_since_us) {
        s->claim_refused = true;
    } else if (owner != NULL) {
        struct session *gone = owner->session;

        owners_leave(&s->room->owners, gone);
        peer_close(gone->peer, CONN_CLOSE_TRY_LATER, "no sign of life");
    }
    stop_waiting(s);
    session_pump(s);
}

/* ---- Receiving ------------------------------------------------------------------------------------ */

static const char *why_not_writable(int rc)
{
    return rc == RC_FULL ? "the server's disk is full" : "the server cannot store edits now";
}

static void took(struct session *s, bool step2, const struct claims *claims, uint64_t need)
{
    bool counted = !owed_answers(s, step2);

    if (claims->foreign) {
        s->room->rooms->stats.foreign++;
    }
    if (!step2 && claims->single && claims->continues) {
        owners_adopt(&s->room->owners, s, claims, s->announced && s->own == claims->author);
    }
    if (owners_advance(&s->room->owners, s, claims)) {
        pump_later(s->room);
    }
    owed_stored(s, need);
    if (step2 && s->unsaved) {
        owed_settle(s, counted, need);
    }
}

int intake_applied(struct session *s, bool step2, const struct claims *claims, int rc, uint64_t need)
{
    if (rc == RC_FORMAT || rc == RC_RANGE) {
        return rc;
    }
    if (rc != RC_OK) {
        refuse(s, step2, rc == RC_LIMIT ? "the note is too large" : "the server is out of memory", 60 * SECOND_US);
        return RC_OK;
    }
    took(s, step2, claims, need);
    return RC_OK;
}

/* Claims of somebody else's clocks that his client has not reached. */
static int receive_beyond(struct session *s, bool step2, const struct claims *claims)
{
    if (!s->claim_refused) {
        if (owners_advance(&s->room->owners, s, claims)) {
            pump_later(s->room);
        }
        wait_for(s, claims->beyond_of);
        return RC_BUSY;
    }
    log_event(LOG_LEVEL_WARN, "edit.foreign_clocks", "room=%llu conn=%llu", (unsigned long long)s->room->serial,
              (unsigned long long)s->peer->conn->serial);
    refuse(s, step2, "this edit changes what another editor has not written yet", 10 * SECOND_US);
    return RC_OK;
}

static int receive_from_editor(struct session *s, bool step2, struct span update)
{
    struct claims claims;
    uint64_t need = 0;
    int rc = owners_check(&s->room->owners, s->room->doc, s, update, &claims);

    if (rc == RC_BUSY) {
        return receive_beyond(s, step2, &claims);
    }
    if (rc == RC_OK && too_large(s->room, update, &claims)) {
        refuse(s, step2, "the note is too large", 60 * SECOND_US);
        return RC_OK;
    }
    if (rc == RC_OK && claims.empty) {
        need = persist_need(s->room);
    } else if (rc == RC_OK && update.len > HEAVY_BYTES) {
        rc = heavy_apply(s->room, s, step2, NULL, update, buf_span(&s->sender), &claims);
        if (rc == RC_OK) {
            return RC_OK; /* answered when it is done */
        }
    } else if (rc == RC_OK) {
        const struct edit edit = {update, buf_span(&s->sender), &claims, s->serial};

        rc = take(s->room, &edit, &need);
    }
    return intake_applied(s, step2, &claims, rc, need);
}

/* What most answer our step 1 with: no structs, no deletes. Such a message wakes nobody. */
static bool says_nothing(struct span update)
{
    return update.len == 2 && update.data[0] == 0 && update.data[1] == 0;
}

int intake_receive(struct session *s, bool step2, struct span update)
{
    int rc = says_nothing(update) ? RC_OK : rest_end(s->room);

    if (rc != RC_OK) {
        refuse(s, step2, "the server is out of memory", 60 * SECOND_US);
        return RC_OK;
    }
    if (s->right != ROOMS_EDIT) {
        receive_from_viewer(s, step2, update);
        return RC_OK;
    }
    rc = store_writable(s->room->rooms->config.store);
    if (rc == RC_LIMIT) {
        return RC_BUSY; /* too much waits for the disk: so does this */
    }
    if (rc != RC_OK) {
        refuse(s, step2, why_not_writable(rc), SECOND_US);
        return RC_OK;
    }
    rc = receive_from_editor(s, step2, update);
    if (rc != RC_BUSY) {
        s->claim_refused = false;
        stop_waiting(s);
    }
    return rc;
}

int intake_apply(struct room *room, struct span update, struct span sender, struct visit *v, uint64_t *need)
{
    struct claims claims;
    int rc = store_writable(room->rooms->config.store);

    if (rc == RC_OK) {
        rc = rest_end(room);
    }
    if (rc == RC_OK) {
        rc = owners_check(&room->owners, room->doc, NULL, update, &claims);
    }
    if (rc == RC_BUSY) {
        return RC_DENIED;
    }
    if (rc != RC_OK) {
        return rc;
    }
    if (too_large(room, update, &claims)) {
        return RC_LIMIT;
    }
    if (update.len > HEAVY_BYTES) {
        rc = heavy_apply(room, NULL, false, v, update, sender, &claims);
        return rc == RC_OK ? RC_BUSY : rc;
    }
    return take(room, &(struct edit){update, sender, &claims, 0}, need);
}
