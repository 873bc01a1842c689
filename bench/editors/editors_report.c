#include "bench/editors/editors_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "bench/editors/editors_figures.h"
#include "bench/editors/editors_goals.h"
#include "bench/machine.h"

/* ---- Tables -------------------------------------------------------------------------------------------------- */

/* A column: a figure, or its ratio to the relay's. */
struct column {
    const char *head;
    enum figure figure;
    bool ratio;
};

#define COLUMNS_MAX 11
static const struct column steady[] = {
    {"p50 ms", FIGURE_P50, false},      {"× relay", FIGURE_P50, true},       {"p99 ms", FIGURE_P99, false},
    {"× relay", FIGURE_P99, true},      {"max ms", FIGURE_MAX, false},       {"delivered/s", FIGURE_DELIVERED, false},
    {"CPU µs each", FIGURE_CPU, false}, {"loop µs", FIGURE_LOOP_CPU, false}, {"× relay", FIGURE_LOOP_CPU, true},
    {"MB", FIGURE_MEMORY, false},       {"lag p99", FIGURE_LAG_P99, false},
};
static const struct column acks[] = {
    {"ack p50 ms", FIGURE_ACK_P50, false}, {"ack p99 ms", FIGURE_ACK_P99, false},
    {"p50 ms", FIGURE_P50, false},         {"p99 ms", FIGURE_P99, false},
    {"sent/s", FIGURE_SENT, false},        {"delivered/s", FIGURE_DELIVERED, false},
    {"CPU µs each", FIGURE_CPU, false},    {"loop µs", FIGURE_LOOP_CPU, false},
    {"busy", FIGURE_BUSY, false},          {"MB", FIGURE_MEMORY, false},
    {"lag p99", FIGURE_LAG_P99, false},
};
static const struct column most[] = {
    {"delivered/s", FIGURE_BEST, false},     {"× relay", FIGURE_BEST, true},  {"at p99 ms", FIGURE_BEST_P99, false},
    {"CPU µs each", FIGURE_BEST_CPU, false}, {"peak MB", FIGURE_PEAK, false},
};
static const struct column joins[] = {
    {"p50 ms", FIGURE_JOIN_P50, false}, {"last ms", FIGURE_JOIN_MAX, false}, {"CPU µs each", FIGURE_JOIN_CPU, false},
    {"× relay", FIGURE_JOIN_CPU, true}, {"peak MB", FIGURE_PEAK, false},     {"generator", FIGURE_GENERATOR, false},
};
static const struct column idles[] = {
    {"kB each", FIGURE_PER_CONNECTION, false},
    {"MB", FIGURE_MEMORY, false},
    {"busy", FIGURE_BUSY, false},
};
static const struct column slows[] = {
    {"quiet p99 ms", FIGURE_QUIET_P99, false}, {"p50 ms", FIGURE_P50, false},   {"p99 ms", FIGURE_P99, false},
    {"÷ quiet", FIGURE_DISTURBED, false},      {"grew MB", FIGURE_GREW, false}, {"peak MB", FIGURE_PEAK, false},
    {"delivered/s", FIGURE_DELIVERED, false},  {"busy", FIGURE_BUSY, false},    {"lag p99", FIGURE_LAG_P99, false},
};
static const struct column slow_disk[] = {
    {"quiet p99 ms", FIGURE_QUIET_P99, false},
    {"p50 ms", FIGURE_P50, false},
    {"p99 ms", FIGURE_P99, false},
    {"÷ quiet", FIGURE_DISTURBED, false},
    {"ack p50 ms", FIGURE_ACK_P50, false},
    {"ack p99 ms", FIGURE_ACK_P99, false},
    {"grew MB", FIGURE_GREW, false},
    {"lag p99", FIGURE_LAG_P99, false},
};
static const struct column full_disk[] = {
    {"quiet p99 ms", FIGURE_QUIET_P99, false},
    {"later p99 ms", FIGURE_LATER_P99, false},
    {"open: quiet p99", FIGURE_QUIET_OPEN_P99, false},
    {"full p99", FIGURE_OPEN_P99, false},
    {"÷ quiet", FIGURE_OPEN_DISTURBED, false},
    {"refused", FIGURE_REFUSED, false},
    {"all back ms", FIGURE_BACK, false},
    {"grew MB", FIGURE_GREW, false},
    {"lag p99", FIGURE_LAG_P99, false},
};
static const struct column restart[] = {
    {"ready ms", FIGURE_READY, false},
    {"all back ms", FIGURE_BACK, false},
    {"quiet p99 ms", FIGURE_QUIET_P99, false},
    {"later p99 ms", FIGURE_LATER_P99, false},
    {"MB", FIGURE_MEMORY, false},
};
static const struct column soak[] = {
    {"p50 ms", FIGURE_P50, false},
    {"p99 ms", FIGURE_P99, false},
    {"at rest MB", FIGURE_REST_MEMORY, false},
    {"grew MB", FIGURE_REST_GREW, false},
    {"descriptors +", FIGURE_DESCRIPTORS, false},
    {"peak MB", FIGURE_PEAK, false},
    {"lag p99", FIGURE_LAG_P99, false},
};

static const struct column *columns_of(const struct scenario *s, size_t *count)
{
#define GIVE(table) return *count = sizeof(table) / sizeof(*(table)), (table)
    switch (s->kind) {
    case SCENARIO_MOST:
        GIVE(most);
    case SCENARIO_JOIN:
    case SCENARIO_RECONNECT:
        GIVE(joins);
    case SCENARIO_IDLE:
        GIVE(idles);
    case SCENARIO_SLOW:
    case SCENARIO_FAULT:
        GIVE(slows);
    case SCENARIO_SLOW_DISK:
        GIVE(slow_disk);
    case SCENARIO_FULL_DISK:
        GIVE(full_disk);
    case SCENARIO_RESTART:
        GIVE(restart);
    case SCENARIO_SOAK:
        GIVE(soak);
    default:
        if (s->acks) {
            GIVE(acks);
        }
        GIVE(steady);
    }
#undef GIVE
}

const struct outcome *report_find(const struct scenario_report *r, const char *target)
{
    for (size_t i = 0; i < r->count; i++) {
        if (strcmp(r->outcomes[i]->target->name, target) == 0 && r->outcomes[i]->done) {
            return r->outcomes[i];
        }
    }
    return NULL;
}

static double ratio(const struct outcome *o, const struct outcome *relay, enum figure f)
{
    double own = figure_of(o, f), floor = relay == NULL ? -1 : figure_of(relay, f);

    return own < 0 || floor <= 0 ? -1 : own / floor;
}

/* What is to be said of a row in words. */
static void put_remark(struct sheet *s, const struct outcome *o)
{
    struct buf words = {0};

    if (!o->done) {
        sheet_cell(s, "%s", o->why);
        return;
    }
    buf_put_str(&words, outcome_is_good(o) ? "agree: " : "WRONG: ");
    agreement_describe(&o->agreement, &words);
    if (o->tally.lost > 0) {
        buf_printf(&words, ", %" PRIu64 " connections lost", o->tally.lost);
    }
    if (o->tally.broken > 0) {
        buf_printf(&words, ", %" PRIu64 " broken messages", o->tally.broken);
    }
    sheet_cell(s, "%.*s", (int)words.len, (const char *)words.data);
    buf_finish(&words);
}

void report_sheet(const struct scenario_report *r, struct sheet *out)
{
    const struct outcome *relay = report_find(r, "relay");
    struct buf heads = {0};
    size_t count;
    const struct column *columns = columns_of(&r->scenario, &count);

    buf_put_str(&heads, "server");
    for (size_t i = 0; i < count; i++) {
        buf_printf(&heads, "|%s", columns[i].head);
    }
    buf_put(&heads, "|result", sizeof("|result"));
    sheet_init(out, (const char *)heads.data);
    buf_finish(&heads);
    for (size_t row = 0; row < r->count; row++) {
        const struct outcome *o = r->outcomes[row];
        sheet_row(out);
        sheet_cell(out, "%s", o->target->name);
        for (size_t i = 0; i < count; i++) {
            enum figure f = columns[i].figure;
            sheet_number(out, !o->done ? -1 : columns[i].ratio ? ratio(o, relay, f) : figure_of(o, f));
        }
        put_remark(out, o);
    }
}

void report_goals(const struct scenario_report *r,
                  void (*each)(const char *text, const char *value, bool reached, void *user), void *user)
{
    const struct outcome *ours = report_find(r, "cahier"), *relay = report_find(r, "relay");
    double value = 0;
    bool reached = false;

    for (size_t i = 0; ours != NULL && !r->scenario.changed && i < editors_goal_count(); i++) {
        const struct editors_goal *g = editors_goal_at(i);
        if (editors_goal_concerns(g, r->scenario.name) && editors_goal_judge(g, ours, relay, &value, &reached)) {
            char text[32];
            sheet_number_text(text, sizeof(text), value);
            each(g->text, text, reached, user);
        }
    }
}

static void put_goal(const char *text, const char *value, bool reached, void *user)
{
    buf_printf(user, "  %s %s: %s\n", reached ? "reached" : "MISSED ", text, value);
}

void report_print_machine(void)
{
    struct machine m;

    machine_describe(&m);
    printf("%s · %s, %ld cores · %s\n", m.date, m.cpu, m.cores, m.compiler);
}

void report_print(const struct scenario_report *r)
{
    struct sheet sheet;
    struct buf text = {0};

    report_sheet(r, &sheet);
    buf_printf(&text, "\n%s: %s%s\n", r->scenario.name, r->scenario.about, r->scenario.changed ? " (but changed)" : "");
    sheet_put_text(&sheet, &text);
    report_goals(r, put_goal, &text);
    (void)fwrite(text.data, 1, text.len, stdout);
    (void)fflush(stdout);
    buf_finish(&text);
}
