/* Diff of a hostile update and a hostile state vector: the first byte's low bit is the format, then the vector after
 * its varuint length, then the update. The result tells all that the vector does not cover and nothing that was not
 * there. */
#include "crdt/crdt.h"
#include "crdt/wire/state_vector.h"
#include "tests/fuzz/update_facts.h"

/* All clocks below the vector's. */
static void put_known(const struct state_vector *sv, struct idset *known)
{
    for (size_t i = 0; i < sv->count; i++) {
        FUZZ_CHECK(idset_add(known, sv->entries[i].client, 0, sv->entries[i].clock) == RC_OK);
    }
    FUZZ_CHECK(idset_normalize(known) == RC_OK);
}

static void check_facts(const struct update_facts *given, const struct update_facts *left,
                        const struct state_vector *sv)
{
    struct idset known, wanted;

    idset_init(&known);
    idset_init(&wanted);
    put_known(sv, &known);
    FUZZ_CHECK(idset_subtract(&given->clocks, &known, &wanted) == RC_OK);
    FUZZ_CHECK(update_facts_within(&wanted, &left->clocks));
    FUZZ_CHECK(update_facts_within(&left->clocks, &given->clocks));
    FUZZ_CHECK(idset_equal(&given->deletes, &left->deletes));
    idset_finish(&known);
    idset_finish(&wanted);
}

static void check_diff(enum crdt_format format, struct span vector, struct span update)
{
    struct update_facts given = {0}, left = {0};
    struct state_vector sv = {0};
    struct buf out = {0};
    bool good = update_facts_add(&given, format, update) && state_vector_decode(vector, &sv) == RC_OK;
    int rc = crdt_update_diff(format, update, vector, &out);

    FUZZ_CHECK(good == (rc == RC_OK));
    FUZZ_CHECK(rc == RC_OK || out.len == 0);
    if (good && given.blocks < UPDATE_DEC_FREE) {
        FUZZ_CHECK(update_facts_add(&left, format, buf_span(&out)));
        check_facts(&given, &left, &sv);
    }
    update_facts_finish(&given);
    update_facts_finish(&left);
    state_vector_finish(&sv);
    buf_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lib0_dec in;
    struct span vector;

    if (size == 0) {
        return 0;
    }
    in = lib0_dec_of(span_of(data + 1, size - 1));
    vector = lib0_dec_varbytes(&in);
    if (in.rc == RC_OK) {
        check_diff((data[0] & 1) != 0 ? CRDT_V2 : CRDT_V1, vector, span_of(in.pos, lib0_dec_left(&in)));
    }
    return 0;
}
