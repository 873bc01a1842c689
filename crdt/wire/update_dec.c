#include "crdt/wire/update_dec.h"

#include "crdt/lib0/utf.h"
#include "crdt/wire/delete_set.h"
#include "crdt/wire/info.h"
#include "crdt/wire/update_content.h"
#include "crdt/wire/update_parts.h"

#define BYTES_PER_BLOCK 64 /* v2 blocks allowed for each byte of input, see the header */

/* ---- Beginning ------------------------------------------------------------------------------------ */

static void open_columns(struct update_dec *d)
{
    struct update_columns *c = d->columns;

    (void)lib0_dec_varuint(&d->in); /* feature flags, unused by yjs */
    int_diff_opt_rle_dec_init(&c->key_clock, lib0_dec_varbytes(&d->in));
    uint_opt_rle_dec_init(&c->client, lib0_dec_varbytes(&d->in));
    int_diff_opt_rle_dec_init(&c->left_clock, lib0_dec_varbytes(&d->in));
    int_diff_opt_rle_dec_init(&c->right_clock, lib0_dec_varbytes(&d->in));
    rle_dec_init(&c->info, lib0_dec_varbytes(&d->in));
    string_dec_init(&c->string, lib0_dec_varbytes(&d->in));
    rle_dec_init(&c->parent_info, lib0_dec_varbytes(&d->in));
    uint_opt_rle_dec_init(&c->type_ref, lib0_dec_varbytes(&d->in));
    uint_opt_rle_dec_init(&c->len, lib0_dec_varbytes(&d->in));
    c->keys = NULL;
    c->key_count = c->key_cap = 0;
    c->key_budget = d->budget;
    if (c->string.rc != RC_OK) {
        update_fail(d, c->string.rc);
    }
}

int update_dec_init_in(struct update_dec *d, enum crdt_format format, struct span update, struct arena *scratch,
                       struct update_columns *columns)
{
    d->in = lib0_dec_of(update);
    d->format = format;
    d->blocks = 0;
    d->groups = 0;
    d->own = d->other = LIB0_KNOWN_NONE;
    d->budget = UPDATE_DEC_FREE + BYTES_PER_BLOCK * (uint64_t)update.len;
    d->scratch = scratch;
    d->columns = columns;
    buf_init(&d->values);
    if (format == CRDT_V2) {
        if (columns == NULL) {
            d->columns = update_scratch(d, sizeof(*columns));
        }
        if (d->columns != NULL) {
            open_columns(d);
        }
    }
    d->groups = lib0_dec_varuint(&d->in);
    return d->in.rc;
}

int update_dec_init(struct update_dec *d, enum crdt_format format, struct span update, struct arena *scratch)
{
    return update_dec_init_in(d, format, update, scratch, NULL);
}

/* v2: finds the first client and the first info byte in their columns, and leaves `in` behind the columns. */
static void peek_columns(struct lib0_dec *in, uint64_t *client, uint8_t *info)
{
    enum { CLIENTS = 1, INFOS = 4, COLUMNS = 9 };
    struct uint_opt_rle_dec clients;

    (void)lib0_dec_varuint(in);
    for (int i = 0; i < COLUMNS; i++) {
        struct span column = lib0_dec_varbytes(in);

        if (i == CLIENTS) {
            uint_opt_rle_dec_init(&clients, column);
            *client = uint_opt_rle_dec_next(&clients);
        } else if (i == INFOS) {
            *info = column.len > 0 ? column.data[0] : BLOCK_SKIP;
        }
    }
}

int update_dec_peek(enum crdt_format format, struct span update, struct id *out)
{
    struct lib0_dec in = lib0_dec_of(update);
    uint64_t groups, blocks, client = 0, clock;
    uint8_t info = BLOCK_SKIP;

    if (format == CRDT_V2) {
        peek_columns(&in, &client, &info);
    }
    groups = lib0_dec_varuint(&in);
    blocks = groups > 0 ? lib0_dec_varuint(&in) : 0;
    if (blocks == 0 || in.rc != RC_OK) {
        return in.rc;
    }
    if (format == CRDT_V1) {
        client = lib0_dec_varuint(&in);
    }
    clock = lib0_dec_varuint(&in);
    if (format == CRDT_V1) {
        info = lib0_dec_u8(&in);
    }
    if (in.rc != RC_OK || info == BLOCK_SKIP) {
        return in.rc;
    }
    *out = (struct id){client, clock};
    return 1;
}

void update_dec_trust(struct update_dec *d)
{
    d->budget = UINT64_MAX;
}

void update_dec_finish(struct update_dec *d)
{
    buf_finish(&d->values);
}

/* ---- Any block ------------------------------------------------------------------------------------------ */

/* Parent and key are told only where no neighbour tells them. */
static void read_parent(struct update_dec *d, uint8_t info, struct block *out)
{
    if (update_parent_is_root(d)) {
        out->flags |= BLOCK_PARENT_ROOT;
        out->parent_name = update_string(d);
    } else {
        out->flags |= BLOCK_PARENT_ID;
        out->parent = update_id(d, SIDE_LEFT);
    }
    if ((info & INFO_PARENT_SUB) != 0) {
        out->flags |= BLOCK_HAS_PARENT_SUB;
        out->parent_sub = update_string(d);
    }
}

static void read_item(struct update_dec *d, uint8_t info, struct block *out)
{
    if ((info & INFO_ORIGIN) != 0) {
        out->flags |= BLOCK_HAS_ORIGIN;
        out->origin = update_id(d, SIDE_LEFT);
    }
    if ((info & INFO_RIGHT_ORIGIN) != 0) {
        out->flags |= BLOCK_HAS_RIGHT_ORIGIN;
        out->right_origin = update_id(d, SIDE_RIGHT);
    }
    if ((info & (INFO_ORIGIN | INFO_RIGHT_ORIGIN)) == 0) {
        read_parent(d, info, out);
    }
    update_content(d, out);
}

static void read_block(struct update_dec *d, struct block *out)
{
    uint8_t info = update_info(d);

    *out = (struct block){.id = {d->client, d->clock}, .len = 1, .ref = info & INFO_REF};
    if (out->ref == BLOCK_GC) {
        out->len = update_len(d);
    } else if (info == BLOCK_SKIP) {
        out->len = lib0_dec_varuint(&d->in);
    } else {
        read_item(d, info, out);
    }
}

/* ---- The usual block of v1 ---------------------------------------------------------------------------- */

static inline const uint8_t *short_client(struct update_dec *d, const uint8_t *p, const uint8_t *end, uint64_t *id)
{
    if (p < end && *p < 0x80) {
        *id = *p;
        return p + 1;
    }
    const struct lib0_known *known = &d->own;
    const uint8_t *behind = lib0_known_again(known, p, end);

    if (behind == NULL) {
        known = &d->other;
        behind = lib0_known_again(known, p, end);
    }
    if (behind != NULL) {
        *id = known->value;
        return behind;
    }
    if (d->blocks == 1) {
        return lib0_number(p, end, id);
    }
    p = lib0_known_read(p, end, &d->other);
    *id = d->other.value;
    return p;
}

static inline const uint8_t *short_id(struct update_dec *d, const uint8_t *p, const uint8_t *end, struct id *id)
{
    p = short_client(d, p, end, &id->client);
    return p != NULL ? lib0_number(p, end, &id->clock) : NULL;
}

static inline const uint8_t *short_text(const uint8_t *p, const uint8_t *end, struct block *out)
{
    uint64_t len;
    size_t units;

    p = lib0_number(p, end, &len);
    if (p == NULL || len > (uint64_t)(end - p)) {
        return NULL;
    }
    out->content = span_of(p, (size_t)len);
    if (!utf8_measure(out->content, &units)) {
        return NULL;
    }
    out->len = units;
    return p + len;
}

/* Text and deletions beside a neighbour, which is nearly all that travels, with the position in a register. False, with
 * nothing read, when anything is out of the ordinary: read_block then finds out what. */
static bool read_usual_block(struct update_dec *d, struct block *out)
{
    const uint8_t *p = d->in.pos, *end = d->in.end;
    uint8_t info = p < end ? *p++ : 0;
    uint8_t ref = info & INFO_REF;

    if ((ref != BLOCK_STRING && ref != BLOCK_DELETED) || (info & (INFO_ORIGIN | INFO_RIGHT_ORIGIN)) == 0) {
        return false;
    }
    out->id = (struct id){d->client, d->clock};
    out->ref = ref;
    out->flags = out->type = 0;
    out->content = span_of(NULL, 0);
    if ((info & INFO_ORIGIN) != 0) {
        out->flags |= BLOCK_HAS_ORIGIN;
        p = short_id(d, p, end, &out->origin);
    }
    if (p != NULL && (info & INFO_RIGHT_ORIGIN) != 0) {
        out->flags |= BLOCK_HAS_RIGHT_ORIGIN;
        p = short_id(d, p, end, &out->right_origin);
    }
    if (p != NULL) {
        p = ref == BLOCK_STRING ? short_text(p, end, out) : lib0_number(p, end, &out->len);
    }
    if (p == NULL) {
        return false;
    }
    d->in.pos = p;
    return true;
}

/* ---- Groups and blocks ---------------------------------------------------------------------------------- */

/* A group that claims no blocks is passed over, as yjs does. */
static void read_group(struct update_dec *d)
{
    d->groups--;
    d->blocks = lib0_dec_varuint(&d->in);
    const uint8_t *client = d->in.pos;
    d->client = update_client(d);
    if (d->format == CRDT_V1 && d->blocks > 1) {
        (void)lib0_known_read(client, d->in.end, &d->own);
    }
    d->clock = lib0_dec_varuint(&d->in);
    if (d->format == CRDT_V1 || update_failures(d) != RC_OK) {
        return;
    }
    if (d->blocks > d->budget) {
        update_fail(d, RC_LIMIT);
        return;
    }
    d->budget -= d->blocks;
}

int update_dec_next(struct update_dec *d, struct block *out)
{
    while (d->blocks == 0 && d->groups > 0 && d->in.rc == RC_OK) {
        read_group(d);
    }
    if (d->in.rc != RC_OK) {
        return d->in.rc;
    }
    if (d->blocks == 0) {
        return 0;
    }
    if (d->format == CRDT_V2) {
        read_block(d, out);
        (void)update_failures(d);
    } else if (!read_usual_block(d, out)) {
        read_block(d, out);
    }
    if (d->in.rc == RC_OK && out->len == 0) {
        update_fail(d, RC_FORMAT);
    }
    if (d->in.rc == RC_OK && out->len > LIB0_MAX_SAFE - d->clock) {
        update_fail(d, RC_RANGE);
    }
    if (d->in.rc != RC_OK) {
        return d->in.rc;
    }
    d->clock += out->len;
    d->blocks--;
    return 1;
}

bool update_dec_at_end(const struct update_dec *d)
{
    return d->blocks == 0 && d->groups == 0;
}

int update_dec_deletes(struct update_dec *d, struct idset *out)
{
    return delete_set_read(d->format, &d->in, out);
}
