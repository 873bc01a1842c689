/* A disk that is slow, or full. */
#include "bench/editors/editor.h"
#include "bench/editors/nanotime.h"
#include "bench/editors/scenario_run.h"

#define VISIT_EVERY (NANO_S / 20)

static bool need_disk(struct run *r)
{
    if (r->options->running == NULL || r->options->running->disk == NULL) {
        run_give_up(r, "only the disk of a server that is started for this can be spoiled");
        return false;
    }
    return true;
}

static bool has_delayed(const struct run *r, const void *disk)
{
    (void)r;
    return disk_count(disk).delayed > 0;
}

/* Whoever needs the disk waits, in a window; everybody else must not notice. */
bool run_slow_disk(struct run *r)
{
    if (!need_disk(r)) {
        return false;
    }
    struct disk *disk = r->options->running->disk;
    run_measure_quiet(r);
    disk_set(disk, DISK_SLOW, r->scenario->delay_ms);
    run_begin_window(r);
    bool met = run_until_met(r, r->scenario->seconds, has_delayed, disk);
    run_end_window(r);
    disk_set(disk, DISK_GOOD, 0);
    r->out->disk = disk_count(disk);
    if (!met) {
        run_give_up(r, "the server synchronised nothing");
    }
    return met;
}

/* Somebody opens one note after the other, to read. */
static void visit_notes(struct run *r, double seconds)
{
    struct crowd *c = r->crowd;
    uint64_t now, until = nanotime() + run_ns(seconds);

    for (size_t i = 0; (now = nanotime()) < until; i++) {
        struct editor *visitor = crowd_checker(c, i % c->options.notes);
        editor_join(visitor);
        crowd_run(c, until, crowd_nobody_comes);
        editor_leave(visitor);
        crowd_run(c, now + VISIT_EVERY < until ? now + VISIT_EVERY : until, NULL);
    }
}

static void measure_with_visits(struct run *r, double seconds)
{
    run_begin_window(r);
    visit_notes(r, seconds);
    run_end_window(r);
}

static bool somebody_was_refused(const struct crowd *c)
{
    return c->tally.refused > 0;
}

/* What is typed now is refused, and said to be; what is there can be read. */
static bool measure_full(struct run *r, struct disk *disk)
{
    disk_set(disk, DISK_FULL, 0);
    measure_with_visits(r, r->scenario->seconds);
    crowd_run(r->crowd, nanotime() + run_ns(r->options->patience), somebody_was_refused);
    run_tell(r);
    r->out->disk = disk_count(disk);
    const struct crowd_tally *t = &r->out->tally;
    if (r->out->disk.refused == 0 || t->refused == 0) {
        run_give_up(r, "no edit was refused");
        return false;
    }
    if (t->ack.count > 0) {
        run_give_up(r, "%llu edits were acknowledged on a full disk", (unsigned long long)t->ack.count);
        return false;
    }
    return true;
}

/* There is room again: what was refused comes again from those who wrote it. */
static bool measure_recovery(struct run *r, struct disk *disk)
{
    uint64_t began = nanotime();

    disk_set(disk, DISK_GOOD, 0);
    if (!run_fall_quiet(r)) {
        run_give_up(r, "what was refused did not arrive when there was room again");
        return false;
    }
    r->out->back = run_ms(nanotime() - began);
    run_type(r, r->scenario->rate, r->options->warm_up, r->scenario->seconds / 2);
    r->out->later = r->crowd->tally.edits.latency;
    return true;
}

bool run_full_disk(struct run *r)
{
    if (!need_disk(r)) {
        return false;
    }
    struct disk *disk = r->options->running->disk;
    crowd_set_rate(r->crowd, r->scenario->rate);
    run_for(r, r->options->warm_up);
    measure_with_visits(r, r->scenario->seconds / 2);
    r->out->quiet = r->crowd->tally.edits.latency;
    r->out->quiet_join = r->crowd->tally.join;
    return measure_full(r, disk) && measure_recovery(r, disk);
}
