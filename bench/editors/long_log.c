#include "bench/editors/long_log.h"

#include <stdio.h>
#include "bench/editors/typist.h"
#include "server/store/sqlite.h"

#define WAIT_MS 60000

/* Updates of one typist, which all notes share. */
struct keystrokes {
    struct buf bytes;
    size_t end[LONG_LOG_ROWS_A_NOTE];
};

struct filling {
    struct store *store;
    size_t asked, answered;
    int rc;
    bool closed;
};

static int type_all(struct keystrokes *k)
{
    struct typist t;
    bool moved;
    int rc = typist_init(&t, 1, 1, NULL);

    for (size_t i = 0; rc == RC_OK && i < LONG_LOG_ROWS_A_NOTE; i++) {
        rc = typist_type(&t, &k->bytes, &moved);
        k->end[i] = k->bytes.len;
    }
    typist_finish(&t);
    return rc;
}

static void on_wake(void *ctx)
{
    (void)ctx; /* store_wait tells */
}

static void on_answer(void *ctx, const struct store_answer *a)
{
    struct filling *f = ctx;

    f->answered++;
    f->rc = f->rc == RC_OK ? a->rc : f->rc;
}

static void on_closed(void *ctx)
{
    ((struct filling *)ctx)->closed = true;
}

static void wait_for_answers(struct filling *f)
{
    while (f->rc == RC_OK && f->answered < f->asked) {
        f->rc = store_wait(f->store, WAIT_MS);
        store_drain(f->store);
    }
}

static void append(struct filling *f, struct span note, struct span update)
{
    const struct store_row row = {.kind = STORE_UPDATE_V1, .data = update, .sender = span_str("open"), .time_ms = 1};

    f->rc = store_append(f->store, note, &row, (struct store_reply){.call = on_answer, .ctx = f});
    f->asked++;
}

static void fill_note(struct filling *f, size_t number, size_t rows, const struct keystrokes *k)
{
    char name[32];

    (void)snprintf(name, sizeof(name), "long-%zu", number);
    for (size_t i = 0; f->rc == RC_OK && i < rows; i++) {
        size_t begin = i == 0 ? 0 : k->end[i - 1];
        append(f, span_str(name), span_of(k->bytes.data + begin, k->end[i] - begin));
    }
    wait_for_answers(f);
}

static void close_store(struct filling *f)
{
    store_close(f->store, on_closed, f);
    while (!f->closed && store_wait(f->store, WAIT_MS) == RC_OK) {
        store_drain(f->store);
    }
}

int long_log_write(const char *path, size_t rows)
{
    struct store_sqlite_config config = {.path = path, .synchronous = "OFF"};
    struct store_host host = {.wake = on_wake};
    struct keystrokes k = {0};
    struct filling f = {0};

    f.rc = type_all(&k);
    f.rc = f.rc == RC_OK ? store_sqlite_open(&config, &host, NULL, 0, &f.store) : f.rc;
    for (size_t done = 0; f.rc == RC_OK && done < rows; done += LONG_LOG_ROWS_A_NOTE) {
        size_t left = rows - done;
        fill_note(&f, done / LONG_LOG_ROWS_A_NOTE, left < LONG_LOG_ROWS_A_NOTE ? left : LONG_LOG_ROWS_A_NOTE, &k);
    }
    if (f.store != NULL) {
        close_store(&f);
    }
    buf_finish(&k.bytes);
    return f.rc;
}
