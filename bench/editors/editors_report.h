#ifndef BENCH_EDITORS_EDITORS_REPORT_H
#define BENCH_EDITORS_EDITORS_REPORT_H

/* What came out, for people and for programs. */
#include <jansson.h>
#include "bench/editors/scenarios.h"
#include "bench/editors/sheet.h"

/* The outcomes of one scenario, a server each. */
struct scenario_report {
    struct scenario scenario;
    struct outcome **outcomes;
    size_t count;
};

const struct outcome *report_find(const struct scenario_report *r, const char *target); /* NULL: none that was done */
/* The table of a scenario: the columns depend on its kind. */
void report_sheet(const struct scenario_report *r, struct sheet *out);
/* Calls `each` for every goal of the scenario that can be judged: what was asked, what is to be compared with it. */
void report_goals(const struct scenario_report *r,
                  void (*each)(const char *text, const char *value, bool reached, void *user), void *user);
/* Table and goals on standard output. */
void report_print(const struct scenario_report *r);
/* The machine, on standard output. */
void report_print_machine(void);

/* Its plots, as HTML. */
void report_plots(const struct scenario_report *r, struct buf *out);

/* RC_IO, RC_NOMEM. */
int report_write_json(const char *path, const struct scenario_report *reports, size_t count) MUST_CHECK;
int report_write_html(const char *path, const struct scenario_report *reports, size_t count) MUST_CHECK;

#endif
