/* The power goes at a random change to the disk, hundreds of times: unsynchronised sectors are lost
 * at random, the last write is torn. Every acknowledged append must be there afterwards, in order,
 * and cuts must have fallen within commits, checkpoints and compactions. With synchronous=NORMAL
 * and OFF the same suite must find losses, or it would prove nothing.
 *
 * CAHIER_SEED and CAHIER_CUTS (runs, 400) change what is run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "server/store/sqlite.h"
#include "tests/server/store/vfs_fault.h"
#include "tests/server/store/workload.h"
#include "tests/support/files.h"

#define PATIENCE_MS 120000
#define ROUNDS_MAX  3000

struct tally {
    unsigned runs, commit, checkpoint, compaction, idle;
    uint64_t acks, lost, broken, torn, compactions, checkpoints, unopened;
};

static void on_wake(void *ctx)
{
    (void)ctx;
}

static void on_closed(void *ctx)
{
    *(bool *)ctx = true;
}

static int open_store(const char *path, const char *vfs, const char *synchronous, struct store **out)
{
    /* A checkpoint every 16 pages, so that cuts fall into some. */
    const struct store_sqlite_config config = {
        .path = path, .wal_limit = 16 * 4096, .vfs = vfs, .synchronous = synchronous};
    const struct store_host host = {on_wake, NULL, NULL, NULL};
    char error[256];
    int rc = store_sqlite_open(&config, &host, error, sizeof(error), out);

    if (rc != RC_OK) {
        print_message("cannot open: %s\n", error);
    }
    return rc;
}

static void close_store(struct store *s)
{
    bool closed = false;

    store_close(s, on_closed, &closed);
    while (!closed) {
        assert_int_equal(store_wait(s, PATIENCE_MS), RC_OK);
        store_drain(s);
    }
}

/* Appends until the power goes. */
static void load_until_cut(struct workload *w, struct tally *t)
{
    struct store_stats stats;

    for (unsigned round = 0; round < ROUNDS_MAX && !fault_is_cut(); round++) {
        if (!workload_push(w, 12)) {
            break;
        }
        do {
            int rc = store_wait(w->s, 5);

            (void)rc; /* a store without power does not answer */
            store_drain(w->s);
            store_stats(w->s, &stats);
        } while (stats.queued > 40 && !fault_is_cut());
    }
    fault_cut();
    store_stats(w->s, &stats);
    t->checkpoints += stats.checkpoints;
}

static void count_busy(struct tally *t, struct fault_busy busy)
{
    t->compaction += busy.compaction;
    t->checkpoint += busy.checkpoint;
    t->commit += busy.commit && !busy.compaction;
    t->idle += !busy.commit && !busy.checkpoint;
}

static void check_after(const struct workload *w, const char *path, struct tally *t)
{
    struct store *s;

    if (open_store(path, NULL, NULL, &s) != RC_OK) {
        t->unopened++;
        return;
    }
    for (unsigned note = 0; note < WORKLOAD_NOTES; note++) {
        struct workload_found found = workload_read(s, note);

        if (found.rc != RC_OK && found.rc != RC_NOTFOUND) {
            t->broken++;
            continue;
        }
        t->broken += found.gap || found.garbage || found.last > w->sent[note];
        t->lost += found.last < w->acked[note] ? w->acked[note] - found.last : 0;
    }
    close_store(s);
}

/* One machine that loses its power. The cut falls within the first `span` changes after opening. */
static void one_run(uint64_t seed, const char *synchronous, unsigned span, struct tally *t)
{
    char *dir = files_create_dir();
    char path[256];
    struct workload w;
    struct store *s;
    struct rng rng;

    assert_non_null(dir);
    snprintf(path, sizeof(path), "%s/cut.db", dir);
    fault_reset(seed, span_str(WORKLOAD_MARK));
    rng_init(&rng, seed);
    assert_int_equal(open_store(path, FAULT_VFS, synchronous, &s), RC_OK);
    fault_cut_at(fault_ops() + 1 + rng_below(&rng, span));
    workload_init(&w, s, rng_next(&rng));
    load_until_cut(&w, t);
    close_store(s);
    assert_int_equal(w.out_of_order, 0);
    count_busy(t, fault_busy_at_cut());
    t->torn += fault_restore();
    check_after(&w, path, t);
    t->runs++;
    t->acks += w.acks;
    t->compactions += w.compactions;
    files_remove_dir(dir);
}

static struct tally campaign(const char *synchronous, unsigned runs)
{
    struct tally t = {0};
    uint64_t seed = rng_test_seed(20260731);

    for (unsigned i = 0; i < runs; i++) {
        one_run(seed + i, synchronous, i % 2 ? 150 : 1200, &t);
    }
    print_message("%s: %u cuts (%u in a commit, %u in a checkpoint, %u in a compaction, %u between), "
                  "%llu writes torn or lost, %llu checkpoints, %llu compactions; %llu acknowledged, %llu lost, "
                  "%llu notes broken, %llu files not opened\n",
                  synchronous, t.runs, t.commit, t.checkpoint, t.compaction, t.idle, (unsigned long long)t.torn,
                  (unsigned long long)t.checkpoints, (unsigned long long)t.compactions, (unsigned long long)t.acks,
                  (unsigned long long)t.lost, (unsigned long long)t.broken, (unsigned long long)t.unopened);
    return t;
}

static unsigned runs_wanted(void)
{
    const char *text = getenv("CAHIER_CUTS");

    return text == NULL ? 400 : (unsigned)strtoul(text, NULL, 10);
}

static void no_power_cut_takes_back_an_acknowledgement(void **state)
{
    struct tally t = campaign("FULL", runs_wanted());

    (void)state;
    assert_int_equal(t.lost, 0);
    assert_int_equal(t.broken, 0);
    assert_int_equal(t.unopened, 0);
    assert_true(t.commit > 0);
    assert_true(t.checkpoint > 0);
    assert_true(t.compaction > 0);
    assert_true(t.torn > 0);
    assert_true(t.acks > 0);
}

static void less_synchronisation_is_found_out(void **state)
{
    struct tally normal = campaign("NORMAL", 40), off = campaign("OFF", 40);

    (void)state;
    assert_true(normal.lost > 0);
    assert_true(off.lost + off.broken + off.unopened > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_power_cut_takes_back_an_acknowledgement),
        cmocka_unit_test(less_synchronisation_is_found_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
