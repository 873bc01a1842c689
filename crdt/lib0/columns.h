#ifndef CRDT_LIB0_COLUMNS_H
#define CRDT_LIB0_COLUMNS_H

/* The column coders of update format v2 (lib0/encoding.js: RleEncoder, UintOptRleEncoder,
 * IntDiffOptRleEncoder, StringEncoder). An encoder appends to its own buf; call …_flush once,
 * then read the buf. A decoder is a sticky reader of one column; runs are expanded one value at a
 * time, so a run length from outside never allocates.
 *
 * Stricter than lib0, on columns that lib0 never writes: reading behind the last value fails (lib0 repeats it or gives
 * 0), and so does a text longer than what is left (lib0 gives less). Tests: test_columns.c.
 *
 *   rle             byte values; (value, count - 1)…, the last run without a count
 *   uint_opt_rle    varint: +v alone, or -v then varuint(count - 2); -0 marks a run of zeros
 *   int_diff_opt    varint: diff*2 + has_count, then varuint(count - 2); diffs from the previous value
 *   string          one varstring of all texts, then a uint_opt_rle column of UTF-16 lengths */
#include <stdbool.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/lib0/dec.h"
#include "crdt/lib0/enc.h"

/* A run of equal values, or of equal differences, not yet written. A writer who fills many columns at once has these
 * and its places in registers, and makes room beforehand: each …_run_put and …_run_end takes the place to write at,
 * returns the end, and may overwrite COLUMN_ROOM bytes. Zeroed storage is no run. */
struct rle_run {
    uint64_t count;
    uint8_t last;
};
struct uint_run {
    uint64_t last, count;
};
struct diff_run {
    int64_t last, diff;
    uint64_t count;
};

#define COLUMN_ROOM (2 * LIB0_VARUINT_MAX) /* a varint and the count of its run */

/* A varint, then how often it comes unless that is once, which is the usual. */
static inline uint8_t *column_run_at(uint8_t *to, uint64_t magnitude, bool negative, uint64_t count)
{
    if (count == 1) {
        return lib0_varint_at(to, magnitude, negative);
    }
    return count > 0 ? lib0_varuint_at(lib0_varint_at(to, magnitude, negative), count - 2) : to;
}

static inline uint8_t *rle_run_put(struct rle_run *r, uint8_t *to, uint8_t value)
{
    if (r->count > 0 && r->last == value) {
        r->count++;
        return to;
    }
    if (r->count > 0) {
        to = lib0_varuint_at(to, r->count - 1);
    }
    *to = value;
    *r = (struct rle_run){1, value};
    return to + 1;
}

/* `negative` of a single value is the sign it has, of several the mark that a count follows. */
static inline uint8_t *uint_run_end(struct uint_run *r, uint8_t *to)
{
    to = column_run_at(to, r->last, r->count > 1, r->count);
    r->count = 0;
    return to;
}

static inline uint8_t *uint_run_put(struct uint_run *r, uint8_t *to, uint64_t value)
{
    if (r->last != value) {
        to = uint_run_end(r, to);
        r->last = value;
    }
    r->count++;
    return to;
}

static inline uint8_t *diff_run_end(struct diff_run *r, uint8_t *to)
{
    /* At most 2^54 in magnitude. -1 is diff -1 with a count: -1 · 2 + 1. */
    int64_t coded = r->diff * 2 + (r->count > 1);

    to = column_run_at(to, coded < 0 ? (uint64_t)-coded : (uint64_t)coded, coded < 0, r->count);
    r->count = 0;
    return to;
}

static inline uint8_t *diff_run_put(struct diff_run *r, uint8_t *to, int64_t value)
{
    int64_t diff = value - r->last;

    if (r->diff != diff) {
        to = diff_run_end(r, to);
        r->diff = diff;
    }
    r->count++;
    r->last = value;
    return to;
}

/* A column with memory of its own. */
struct rle_enc {
    struct buf out;
    struct rle_run run;
};
struct uint_opt_rle_enc {
    struct buf out;
    struct uint_run run;
};
struct int_diff_opt_rle_enc {
    struct buf out;
    struct diff_run run;
};
struct string_enc {
    struct buf text;
    struct uint_opt_rle_enc lengths;
};

/* Zeroed storage is an empty encoder. */
void rle_enc_put(struct rle_enc *e, uint8_t value);
void rle_enc_flush(struct rle_enc *e);
void rle_enc_finish(struct rle_enc *e); /* frees */
void uint_opt_rle_enc_put(struct uint_opt_rle_enc *e, uint64_t value);
void uint_opt_rle_enc_flush(struct uint_opt_rle_enc *e);
void uint_opt_rle_enc_finish(struct uint_opt_rle_enc *e);
void int_diff_opt_rle_enc_put(struct int_diff_opt_rle_enc *e, int64_t value);
void int_diff_opt_rle_enc_flush(struct int_diff_opt_rle_enc *e);
void int_diff_opt_rle_enc_finish(struct int_diff_opt_rle_enc *e);

/* `units` is the UTF-16 length of `utf8`, which the caller knows. */
static inline void string_enc_put(struct string_enc *e, struct span utf8, uint64_t units)
{
    buf_put_span(&e->text, utf8);
    uint_opt_rle_enc_put(&e->lengths, units);
}
size_t string_enc_flush(struct string_enc *e); /* returns the length of the finished column */
/* Appends the finished column (as StringEncoder.toUint8Array) to `out`. */
void string_enc_write(struct string_enc *e, struct buf *out);
void string_enc_finish(struct string_enc *e);

/* After a failure `count` is 0, so that whoever finds values left need not look at `in.rc`. */
struct rle_dec {
    struct lib0_dec in;
    uint64_t count; /* values of the current run still to give; UINT64_MAX: to the end */
    uint8_t value;
};
struct uint_opt_rle_dec {
    struct lib0_dec in;
    uint64_t value, count;
};
struct int_diff_opt_rle_dec {
    struct lib0_dec in;
    int64_t value, diff;
    uint64_t count;
};
struct string_dec {
    struct span text; /* what is left of the joined text */
    struct uint_opt_rle_dec lengths;
    int rc;
    bool low_half; /* the previous text ended between the halves of a surrogate pair */
};

void rle_dec_init(struct rle_dec *d, struct span column);
uint8_t rle_dec_next_run(struct rle_dec *d);          /* private: no value of the run is left */
static inline uint8_t rle_dec_next(struct rle_dec *d) /* failures are sticky in d->in.rc */
{
    if (d->count == 0) {
        return rle_dec_next_run(d);
    }
    d->count -= d->count != UINT64_MAX;
    return d->value;
}
void uint_opt_rle_dec_init(struct uint_opt_rle_dec *d, struct span column);
uint64_t uint_opt_rle_dec_next_run(struct uint_opt_rle_dec *d); /* private, likewise */
static inline uint64_t uint_opt_rle_dec_next(struct uint_opt_rle_dec *d)
{
    if (d->count == 0) {
        return uint_opt_rle_dec_next_run(d);
    }
    d->count--;
    return d->value;
}
void int_diff_opt_rle_dec_init(struct int_diff_opt_rle_dec *d, struct span column);
int64_t int_diff_opt_rle_dec_next(struct int_diff_opt_rle_dec *d); /* RC_RANGE outside 0…2^53-1 */
void string_dec_init(struct string_dec *d, struct span column);
/* The next text, borrowed from the column, and its UTF-16 length. Where the lengths cut a surrogate pair in two, the
 * half is left out of the borrowed text and *lead / *tail tell that U+FFFD stands for it before / after the text. */
struct span string_dec_next(struct string_dec *d, uint64_t *units, bool *lead, bool *tail);

#endif
