/* kill -9 of a process that appends under load, again and again on the same file. It reports each
 * acknowledgement through a pipe; the parent, which survives, knows what must be there.
 *
 * One kill in four falls at a random moment; the others wait for a commit, a checkpoint or a compaction to begin, which
 * comes at its own time on every disk, and fall soon after.
 *
 * CAHIER_SEED and CAHIER_KILLS (60) change what is run. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "server/store/sqlite.h"
#include "tests/server/store/vfs_fault.h"
#include "tests/server/store/workload.h"
#include "tests/support/files.h"

#define PATIENCE_MS 120000
#define RANDOM_US   60000 /* of a kill at a random moment, after the first acknowledgement */
#define SOON_US     1000  /* of another, after what it waits for has begun */
#define LOOK_US     20

/* What a kill waits for. */
enum aim { COMMIT, CHECKPOINT, COMPACTION, NOTHING, AIMS };

/* What the child tells: `note` has all up to `number`, durably. Written whole (less than PIPE_BUF). */
struct report {
    uint64_t note, number;
};

struct tally {
    unsigned kills, commit, checkpoint, compaction;
    uint64_t acks;
};

static void on_wake(void *ctx)
{
    (void)ctx;
}

static void on_closed(void *ctx)
{
    *(bool *)ctx = true;
}

static struct store *open_store(const char *path, const char *vfs)
{
    const struct store_sqlite_config config = {.path = path, .wal_limit = 16 * 4096, .vfs = vfs};
    const struct store_host host = {on_wake, NULL, NULL, NULL};
    struct store *s;
    char error[256];

    if (store_sqlite_open(&config, &host, error, sizeof(error), &s) != RC_OK) {
        fprintf(stderr, "cannot open: %s\n", error);
        return NULL;
    }
    return s;
}

static void report_ack(void *ctx, unsigned note, uint64_t number)
{
    const struct report r = {note, number};

    if (write(*(const int *)ctx, &r, sizeof(r)) != (ssize_t)sizeof(r)) {
        _exit(2);
    }
}

/* The child: appends until it is killed. `from`: what the notes hold already. */
static void child_main(const char *path, int pipe_fd, volatile struct fault_busy *busy, const uint64_t *from,
                       uint64_t seed)
{
    struct workload w;
    struct store *s;

    fault_reset(seed, span_str(WORKLOAD_MARK));
    fault_watch(busy);
    s = open_store(path, FAULT_VFS);
    if (s == NULL) {
        _exit(3);
    }
    workload_init(&w, s, seed);
    w.on_ack = report_ack;
    w.ctx = &pipe_fd;
    memcpy(w.sent, from, sizeof(w.sent));
    memcpy(w.acked, from, sizeof(w.acked));
    for (;;) {
        struct store_stats stats;

        if (!workload_push(&w, 24)) {
            _exit(4);
        }
        do {
            int rc = store_wait(s, 1);

            (void)rc;
            store_drain(s);
            store_stats(s, &stats);
        } while (stats.queued > 60);
    }
}

static void sleep_us(uint64_t us)
{
    const struct timespec time = {(time_t)(us / 1000000), (long)(us % 1000000) * 1000};

    nanosleep(&time, NULL);
}

/* Everything the child said before it died. */
static uint64_t read_reports(int fd, uint64_t *acked)
{
    struct report r;
    uint64_t count = 0;

    while (read(fd, &r, sizeof(r)) == (ssize_t)sizeof(r)) {
        assert_in_range(r.note, 0, WORKLOAD_NOTES - 1);
        acked[r.note] = r.number;
        count++;
    }
    return count;
}

static bool has_begun(const volatile struct fault_busy *busy, enum aim aim)
{
    switch (aim) {
    case COMMIT:
        return busy->commit;
    case CHECKPOINT:
        return busy->checkpoint;
    case COMPACTION:
        return busy->compaction;
    default:
        return true;
    }
}

static void wait_for_moment(const volatile struct fault_busy *busy, enum aim aim, struct rng *rng)
{
    for (uint64_t us = 0; !has_begun(busy, aim); us += LOOK_US) {
        assert_true(us < PATIENCE_MS * UINT64_C(1000));
        sleep_us(LOOK_US);
    }
    sleep_us(rng_below(rng, aim == NOTHING ? RANDOM_US : SOON_US));
}

static void count_kill(struct tally *t, const volatile struct fault_busy *busy)
{
    t->kills++;
    t->commit += busy->commit && !busy->compaction;
    t->compaction += busy->compaction;
    t->checkpoint += busy->checkpoint;
}

/* Lets a child live for a while after its first acknowledgement. The pipe holds more than it can say until somebody
 * reads: all that is waited for comes before that. */
static void one_kill(const char *path, uint64_t seed, enum aim aim, uint64_t *acked, struct tally *t)
{
    volatile struct fault_busy *busy =
        mmap(NULL, sizeof(*busy), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct report first;
    int ends[2], status;
    struct rng rng;
    pid_t pid;

    assert_true((void *)busy != MAP_FAILED);
    assert_int_equal(pipe(ends), 0);
    rng_init(&rng, seed);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(ends[0]);
        child_main(path, ends[1], busy, acked, seed);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &first, sizeof(first)), sizeof(first));
    acked[first.note] = first.number;
    wait_for_moment(busy, aim, &rng);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    t->acks += 1 + read_reports(ends[0], acked);
    close(ends[0]);
    count_kill(t, busy);
    munmap((void *)(uintptr_t)busy, sizeof(*busy));
}

/* Compares and takes over what is there, which may be more than was reported. */
static void check(const char *path, uint64_t *acked)
{
    struct store *s = open_store(path, NULL);
    bool closed = false;

    assert_non_null(s);
    for (unsigned note = 0; note < WORKLOAD_NOTES; note++) {
        struct workload_found found = workload_read(s, note);

        assert_true(found.rc == RC_OK || (found.rc == RC_NOTFOUND && acked[note] == 0));
        assert_false(found.gap);
        assert_false(found.garbage);
        assert_true(found.last >= acked[note]);
        acked[note] = found.last;
    }
    store_close(s, on_closed, &closed);
    while (!closed) {
        assert_int_equal(store_wait(s, PATIENCE_MS), RC_OK);
        store_drain(s);
    }
}

static bool met_all(const struct tally *t)
{
    return t->commit > 0 && t->checkpoint > 0 && t->compaction > 0;
}

static void no_kill_takes_back_an_acknowledgement(void **state)
{
    const char *wanted = getenv("CAHIER_KILLS");
    unsigned kills = wanted == NULL ? 60 : (unsigned)strtoul(wanted, NULL, 10);
    uint64_t seed = rng_test_seed(9), acked[WORKLOAD_NOTES] = {0};
    char *dir = files_create_dir();
    struct tally t = {0};
    char path[256];

    (void)state;
    assert_non_null(dir);
    snprintf(path, sizeof(path), "%s/kill.db", dir);
    /* A machine that is slow to kill may need more of them until each phase was met. */
    for (unsigned i = 0; i < kills || (!met_all(&t) && i < 10 * kills); i++) {
        one_kill(path, seed + i, (enum aim)(i % AIMS), acked, &t);
        check(path, acked);
    }
    files_remove_dir(dir);
    print_message("%u kills (%u in a commit, %u in a checkpoint, %u in a compaction): %llu acknowledged, 0 lost\n",
                  t.kills, t.commit, t.checkpoint, t.compaction, (unsigned long long)t.acks);
    assert_true(met_all(&t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_kill_takes_back_an_acknowledgement)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
