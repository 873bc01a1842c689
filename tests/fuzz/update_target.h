#ifndef TESTS_FUZZ_UPDATE_TARGET_H
#define TESTS_FUZZ_UPDATE_TARGET_H

/* The body of fuzz_update_v1 and fuzz_update_v2: a hostile update is refused, or has one normal form, which says the
 * same in both formats; each of its blocks can be cut. */
#include "crdt/crdt.h"
#include "crdt/core/slice.h"
#include "crdt/wire/update_enc.h"
#include "tests/fuzz/update_facts.h"

/* Cutting a block and writing it from its middle are the same bytes. */
static inline void update_target_cut(enum crdt_format format, struct block b, uint64_t offset, struct arena *scratch)
{
    struct buf whole = {0}, rest = {0};
    struct update_enc enc;

    update_enc_init(&enc, format, &whole);
    update_enc_block(&enc, &b, offset);
    FUZZ_CHECK(update_enc_finish(&enc) == RC_OK);
    FUZZ_CHECK(block_slice(&b, offset, scratch) == RC_OK);
    update_enc_init(&enc, format, &rest);
    update_enc_block(&enc, &b, 0);
    FUZZ_CHECK(update_enc_finish(&enc) == RC_OK);
    FUZZ_CHECK(span_equal(buf_span(&whole), buf_span(&rest)));
    buf_finish(&whole);
    buf_finish(&rest);
}

static inline void update_target_cut_blocks(enum crdt_format format, struct span update)
{
    struct arena scratch;
    struct update_dec dec;
    struct block b;
    int got;
    int cuts = 0;

    arena_init(&scratch, 0);
    got = update_dec_init(&dec, format, update, &scratch);
    while (got == RC_OK && cuts < 100 && (got = update_dec_next(&dec, &b)) > 0) {
        if (b.len > 1) {
            update_target_cut(format, b, b.len / 2, &scratch);
            update_target_cut(format, b, 1, &scratch);
            cuts++;
        }
        got = RC_OK;
    }
    update_dec_finish(&dec);
    arena_finish(&scratch);
}

static inline void update_target_check(enum crdt_format format, struct span update)
{
    enum crdt_format other = format == CRDT_V1 ? CRDT_V2 : CRDT_V1;
    struct update_facts given = {0}, written = {0};
    struct buf normal = {0}, again = {0}, converted = {0}, vector = {0};
    bool good = update_facts_add(&given, format, update);
    int rc = crdt_update_convert(format, format, update, &normal);

    FUZZ_CHECK(good == (rc == RC_OK));
    FUZZ_CHECK(good || normal.len == 0);
    rc = crdt_update_state_vector(format, update, &vector); /* does not look at the delete set */
    FUZZ_CHECK(!good || rc == RC_OK);
    if (good && given.blocks < 100000) {
        FUZZ_CHECK(crdt_update_convert(format, format, buf_span(&normal), &again) == RC_OK);
        FUZZ_CHECK(span_equal(buf_span(&normal), buf_span(&again)));
        FUZZ_CHECK(crdt_update_convert(format, other, update, &converted) == RC_OK);
        FUZZ_CHECK(update_facts_add(&written, other, buf_span(&converted)));
        FUZZ_CHECK(idset_equal(&given.clocks, &written.clocks) && idset_equal(&given.deletes, &written.deletes));
        update_target_cut_blocks(format, update);
    }
    update_facts_finish(&given);
    update_facts_finish(&written);
    buf_finish(&normal);
    buf_finish(&again);
    buf_finish(&converted);
    buf_finish(&vector);
}

#endif
