#include "crdt/lib0/columns.h"
#include "crdt/lib0/utf.h"

/* ---- Encoders ----------------------------------------------------------------------------------- */

void rle_enc_put(struct rle_enc *e, uint8_t value)
{
    if (buf_reserve(&e->out, COLUMN_ROOM) == RC_OK) {
        e->out.len = (size_t)(rle_run_put(&e->run, e->out.data + e->out.len, value) - e->out.data);
    }
}

void rle_enc_flush(struct rle_enc *e)
{
    e->run.count = 0; /* the last run needs no count: it goes on to the end */
}

void rle_enc_finish(struct rle_enc *e)
{
    if (e != NULL) {
        buf_finish(&e->out);
        *e = (struct rle_enc){0};
    }
}

void uint_opt_rle_enc_put(struct uint_opt_rle_enc *e, uint64_t value)
{
    if (buf_reserve(&e->out, COLUMN_ROOM) == RC_OK) {
        e->out.len = (size_t)(uint_run_put(&e->run, e->out.data + e->out.len, value) - e->out.data);
    }
}

void uint_opt_rle_enc_flush(struct uint_opt_rle_enc *e)
{
    if (e->run.count > 0 && buf_reserve(&e->out, COLUMN_ROOM) == RC_OK) {
        e->out.len = (size_t)(uint_run_end(&e->run, e->out.data + e->out.len) - e->out.data);
    }
}

void uint_opt_rle_enc_finish(struct uint_opt_rle_enc *e)
{
    if (e != NULL) {
        buf_finish(&e->out);
        *e = (struct uint_opt_rle_enc){0};
    }
}

void int_diff_opt_rle_enc_put(struct int_diff_opt_rle_enc *e, int64_t value)
{
    if (buf_reserve(&e->out, COLUMN_ROOM) == RC_OK) {
        e->out.len = (size_t)(diff_run_put(&e->run, e->out.data + e->out.len, value) - e->out.data);
    }
}

void int_diff_opt_rle_enc_flush(struct int_diff_opt_rle_enc *e)
{
    if (e->run.count > 0 && buf_reserve(&e->out, COLUMN_ROOM) == RC_OK) {
        e->out.len = (size_t)(diff_run_end(&e->run, e->out.data + e->out.len) - e->out.data);
    }
}

void int_diff_opt_rle_enc_finish(struct int_diff_opt_rle_enc *e)
{
    if (e != NULL) {
        buf_finish(&e->out);
        *e = (struct int_diff_opt_rle_enc){0};
    }
}

size_t string_enc_flush(struct string_enc *e)
{
    uint8_t head[LIB0_VARUINT_MAX];

    uint_opt_rle_enc_flush(&e->lengths);
    return (size_t)(lib0_varuint_at(head, e->text.len) - head) + e->text.len + e->lengths.out.len;
}

void string_enc_write(struct string_enc *e, struct buf *out)
{
    uint_opt_rle_enc_flush(&e->lengths);
    if (out->rc == RC_OK) {
        out->rc = e->text.rc != RC_OK ? e->text.rc : e->lengths.out.rc;
    }
    lib0_put_varstring(out, buf_span(&e->text));
    buf_put_span(out, buf_span(&e->lengths.out));
}

void string_enc_finish(struct string_enc *e)
{
    if (e != NULL) {
        buf_finish(&e->text);
        uint_opt_rle_enc_finish(&e->lengths);
    }
}

/* ---- Decoders ----------------------------------------------------------------------------------- */

void rle_dec_init(struct rle_dec *d, struct span column)
{
    *d = (struct rle_dec){.in = lib0_dec_of(column)};
}

uint8_t rle_dec_next_run(struct rle_dec *d)
{
    d->value = lib0_dec_u8(&d->in);
    d->count = lib0_dec_at_end(&d->in) ? UINT64_MAX : lib0_dec_varuint(&d->in) + 1;
    if (d->in.rc != RC_OK) {
        d->count = 0;
        return 0;
    }
    return rle_dec_next(d);
}

void uint_opt_rle_dec_init(struct uint_opt_rle_dec *d, struct span column)
{
    *d = (struct uint_opt_rle_dec){.in = lib0_dec_of(column)};
}

uint64_t uint_opt_rle_dec_next_run(struct uint_opt_rle_dec *d)
{
    bool counted;
    int64_t value = lib0_dec_varint(&d->in, &counted);

    d->value = (uint64_t)(value < 0 ? -value : value);
    d->count = counted ? lib0_dec_varuint(&d->in) + 2 : 1;
    if (d->in.rc != RC_OK) {
        d->count = 0;
        return 0;
    }
    return uint_opt_rle_dec_next(d);
}

void int_diff_opt_rle_dec_init(struct int_diff_opt_rle_dec *d, struct span column)
{
    *d = (struct int_diff_opt_rle_dec){.in = lib0_dec_of(column)};
}

static void int_diff_opt_rle_dec_next_run(struct int_diff_opt_rle_dec *d)
{
    /* A difference of 53 bits, doubled, and the mark. */
    int64_t coded = lib0_dec_varint_max(&d->in, 2 * LIB0_MAX_SAFE + 1, NULL);
    bool counted = coded % 2 != 0;

    d->diff = (coded - counted) / 2; /* rounds down */
    d->count = counted ? lib0_dec_varuint(&d->in) + 2 : 1;
}

int64_t int_diff_opt_rle_dec_next(struct int_diff_opt_rle_dec *d)
{
    if (d->count == 0) {
        int_diff_opt_rle_dec_next_run(d);
    }
    if (d->in.rc == RC_OK) {
        d->value += d->diff; /* both below 2^54 */
        if (d->value < 0 || d->value > (int64_t)LIB0_MAX_SAFE) {
            lib0_dec_fail(&d->in, RC_RANGE);
        }
    }
    if (d->in.rc != RC_OK) {
        d->count = 0;
        return 0;
    }
    d->count--;
    return d->value;
}

void string_dec_init(struct string_dec *d, struct span column)
{
    struct lib0_dec in = lib0_dec_of(column);

    *d = (struct string_dec){.text = lib0_dec_varstring(&in)};
    d->rc = in.rc;
    uint_opt_rle_dec_init(&d->lengths, span_of(in.pos, lib0_dec_left(&in)));
}

static void advance(struct span *s, size_t len)
{
    s->data += len;
    s->len -= len;
}

#define PAIR_BYTES 4 /* UTF-8 of a character that is a surrogate pair in UTF-16 */

struct span string_dec_next(struct string_dec *d, uint64_t *units, bool *lead, bool *tail)
{
    uint64_t count = uint_opt_rle_dec_next(&d->lengths);
    struct span taken;

    *units = 0;
    *lead = *tail = false;
    if (d->rc == RC_OK) {
        d->rc = d->lengths.in.rc;
    }
    if (d->rc == RC_OK && count > d->text.len) {
        d->rc = RC_FORMAT; /* a unit takes a byte at least */
    }
    if (d->rc != RC_OK) {
        return (struct span){0};
    }
    if (!d->low_half && utf8_is_ascii(span_of(d->text.data, (size_t)count))) {
        taken = span_of(d->text.data, (size_t)count);
        advance(&d->text, (size_t)count);
        *units = count;
        return taken;
    }
    *units = count;
    *lead = d->low_half && count > 0;
    if (*lead) {
        advance(&d->text, PAIR_BYTES);
        d->low_half = false;
        count--;
    }
    taken = span_of(d->text.data, utf16_to_byte(d->text, (size_t)count, tail));
    if (taken.len == d->text.len && utf16_length(taken) != count) {
        d->rc = RC_FORMAT;
        *units = 0;
        *lead = false;
        return (struct span){0};
    }
    d->low_half = d->low_half || *tail;
    advance(&d->text, taken.len);
    return taken;
}
