/* The plots of a scenario: what is worth a picture depends on its kind. */
#include <math.h>
#include "bench/editors/editors_figures.h"
#include "bench/editors/editors_report.h"
#include "bench/editors/nanotime.h"
#include "bench/editors/plot.h"

#define SHARE_STEPS 60 /* points of a latency curve */
#define LEAST_MS    0.01

/* A server has its colour in all plots. */
static size_t colour_of(const struct outcome *o)
{
    for (size_t i = 0; i < target_count(); i++) {
        if (target_at(i) == o->target) {
            return i % PLOT_SERIES;
        }
    }
    return 1;
}

static double ms_of(const struct histogram *h, double share)
{
    return fmax((double)histogram_at(h, share) / (double)NANO_MS, LEAST_MS);
}

/* One latency for each share of the deliveries; the shares stand by their nines. */
static void plot_latency(const struct scenario_report *r, struct buf *out)
{
    struct plot p = {.title = "Edit sent → received, by share of deliveries",
                     .x = {.label = "share of deliveries", .least = 0, .most = 0.9999, .nines = true},
                     .y = {.label = "ms", .least = 1e9, .most = 0, .log = true}};

    for (size_t i = 0; i < r->count; i++) {
        const struct histogram *h = &r->outcomes[i]->tally.edits.latency;
        if (r->outcomes[i]->done && h->count > 0) {
            plot_reach(&p.y, ms_of(h, 0.001));
            plot_reach(&p.y, ms_of(h, p.x.most));
        }
    }
    if (p.y.most <= 0) {
        return;
    }
    plot_begin(&p);
    for (size_t i = 0; i < r->count; i++) {
        const struct histogram *h = &r->outcomes[i]->tally.edits.latency;
        if (!r->outcomes[i]->done || h->count == 0) {
            continue;
        }
        plot_line_begin(&p, r->outcomes[i]->target->name, colour_of(r->outcomes[i]));
        for (int step = 0; step <= SHARE_STEPS; step++) {
            double share = 1 - pow(10, -4.0 * step / SHARE_STEPS);
            plot_line_to(&p, share, ms_of(h, share));
        }
        plot_line_end(&p);
    }
    plot_end(&p, out);
}

/* What was tried in a search: full dots were good. */
static void plot_search(const struct scenario_report *r, struct buf *out)
{
    struct plot p = {.title = "Search: delivered a second against p99",
                     .x = {.label = "edits delivered a second", .least = 1e12, .most = 0, .log = true},
                     .y = {.label = "p99, ms", .least = 1e9, .most = 100, .log = true}};

    for (size_t i = 0; i < r->count; i++) {
        for (size_t s = 0; s < r->outcomes[i]->step_count; s++) {
            plot_reach(&p.x, r->outcomes[i]->steps[s].delivered);
            plot_reach(&p.y, r->outcomes[i]->steps[s].p99);
        }
    }
    if (p.x.most <= 0) {
        return;
    }
    plot_begin(&p);
    plot_level(&p, 50, "50 ms");
    for (size_t i = 0; i < r->count; i++) {
        const struct outcome *o = r->outcomes[i];
        plot_line_begin(&p, o->target->name, colour_of(o));
        plot_line_end(&p);
        for (size_t s = 0; s < o->step_count; s++) {
            if (o->steps[s].delivered > 0 && o->steps[s].p99 > 0) {
                plot_dot(&p, o->steps[s].delivered, o->steps[s].p99, colour_of(o), !o->steps[s].good);
            }
        }
    }
    plot_end(&p, out);
}

static void plot_joins(const struct scenario_report *r, struct buf *out)
{
    struct plot p = {.title = "Editors that have the note, over time",
                     .x = {.label = "ms from connecting", .least = 1e9, .most = 0, .log = true},
                     .y = {.label = "% of editors", .least = 0, .most = 100}};

    for (size_t i = 0; i < r->count; i++) {
        const struct histogram *h = &r->outcomes[i]->tally.join;
        if (r->outcomes[i]->done && h->count > 0) {
            plot_reach(&p.x, ms_of(h, 0.001));
            plot_reach(&p.x, ms_of(h, 1));
        }
    }
    if (p.x.most <= 0) {
        return;
    }
    plot_begin(&p);
    for (size_t i = 0; i < r->count; i++) {
        const struct histogram *h = &r->outcomes[i]->tally.join;
        plot_line_begin(&p, r->outcomes[i]->target->name, colour_of(r->outcomes[i]));
        for (int percent = 1; h->count > 0 && percent <= 100; percent++) {
            plot_line_to(&p, ms_of(h, percent / 100.0), percent);
        }
        plot_line_end(&p);
    }
    plot_end(&p, out);
}

static double sample_p99(const struct crowd_sample *s)
{
    return s->p99;
}

static double sample_memory(const struct crowd_sample *s)
{
    return s->memory / 1e6;
}

/* Zero: there is nothing to show at that moment. */
static void plot_samples(const struct scenario_report *r, struct plot p, double (*value)(const struct crowd_sample *s),
                         struct buf *out)
{
    for (size_t i = 0; i < r->count; i++) {
        for (size_t s = 0; s < r->outcomes[i]->sample_count; s++) {
            plot_reach(&p.x, r->outcomes[i]->samples[s].at);
            plot_reach(&p.y, value(&r->outcomes[i]->samples[s]));
        }
    }
    if (p.y.most <= 0) {
        return;
    }
    plot_begin(&p);
    for (size_t i = 0; i < r->count; i++) {
        const struct outcome *o = r->outcomes[i];
        plot_line_begin(&p, o->target->name, colour_of(o));
        for (size_t s = 0; s < o->sample_count; s++) {
            if (value(&o->samples[s]) > 0) {
                plot_line_to(&p, o->samples[s].at, value(&o->samples[s]));
            }
        }
        plot_line_end(&p);
    }
    plot_end(&p, out);
}

static void plot_over_time(const struct scenario_report *r, struct buf *out)
{
    struct plot p = {.title = "p99 of each quarter of a second",
                     .x = {.label = "seconds", .least = 0, .most = 1},
                     .y = {.label = "ms", .least = 1e9, .most = 0, .log = true}};

    plot_samples(r, p, sample_p99, out);
}

static void plot_memory(const struct scenario_report *r, struct buf *out)
{
    struct plot p = {.title = "Memory of the server",
                     .x = {.label = "seconds", .least = 0, .most = 1},
                     .y = {.label = "MB", .least = 0, .most = 0}};

    plot_samples(r, p, sample_memory, out);
}

static void bars(const struct scenario_report *r, const char *title, enum figure f, struct buf *out)
{
    struct plot_bar list[SHEET_ROWS];
    char texts[SHEET_ROWS][32];
    size_t count = 0;

    for (size_t i = 0; i < r->count && count < SHEET_ROWS; i++) {
        double value = r->outcomes[i]->done ? figure_of(r->outcomes[i], f) : -1;
        if (value >= 0) {
            sheet_number_text(texts[count], sizeof(texts[count]), value);
            list[count] =
                (struct plot_bar){r->outcomes[i]->target->name, texts[count], value, colour_of(r->outcomes[i])};
            count++;
        }
    }
    if (count > 0) {
        plot_bars(title, list, count, out);
    }
}

void report_plots(const struct scenario_report *r, struct buf *out)
{
    buf_put_str(out, "<div class=\"plots\">\n");
    switch (r->scenario.kind) {
    case SCENARIO_MOST:
        plot_search(r, out);
        bars(r, "Most delivered a second", FIGURE_BEST, out);
        break;
    case SCENARIO_JOIN:
    case SCENARIO_RECONNECT:
        plot_joins(r, out);
        bars(r, "CPU of the server per editor, µs", FIGURE_JOIN_CPU, out);
        break;
    case SCENARIO_RESTART:
        plot_joins(r, out);
        bars(r, "kill -9 → everybody is back, ms", FIGURE_BACK, out);
        break;
    case SCENARIO_SOAK:
        plot_memory(r, out);
        plot_over_time(r, out);
        break;
    case SCENARIO_FULL_DISK:
        bars(r, "Room again → everybody has everything, ms", FIGURE_BACK, out);
        bars(r, "Opening a note meanwhile, p99, ms", FIGURE_OPEN_P99, out);
        break;
    case SCENARIO_IDLE:
        bars(r, "Memory of the server per editor, kB", FIGURE_PER_CONNECTION, out);
        break;
    case SCENARIO_SLOW:
    case SCENARIO_FAULT:
        plot_over_time(r, out);
        plot_latency(r, out);
        bars(r, "Memory that it took meanwhile, MB", FIGURE_GREW, out);
        break;
    default:
        plot_latency(r, out);
        plot_over_time(r, out);
        bars(r, "CPU of the server per delivered edit, µs", FIGURE_CPU, out);
        bars(r, "Edit sent → acknowledged, p99, ms", FIGURE_ACK_P99, out);
        break;
    }
    buf_put_str(out, "</div>\n");
}
