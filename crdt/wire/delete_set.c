#include "crdt/wire/delete_set.h"

#include "crdt/lib0/enc.h"

/* One range; `at` is the end of the range before, which v2 counts from. */
static struct idset_range read_range(enum crdt_format format, struct lib0_dec *in, uint64_t at)
{
    struct idset_range r = {0};

    r.clock = lib0_dec_varuint(in);
    r.len = lib0_dec_varuint(in);
    if (format == CRDT_V2) {
        r.clock += at;
        r.len += 1;
    }
    if (in->rc == RC_OK && (r.clock > LIB0_MAX_SAFE || r.len > LIB0_MAX_SAFE - r.clock)) {
        lib0_dec_fail(in, RC_RANGE);
    }
    return r;
}

static void read_client(enum crdt_format format, struct lib0_dec *in, struct idset *out)
{
    uint64_t client = lib0_dec_varuint(in);
    uint64_t ranges = lib0_dec_varuint(in);
    uint64_t at = 0;

    for (; ranges > 0 && in->rc == RC_OK; ranges--) {
        struct idset_range r = read_range(format, in, at);

        at = r.clock + r.len;
        if (in->rc == RC_OK && r.len > 0 && idset_push(out, client, r.clock, r.len) != RC_OK) {
            lib0_dec_fail(in, RC_NOMEM);
        }
    }
}

int delete_set_read(enum crdt_format format, struct lib0_dec *in, struct idset *out)
{
    uint64_t clients = lib0_dec_varuint(in);

    /* Each client and each range takes two bytes or more, so that a claimed count ends with the input. */
    for (; clients > 0 && in->rc == RC_OK; clients--) {
        read_client(format, in, out);
    }
    return in->rc;
}

static uint64_t count_clients(const struct idset *set)
{
    uint64_t clients = 0;

    for (size_t i = 0; i < set->count; i = idset_group_end(set, i)) {
        clients++;
    }
    return clients;
}

#define RANGE_MAX (2 * LIB0_VARUINT_MAX)

/* One range, into room for RANGE_MAX bytes; *at as in read_range. */
static uint8_t *range_at(enum crdt_format format, uint8_t *to, uint64_t *at, uint64_t clock, uint64_t len)
{
    bool v2 = format == CRDT_V2;

    to = lib0_uneven_at(to, clock - *at);
    *at = v2 ? clock + len : 0;
    return lib0_varuint_at(to, len - v2);
}

static void write_client(enum crdt_format format, const struct idset_range *r, size_t count, struct buf *out)
{
    uint64_t at = 0;

    lib0_put_varuint(out, r[0].client);
    lib0_put_varuint(out, count);
    for (size_t i = 0; i < count && buf_reserve(out, RANGE_MAX) == RC_OK; i++) {
        out->len = (size_t)(range_at(format, out->data + out->len, &at, r[i].clock, r[i].len) - out->data);
    }
}

/* `set` is one that the format can tell. */
static void write_set(enum crdt_format format, const struct idset *set, struct buf *out)
{
    const struct idset_range *r = idset_ranges(set);

    lib0_put_varuint(out, count_clients(set));
    for (size_t i = 0; i < set->count;) {
        size_t end = idset_group_end(set, i);

        write_client(format, r + i, end - i, out);
        i = end;
    }
}

static bool goes_forward(const struct idset *set)
{
    const struct idset_range *r = idset_ranges(set);

    for (size_t i = 1; i < set->count; i++) {
        if (r[i].client == r[i - 1].client && r[i].clock < r[i - 1].clock + r[i - 1].len) {
            return false;
        }
    }
    return true;
}

static int copy_normal(const struct idset *set, struct idset *out)
{
    const struct idset_range *r = idset_ranges(set);
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < set->count; i++) {
        rc = idset_push(out, r[i].client, r[i].clock, r[i].len);
    }
    return rc == RC_OK ? idset_normalize(out) : rc;
}

void delete_set_write(enum crdt_format format, const struct idset *set, struct buf *out)
{
    struct idset normal;
    int rc;

    if (format == CRDT_V1 || goes_forward(set)) {
        write_set(format, set, out);
        return;
    }
    idset_init(&normal);
    rc = copy_normal(set, &normal);
    if (rc == RC_OK) {
        write_set(format, &normal, out);
    } else if (out->rc == RC_OK) {
        out->rc = rc;
    }
    idset_finish(&normal);
}

/* ---- range by range ------------------------------------------------------------------------------------ */

void delete_set_enc_edges(struct delete_set_enc *e, const uint32_t *edges, uint32_t count)
{
    if (buf_reserve(&e->ranges, ((size_t)count + 1) * RANGE_MAX) != RC_OK) {
        return;
    }
    uint8_t *to = e->ranges.data + e->ranges.len;
    uint64_t at = e->at;
    uint32_t i = 0;

    if (e->open && count > 0) {
        to = range_at(e->format, to, &at, e->start, edges[i++] - e->start);
        e->range_count++;
        e->open = false;
    }
    for (; i + 1 < count; i += 2) {
        to = range_at(e->format, to, &at, edges[i], edges[i + 1] - edges[i]);
        e->range_count++;
    }
    if (i < count) {
        e->open = true;
        e->start = edges[i];
    }
    e->at = at;
    e->ranges.len = (size_t)(to - e->ranges.data);
}

void delete_set_enc_client(struct delete_set_enc *e, uint64_t client)
{
    if (e->ranges.rc != RC_OK && e->clients.rc == RC_OK) {
        e->clients.rc = e->ranges.rc;
    }
    if (e->range_count > 0) {
        lib0_put_varuint(&e->clients, client);
        lib0_put_varuint(&e->clients, e->range_count);
        buf_put_span(&e->clients, buf_span(&e->ranges));
        e->client_count++;
    }
    buf_clear(&e->ranges);
    e->range_count = e->at = 0;
}

void delete_set_enc_finish(struct delete_set_enc *e, struct buf *out)
{
    if (out->rc == RC_OK) {
        out->rc = e->clients.rc;
    }
    lib0_put_varuint(out, e->client_count);
    buf_put_span(out, buf_span(&e->clients));
    buf_finish(&e->clients);
    buf_finish(&e->ranges);
}
