#ifndef BENCH_EDITORS_AGREEMENT_H
#define BENCH_EDITORS_AGREEMENT_H

/* That all is well at the end: nobody lacks anything, all texts are the same, the server's included, and nobody is
 * shown who has left.
 *
 * What a note must be is the sum of what its editors wrote, put together by our engine. An editor whose document holds
 * all is compared by its text, the others by what they have heard; the server by what it gives to somebody who comes
 * last. */
#include <stdbool.h>
#include <stddef.h>
#include "bench/editors/crowd.h"

struct agreement {
    size_t notes, texts;  /* compared */
    size_t missing;       /* deliveries that never came */
    size_t gaps;          /* updates that came before what they build on */
    size_t other_texts;   /* editors whose text is another */
    size_t other_servers; /* notes that the server has otherwise, or does not give */
    size_t ghosts;        /* states of people who are gone, seen by those who stay */
    size_t unseen;        /* people who are there and not seen */
    bool server_asked, presence_asked;
};

/* Stops the typing, waits up to `patience` nanoseconds until all has arrived, and compares. All but the first editor of
 * each note leave for it. RC_NOMEM and the like: it could not be found out. */
int agreement_check(struct crowd *c, uint64_t patience, struct agreement *out) MUST_CHECK;
bool agreement_holds(const struct agreement *a);
/* "30 texts, server, presence" or what is wrong. */
void agreement_describe(const struct agreement *a, struct buf *out);

#endif
