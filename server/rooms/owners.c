#include "server/rooms/owners.h"
#include <stdlib.h>
#include "crdt/proto.h"

void owners_finish(struct owners *o)
{
    free(o->list);
    *o = (struct owners){0};
}

static size_t lower_bound(const struct owners *o, uint64_t client)
{
    size_t low = 0, high = o->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (o->list[middle].client < client) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct owner *owners_find(const struct owners *o, uint64_t client)
{
    size_t i = lower_bound(o, client);

    return i < o->count && o->list[i].client == client ? &o->list[i] : NULL;
}

static void remove_at(struct owners *o, size_t i)
{
    o->count--;
    memmove(&o->list[i], &o->list[i + 1], (o->count - i) * sizeof *o->list);
}

void owners_leave(struct owners *o, const struct session *session)
{
    for (size_t i = o->count; i > 0; i--) {
        if (o->list[i - 1].session == session) {
            remove_at(o, i - 1);
        }
    }
}

static int reserve(struct owners *o)
{
    size_t cap = o->cap == 0 ? 8 : 2 * o->cap;
    struct owner *list;

    if (o->count < o->cap) {
        return RC_OK;
    }
    list = realloc(o->list, cap * sizeof *list);
    if (list == NULL) {
        return RC_NOMEM;
    }
    o->list = list;
    o->cap = cap;
    return RC_OK;
}

static int insert(struct owners *o, struct owner owner)
{
    int rc = reserve(o);
    size_t i;

    if (rc != RC_OK) {
        return rc;
    }
    i = lower_bound(o, owner.client);
    memmove(&o->list[i + 1], &o->list[i], (o->count - i) * sizeof *o->list);
    o->list[i] = owner;
    o->count++;
    return RC_OK;
}

int owners_announce(struct owners *o, struct session *session, uint64_t client, uint64_t announced)
{
    struct owner *owner = owners_find(o, client);

    if (owner != NULL && owner->sure && owner->session != session) {
        return RC_EXISTS;
    }
    if (owner != NULL) {
        remove_at(o, (size_t)(owner - o->list));
    }
    owners_leave(o, session); /* what it owned weakly so far */
    return insert(o, (struct owner){client, announced, session, true});
}

/* Is this claim of somebody else beyond what the owner has announced? */
static bool is_beyond(const struct owner *owner, const struct proto_claim *claim, uint64_t state)
{
    uint64_t reached = owner->announced > state ? owner->announced : state;

    if (claim->end <= reached) {
        return false;
    }
    return owner->sure || claim->deletes || claim->clock > state;
}

static void note_structs(struct claims *out, const struct proto_claim *claim, uint64_t state, bool first)
{
    out->brings = out->brings || claim->end > state;
    out->single = first || (out->single && out->author == claim->client);
    out->continues = first ? claim->clock <= state && claim->end > state : out->continues && out->single;
    out->author = claim->client;
    out->end = claim->end;
}

int owners_check(const struct owners *o, const struct crdt_doc *doc, const struct session *session, struct span update,
                 struct claims *out)
{
    struct proto_claims walk;
    struct proto_claim claim;
    bool beyond = false, structs = false;

    *out = (struct claims){.empty = true};
    proto_claims_init(&walk, update);
    while (proto_claims_next(&walk, &claim)) {
        const struct owner *owner = owners_find(o, claim.client);
        uint64_t state = crdt_state(doc, claim.client);

        out->empty = false;
        if (!claim.deletes) {
            note_structs(out, &claim, state, !structs);
            structs = true;
        }
        if (owner != NULL && owner->session == session && !claim.deletes && claim.end > out->own_end) {
            out->own_end = claim.end;
        }
        if (owner == NULL || owner->session == session) {
            continue;
        }
        out->foreign = out->foreign || (!claim.deletes && claim.end > state);
        if (!beyond && is_beyond(owner, &claim, state)) {
            beyond = true;
            out->beyond_of = claim.client;
        }
    }
    if (walk.rc != RC_OK) {
        return walk.rc;
    }
    return beyond ? RC_BUSY : RC_OK;
}

bool owners_advance(struct owners *o, const struct session *session, const struct claims *claims)
{
    bool moved = false;

    for (size_t i = 0; claims->own_end > 0 && i < o->count; i++) {
        struct owner *owner = &o->list[i];

        if (owner->session == session && owner->announced < claims->own_end) {
            owner->announced = claims->own_end;
            moved = true;
        }
    }
    return moved;
}

static bool owns_any(const struct owners *o, const struct session *session)
{
    for (size_t i = 0; i < o->count; i++) {
        if (o->list[i].session == session) {
            return true;
        }
    }
    return false;
}

void owners_adopt(struct owners *o, struct session *session, const struct claims *claims, bool sure)
{
    struct owner *owner = owners_find(o, claims->author);

    if (owner != NULL) {
        if (owner->sure || owner->session == session) {
            return;
        }
        remove_at(o, (size_t)(owner - o->list));
    }
    if (sure) {
        owners_leave(o, session);
    }
    /* Without memory nobody owns it. */
    if (!owns_any(o, session) && insert(o, (struct owner){claims->author, claims->end, session, sure}) != RC_OK) {
        return;
    }
}

bool owners_check_order(const struct owners *o)
{
    for (size_t i = 1; i < o->count; i++) {
        if (o->list[i - 1].client >= o->list[i].client) {
            return false;
        }
    }
    return o->count <= o->cap;
}
