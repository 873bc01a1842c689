/* The most that a server delivers in time: ever faster, then halving what lies between good and bad. */
#include "bench/editors/nanotime.h"
#include "bench/editors/scenario_run.h"

#define STEP_WARM_UP 0.5
#define STEP_FACTOR  1.7  /* to the next rate while all is well */
#define STEP_LEAST   1.06 /* a search ends when good and bad are this close */
#define KEEPS_UP     0.95 /* share of what is expected that must arrive within a step */

static double expected_rate(const struct run *r, double rate)
{
    return rate * (double)crowd_size(r->crowd) * (double)(r->scenario->editors - 1);
}

static struct scenario_step measure_step(struct run *r, double rate)
{
    struct crowd *c = r->crowd;

    crowd_set_rate(c, rate);
    run_for(r, STEP_WARM_UP);
    uint64_t expected = c->expected;
    run_begin_window(r);
    run_for(r, r->scenario->seconds);
    run_end_window(r);
    expected = c->expected - expected;
    (void)run_fall_quiet(r);

    const struct crowd_tally *t = &c->tally;
    struct scenario_step step = {
        .rate = rate,
        .delivered = (double)t->delivered / t->seconds,
        .p50 = run_ms(histogram_at(&t->edits.latency, 0.50)),
        .p99 = run_ms(histogram_at(&t->edits.latency, 0.99)),
        .generator = r->out->generator,
    };
    if (r->out->observed && t->delivered > 0) {
        step.cpu = (double)(r->out->after.cpu - r->out->before.cpu) / (double)NANO_US / (double)t->delivered;
    }
    step.good = t->lost == 0 && c->heard >= c->expected && step.p99 <= r->options->p99_most &&
                (double)t->delivered >= KEEPS_UP * (double)expected && expected_rate(r, rate) > 0;
    return step;
}

static void note_step(struct outcome *o, const struct scenario_step *step)
{
    if (step->good && (o->best == SIZE_MAX || step->delivered > o->steps[o->best].delivered)) {
        o->best = o->step_count;
    }
    o->steps[o->step_count++] = *step;
}

/* A step that fails is tried once more: a neighbour on the machine may have been in the way. */
static bool try_step(struct run *r, double rate)
{
    for (int i = 0; i < 2 && r->out->step_count < SCENARIO_STEPS; i++) {
        struct scenario_step step = measure_step(r, rate);
        note_step(r->out, &step);
        if (step.good) {
            return true;
        }
    }
    return false;
}

/* What was lost or never came does not come back. */
static bool is_alive(const struct crowd *c)
{
    return c->rc == RC_OK && c->tally.lost == 0 && c->heard >= c->expected;
}

/* Upwards in large steps to the first rate that is too much (or downwards to the first that is not), then halving what
 * lies between. */
bool run_search(struct run *r)
{
    struct outcome *o = r->out;
    double good = 0, bad = 0, rate = r->scenario->rate;

    o->best = SIZE_MAX;
    while (o->step_count < SCENARIO_STEPS && (bad <= 0 || good <= 0 || bad / good > STEP_LEAST)) {
        *(try_step(r, rate) ? &good : &bad) = rate;
        if (!is_alive(r->crowd)) {
            break;
        }
        rate = bad <= 0 ? good * STEP_FACTOR : good <= 0 ? bad / STEP_FACTOR : (good + bad) / 2;
    }
    if (o->best == SIZE_MAX) {
        run_give_up(r, "every rate was too fast");
        return false;
    }
    return true;
}
