/* Disks that fill up, fail for a while, and lose their power after that: what was accepted is kept in
 * memory and committed when the disk works again; nothing is lost, nothing is out of order.
 *
 * CAHIER_SEED changes what is run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <unistd.h>
#include "server/store/sqlite.h"
#include "tests/server/store/vfs_fault.h"
#include "tests/server/store/workload.h"
#include "tests/support/files.h"

#define PATIENCE_MS 120000
#define RESERVE     (256 * 1024)

struct machine {
    char *dir;
    char path[256], reserve[300];
    struct store *s;
    struct workload w;
    unsigned full, failing, ok; /* changes to this state */
};

static void on_wake(void *ctx)
{
    (void)ctx;
}

static void on_state(void *ctx, enum store_state now, int rc)
{
    struct machine *m = ctx;

    (void)rc;
    m->full += now == STORE_FULL;
    m->failing += now == STORE_FAILING;
    m->ok += now == STORE_OK;
}

static void on_closed(void *ctx)
{
    *(bool *)ctx = true;
}

static void open_machine(struct machine *m, const char *vfs)
{
    const struct store_sqlite_config config = {.path = m->path, .wal_limit = 32 * 4096, .reserve = RESERVE, .vfs = vfs};
    const struct store_host host = {on_wake, on_state, NULL, m};
    char error[256];

    if (store_sqlite_open(&config, &host, error, sizeof(error), &m->s) != RC_OK) {
        fail_msg("cannot open: %s", error);
    }
}

static void start(struct machine *m, uint64_t seed)
{
    memset(m, 0, sizeof(*m));
    m->dir = files_create_dir();
    assert_non_null(m->dir);
    snprintf(m->path, sizeof(m->path), "%s/faults.db", m->dir);
    snprintf(m->reserve, sizeof(m->reserve), "%s.reserve", m->path);
    fault_reset(seed, span_of(NULL, 0));
    open_machine(m, FAULT_VFS);
    workload_init(&m->w, m->s, seed);
}

static void stop(struct machine *m)
{
    bool closed = false;

    store_close(m->s, on_closed, &closed);
    while (!closed) {
        assert_int_equal(store_wait(m->s, PATIENCE_MS), RC_OK);
        store_drain(m->s);
    }
}

static struct store_stats stats_of(struct machine *m)
{
    struct store_stats stats;

    store_stats(m->s, &stats);
    return stats;
}

static size_t queued(struct machine *m)
{
    return stats_of(m).queued;
}

/* Delivers what is ready within `ms`. */
static void breathe(struct machine *m, int ms)
{
    int rc = store_wait(m->s, ms);

    (void)rc;
    store_drain(m->s);
}

/* Until the disk works and all is answered. The store pauses up to 5 s between its tries. */
static void recover(struct machine *m)
{
    while (store_state(m->s) != STORE_OK || queued(m) > 0) {
        assert_int_equal(store_wait(m->s, PATIENCE_MS), RC_OK);
        store_drain(m->s);
    }
}

/* The store may have found the disk full once more before it worked again, and the loop not have heard of that yet. */
static void expect_reserve(struct machine *m)
{
    for (int ms = 0; access(m->reserve, F_OK) != 0; ms++) {
        assert_true(ms < PATIENCE_MS);
        breathe(m, 1);
    }
    recover(m);
}

static void expect_all(struct machine *m, struct store *s)
{
    for (unsigned note = 0; note < WORKLOAD_NOTES; note++) {
        struct workload_found found = workload_read(s, note);

        assert_true(found.rc == RC_OK || (found.rc == RC_NOTFOUND && m->w.sent[note] == 0));
        assert_false(found.gap);
        assert_false(found.garbage);
        assert_int_equal(found.last, m->w.sent[note]);
        assert_int_equal(m->w.acked[note], m->w.sent[note]);
    }
    assert_int_equal(m->w.out_of_order, 0);
    assert_int_equal(m->w.refused, 0);
}

static void reopen_and_expect_all(struct machine *m)
{
    open_machine(m, NULL);
    expect_all(m, m->s);
    stop(m);
    files_remove_dir(m->dir);
}

static void the_reserve_lets_a_full_disk_commit_what_was_accepted(void **state)
{
    struct machine m;

    (void)state;
    start(&m, 1);
    assert_int_equal(access(m.reserve, F_OK), 0);
    fault_space(RESERVE + 400 * 1024, m.reserve);
    while (workload_push(&m.w, 12)) {
        do { /* the reserve holds no more than this many, however slow the disk is */
            breathe(&m, 5);
        } while (queued(&m) > 60 && store_writable(m.s) == RC_OK);
    }
    assert_int_equal(store_writable(m.s), RC_FULL);
    while (queued(&m) > 0) { /* until all is durable although the disk is full */
        assert_int_equal(store_wait(m.s, PATIENCE_MS), RC_OK);
        store_drain(m.s);
    }
    assert_true(m.full > 0);
    expect_all(&m, m.s); /* reading goes on */
    fault_space(0, NULL);
    recover(&m);
    expect_reserve(&m); /* put aside again */
    assert_true(workload_push(&m.w, 12));
    recover(&m);
    stop(&m);
    reopen_and_expect_all(&m);
}

/* Until all that was sent is on the disk, or `failures` commits have failed; takes no answers and no news. */
static void wait_unheard(struct machine *m, uint64_t failures)
{
    uint64_t sent = 0;

    for (unsigned note = 0; note < WORKLOAD_NOTES; note++) {
        sent += m->w.sent[note];
    }
    for (int ms = 0; stats_of(m).appends < sent && stats_of(m).failed_commits < failures; ms++) {
        assert_true(ms < PATIENCE_MS);
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
}

/* Whatever found the disk full (a row, upkeep, a try whether it works again), a few failures leave it full for good. */
#define FAILURES 3

static void the_reserve_is_also_for_what_was_accepted_before_the_loop_heard(void **state)
{
    struct machine m;

    (void)state;
    start(&m, 3);
    fault_space(RESERVE + 400 * 1024, m.reserve);
    while (stats_of(&m).failed_commits < FAILURES) {
        assert_true(workload_push(&m.w, 12));
        wait_unheard(&m, FAILURES);
    }
    for (int late = 0; late < 4; late++) {
        wait_unheard(&m, UINT64_MAX);
        assert_true(workload_push(&m.w, 12));
    }
    wait_unheard(&m, UINT64_MAX);
    fault_space(0, NULL);
    recover(&m);
    expect_reserve(&m);
    stop(&m);
    reopen_and_expect_all(&m);
}

/* One episode: the disk is full or fails while edits come in, then works again. */
static void one_episode(struct machine *m, struct rng *rng)
{
    unsigned kind = (unsigned)rng_below(rng, 4);

    if (kind == 0) {
        fault_space(1, NULL);
    } else if (kind == 3) {
        fault_data_syncs(1 + (unsigned)rng_below(rng, 2));
    } else {
        fault_errors(1 + (unsigned)rng_below(rng, 4), kind == 1 ? SQLITE_IOERR_WRITE : SQLITE_FULL);
    }
    for (int i = 0; i < 20 && workload_push(&m->w, 12); i++) {
        breathe(m, (int)rng_below(rng, 3));
    }
    fault_space(0, NULL);
    if (rng_chance(rng, 50)) {
        fault_errors(0, SQLITE_OK);
        fault_data_syncs(0);
    }
}

static void load_for_a_while(struct machine *m, struct rng *rng)
{
    for (unsigned i = (unsigned)rng_below(rng, 30); i > 0 && workload_push(&m->w, 12); i--) {
        breathe(m, (int)rng_below(rng, 3));
    }
}

static void failures_that_pass_lose_nothing(void **state)
{
    uint64_t seed = rng_test_seed(71), acks = 0;
    unsigned full = 0, failing = 0;

    (void)state;
    for (unsigned run = 0; run < 30; run++) {
        struct machine m;
        struct rng rng;

        rng_init(&rng, seed + run);
        start(&m, seed + run);
        for (int episode = 0; episode < 3; episode++) {
            load_for_a_while(&m, &rng);
            one_episode(&m, &rng);
            recover(&m);
        }
        full += m.full;
        failing += m.failing;
        acks += m.w.acks;
        stop(&m);
        reopen_and_expect_all(&m);
    }
    print_message("30 runs: disk full %u times, failing %u times, %llu acknowledged, 0 lost\n", full, failing,
                  (unsigned long long)acks);
    assert_true(full > 0);
    assert_true(failing > 0);
}

static void a_power_cut_after_a_failure_takes_back_no_acknowledgement(void **state)
{
    uint64_t seed = rng_test_seed(72), acks = 0, torn = 0;
    unsigned failures = 0;

    (void)state;
    for (unsigned run = 0; run < 60; run++) {
        struct machine m;
        struct rng rng;

        rng_init(&rng, seed + run);
        start(&m, seed + run);
        load_for_a_while(&m, &rng);
        one_episode(&m, &rng);
        if (rng_chance(&rng, 70)) {
            recover(&m);
            load_for_a_while(&m, &rng);
        }
        fault_cut();
        failures += m.full + m.failing;
        stop(&m);
        torn += fault_restore();
        open_machine(&m, NULL);
        for (unsigned note = 0; note < WORKLOAD_NOTES; note++) {
            struct workload_found found = workload_read(m.s, note);

            assert_true(found.rc == RC_OK || found.rc == RC_NOTFOUND);
            assert_false(found.gap || found.garbage);
            assert_in_range(found.last, m.w.acked[note], m.w.sent[note]);
        }
        acks += m.w.acks;
        stop(&m);
        files_remove_dir(m.dir);
    }
    print_message("60 cuts after %u failures, %llu writes torn or lost: %llu acknowledged, 0 lost\n", failures,
                  (unsigned long long)torn, (unsigned long long)acks);
    assert_true(failures > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reserve_lets_a_full_disk_commit_what_was_accepted),
        cmocka_unit_test(the_reserve_is_also_for_what_was_accepted_before_the_loop_heard),
        cmocka_unit_test(failures_that_pass_lose_nothing),
        cmocka_unit_test(a_power_cut_after_a_failure_takes_back_no_acknowledgement),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
