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

static void write_client(enum crdt_format format, const struct idset_range *r, size_t count, struct buf *out)
{
    uint64_t at = 0;

    lib0_put_varuint(out, r[0].client);
    lib0_put_varuint(out, count);
    for (size_t i = 0; i < count; i++) {
        lib0_put_varuint(out, r[i].clock - at);
        lib0_put_varuint(out, format == CRDT_V2 ? r[i].len - 1 : r[i].len);
        at = format == CRDT_V2 ? r[i].clock + r[i].len : 0;
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
