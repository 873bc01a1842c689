#include "crdt/wire/update_dec.h"

#include <string.h>
#include "crdt/lib0/any.h"
#include "crdt/lib0/columns.h"
#include "crdt/lib0/enc.h"
#include "crdt/lib0/utf.h"
#include "crdt/wire/delete_set.h"
#include "crdt/wire/info.h"

#define BYTES_PER_BLOCK 64 /* v2 blocks allowed for each byte of input, see the header */
#define TYPE_LAST       6

#define ANY_UNDEFINED 127
#define ANY_NULL      126
#define ANY_INTEGER   125
#define ANY_FLOAT32   124
#define ANY_FLOAT64   123
#define ANY_BIGINT    122
#define ANY_FALSE     121
#define ANY_TRUE      120
#define ANY_STRING    119
#define ANY_OBJECT    118

static void fail(struct update_dec *d, int rc)
{
    lib0_dec_fail(&d->in, rc);
}

/* Scratch memory, or NULL with the failure kept. */
static uint8_t *scratch_alloc(struct update_dec *d, size_t size)
{
    uint8_t *memory = arena_alloc(d->scratch, size);

    if (memory == NULL) {
        bool full = d->scratch->limit != 0 && size > d->scratch->limit - d->scratch->used;

        fail(d, full ? RC_LIMIT : RC_NOMEM);
    }
    return memory;
}

static struct span scratch_copy(struct update_dec *d, struct span bytes)
{
    uint8_t *copy = scratch_alloc(d, bytes.len);

    if (copy == NULL || bytes.len == 0) {
        return span_of(NULL, 0);
    }
    memcpy(copy, bytes.data, bytes.len);
    return span_of(copy, bytes.len);
}

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
        fail(d, c->string.rc);
    }
}

int update_dec_init_in(struct update_dec *d, enum crdt_format format, struct span update, struct arena *scratch,
                       struct update_columns *columns)
{
    d->in = lib0_dec_of(update);
    d->format = format;
    d->blocks = 0;
    d->groups = 0;
    d->own = d->other = (struct known_client){.bytes = 1};
    d->budget = UPDATE_DEC_FREE + BYTES_PER_BLOCK * (uint64_t)update.len;
    d->scratch = scratch;
    d->columns = columns;
    buf_init(&d->values);
    if (format == CRDT_V2) {
        if (columns == NULL) {
            d->columns = (struct update_columns *)(void *)scratch_alloc(d, sizeof(*columns));
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

/* The first failure of any column becomes the decoder's. */
static int gather_failures(struct update_dec *d)
{
    const struct update_columns *c = d->columns;
    const int rcs[] = {c->key_clock.in.rc,   c->client.in.rc, c->left_clock.in.rc,
                       c->right_clock.in.rc, c->info.in.rc,   c->parent_info.in.rc,
                       c->type_ref.in.rc,    c->len.in.rc,    c->string.rc};

    for (size_t i = 0; d->in.rc == RC_OK && i < sizeof(rcs) / sizeof(rcs[0]); i++) {
        if (rcs[i] != RC_OK) {
            fail(d, rcs[i]);
        }
    }
    return d->in.rc;
}

/* ---- Parts of a block, by format ------------------------------------------------------------------- */

static uint8_t read_info(struct update_dec *d)
{
    return d->format == CRDT_V1 ? lib0_dec_u8(&d->in) : rle_dec_next(&d->columns->info);
}

static uint64_t read_len(struct update_dec *d)
{
    return d->format == CRDT_V1 ? lib0_dec_varuint(&d->in) : uint_opt_rle_dec_next(&d->columns->len);
}

static uint64_t read_client(struct update_dec *d)
{
    return d->format == CRDT_V1 ? lib0_dec_varuint(&d->in) : uint_opt_rle_dec_next(&d->columns->client);
}

enum id_side { SIDE_LEFT, SIDE_RIGHT }; /* v2 keeps their clocks apart; a parent's goes with the left ones */

static struct id read_id(struct update_dec *d, enum id_side side)
{
    struct id id;

    if (d->format == CRDT_V1) {
        id.client = lib0_dec_varuint(&d->in);
        id.clock = lib0_dec_varuint(&d->in);
    } else {
        id.client = uint_opt_rle_dec_next(&d->columns->client);
        id.clock =
            (uint64_t)int_diff_opt_rle_dec_next(side == SIDE_LEFT ? &d->columns->left_clock : &d->columns->right_clock);
    }
    return id;
}

static bool read_parent_is_root(struct update_dec *d)
{
    return d->format == CRDT_V1 ? lib0_dec_varuint(&d->in) == 1 : rle_dec_next(&d->columns->parent_info) == 1;
}

/* A text whose ends are halves of surrogate pairs: U+FFFD stands for each. */
static struct span mend_halves(struct update_dec *d, struct span text, bool lead, bool tail)
{
    static const uint8_t replacement[] = {0xef, 0xbf, 0xbd};
    size_t before = lead ? sizeof(replacement) : 0, after = tail ? sizeof(replacement) : 0;
    uint8_t *copy = scratch_alloc(d, before + text.len + after);

    if (copy == NULL) {
        return span_of(NULL, 0);
    }
    memcpy(copy, replacement, before);
    if (text.len > 0) {
        memcpy(copy + before, text.data, text.len);
    }
    memcpy(copy + before + text.len, replacement, after);
    return span_of(copy, before + text.len + after);
}

static struct span next_string(struct update_dec *d, uint64_t *units)
{
    bool lead = false, tail = false;
    struct span text = string_dec_next(&d->columns->string, units, &lead, &tail);

    return lead || tail ? mend_halves(d, text, lead, tail) : text;
}

static struct span read_string(struct update_dec *d)
{
    uint64_t units;

    return d->format == CRDT_V1 ? lib0_dec_varstring(&d->in) : next_string(d, &units);
}

static bool remember_key(struct update_dec *d, struct span key)
{
    struct update_columns *c = d->columns;

    if (c->key_count == c->key_cap) {
        size_t cap = c->key_cap == 0 ? 16 : 2 * c->key_cap;
        struct span *keys = (struct span *)(void *)scratch_alloc(d, cap * sizeof(*keys));

        if (keys == NULL) {
            return false;
        }
        if (c->key_count > 0) {
            memcpy(keys, c->keys, c->key_count * sizeof(*keys));
        }
        c->keys = keys;
        c->key_cap = cap;
    }
    c->keys[c->key_count++] = key;
    return true;
}

/* v2 numbers its keys: a number that was given before repeats that key, another one brings the next text. */
static struct span read_key(struct update_dec *d)
{
    struct span key;
    uint64_t number, units;

    if (d->format == CRDT_V1) {
        return lib0_dec_varstring(&d->in);
    }
    number = (uint64_t)int_diff_opt_rle_dec_next(&d->columns->key_clock);
    if (number < d->columns->key_count) {
        key = d->columns->keys[number];
        if (key.len > d->columns->key_budget) {
            fail(d, RC_LIMIT);
            return span_of(NULL, 0);
        }
        d->columns->key_budget -= key.len;
        return key;
    }
    key = next_string(d, &units);
    return remember_key(d, key) ? key : span_of(NULL, 0);
}

/* ---- Values ------------------------------------------------------------------------------------------ */

/* Passes over a value that is certainly canonical; false (anywhere) when that takes a closer look. */
static bool skip_plain_value(struct lib0_dec *in)
{
    if (lib0_dec_left(in) < 2) {
        return lib0_dec_left(in) == 1 && (*in->pos == ANY_NULL || *in->pos == ANY_TRUE || *in->pos == ANY_FALSE ||
                                          *in->pos == ANY_UNDEFINED)
                   ? (in->pos++, true)
                   : false;
    }
    switch (*in->pos++) {
    case ANY_UNDEFINED:
    case ANY_NULL:
    case ANY_FALSE:
    case ANY_TRUE:
        return true;
    case ANY_INTEGER:
        return (*in->pos++ & 0x80) == 0;
    case ANY_STRING: {
        size_t len = *in->pos++;

        if (len >= 0x80 || len > lib0_dec_left(in) || !utf8_valid(span_of(in->pos, len))) {
            return false;
        }
        in->pos += len;
        return true;
    }
    default:
        return false;
    }
}

/* `count` values in canonical form; borrowed when the input has that form already. */
static struct span read_values(struct update_dec *d, uint64_t count)
{
    const uint8_t *start = d->in.pos;
    uint64_t plain = 0;

    while (plain < count && skip_plain_value(&d->in)) {
        plain++;
    }
    if (plain == count) {
        return span_of(start, (size_t)(d->in.pos - start));
    }
    d->in.pos = start;
    buf_clear(&d->values);
    for (uint64_t i = 0; i < count; i++) {
        int rc = lib0_any_normalize(&d->in, &d->values);

        if (rc != RC_OK) {
            fail(d, rc);
            return span_of(NULL, 0);
        }
    }
    if (span_equal(buf_span(&d->values), span_of(start, (size_t)(d->in.pos - start)))) {
        return span_of(start, d->values.len);
    }
    return scratch_copy(d, buf_span(&d->values));
}

/* Appends the value of a JSON text to d->values. */
static void put_json_value(struct update_dec *d, struct span json)
{
    if (d->in.rc == RC_OK) {
        int rc = lib0_any_from_json(json, &d->values);

        if (rc != RC_OK) {
            fail(d, rc);
        }
    }
}

/* JSON text "undefined" stands for undefined in ContentJSON only; JSON.parse would throw. */
static void put_strict_json_value(struct update_dec *d, struct span json)
{
    if (json.len > 0 && json.data[0] == 'u') {
        fail(d, RC_FORMAT);
    }
    put_json_value(d, json);
}

static struct span take_values(struct update_dec *d)
{
    return d->in.rc == RC_OK ? scratch_copy(d, buf_span(&d->values)) : span_of(NULL, 0);
}

static struct span read_json_values(struct update_dec *d, uint64_t count)
{
    buf_clear(&d->values);
    for (uint64_t i = 0; i < count && d->in.rc == RC_OK; i++) {
        struct span json = read_string(d);

        if (d->format == CRDT_V2 && gather_failures(d) != RC_OK) {
            break;
        }
        put_json_value(d, json);
    }
    return take_values(d);
}

static struct span read_embed(struct update_dec *d)
{
    if (d->format == CRDT_V2) {
        return read_values(d, 1);
    }
    buf_clear(&d->values);
    put_strict_json_value(d, lib0_dec_varstring(&d->in));
    return take_values(d);
}

static struct span read_format(struct update_dec *d)
{
    struct span key = read_key(d), value = {0};

    if (d->format == CRDT_V2) {
        value = read_values(d, 1);
    }
    if (d->in.rc != RC_OK) {
        return value;
    }
    if (d->format == CRDT_V2) {
        /* `value` may lie in the arena or the input, never in d->values. */
        buf_clear(&d->values);
        lib0_put_varstring(&d->values, key);
        buf_put_span(&d->values, value);
    } else {
        buf_clear(&d->values);
        lib0_put_varstring(&d->values, key);
        put_strict_json_value(d, lib0_dec_varstring(&d->in));
    }
    if (d->values.rc != RC_OK) {
        fail(d, d->values.rc);
    }
    return take_values(d);
}

/* ---- Subdocuments ------------------------------------------------------------------------------------ */

struct doc_options {
    bool no_gc, auto_load;
    struct span meta; /* empty: none */
};

/* JavaScript's truth of a canonical value. */
static bool value_is_true(struct span value)
{
    struct lib0_dec in = lib0_dec_of(value);

    switch (lib0_dec_u8(&in)) {
    case ANY_UNDEFINED:
    case ANY_NULL:
    case ANY_FALSE:
        return false;
    case ANY_INTEGER:
        return lib0_dec_varint(&in, NULL) != 0;
    case ANY_FLOAT32: {
        float f = lib0_dec_f32(&in);

        return f < 0 || f > 0;
    }
    case ANY_FLOAT64: {
        double f = lib0_dec_f64(&in);

        return f < 0 || f > 0;
    }
    case ANY_BIGINT:
        return lib0_dec_bigint(&in) != 0;
    case ANY_STRING:
        return lib0_dec_varuint(&in) != 0;
    default:
        return true;
    }
}

/* What yjs's Doc makes of its options: gc is true unless falsy, autoLoad false unless truthy, meta null unless given.
 * undefined counts as not given. */
static struct doc_options doc_options_of(struct span options)
{
    struct doc_options result = {0};
    struct lib0_dec in = lib0_dec_of(options);
    uint64_t members = lib0_dec_u8(&in) == ANY_OBJECT ? lib0_dec_varuint(&in) : 0;

    for (; members > 0 && in.rc == RC_OK; members--) {
        struct span key = lib0_dec_varstring(&in);
        struct span value = {in.pos, 0};

        lib0_any_skip(&in);
        value.len = in.rc == RC_OK ? (size_t)(in.pos - value.data) : 0;
        if (value.len == 0 || value.data[0] == ANY_UNDEFINED) {
            continue;
        }
        if (span_equal(key, span_str("gc"))) {
            result.no_gc = !value_is_true(value);
        } else if (span_equal(key, span_str("autoLoad"))) {
            result.auto_load = value_is_true(value);
        } else if (span_equal(key, span_str("meta")) && value.data[0] != ANY_NULL) {
            result.meta = value;
        }
    }
    return result;
}

static void put_doc(struct buf *out, struct span guid, const struct doc_options *options)
{
    lib0_put_varstring(out, guid);
    buf_put_u8(out, ANY_OBJECT);
    lib0_put_varuint(out, (uint64_t)options->no_gc + options->auto_load + (options->meta.len > 0));
    if (options->no_gc) {
        lib0_put_varstring(out, span_str("gc"));
        lib0_put_any_bool(out, false);
    }
    if (options->auto_load) {
        lib0_put_varstring(out, span_str("autoLoad"));
        lib0_put_any_bool(out, true);
    }
    if (options->meta.len > 0) {
        lib0_put_varstring(out, span_str("meta"));
        buf_put_span(out, options->meta);
    }
}

static struct span read_doc(struct update_dec *d)
{
    struct span guid = read_string(d);
    struct span given = read_values(d, 1), content;
    struct doc_options options;

    if (d->in.rc != RC_OK) {
        return span_of(NULL, 0);
    }
    if (given.data[0] == ANY_UNDEFINED || given.data[0] == ANY_NULL) {
        fail(d, RC_FORMAT); /* yjs throws: it reads members of the options */
        return span_of(NULL, 0);
    }
    options = doc_options_of(given);
    /* `options` points into the input or the arena, so d->values is free. */
    buf_clear(&d->values);
    put_doc(&d->values, guid, &options);
    if (d->values.rc != RC_OK) {
        fail(d, d->values.rc);
    }
    content = take_values(d);
    return content;
}

/* ---- Blocks -------------------------------------------------------------------------------------------- */

static void read_text(struct update_dec *d, struct block *out)
{
    if (d->format == CRDT_V2) {
        out->content = next_string(d, &out->len);
        return;
    }
    out->content = lib0_dec_varstring(&d->in);
    out->len = out->content.len < 2 ? out->content.len : utf16_length(out->content);
}

static void read_type(struct update_dec *d, struct block *out)
{
    uint64_t type = d->format == CRDT_V1 ? lib0_dec_varuint(&d->in) : uint_opt_rle_dec_next(&d->columns->type_ref);

    if (type > TYPE_LAST) {
        fail(d, RC_FORMAT);
        return;
    }
    out->type = (uint8_t)type;
    if (type == CRDT_XML_ELEMENT || type == CRDT_XML_HOOK) {
        out->content = read_key(d);
    }
}

/* `len` is 1 beforehand. */
static void read_content(struct update_dec *d, struct block *out)
{
    switch (out->ref) {
    case BLOCK_DELETED:
        out->len = read_len(d);
        break;
    case BLOCK_JSON:
        out->len = read_len(d);
        out->content = read_json_values(d, out->len);
        break;
    case BLOCK_BINARY:
        out->content = lib0_dec_varbytes(&d->in);
        break;
    case BLOCK_STRING:
        read_text(d, out);
        break;
    case BLOCK_EMBED:
        out->content = read_embed(d);
        break;
    case BLOCK_FORMAT:
        out->content = read_format(d);
        break;
    case BLOCK_TYPE:
        read_type(d, out);
        break;
    case BLOCK_ANY:
        out->len = read_len(d);
        out->content = read_values(d, out->len);
        break;
    case BLOCK_DOC:
        out->content = read_doc(d);
        break;
    default:
        fail(d, RC_FORMAT);
    }
}

/* Parent and key are told only where no neighbour tells them. */
static void read_parent(struct update_dec *d, uint8_t info, struct block *out)
{
    if (read_parent_is_root(d)) {
        out->flags |= BLOCK_PARENT_ROOT;
        out->parent_name = read_string(d);
    } else {
        out->flags |= BLOCK_PARENT_ID;
        out->parent = read_id(d, SIDE_LEFT);
    }
    if ((info & INFO_PARENT_SUB) != 0) {
        out->flags |= BLOCK_HAS_PARENT_SUB;
        out->parent_sub = read_string(d);
    }
}

static void read_item(struct update_dec *d, uint8_t info, struct block *out)
{
    if ((info & INFO_ORIGIN) != 0) {
        out->flags |= BLOCK_HAS_ORIGIN;
        out->origin = read_id(d, SIDE_LEFT);
    }
    if ((info & INFO_RIGHT_ORIGIN) != 0) {
        out->flags |= BLOCK_HAS_RIGHT_ORIGIN;
        out->right_origin = read_id(d, SIDE_RIGHT);
    }
    if ((info & (INFO_ORIGIN | INFO_RIGHT_ORIGIN)) == 0) {
        read_parent(d, info, out);
    }
    read_content(d, out);
}

static void read_block(struct update_dec *d, struct block *out)
{
    uint8_t info = read_info(d);

    *out = (struct block){.id = {d->client, d->clock}, .len = 1, .ref = info & INFO_REF};
    if (out->ref == BLOCK_GC) {
        out->len = read_len(d);
    } else if (info == BLOCK_SKIP) {
        out->len = lib0_dec_varuint(&d->in);
    } else {
        read_item(d, info, out);
    }
}

/* ---- The usual block of v1 ---------------------------------------------------------------------------- */

#define SHORT_BITS 49 /* seven groups cannot leave the range */

/* A number of at most seven bytes; NULL when it is longer or cut. */
static const uint8_t *long_number(const uint8_t *p, const uint8_t *end, uint64_t *value)
{
    uint64_t sum = 0;

    for (unsigned shift = 0; shift < SHORT_BITS && p < end; shift += 7) {
        uint8_t byte = *p++;

        sum |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *value = sum;
            return p;
        }
    }
    return NULL;
}

/* The same; up to three bytes are the usual. */
static inline const uint8_t *short_number(const uint8_t *p, const uint8_t *end, uint64_t *value)
{
    if (end - p < 3) {
        return long_number(p, end, value);
    }
    if (p[0] < 0x80) {
        *value = p[0];
        return p + 1;
    }
    if (p[1] < 0x80) {
        *value = (p[0] & 0x7fu) | (uint32_t)p[1] << 7;
        return p + 2;
    }
    if (p[2] < 0x80) {
        *value = (p[0] & 0x7fu) | (p[1] & 0x7fu) << 7 | (uint32_t)p[2] << 14;
        return p + 3;
    }
    return long_number(p, end, value);
}

/* How a client id looks in the bytes, so that it need not be decoded each time. Without an id it looks like nothing. */
static struct known_client know_client(uint64_t id)
{
    struct known_client c = {.id = id};
    uint8_t bytes[LIB0_VARUINT_MAX] = {0}, mask[sizeof(c.mask)] = {0};

    c.len = (unsigned)(lib0_varuint_at(bytes, id) - bytes);
    memset(mask, 0xff, c.len);
    memcpy(&c.bytes, bytes, sizeof(c.bytes));
    memcpy(&c.mask, mask, sizeof(c.mask));
    return c;
}

static inline const uint8_t *short_client(struct update_dec *d, const uint8_t *p, const uint8_t *end, uint64_t *id)
{
    if (p < end && *p < 0x80) {
        *id = *p;
        return p + 1;
    }
    if (end - p >= (ptrdiff_t)sizeof(d->own.bytes)) {
        uint64_t bytes;
        memcpy(&bytes, p, sizeof(bytes));
        if ((bytes & d->own.mask) == d->own.bytes) {
            *id = d->own.id;
            return p + d->own.len;
        }
        if ((bytes & d->other.mask) == d->other.bytes) {
            *id = d->other.id;
            return p + d->other.len;
        }
    }
    p = long_number(p, end, id);
    if (p != NULL && d->blocks > 1) {
        d->other = know_client(*id);
    }
    return p;
}

static inline const uint8_t *short_id(struct update_dec *d, const uint8_t *p, const uint8_t *end, struct id *id)
{
    p = short_client(d, p, end, &id->client);
    return p != NULL ? short_number(p, end, &id->clock) : NULL;
}

static inline const uint8_t *short_text(const uint8_t *p, const uint8_t *end, struct block *out)
{
    uint64_t len;

    p = short_number(p, end, &len);
    if (p == NULL || len > (uint64_t)(end - p)) {
        return NULL;
    }
    out->content = span_of(p, (size_t)len);
    if (utf8_is_ascii(out->content)) {
        out->len = len;
    } else if (utf8_valid(out->content)) {
        out->len = utf16_length(out->content);
    } else {
        return NULL;
    }
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
        p = ref == BLOCK_STRING ? short_text(p, end, out) : short_number(p, end, &out->len);
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
    d->client = read_client(d);
    d->clock = lib0_dec_varuint(&d->in);
    if (d->format == CRDT_V1 && d->blocks > 1) {
        d->own = know_client(d->client);
    }
    if (d->format == CRDT_V1 || gather_failures(d) != RC_OK) {
        return;
    }
    if (d->blocks > d->budget) {
        fail(d, RC_LIMIT);
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
        (void)gather_failures(d);
    } else if (!read_usual_block(d, out)) {
        read_block(d, out);
    }
    if (d->in.rc == RC_OK && out->len == 0) {
        fail(d, RC_FORMAT);
    }
    if (d->in.rc == RC_OK && out->len > LIB0_MAX_SAFE - d->clock) {
        fail(d, RC_RANGE);
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
