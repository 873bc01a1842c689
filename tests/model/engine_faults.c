/* Memory that is not there: every allocation of an update's way into a document fails once, and memory limits of every
 * size are met. What is refused leaves the document as it was, byte for byte; afterwards it goes on. */
#include <stdio.h>
#include <stdlib.h>
#include "tests/support/random_edits.h"
#include "tests/unit/lib0/alloc_fault.h"

#define UPDATES 60

static unsigned long refusals, limits;

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            (void)fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);                            \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

static struct crdt_doc *doc_of(uint64_t client, size_t limit)
{
    struct crdt_doc *doc;

    CHECK(crdt_doc_create(&(struct crdt_doc_options){.client = client, .memory_limit = limit}, &doc) == RC_OK);
    return doc;
}

static struct buf state_of(const struct crdt_doc *doc)
{
    struct buf state = {0};

    CHECK(crdt_encode_state(doc, CRDT_V1, span_of(NULL, 0), &state) == RC_OK);
    return state;
}

static void check_unchanged(const struct crdt_doc *doc, const struct buf *before)
{
    struct buf now = state_of(doc);

    CHECK(crdt_check(doc) == NULL);
    CHECK(span_equal(buf_span(&now), buf_span(before)));
    buf_finish(&now);
}

/* Updates of two authors who do not know of each other until the end, so that some wait for others. */
static void make_updates(struct rng *rng, enum crdt_format format, struct buf updates[UPDATES])
{
    struct crdt_doc *docs[2] = {doc_of(7, 0), doc_of(8, 0)};

    for (int i = 0; i < UPDATES; i++) {
        updates[i] = (struct buf){0};
        CHECK(random_edits(docs[i % 2], rng, 3, format, &updates[i], NULL) == RC_OK);
        if (i % 7 == 0 && updates[i].len > 0) {
            CHECK(crdt_apply(docs[1 - i % 2], format, buf_span(&updates[i]), NULL) == RC_OK);
        }
    }
    for (int i = UPDATES - 1; i > 0; i--) { /* nearly in order */
        int other = i - (int)rng_below(rng, i < 4 ? (uint64_t)i + 1 : 4);
        struct buf swapped = updates[i];

        updates[i] = updates[other];
        updates[other] = swapped;
    }
    crdt_doc_destroy(docs[0]);
    crdt_doc_destroy(docs[1]);
}

/* Fails the first allocation, the second … until the update goes in. */
static void apply_with_faults(struct crdt_doc *doc, enum crdt_format format, struct span update)
{
    struct buf before = state_of(doc);
    int rc = RC_NOMEM;

    for (unsigned n = 1; rc == RC_NOMEM; n++) {
        alloc_fault_at(n);
        rc = crdt_apply(doc, format, update, NULL);
        alloc_fault_at(0);
        if (rc == RC_NOMEM) {
            refusals++;
            check_unchanged(doc, &before);
        }
    }
    CHECK(rc == RC_OK);
    CHECK(crdt_check(doc) == NULL);
    buf_finish(&before);
}

static void run_faults(struct rng *rng, enum crdt_format format)
{
    struct buf updates[UPDATES];
    struct crdt_doc *doc = doc_of(9, 0), *plain = doc_of(10, 0);
    struct buf a, b;

    make_updates(rng, format, updates);
    for (int i = 0; i < UPDATES; i++) {
        if (updates[i].len == 0) {
            continue; /* a transaction that changed nothing */
        }
        apply_with_faults(doc, format, buf_span(&updates[i]));
        CHECK(crdt_apply(plain, format, buf_span(&updates[i]), NULL) == RC_OK);
        buf_finish(&updates[i]);
    }
    a = state_of(doc);
    b = state_of(plain);
    CHECK(span_equal(buf_span(&a), buf_span(&b)));
    buf_finish(&a);
    buf_finish(&b);
    crdt_doc_destroy(doc);
    crdt_doc_destroy(plain);
}

/* A small document: some updates go in, others are refused; never is it over its budget or half changed. */
static void run_limit(struct rng *rng, enum crdt_format format, size_t limit)
{
    struct buf updates[UPDATES];
    struct crdt_doc *doc = doc_of(9, limit);

    make_updates(rng, format, updates);
    for (int i = 0; i < UPDATES; i++) {
        if (updates[i].len == 0) {
            continue;
        }
        struct buf before = state_of(doc);
        struct crdt_stat stat;
        int rc = crdt_apply(doc, format, buf_span(&updates[i]), NULL);

        CHECK(rc == RC_OK || rc == RC_LIMIT);
        crdt_doc_stat(doc, &stat);
        CHECK(stat.memory <= limit);
        if (rc == RC_LIMIT) {
            limits++;
            check_unchanged(doc, &before);
        }
        buf_finish(&before);
        buf_finish(&updates[i]);
    }
    crdt_doc_destroy(doc);
}

int main(void)
{
    struct rng rng;

    rng_init(&rng, rng_test_seed(20240915));
    for (int i = 0; i < 6; i++) {
        run_faults(&rng, i % 2 == 0 ? CRDT_V1 : CRDT_V2);
    }
    for (size_t limit = 6000; limit < 100000; limit += 2500) {
        run_limit(&rng, limit % 5000 == 1000 ? CRDT_V1 : CRDT_V2, limit);
    }
    printf("%lu allocations failed, %lu updates over the limit\n", refusals, limits);
    return refusals > 300 && limits > 100 ? EXIT_SUCCESS : EXIT_FAILURE;
}
