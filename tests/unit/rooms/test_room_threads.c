/* Rooms with real workers: random guests come, write short and long edits, read, leave; notes load, compact and unload
 * meanwhile. For the thread sanitizer, and for all to agree in the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/support/rng.h"
#include "tests/unit/rooms/rig.h"

#define NOTES  3
#define GUESTS 4 /* of each note */
#define STEPS  1500

static struct rig rig;
static struct guest guest[NOTES][GUESTS];
static struct rng rng;
static unsigned short_edits, long_edits, returns, reads;

static const char *name_of(unsigned note)
{
    static const char *const names[NOTES] = {"a", "b", "c"};

    return names[note];
}

/* Of some thousand runs, so that applying it takes a while. */
static void type_long(struct guest *g)
{
    static char text[40000];

    memset(text, 'a' + (int)rng_below(&rng, 26), sizeof text - 1);
    guest_type(g, text);
    long_edits++;
}

static void step(unsigned note)
{
    struct guest *g = &guest[note][rng_below(&rng, GUESTS)];
    struct buf state = {0};

    switch (rng_below(&rng, 12)) {
    case 0:
        guest_disconnect(g);
        break;
    case 1:
        if (g->conn == NULL) {
            guest_reopen(g, name_of(note), "");
            returns++;
        }
        break;
    case 2:
        if (rng_chance(&rng, 20)) {
            type_long(g);
        }
        break;
    case 3:
        rig_state(&rig, name_of(note), &state);
        reads++;
        break;
    case 4:
        rig_pass(&rig, 100);
        break;
    default:
        guest_type(g, "x");
        short_edits++;
    }
    buf_finish(&state);
}

static void everybody_returns(void)
{
    for (unsigned n = 0; n < NOTES; n++) {
        for (unsigned i = 0; i < GUESTS; i++) {
            guest_disconnect(&guest[n][i]);
            guest_reopen(&guest[n][i], name_of(n), "");
        }
    }
    rig_pass(&rig, 1000);
}

static void all_agree_after_a_day_of_short_and_long_edits(void **state)
{
    struct rooms_options options = rig_options();

    (void)state;
    rng_init(&rng, rng_test_seed(20250101));
    options.compact_rows = 30;
    options.idle_ms = 200;
    options.unload_rows = 5;
    rig.threads = 2;
    rig_open(&rig, &options);
    for (unsigned n = 0; n < NOTES; n++) {
        for (unsigned i = 0; i < GUESTS; i++) {
            guest_open(&guest[n][i], &rig, i % 2 ? CONN_HOCUSPOCUS : CONN_YWEBSOCKET, name_of(n), "", 10 * n + i + 1);
        }
    }
    for (unsigned i = 0; i < STEPS; i++) {
        step((unsigned)rng_below(&rng, NOTES));
        if (rng_chance(&rng, 30)) {
            rig_run(&rig);
        }
    }
    everybody_returns();
    for (unsigned n = 0; n < NOTES; n++) {
        for (unsigned i = 0; i < GUESTS; i++) {
            assert_true(guest_agrees_with_server(&guest[n][i], name_of(n)));
        }
    }
    fprintf(stderr, "%u short edits, %u long ones, %u returns, %u reads, %llu loads, %llu compactions\n", short_edits,
            long_edits, returns, reads, (unsigned long long)rig_stats(&rig).loads,
            (unsigned long long)rig_stats(&rig).compactions);
    assert_true(short_edits > 0 && long_edits > 0 && returns > 0 && reads > 0);
    assert_true(rig_stats(&rig).loads > NOTES && rig_stats(&rig).compactions > 0);
    rig_close(&rig);
    for (unsigned n = 0; n < NOTES; n++) {
        for (unsigned i = 0; i < GUESTS; i++) {
            guest_finish(&guest[n][i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_agree_after_a_day_of_short_and_long_edits)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
