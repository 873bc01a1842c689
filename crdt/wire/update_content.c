#include "crdt/wire/update_content.h"

#include "crdt/lib0/any.h"
#include "crdt/lib0/enc.h"
#include "crdt/lib0/utf.h"
#include "crdt/wire/update_parts.h"

#define TYPE_LAST 6

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
            update_fail(d, rc);
            return span_of(NULL, 0);
        }
    }
    if (span_equal(buf_span(&d->values), span_of(start, (size_t)(d->in.pos - start)))) {
        return span_of(start, d->values.len);
    }
    return update_scratch_copy(d, buf_span(&d->values));
}

/* Appends the value of a JSON text to d->values. */
static void put_json_value(struct update_dec *d, struct span json)
{
    if (d->in.rc == RC_OK) {
        int rc = lib0_any_from_json(json, &d->values);

        if (rc != RC_OK) {
            update_fail(d, rc);
        }
    }
}

/* JSON text "undefined" stands for undefined in ContentJSON only; JSON.parse would throw. */
static void put_strict_json_value(struct update_dec *d, struct span json)
{
    if (json.len > 0 && json.data[0] == 'u') {
        update_fail(d, RC_FORMAT);
    }
    put_json_value(d, json);
}

static struct span take_values(struct update_dec *d)
{
    return d->in.rc == RC_OK ? update_scratch_copy(d, buf_span(&d->values)) : span_of(NULL, 0);
}

static struct span read_json_values(struct update_dec *d, uint64_t count)
{
    buf_clear(&d->values);
    for (uint64_t i = 0; i < count && d->in.rc == RC_OK; i++) {
        struct span json = update_string(d);

        if (d->format == CRDT_V2 && update_failures(d) != RC_OK) {
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
    struct span key = update_key(d), value = {0};

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
        update_fail(d, d->values.rc);
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
    struct span guid = update_string(d);
    struct span given = read_values(d, 1), content;
    struct doc_options options;

    if (d->in.rc != RC_OK) {
        return span_of(NULL, 0);
    }
    if (given.data[0] == ANY_UNDEFINED || given.data[0] == ANY_NULL) {
        update_fail(d, RC_FORMAT); /* yjs throws: it reads members of the options */
        return span_of(NULL, 0);
    }
    options = doc_options_of(given);
    /* `options` points into the input or the arena, so d->values is free. */
    buf_clear(&d->values);
    put_doc(&d->values, guid, &options);
    if (d->values.rc != RC_OK) {
        update_fail(d, d->values.rc);
    }
    content = take_values(d);
    return content;
}

/* ---- Blocks -------------------------------------------------------------------------------------------- */

static void read_type(struct update_dec *d, struct block *out)
{
    uint64_t type = d->format == CRDT_V1 ? lib0_dec_varuint(&d->in) : uint_opt_rle_dec_next(&d->columns->type_ref);

    if (type > TYPE_LAST) {
        update_fail(d, RC_FORMAT);
        return;
    }
    out->type = (uint8_t)type;
    if (type == CRDT_XML_ELEMENT || type == CRDT_XML_HOOK) {
        out->content = update_key(d);
    }
}

void update_content(struct update_dec *d, struct block *out)
{
    switch (out->ref) {
    case BLOCK_DELETED:
        out->len = update_len(d);
        break;
    case BLOCK_JSON:
        out->len = update_len(d);
        out->content = read_json_values(d, out->len);
        break;
    case BLOCK_BINARY:
        out->content = lib0_dec_varbytes(&d->in);
        break;
    case BLOCK_STRING:
        out->content = update_text(d, &out->len);
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
        out->len = update_len(d);
        out->content = read_values(d, out->len);
        break;
    case BLOCK_DOC:
        out->content = read_doc(d);
        break;
    default:
        update_fail(d, RC_FORMAT);
    }
}
