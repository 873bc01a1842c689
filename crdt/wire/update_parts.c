#include "crdt/wire/update_parts.h"

#include <string.h>
#include "crdt/lib0/utf.h"

/* ---- Failures and memory ------------------------------------------------------------------------------ */

/* Runs for every block of v2. */
static bool any_failed(const struct update_columns *c)
{
    return (c->key_clock.in.rc | c->client.in.rc | c->left_clock.in.rc | c->right_clock.in.rc | c->info.in.rc |
            c->parent_info.in.rc | c->type_ref.in.rc | c->len.in.rc | c->string.rc) != RC_OK;
}

int update_failures(struct update_dec *d)
{
    const struct update_columns *c = d->columns;

    if (any_failed(c)) {
        const int rcs[] = {c->key_clock.in.rc,   c->client.in.rc, c->left_clock.in.rc,
                           c->right_clock.in.rc, c->info.in.rc,   c->parent_info.in.rc,
                           c->type_ref.in.rc,    c->len.in.rc,    c->string.rc};
        size_t i = 0;

        while (rcs[i] == RC_OK) {
            i++;
        }
        update_fail(d, rcs[i]);
    }
    return d->in.rc;
}

void *update_scratch(struct update_dec *d, size_t size)
{
    void *memory = arena_alloc(d->scratch, size);

    if (memory == NULL) {
        bool full = d->scratch->limit != 0 && size > d->scratch->limit - d->scratch->used;

        update_fail(d, full ? RC_LIMIT : RC_NOMEM);
    }
    return memory;
}

struct span update_scratch_copy(struct update_dec *d, struct span bytes)
{
    uint8_t *copy = update_scratch(d, bytes.len);

    if (copy == NULL || bytes.len == 0) {
        return span_of(NULL, 0);
    }
    memcpy(copy, bytes.data, bytes.len);
    return span_of(copy, bytes.len);
}

/* ---- Parts by format ----------------------------------------------------------------------------------- */

bool update_parent_is_root(struct update_dec *d)
{
    return d->format == CRDT_V1 ? lib0_dec_varuint(&d->in) == 1 : rle_dec_next(&d->columns->parent_info) == 1;
}

/* A text whose ends are halves of surrogate pairs: U+FFFD stands for each. */
static struct span mend_halves(struct update_dec *d, struct span text, bool lead, bool tail)
{
    static const uint8_t replacement[] = {0xef, 0xbf, 0xbd};
    size_t before = lead ? sizeof(replacement) : 0, after = tail ? sizeof(replacement) : 0;
    uint8_t *copy = update_scratch(d, before + text.len + after);

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

/* The next text of v2's column. */
static struct span next_string(struct update_dec *d, uint64_t *units)
{
    bool lead = false, tail = false;
    struct span text = string_dec_next(&d->columns->string, units, &lead, &tail);

    return lead || tail ? mend_halves(d, text, lead, tail) : text;
}

struct span update_text(struct update_dec *d, uint64_t *units)
{
    if (d->format == CRDT_V2) {
        return next_string(d, units);
    }
    struct span text = lib0_dec_varstring(&d->in);

    *units = utf8_is_ascii(text) ? text.len : utf16_length(text);
    return text;
}

struct span update_string(struct update_dec *d)
{
    uint64_t units;

    return d->format == CRDT_V1 ? lib0_dec_varstring(&d->in) : next_string(d, &units);
}

static bool remember_key(struct update_dec *d, struct span key)
{
    struct update_columns *c = d->columns;

    if (c->key_count == c->key_cap) {
        size_t cap = c->key_cap == 0 ? 16 : 2 * c->key_cap;
        struct span *keys = update_scratch(d, cap * sizeof(*keys));

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
struct span update_key(struct update_dec *d)
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
            update_fail(d, RC_LIMIT);
            return span_of(NULL, 0);
        }
        d->columns->key_budget -= key.len;
        return key;
    }
    key = next_string(d, &units);
    return remember_key(d, key) ? key : span_of(NULL, 0);
}
