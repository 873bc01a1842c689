#ifndef TESTS_FUZZ_UPDATE_FACTS_H
#define TESTS_FUZZ_UPDATE_FACTS_H

/* What an update tells, as sets of ids: for targets that check that nothing is lost or made up. */
#include <stdbool.h>
#include "crdt/core/idset.h"
#include "crdt/wire/update_dec.h"
#include "tests/fuzz/target.h"

struct update_facts {
    struct idset clocks;  /* of all blocks but Skips; normal */
    struct idset deletes; /* normal */
    uint64_t blocks;
};

static inline void update_facts_finish(struct update_facts *f)
{
    idset_finish(&f->clocks);
    idset_finish(&f->deletes);
}

/* Adds the facts of one update; false when it is refused. Ends with normal sets either way. */
static inline bool update_facts_add(struct update_facts *f, enum crdt_format format, struct span update)
{
    struct arena scratch;
    struct update_dec dec;
    struct block b;
    int got;

    arena_init(&scratch, 0);
    got = update_dec_init(&dec, format, update, &scratch);
    while (got == RC_OK && (got = update_dec_next(&dec, &b)) > 0) {
        FUZZ_CHECK(b.len >= 1 && b.id.clock + b.len <= LIB0_MAX_SAFE);
        f->blocks++;
        got = b.ref == BLOCK_SKIP ? RC_OK : idset_add(&f->clocks, b.id.client, b.id.clock, b.len);
        FUZZ_CHECK(got == RC_OK);
    }
    if (got == RC_OK) {
        got = update_dec_deletes(&dec, &f->deletes);
    }
    FUZZ_CHECK(got <= 0 && got != RC_NOMEM);
    update_dec_finish(&dec);
    arena_finish(&scratch);
    FUZZ_CHECK(idset_normalize(&f->clocks) == RC_OK && idset_normalize(&f->deletes) == RC_OK);
    FUZZ_CHECK(idset_is_normal(&f->clocks) && idset_is_normal(&f->deletes));
    return got == RC_OK;
}

/* a and nothing of it outside b. */
static inline bool update_facts_within(const struct idset *a, const struct idset *b)
{
    struct idset outside;
    bool within;

    idset_init(&outside);
    FUZZ_CHECK(idset_subtract(a, b, &outside) == RC_OK);
    within = outside.count == 0;
    idset_finish(&outside);
    return within;
}

#endif
