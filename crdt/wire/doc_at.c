#include <stdlib.h>
#include "crdt/core/plan.h"
#include "crdt/lib0/any.h"
#include "crdt/lib0/utf.h"
#include "crdt/wire/snapshot.h"
#include "crdt/wire/update_dec.h"

/* The document at a snapshot (yjs: createDocFromSnapshot): all structs below its state vector, with its delete set, go
 * into a new document. Structs that it cuts are cut on the way; `doc` is not touched. */

/* ---- what the snapshot wants -------------------------------------------------------------------- */

static bool contains(const struct crdt_doc *doc, const struct snapshot *s)
{
    const struct idset_range *range = idset_ranges(&s->deletes);

    for (size_t i = 0; i < s->state.count; i++) {
        if (s->state.entries[i].clock > crdt_state(doc, s->state.entries[i].client)) {
            return false;
        }
    }
    for (size_t i = 0; i < s->deletes.count; i++) {
        if (range[i].clock + range[i].len > state_vector_get(&s->state, range[i].client)) {
            return false;
        }
    }
    return true;
}

/* Text without what follows UTF-16 offset `units`; half a pair becomes U+FFFD. */
static int cut_text(struct block *b, uint64_t units, struct arena *scratch)
{
    static const uint8_t replacement[3] = {0xef, 0xbf, 0xbd};
    bool inside;
    size_t at = utf16_to_byte(b->content, (size_t)units, &inside);

    if (inside) {
        uint8_t *copy = arena_alloc(scratch, at + sizeof(replacement));
        if (!copy) {
            return RC_NOMEM;
        }
        memcpy(copy, b->content.data, at);
        memcpy(copy + at, replacement, sizeof(replacement));
        b->content = span_of(copy, at + sizeof(replacement));
    } else {
        b->content.len = at;
    }
    return RC_OK;
}

static int cut_block(struct block *b, uint64_t len, struct arena *scratch)
{
    struct lib0_dec d = lib0_dec_of(b->content);

    b->len = len;
    if (b->ref == BLOCK_STRING) {
        return cut_text(b, len, scratch);
    }
    if (b->ref == BLOCK_ANY || b->ref == BLOCK_JSON) {
        while (len-- > 0) {
            lib0_any_skip(&d);
        }
        b->content.len -= lib0_dec_left(&d);
    }
    return RC_OK;
}

/* ---- from state to blocks ---------------------------------------------------------------------------- */

struct wanted {
    struct block *blocks;
    size_t count, cap;
};

static int want(struct wanted *w, const struct block *b)
{
    if (w->count == w->cap) {
        size_t cap = w->cap ? w->cap * 2 : 16;
        struct block *blocks = realloc(w->blocks, cap * sizeof(*blocks));
        if (!blocks) {
            return RC_NOMEM;
        }
        w->blocks = blocks;
        w->cap = cap;
    }
    w->blocks[w->count++] = *b;
    return RC_OK;
}

static int collect(struct update_dec *dec, const struct snapshot *s, struct wanted *w, struct arena *scratch)
{
    struct block b;
    int got;

    while ((got = update_dec_next(dec, &b)) == 1) {
        uint64_t clock = state_vector_get(&s->state, b.id.client);
        int rc = RC_OK;
        if (b.ref == BLOCK_SKIP || b.id.clock >= clock) {
            continue;
        }
        if (b.id.clock + b.len > clock) {
            rc = cut_block(&b, clock - b.id.clock, scratch);
        }
        rc = rc == RC_OK ? want(w, &b) : rc;
        if (rc != RC_OK) {
            return rc;
        }
    }
    return got;
}

/* The blocks by client, as wire order left them. */
static int apply_wanted(struct crdt_doc *to, const struct wanted *w, const struct idset *deletes, struct arena *scratch)
{
    struct piece *pieces = arena_alloc(scratch, (w->count + 1) * sizeof(*pieces));
    size_t count = 0;

    if (!pieces) {
        return RC_NOMEM;
    }
    for (size_t i = 0; i < w->count; i++) {
        if (i == 0 || w->blocks[i].id.client != w->blocks[i - 1].id.client) {
            pieces[count++] = (struct piece){&w->blocks[i], 0};
        }
        pieces[count - 1].count++;
    }
    return apply_pieces(to, pieces, count, deletes, scratch);
}

static int fill(struct crdt_doc *to, struct span state, const struct snapshot *s, struct arena *scratch)
{
    struct update_dec dec;
    struct wanted w = {0};
    int rc = update_dec_init(&dec, CRDT_V1, state, scratch);

    if (rc == RC_OK) {
        rc = collect(&dec, s, &w, scratch);
    }
    if (rc == RC_OK) {
        rc = apply_wanted(to, &w, &s->deletes, scratch);
    }
    update_dec_finish(&dec);
    free(w.blocks);
    return rc;
}

static int make(const struct crdt_doc *doc, const struct snapshot *s, struct crdt_doc **out)
{
    struct crdt_doc_options options = {.client = doc->client_id, .memory_limit = doc->mem.limit};
    struct buf state = {0};
    struct arena scratch = {0};
    struct crdt_doc *to = NULL;
    int rc = crdt_encode_state(doc, CRDT_V1, (struct span){0}, &state);

    if (rc == RC_OK) {
        rc = crdt_doc_create(&options, &to);
    }
    if (rc == RC_OK) {
        rc = fill(to, buf_span(&state), s, &scratch);
    }
    if (rc == RC_OK) {
        *out = to;
    } else {
        crdt_doc_destroy(to);
    }
    arena_finish(&scratch);
    buf_finish(&state);
    return rc;
}

int crdt_doc_at(const struct crdt_doc *doc, struct span snapshot, struct crdt_doc **out)
{
    struct snapshot s = {0};

    if (!doc->keep_deleted) {
        return RC_STATE;
    }
    int rc = snapshot_decode(CRDT_V1, snapshot, &s);
    if (rc == RC_OK) {
        rc = contains(doc, &s) ? make(doc, &s, out) : RC_NOTFOUND;
    }
    snapshot_finish(&s);
    return rc;
}
