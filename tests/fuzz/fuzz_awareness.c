/* Awareness updates from outside: the input is a list of updates, each preceded by its length and an owner. The table's
 * invariant holds after each; what is passed on is an update that a second table takes to the same end. */
#include "crdt/lib0/dec.h"
#include "crdt/proto.h"
#include "tests/fuzz/target.h"

static void pass_on(struct awareness *other, struct span changes)
{
    struct buf none = {0};
    int rc = changes.len == 0 ? RC_OK : awareness_apply(other, changes, 0, 0, &none);

    FUZZ_CHECK(rc == RC_OK || rc == RC_LIMIT);
    FUZZ_CHECK(awareness_check(other));
    buf_finish(&none);
}

static void take(struct awareness *a, struct awareness *other, struct span update, uint64_t owner)
{
    size_t count = a->count, live = a->live;
    struct buf changes = {0};
    int rc = awareness_apply(a, update, owner, (int64_t)owner, &changes);

    FUZZ_CHECK(awareness_check(a));
    FUZZ_CHECK(rc == RC_OK || (a->count == count && a->live == live && changes.len == 0));
    pass_on(other, buf_span(&changes));
    buf_finish(&changes);
}

static void leave(struct awareness *a, struct awareness *other, uint64_t owner)
{
    struct buf changes = {0};

    FUZZ_CHECK(awareness_remove_owner(a, owner, &changes) == RC_OK);
    FUZZ_CHECK(awareness_check(a));
    pass_on(other, buf_span(&changes));
    buf_finish(&changes);
}

/* What one table says is read by another without a change. */
static void check_encoding(const struct awareness *a)
{
    struct awareness copy;
    struct buf all = {0}, again = {0}, changes = {0};

    awareness_init(&copy);
    FUZZ_CHECK(awareness_encode(a, &all) == RC_OK);
    if (awareness_apply(&copy, buf_span(&all), 1, 1, &changes) == RC_OK) {
        FUZZ_CHECK(awareness_encode(&copy, &again) == RC_OK);
        FUZZ_CHECK(span_equal(buf_span(&all), buf_span(&again)));
    } else {
        FUZZ_CHECK(a->live > AWARENESS_OWNED_MAX);
    }
    buf_finish(&all);
    buf_finish(&again);
    buf_finish(&changes);
    awareness_finish(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lib0_dec in = lib0_dec_of(span_of(data, size));
    struct awareness a, other;

    awareness_init(&a);
    awareness_init(&other);
    while (!lib0_dec_at_end(&in)) {
        uint64_t owner = lib0_dec_u8(&in);
        struct span update = lib0_dec_varbytes(&in);

        if (owner >= 128) {
            leave(&a, &other, owner - 128);
        } else if (in.rc == RC_OK) {
            take(&a, &other, update, owner);
        }
    }
    check_encoding(&a);
    awareness_finish(&a);
    awareness_finish(&other);
    return 0;
}
