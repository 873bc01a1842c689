#include "crdt/wire/update_enc.h"

#include <string.h>
#include "crdt/lib0/any.h"
#include "crdt/lib0/dec.h"
#include "crdt/lib0/enc.h"
#include "crdt/lib0/utf.h"
#include "crdt/wire/delete_set.h"
#include "crdt/wire/info.h"
#include "crdt/core/slice.h"

#define ANY_UNDEFINED 127
#define HEAD_MAX      (1 + 4 * LIB0_VARUINT_MAX) /* info and two ids */

static const uint8_t replacement[] = {0xef, 0xbf, 0xbd}; /* U+FFFD */

/* ---- Beginning --------------------------------------------------------------------------------------- */

void update_enc_init(struct update_enc *e, enum crdt_format format, struct buf *out)
{
    if (format == CRDT_V1) {
        /* The columns stay untouched: this runs for every keystroke. */
        e->rest = out;
    } else {
        *e = (struct update_enc){0};
        e->rest = &e->tail;
    }
    e->out = out;
    e->start = out->len;
    e->format = format;
}

void update_enc_clients(struct update_enc *e, uint64_t count)
{
    lib0_put_varuint(e->rest, count);
}

void update_enc_begin_uncounted(struct update_enc *e, uint64_t client, uint64_t clock)
{
    if (e->format == CRDT_V1) {
        lib0_put_varuint(e->rest, client);
    } else {
        uint_opt_rle_enc_put(&e->client, client);
    }
    lib0_put_varuint(e->rest, clock);
}

void update_enc_begin_client(struct update_enc *e, uint64_t blocks, uint64_t client, uint64_t clock)
{
    lib0_put_varuint(e->rest, blocks);
    update_enc_begin_uncounted(e, client, clock);
}

/* ---- Heads -------------------------------------------------------------------------------------------- */

static uint8_t info_of(uint8_t ref, unsigned flags)
{
    return (uint8_t)(ref | ((flags & BLOCK_HAS_ORIGIN) != 0 ? INFO_ORIGIN : 0) |
                     ((flags & BLOCK_HAS_RIGHT_ORIGIN) != 0 ? INFO_RIGHT_ORIGIN : 0) |
                     ((flags & BLOCK_HAS_PARENT_SUB) != 0 ? INFO_PARENT_SUB : 0));
}

/* v1: writes info and ids into room that the caller reserved (HEAD_MAX). */
static uint8_t *head_at(uint8_t *to, uint8_t info, const struct id *origin, const struct id *right_origin)
{
    *to++ = info;
    if ((info & INFO_ORIGIN) != 0) {
        to = lib0_varuint_at(to, origin->client);
        to = lib0_varuint_at(to, origin->clock);
    }
    if ((info & INFO_RIGHT_ORIGIN) != 0) {
        to = lib0_varuint_at(to, right_origin->client);
        to = lib0_varuint_at(to, right_origin->clock);
    }
    return to;
}

static void put_id(struct update_enc *e, const struct id *id, struct int_diff_opt_rle_enc *clocks)
{
    if (e->format == CRDT_V1) {
        lib0_put_varuint(e->rest, id->client);
        lib0_put_varuint(e->rest, id->clock);
    } else {
        uint_opt_rle_enc_put(&e->client, id->client);
        int_diff_opt_rle_enc_put(clocks, (int64_t)id->clock);
    }
}

static void put_head(struct update_enc *e, uint8_t info, const struct id *origin, const struct id *right_origin)
{
    if (e->format == CRDT_V1) {
        if (buf_reserve(e->rest, HEAD_MAX) == RC_OK) {
            uint8_t *at = e->rest->data + e->rest->len;

            e->rest->len += (size_t)(head_at(at, info, origin, right_origin) - at);
        }
        return;
    }
    rle_enc_put(&e->info, info);
    if ((info & INFO_ORIGIN) != 0) {
        put_id(e, origin, &e->left_clock);
    }
    if ((info & INFO_RIGHT_ORIGIN) != 0) {
        put_id(e, right_origin, &e->right_clock);
    }
}

static void put_len(struct update_enc *e, uint64_t len)
{
    if (e->format == CRDT_V1) {
        lib0_put_varuint(e->rest, len);
    } else {
        uint_opt_rle_enc_put(&e->len, len);
    }
}

static void put_string(struct update_enc *e, struct span utf8)
{
    if (e->format == CRDT_V1) {
        lib0_put_varstring(e->rest, utf8);
    } else {
        string_enc_put(&e->string, utf8, utf16_length(utf8));
    }
}

/* yjs numbers its keys afresh each time, and never repeats a number. */
static void put_key(struct update_enc *e, struct span utf8)
{
    if (e->format == CRDT_V2) {
        int_diff_opt_rle_enc_put(&e->key_clock, (int64_t)e->keys++);
    }
    put_string(e, utf8);
}

static void put_parent(struct update_enc *e, const struct block *b)
{
    bool root = (b->flags & BLOCK_PARENT_ROOT) != 0;

    if (e->format == CRDT_V1) {
        lib0_put_varuint(e->rest, root ? 1 : 0);
    } else {
        rle_enc_put(&e->parent_info, root ? 1 : 0);
    }
    if (root) {
        put_string(e, b->parent_name);
    } else {
        put_id(e, &b->parent, &e->left_clock);
    }
    if ((b->flags & BLOCK_HAS_PARENT_SUB) != 0) {
        put_string(e, b->parent_sub);
    }
}

/* ---- JSON ----------------------------------------------------------------------------------------------- */

/* The JSON text of one value; see the header for what JSON.stringify cannot print. */
static void put_json(struct buf *out, struct span value, const char *undefined)
{
    size_t start = out->len;
    int rc;

    if (value.len > 0 && value.data[0] == ANY_UNDEFINED) {
        buf_put_str(out, undefined);
        return;
    }
    rc = lib0_any_to_json(value, out);
    if (rc == RC_TYPE && out->rc == RC_OK) {
        out->len = start;
        rc = lib0_any_to_json_tagged(value, out);
    }
    if (rc != RC_OK && out->rc == RC_OK) {
        out->rc = rc;
    }
}

/* Puts the length of what was appended since `start` before it. */
static void put_length_before(struct buf *out, size_t start)
{
    uint8_t head[LIB0_VARUINT_MAX];
    size_t len = out->len - start;
    size_t head_len = (size_t)(lib0_varuint_at(head, len) - head);

    if (buf_reserve(out, head_len) == RC_OK) {
        memmove(out->data + start + head_len, out->data + start, len);
        memcpy(out->data + start, head, head_len);
        out->len += head_len;
    }
}

static void put_json_string(struct update_enc *e, struct span value, const char *undefined)
{
    if (e->format == CRDT_V1) {
        size_t start = e->rest->len;

        put_json(e->rest, value, undefined);
        put_length_before(e->rest, start);
        return;
    }
    if (e->text.rc == RC_OK) {
        buf_clear(&e->text);
        put_json(&e->text, value, undefined);
        put_string(e, buf_span(&e->text));
    }
}

static void put_json_values(struct update_enc *e, struct span values)
{
    struct lib0_dec in = lib0_dec_of(values);

    while (!lib0_dec_at_end(&in)) {
        const uint8_t *from = in.pos;

        lib0_any_skip(&in);
        put_json_string(e, span_of(from, (size_t)(in.pos - from)), "undefined");
    }
}

/* Embeds and the values of formats: JSON text in v1, a value in v2. */
static void put_embed(struct update_enc *e, struct span value)
{
    if (e->format == CRDT_V1) {
        put_json_string(e, value, "null");
    } else {
        buf_put_span(e->rest, value);
    }
}

/* ---- Content ---------------------------------------------------------------------------------------------- */

static void put_text(struct update_enc *e, const struct block *b, uint64_t offset)
{
    bool replaced;
    struct span kept = block_content_after(b, offset, &replaced);

    if (!replaced && e->format == CRDT_V2) {
        string_enc_put(&e->string, kept, b->len - offset);
    } else if (!replaced) {
        lib0_put_varstring(e->rest, kept);
    } else if (e->format == CRDT_V1) {
        lib0_put_varuint(e->rest, sizeof(replacement) + kept.len);
        buf_put(e->rest, replacement, sizeof(replacement));
        buf_put_span(e->rest, kept);
    } else if (e->text.rc == RC_OK) {
        buf_clear(&e->text);
        buf_put(&e->text, replacement, sizeof(replacement));
        buf_put_span(&e->text, kept);
        string_enc_put(&e->string, buf_span(&e->text), b->len - offset);
    }
}

static void put_values(struct update_enc *e, const struct block *b, uint64_t offset)
{
    bool replaced;
    struct span kept = block_content_after(b, offset, &replaced);

    put_len(e, b->len - offset);
    if (b->ref == BLOCK_JSON) {
        put_json_values(e, kept);
    } else {
        buf_put_span(e->rest, kept);
    }
}

static struct span rest_of(const struct lib0_dec *in)
{
    return span_of(in->pos, lib0_dec_left(in));
}

static void put_format(struct update_enc *e, struct span content)
{
    struct lib0_dec in = lib0_dec_of(content);

    put_key(e, lib0_dec_varbytes(&in));
    put_embed(e, rest_of(&in));
}

static void put_doc(struct update_enc *e, struct span content)
{
    struct lib0_dec in = lib0_dec_of(content);

    put_string(e, lib0_dec_varbytes(&in));
    buf_put_span(e->rest, rest_of(&in));
}

static void put_type(struct update_enc *e, const struct block *b)
{
    if (e->format == CRDT_V1) {
        lib0_put_varuint(e->rest, b->type);
    } else {
        uint_opt_rle_enc_put(&e->type_ref, b->type);
    }
    if (b->type == CRDT_XML_ELEMENT || b->type == CRDT_XML_HOOK) {
        put_key(e, b->content);
    }
}

static void put_content(struct update_enc *e, const struct block *b, uint64_t offset)
{
    switch (b->ref) {
    case BLOCK_DELETED:
        put_len(e, b->len - offset);
        break;
    case BLOCK_BINARY:
        lib0_put_varbytes(e->rest, b->content);
        break;
    case BLOCK_STRING:
        put_text(e, b, offset);
        break;
    case BLOCK_EMBED:
        put_embed(e, b->content);
        break;
    case BLOCK_FORMAT:
        put_format(e, b->content);
        break;
    case BLOCK_TYPE:
        put_type(e, b);
        break;
    case BLOCK_DOC:
        put_doc(e, b->content);
        break;
    default: /* BLOCK_JSON, BLOCK_ANY */
        put_values(e, b, offset);
    }
}

/* ---- Blocks ------------------------------------------------------------------------------------------------- */

void update_enc_gc(struct update_enc *e, uint64_t len)
{
    put_head(e, BLOCK_GC, NULL, NULL);
    put_len(e, len);
}

void update_enc_skip(struct update_enc *e, uint64_t len)
{
    put_head(e, BLOCK_SKIP, NULL, NULL);
    lib0_put_varuint(e->rest, len);
}

void update_enc_deleted(struct update_enc *e, unsigned flags, const struct id *origin, const struct id *right_origin,
                        uint64_t len)
{
    put_head(e, info_of(BLOCK_DELETED, flags), origin, right_origin);
    put_len(e, len);
}

void update_enc_string(struct update_enc *e, unsigned flags, const struct id *origin, const struct id *right_origin,
                       struct span utf8, uint64_t units)
{
    uint8_t info = info_of(BLOCK_STRING, flags);
    uint8_t *at;

    if (e->format == CRDT_V2) {
        put_head(e, info, origin, right_origin);
        string_enc_put(&e->string, utf8, units);
        return;
    }
    if (buf_reserve(e->rest, HEAD_MAX + LIB0_VARUINT_MAX + utf8.len) != RC_OK) {
        return;
    }
    at = head_at(e->rest->data + e->rest->len, info, origin, right_origin);
    at = lib0_varuint_at(at, utf8.len);
    if (utf8.len > 0) {
        memcpy(at, utf8.data, utf8.len);
    }
    e->rest->len = (size_t)(at - e->rest->data) + utf8.len;
}

void update_enc_block(struct update_enc *e, const struct block *b, uint64_t offset)
{
    struct id before = {b->id.client, b->id.clock + offset - 1};
    const struct id *origin = offset > 0 ? &before : &b->origin;
    unsigned flags = b->flags | (offset > 0 ? (unsigned)BLOCK_HAS_ORIGIN : 0);

    if (b->ref == BLOCK_GC) {
        update_enc_gc(e, b->len - offset);
        return;
    }
    if (b->ref == BLOCK_SKIP) {
        update_enc_skip(e, b->len - offset);
        return;
    }
    if (b->ref == BLOCK_STRING && offset == 0 && (flags & (BLOCK_HAS_ORIGIN | BLOCK_HAS_RIGHT_ORIGIN)) != 0) {
        update_enc_string(e, flags, origin, &b->right_origin, b->content, b->len);
        return;
    }
    put_head(e, info_of(b->ref, flags), origin, &b->right_origin);
    if ((flags & (BLOCK_HAS_ORIGIN | BLOCK_HAS_RIGHT_ORIGIN)) == 0) {
        put_parent(e, b);
    }
    put_content(e, b, offset);
}

/* ---- End ------------------------------------------------------------------------------------------------------ */

void update_enc_deletes(struct update_enc *e, const struct idset *deletes)
{
    delete_set_write(e->format, deletes, e->rest);
}

static void free_columns(struct update_enc *e)
{
    if (e->format == CRDT_V1) {
        return;
    }
    buf_finish(&e->tail);
    buf_finish(&e->text);
    int_diff_opt_rle_enc_finish(&e->key_clock);
    int_diff_opt_rle_enc_finish(&e->left_clock);
    int_diff_opt_rle_enc_finish(&e->right_clock);
    uint_opt_rle_enc_finish(&e->client);
    uint_opt_rle_enc_finish(&e->type_ref);
    uint_opt_rle_enc_finish(&e->len);
    rle_enc_finish(&e->info);
    rle_enc_finish(&e->parent_info);
    string_enc_finish(&e->string);
}

static int first_failure(const struct update_enc *e)
{
    const struct buf *parts[] = {&e->tail,       &e->text,         &e->key_clock.out,   &e->left_clock.out,
                                 &e->client.out, &e->type_ref.out, &e->right_clock.out, &e->len.out,
                                 &e->info.out,   &e->string.text,  &e->parent_info.out, &e->string.lengths.out};

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i]->rc != RC_OK) {
            return parts[i]->rc;
        }
    }
    return RC_OK;
}

static void flush_columns(struct update_enc *e)
{
    int_diff_opt_rle_enc_flush(&e->key_clock);
    uint_opt_rle_enc_flush(&e->client);
    int_diff_opt_rle_enc_flush(&e->left_clock);
    int_diff_opt_rle_enc_flush(&e->right_clock);
    rle_enc_flush(&e->info);
    rle_enc_flush(&e->parent_info);
    uint_opt_rle_enc_flush(&e->type_ref);
    uint_opt_rle_enc_flush(&e->len);
}

#define COLUMN_HEADS (9 * LIB0_VARUINT_MAX)

/* The order of the columns is the format's: see open_columns in update_dec.c. */
static void assemble(struct update_enc *e)
{
    struct buf *out = e->out;
    const struct span key_clock = buf_span(&e->key_clock.out), client = buf_span(&e->client.out),
                      left = buf_span(&e->left_clock.out), right = buf_span(&e->right_clock.out),
                      info = buf_span(&e->info.out), parent_info = buf_span(&e->parent_info.out),
                      type_ref = buf_span(&e->type_ref.out), len = buf_span(&e->len.out), tail = buf_span(&e->tail);
    size_t string = string_enc_flush(&e->string);

    if (buf_reserve(out, 1 + COLUMN_HEADS + key_clock.len + client.len + left.len + right.len + info.len + string +
                             parent_info.len + type_ref.len + len.len + tail.len) != RC_OK) {
        return;
    }
    lib0_put_varuint(out, 0); /* feature flags */
    lib0_put_varbytes(out, key_clock);
    lib0_put_varbytes(out, client);
    lib0_put_varbytes(out, left);
    lib0_put_varbytes(out, right);
    lib0_put_varbytes(out, info);
    lib0_put_varuint(out, string);
    string_enc_write(&e->string, out);
    lib0_put_varbytes(out, parent_info);
    lib0_put_varbytes(out, type_ref);
    lib0_put_varbytes(out, len);
    buf_put_span(out, tail);
}

int update_enc_finish(struct update_enc *e)
{
    int rc = RC_OK;

    if (e->format == CRDT_V2) {
        flush_columns(e);
        assemble(e);
        rc = first_failure(e);
    }
    if (rc == RC_OK) {
        rc = e->out->rc;
    }
    if (rc != RC_OK) {
        e->out->len = e->start;
    }
    free_columns(e);
    return rc;
}

void update_enc_discard(struct update_enc *e)
{
    e->out->len = e->start;
    free_columns(e);
}
