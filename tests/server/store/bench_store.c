/* How fast the store acknowledges, and how fast it is ready again.
 *
 *   bench_store ack RATE SECONDS    appends of 40 bytes at an even rate to 100 notes
 *   bench_store start ROWS          opening a file with so many log rows
 *
 * One line each: key=value. The file lies below $TMPDIR (else /tmp). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "server/store/sqlite.h"
#include "tests/support/files.h"

#define NOTES 100

struct bench {
    struct store *s;
    uint64_t *born, *took; /* of each append, microseconds */
    size_t count, sum;
    bool closed;
};

static uint64_t now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void die(const char *what)
{
    fprintf(stderr, "bench_store: %s\n", what);
    exit(1);
}

static void on_wake(void *ctx)
{
    (void)ctx;
}

static void on_closed(void *ctx)
{
    ((struct bench *)ctx)->closed = true;
}

static void on_ack(void *ctx, const struct store_answer *a)
{
    struct bench *b = ctx;

    if (a->rc != RC_OK) {
        die("an append was refused");
    }
    b->took[a->ticket] = now_us() - b->born[a->ticket];
    b->sum += a->seq;
    b->count++;
}

static void open_store(struct bench *b, const char *path)
{
    const struct store_sqlite_config config = {.path = path};
    const struct store_host host = {on_wake, NULL, NULL, NULL};
    char error[256];

    if (store_sqlite_open(&config, &host, error, sizeof(error), &b->s) != RC_OK) {
        die(error);
    }
}

static void close_store(struct bench *b)
{
    b->closed = false;
    store_close(b->s, on_closed, b);
    while (!b->closed) {
        if (store_wait(b->s, 60000) != RC_OK) {
            die("does not close");
        }
        store_drain(b->s);
    }
}

static void append(struct bench *b, size_t i)
{
    static const uint8_t update[40] = {1, 1, 12, 0, 68, 11, 0};
    const struct store_row row = {STORE_UPDATE_V1, span_of(update, sizeof(update)), span_str("seat:4711"), (int64_t)i,
                                  0};
    char name[16];
    int len = snprintf(name, sizeof(name), "note-%zu", i * 7919 % NOTES);

    b->born[i] = now_us();
    if (store_append(b->s, span_of(name, (size_t)len), &row,
                     (struct store_reply){.call = on_ack, .ctx = b, .ticket = i}) != RC_OK) {
        die("refused");
    }
}

static void prepare(struct bench *b, size_t total)
{
    memset(b, 0, sizeof(*b));
    b->born = calloc(total, sizeof(uint64_t));
    b->took = calloc(total, sizeof(uint64_t));
    if (b->born == NULL || b->took == NULL) {
        die("out of memory");
    }
}

static void finish(struct bench *b)
{
    free(b->born);
    free(b->took);
}

static int smaller_first(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static void print_ack(struct bench *b, size_t rate, size_t total, uint64_t us)
{
    struct store_stats stats;

    store_stats(b->s, &stats);
    qsort(b->took, total, sizeof(uint64_t), smaller_first);
    printf("rate=%zu appends=%zu reached=%.0f commits_per_s=%.0f per_commit=%.1f p50_ms=%.2f p99_ms=%.2f "
           "p999_ms=%.2f max_ms=%.2f checkpoints=%llu wal_mb=%.1f checksum=%zu\n",
           rate, total, (double)total * 1e6 / (double)us, (double)stats.commits * 1e6 / (double)us,
           (double)stats.appends / (double)stats.commits, (double)b->took[total / 2] / 1e3,
           (double)b->took[total - 1 - total / 100] / 1e3, (double)b->took[total - 1 - total / 1000] / 1e3,
           (double)b->took[total - 1] / 1e3, (unsigned long long)stats.checkpoints, (double)stats.wal_bytes / 1048576.0,
           b->sum);
}

/* A loop that wakes for answers or every millisecond, as an event loop under load does. */
static void measure_ack(const char *path, size_t rate, size_t seconds)
{
    size_t total = rate * seconds, sent = 0;
    struct bench b;
    uint64_t start;

    prepare(&b, total);
    open_store(&b, path);
    start = now_us();
    while (b.count < total) {
        size_t due = (size_t)((now_us() - start) * rate / 1000000);
        int rc;

        for (; sent < due && sent < total; sent++) {
            append(&b, sent);
        }
        rc = store_wait(b.s, 1);
        if (rc == RC_NOTFOUND) {
            nanosleep(&(struct timespec){0, 200000}, NULL);
        }
        store_drain(b.s);
    }
    print_ack(&b, rate, total, now_us() - start);
    close_store(&b);
    finish(&b);
}

static void measure_start(const char *path, size_t rows)
{
    struct bench b;
    uint64_t start, took;

    prepare(&b, rows);
    open_store(&b, path);
    for (size_t i = 0; i < rows; i++) {
        append(&b, i);
        if (i % 50000 == 49999) {
            while (b.count <= i) {
                if (store_wait(b.s, 60000) != RC_OK) {
                    die("no answer");
                }
                store_drain(b.s);
            }
        }
    }
    close_store(&b);
    start = now_us();
    open_store(&b, path);
    took = now_us() - start;
    printf("rows=%zu notes=%d start_ms=%.0f checksum=%zu\n", rows, NOTES, (double)took / 1e3, b.sum);
    close_store(&b);
    finish(&b);
}

int main(int argc, char **argv)
{
    char *dir = files_create_dir();
    char path[512];

    if (dir == NULL) {
        die("no directory");
    }
    snprintf(path, sizeof(path), "%s/bench.db", dir);
    if (argc == 4 && strcmp(argv[1], "ack") == 0) {
        measure_ack(path, strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10));
    } else if (argc == 3 && strcmp(argv[1], "start") == 0) {
        measure_start(path, strtoul(argv[2], NULL, 10));
    } else {
        fprintf(stderr, "usage: bench_store ack RATE SECONDS | start ROWS\n");
    }
    files_remove_dir(dir);
    return 0;
}
