/* Merging up to 255 hostile updates: the first byte's low bit is the format, then updates, each after its varuint
 * length. The result tells the clocks and deletes of all arguments, no less and no more. */
#include "crdt/crdt.h"
#include "tests/fuzz/update_facts.h"

#define UPDATES_MAX 255

static size_t split(const uint8_t *data, size_t size, struct span *updates)
{
    struct lib0_dec in = lib0_dec_of(span_of(data, size));
    size_t count = 0;

    while (!lib0_dec_at_end(&in) && count < UPDATES_MAX) {
        struct span update = lib0_dec_varbytes(&in);

        if (in.rc == RC_OK) {
            updates[count++] = update;
        }
    }
    return count;
}

static void check_merge(enum crdt_format format, const struct span *updates, size_t count)
{
    struct update_facts given = {0}, merged = {0};
    struct buf out = {0};
    bool good = true;
    int rc = crdt_update_merge(format, updates, count, &out);

    for (size_t i = 0; i < count; i++) {
        good = update_facts_add(&given, format, updates[i]) && good;
    }
    FUZZ_CHECK(good ? rc == RC_OK || rc == RC_LIMIT : rc < 0);
    FUZZ_CHECK(rc == RC_OK || out.len == 0);
    if (rc == RC_OK && given.blocks < UPDATE_DEC_FREE) {
        FUZZ_CHECK(update_facts_add(&merged, format, buf_span(&out)));
        FUZZ_CHECK(idset_equal(&given.clocks, &merged.clocks) && idset_equal(&given.deletes, &merged.deletes));
    }
    update_facts_finish(&given);
    update_facts_finish(&merged);
    buf_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span updates[UPDATES_MAX];

    if (size > 0) {
        check_merge((data[0] & 1) != 0 ? CRDT_V2 : CRDT_V1, updates, split(data + 1, size - 1, updates));
    }
    return 0;
}
