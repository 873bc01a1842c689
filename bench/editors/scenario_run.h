#ifndef BENCH_EDITORS_SCENARIO_RUN_H
#define BENCH_EDITORS_SCENARIO_RUN_H

/* One run of a scenario, as its parts see it. Each kind is a function that does what the kind is about, measures it in
 * a window (run_begin_window … run_end_window) and gives whether it could be done; else run_give_up said why. Before it
 * everybody has come in, but in a join storm; after it comes the check that all agree. */
#include "bench/editors/scenarios.h"

struct run {
    const struct scenario_options *options;
    const struct scenario *scenario;
    struct crowd *crowd;
    struct outcome *out;
    pid_t server;           /* 0: not observed */
    uint64_t generator_cpu; /* at the window's begin */
    bool told;              /* the outcome has its tally: what comes later does not count */
};

bool run_search(struct run *r); /* SCENARIO_MOST */
bool run_join_storm(struct run *r);
bool run_reconnect(struct run *r);
bool run_soak(struct run *r);
bool run_restart(struct run *r);
bool run_slow_readers(struct run *r);
bool run_vandal(struct run *r);
bool run_slow_disk(struct run *r);
bool run_full_disk(struct run *r);

void __attribute__((format(printf, 2, 3))) run_give_up(struct run *r, const char *format, ...);
void run_begin_window(struct run *r);
void run_end_window(struct run *r);
/* What was counted up to now is the outcome's; what arrives later is late because of what the scenario did. */
void run_tell(struct run *r);
/* All typing editors that are out come in. */
bool run_bring_in(struct run *r);
/* Whatever happens, for so long. */
void run_for(struct run *r, double seconds);
/* The same, and on until this was met: on a busy machine what a scenario is about may take longer to begin. Gives
 * whether it was, which is waited for two minutes at most. */
bool run_until_met(struct run *r, double seconds, bool (*met)(const struct run *r, const void *what), const void *what);
/* Nobody types; until all that was typed has arrived, or the patience is at its end. */
bool run_fall_quiet(struct run *r);
/* Types at this rate: first for `warm_up` seconds, then for those of the window. */
void run_type(struct run *r, double rate, double warm_up, double window);
/* The latency before a disturbance, for comparison. */
void run_measure_quiet(struct run *r);
double run_ms(uint64_t ns);
uint64_t run_ns(double seconds);

#endif
