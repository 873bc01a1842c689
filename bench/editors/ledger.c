#include "bench/editors/ledger.h"

#include <stdlib.h>
#include "bench/bench_memory.h"
#include "crdt/lib0/enc.h"
#include "crdt/proto.h"

void ledger_init(struct ledger *l, uint64_t first_client, size_t authors)
{
    *l = (struct ledger){.first_client = first_client, .author_count = authors};
    l->authors = memory_create(authors, sizeof(*l->authors));
}

void ledger_finish(struct ledger *l)
{
    for (size_t i = 0; i < l->author_count; i++) {
        free(l->authors[i].edits);
        free(l->authors[i].deleted_by);
    }
    free(l->authors);
    free(l->deletes);
}

/* The author with that client id; NULL: somebody else. */
static struct ledger_author *author_of(const struct ledger *l, uint64_t client)
{
    uint64_t index = client - l->first_client;

    return client >= l->first_client && index < l->author_count ? &l->authors[index] : NULL;
}

/* ---- Writing ------------------------------------------------------------------------------------------ */

static void add_edit(struct ledger_author *a, uint32_t end, uint64_t now)
{
    a->edits = memory_reach(a->edits, &a->cap, a->count, sizeof(*a->edits));
    a->edits[a->count++] = (struct ledger_edit){now, end};
    a->clock = end;
}

/* The first unit of the range that stands for no delete yet gets this one. */
static bool add_delete(struct ledger *l, size_t author, const struct proto_claim *claim, uint64_t now)
{
    struct ledger_author *a = author_of(l, claim->client);
    uint64_t end = a == NULL ? 0 : claim->end < a->clock ? claim->end : a->clock;

    for (uint64_t clock = claim->clock; clock < end; clock++) {
        a->deleted_by = memory_reach(a->deleted_by, &a->deleted_cap, (size_t)clock, sizeof(*a->deleted_by));
        if (a->deleted_by[clock] == 0) {
            l->deletes = memory_reach(l->deletes, &l->delete_cap, l->delete_count, sizeof(*l->deletes));
            l->deletes[l->delete_count++] = (struct ledger_delete){now, (uint32_t)author};
            a->deleted_by[clock] = (uint32_t)l->delete_count;
            l->authors[author].deletes++;
            return true;
        }
    }
    return false;
}

bool ledger_wrote(struct ledger *l, size_t author, struct span update, uint64_t now)
{
    struct ledger_author *own = &l->authors[author];
    uint64_t client = l->first_client + author, end = own->clock;
    struct proto_claims claims;
    struct proto_claim claim;
    bool told = false;

    proto_claims_init(&claims, update);
    while (proto_claims_next(&claims, &claim)) {
        if (!claim.deletes && claim.client == client && claim.end > end) {
            end = claim.end;
        } else if (claim.deletes && end == own->clock && !told) {
            told = add_delete(l, author, &claim, now);
        }
    }
    if (end > own->clock) {
        add_edit(own, (uint32_t)end, now);
        told = true;
    }
    return told;
}

/* ---- Hearing ------------------------------------------------------------------------------------------- */

void ledger_reader_init(struct ledger_reader *r, const struct ledger *l, size_t author)
{
    *r = (struct ledger_reader){.author = author};
    r->heard = memory_create(l->author_count, sizeof(*r->heard));
}

void ledger_reader_finish(struct ledger_reader *r)
{
    free(r->heard);
    free(r->deletes);
}

static void count(struct ledger_tally *tally, uint64_t sent, uint64_t now)
{
    if (tally != NULL) {
        tally->delivered++;
        if (sent >= tally->from && sent < tally->to) {
            histogram_add(&tally->latency, now - sent);
        }
    }
}

static int hear_structs(const struct ledger *l, struct ledger_reader *r, const struct proto_claim *claim, uint64_t now,
                        struct ledger_tally *tally)
{
    size_t index = (size_t)(claim->client - l->first_client);
    const struct ledger_author *a = &l->authors[index];
    int heard = 0;

    if (index == r->author || claim->end <= r->heard[index].clock) {
        return 0;
    }
    if (claim->clock > r->heard[index].clock) {
        r->gaps++;
        return 0;
    }
    r->heard[index].clock = (uint32_t)(claim->end < a->clock ? claim->end : a->clock);
    while (r->heard[index].edit < a->count && a->edits[r->heard[index].edit].end <= r->heard[index].clock) {
        count(tally, a->edits[r->heard[index].edit++].sent, now);
        heard++;
    }
    return heard;
}

static bool first_time(struct ledger_reader *r, size_t index)
{
    uint64_t bit = UINT64_C(1) << (index % 64);

    r->deletes = memory_reach(r->deletes, &r->delete_words, index / 64, sizeof(*r->deletes));
    if ((r->deletes[index / 64] & bit) != 0) {
        return false;
    }
    r->deletes[index / 64] |= bit;
    return true;
}

static int hear_deletes(const struct ledger *l, struct ledger_reader *r, const struct proto_claim *claim, uint64_t now,
                        struct ledger_tally *tally)
{
    const struct ledger_author *a = author_of(l, claim->client);
    uint64_t end = claim->end < a->deleted_cap ? claim->end : a->deleted_cap;
    int heard = 0;

    for (uint64_t clock = claim->clock; clock < end; clock++) {
        uint32_t by = a->deleted_by[clock];
        if (by > 0 && l->deletes[by - 1].author != r->author && first_time(r, by - 1)) {
            r->deletes_heard++;
            count(tally, l->deletes[by - 1].sent, now);
            heard++;
        }
    }
    return heard;
}

int ledger_heard(const struct ledger *l, struct ledger_reader *r, struct span update, uint64_t now,
                 struct ledger_tally *tally)
{
    struct proto_claims claims;
    struct proto_claim claim;
    int heard = 0;

    proto_claims_init(&claims, update);
    while (proto_claims_next(&claims, &claim)) {
        if (author_of(l, claim.client) != NULL) {
            heard += claim.deletes ? hear_deletes(l, r, &claim, now, tally) : hear_structs(l, r, &claim, now, tally);
        }
    }
    return claims.rc == RC_OK ? heard : claims.rc;
}

size_t ledger_missing(const struct ledger *l, const struct ledger_reader *r)
{
    size_t missing = 0;

    for (size_t i = 0; i < l->author_count; i++) {
        const struct ledger_author *a = &l->authors[i];
        missing += i == r->author ? 0 : a->count - r->heard[i].edit + a->deletes;
    }
    return missing - r->deletes_heard;
}

void ledger_put_state_vector(const struct ledger *l, const struct ledger_reader *r, struct buf *out)
{
    size_t known = 0;

    for (size_t i = 0; i < l->author_count; i++) {
        known += (i == r->author ? l->authors[i].clock : r->heard[i].clock) > 0;
    }
    lib0_put_varuint(out, known);
    for (size_t i = l->author_count; i-- > 0;) {
        uint32_t clock = i == r->author ? l->authors[i].clock : r->heard[i].clock;
        if (clock > 0) {
            lib0_put_varuint(out, l->first_client + i);
            lib0_put_varuint(out, clock);
        }
    }
}
