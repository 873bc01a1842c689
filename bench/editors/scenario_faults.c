/* Somebody is in the way: readers who do not read, vandals. */
#include "bench/editors/nanotime.h"
#include "bench/editors/scenario_run.h"
#include "bench/editors/vandal.h"

static void set_deaf(struct crowd *c, size_t count, bool deaf)
{
    for (size_t i = 0; i < count; i++) {
        line_set_deaf(&c->net, &crowd_editor(c, crowd_size(c) - 1 - i)->line, deaf);
    }
}

/* The latency is that of those who read: what waits for the others arrives after the window, when they read again. */
bool run_slow_readers(struct run *r)
{
    struct crowd *c = r->crowd;

    run_measure_quiet(r);
    set_deaf(c, r->scenario->deaf, true);
    run_begin_window(r);
    run_for(r, r->scenario->seconds);
    run_end_window(r);
    run_tell(r);
    set_deaf(c, r->scenario->deaf, false);
    crowd_set_rate(c, 0);
    return true;
}

/* A server that cannot be reached is not one that withstands. */
static bool has_met_the_server(const struct run *r, const void *deeds)
{
    const struct vandal_deeds *d = deeds;

    return d->bytes > 0 && (d->entered > 0 || r->scenario->vandal == VANDAL_BOMB);
}

bool run_vandal(struct run *r)
{
    struct vandal_process vandal;

    run_measure_quiet(r);
    if (vandal_start(r->scenario->vandal, r->crowd, &vandal) != RC_OK) {
        run_give_up(r, "no process for the vandal");
        return false;
    }
    run_begin_window(r);
    bool met = run_until_met(r, r->scenario->seconds, has_met_the_server, vandal.deeds);
    run_end_window(r);
    r->out->deeds = vandal_stop(&vandal);
    if (!met) {
        run_give_up(r, "the vandal did not get in");
    }
    return met;
}
