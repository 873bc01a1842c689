#include "bench/editors/scenario_run.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include "bench/editors/editor.h"
#include "bench/editors/nanotime.h"

#define JOIN_PATIENCE (120 * NANO_S)
#define MET_PATIENCE  (120 * NANO_S)
#define MET_LOOK      0.05 /* seconds from one look to the next */

static uint64_t own_cpu(void)
{
    struct timespec t = {0};

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * NANO_S + (uint64_t)t.tv_nsec;
}

uint64_t run_ns(double seconds)
{
    return (uint64_t)(seconds * (double)NANO_S);
}

double run_ms(uint64_t ns)
{
    return (double)ns / (double)NANO_MS;
}

void run_give_up(struct run *r, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(r->out->why, sizeof(r->out->why), format, args);
    va_end(args);
}

void run_begin_window(struct run *r)
{
    crowd_begin_window(r->crowd);
    r->out->observed = usage_read(r->server, &r->out->before);
    r->generator_cpu = own_cpu();
}

void run_end_window(struct run *r)
{
    crowd_end_window(r->crowd);
    r->out->observed = usage_read(r->server, &r->out->after) && r->out->observed;
    double span = r->crowd->tally.seconds * (double)NANO_S;
    r->out->generator = span > 0 ? (double)(own_cpu() - r->generator_cpu) / span : 0;
}

void run_tell(struct run *r)
{
    struct crowd *c = r->crowd;

    if (r->told) {
        return;
    }
    r->told = true;
    r->out->tally = c->tally;
    r->out->samples = c->samples; /* the outcome takes them over */
    r->out->sample_count = c->sample_count;
    c->samples = NULL;
    c->sample_count = c->sample_cap = 0;
}

bool run_bring_in(struct run *r)
{
    struct crowd *c = r->crowd;

    crowd_join(c, crowd_size(c));
    crowd_run(c, nanotime() + JOIN_PATIENCE, crowd_is_in);
    if (!crowd_is_in(c)) {
        run_give_up(r, "only %zu of %zu editors came in", c->in, crowd_size(c));
        return false;
    }
    return true;
}

void run_for(struct run *r, double seconds)
{
    crowd_run(r->crowd, nanotime() + run_ns(seconds), NULL);
}

bool run_until_met(struct run *r, double seconds, bool (*met)(const struct run *r, const void *what), const void *what)
{
    uint64_t until = nanotime() + run_ns(seconds) + MET_PATIENCE;

    run_for(r, seconds);
    while (!met(r, what) && r->crowd->rc == RC_OK && nanotime() < until) {
        run_for(r, MET_LOOK);
    }
    return met(r, what);
}

bool run_fall_quiet(struct run *r)
{
    crowd_set_rate(r->crowd, 0);
    crowd_run(r->crowd, nanotime() + run_ns(r->options->patience), crowd_is_quiet);
    return crowd_is_quiet(r->crowd);
}

void run_type(struct run *r, double rate, double warm_up, double window)
{
    crowd_set_rate(r->crowd, rate);
    run_for(r, warm_up);
    run_begin_window(r);
    run_for(r, window);
    run_end_window(r);
}

void run_measure_quiet(struct run *r)
{
    run_type(r, r->scenario->rate, r->options->warm_up, r->scenario->seconds / 2);
    r->out->quiet = r->crowd->tally.edits.latency;
}
