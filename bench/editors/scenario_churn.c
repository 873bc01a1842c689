/* Everybody comes, or comes back: a storm at one note, after a cut, after a crash, and again and again. */
#include "bench/editors/editor.h"
#include "bench/editors/nanotime.h"
#include "bench/editors/scenario_run.h"

#define CYCLE_SECONDS 10.0
#define CYCLES_LEAST  3

bool run_join_storm(struct run *r)
{
    r->crowd->options.opening = 0;
    run_begin_window(r);
    bool all = run_bring_in(r);
    run_end_window(r);
    return all;
}

static void cut_all(struct crowd *c)
{
    for (size_t i = 0; i < crowd_size(c); i++) {
        editor_leave(crowd_editor(c, i));
    }
}

bool run_reconnect(struct run *r)
{
    crowd_set_rate(r->crowd, r->scenario->rate);
    run_for(r, r->scenario->seconds);
    (void)run_fall_quiet(r);
    cut_all(r->crowd);
    return run_join_storm(r);
}

/* ---- After a crash ----------------------------------------------------------------------------------------------- */

/* Their lines break with the server, and they are back as soon as it takes them. */
static bool return_to_new_server(struct run *r, uint64_t began)
{
    struct crowd *c = r->crowd;

    r->server = c->options.server = r->options->running->pid;
    c->options.opening = 0;
    run_begin_window(r);
    crowd_join(c, crowd_size(c));
    crowd_run(c, began + run_ns(r->options->patience), crowd_has_somebody);
    r->out->ready = run_ms(nanotime() - began);
    bool all = run_bring_in(r);
    r->out->back = run_ms(nanotime() - began);
    run_end_window(r);
    return all;
}

bool run_restart(struct run *r)
{
    struct running *running = r->options->running;

    if (running == NULL) {
        run_give_up(r, "only a server that is started for this can be killed");
        return false;
    }
    run_measure_quiet(r);
    target_kill(running);
    cut_all(r->crowd);
    crowd_set_rate(r->crowd, 0);
    uint64_t began = nanotime();
    if (target_start_again(running) != RC_OK) {
        run_give_up(r, "it did not start again");
        return false;
    }
    if (!return_to_new_server(r, began)) {
        return false;
    }
    run_tell(r);
    (void)run_fall_quiet(r);
    run_type(r, r->scenario->rate, r->options->warm_up, r->scenario->seconds / 2);
    r->out->later = r->crowd->tally.edits.latency;
    return true;
}

/* ---- Again and again --------------------------------------------------------------------------------------------- */

/* Note by note, one editor after the other, evenly over so many seconds. */
static void sweep(struct run *r, void (*each)(struct editor *e), double seconds)
{
    struct crowd *c = r->crowd;
    size_t count = crowd_size(c);
    uint64_t began = nanotime();

    for (size_t i = 0; i < count; i++) {
        each(&c->notes[i / c->options.editors].editors[i % c->options.editors]);
        crowd_run(c, began + run_ns(seconds * (double)(i + 1) / (double)count), NULL);
    }
}

static bool is_at_rest(const struct run *r, size_t descriptors)
{
    return r->out->rest_count == 0 || descriptors <= r->out->rests[0].descriptors;
}

/* All have left; the server has noticed, or had the time to. */
static void note_rest(struct run *r, double seconds)
{
    uint64_t until = nanotime() + run_ns(r->options->patience);
    struct scenario_rest rest = {0};
    struct usage usage;

    run_for(r, seconds);
    do {
        rest.descriptors = usage_descriptors(r->server);
        crowd_run(r->crowd, nanotime() + 10 * NANO_MS, NULL);
    } while (!is_at_rest(r, rest.descriptors) && nanotime() < until);
    if (usage_read(r->server, &usage)) {
        rest.memory = usage.memory;
        r->out->rests[r->out->rest_count++] = rest;
    }
}

bool run_soak(struct run *r)
{
    double cycles = r->scenario->seconds / CYCLE_SECONDS;
    cycles = cycles < CYCLES_LEAST ? CYCLES_LEAST : cycles > SCENARIO_RESTS ? SCENARIO_RESTS : cycles;
    double cycle = r->scenario->seconds / cycles;

    crowd_set_rate(r->crowd, r->scenario->rate);
    run_begin_window(r);
    for (int i = 0; i < (int)cycles; i++) {
        run_for(r, cycle * 0.2);
        sweep(r, editor_leave, cycle * 0.25);
        note_rest(r, cycle * 0.3);
        sweep(r, editor_join, cycle * 0.25);
    }
    run_end_window(r);
    crowd_run(r->crowd, nanotime() + run_ns(r->options->patience), crowd_nobody_comes);
    return true;
}
