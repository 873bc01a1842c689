#include "tests/unit/store/store_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "server/store/memory.h"
#include "server/store/sqlite.h"
#include "tests/support/files.h"

#define PATIENCE_MS 120000

static void on_wake(void *ctx)
{
    atomic_fetch_add(&((struct rig *)ctx)->wakes, 1);
}

static void on_state(void *ctx, enum store_state now, int rc)
{
    struct rig *r = ctx;

    (void)rc;
    r->state = now;
    r->changes++;
}

/* From the store thread too: only a note that something was said. */
static void on_log(void *ctx, const char *event, const char *fields)
{
    (void)ctx;
    if (getenv("STORE_TEST_LOG") != NULL) {
        fprintf(stderr, "%s %s\n", event, fields);
    }
}

static void on_closed(void *ctx)
{
    ((struct rig *)ctx)->closed++;
}

static struct store_host host_of(struct rig *r)
{
    return (struct store_host){on_wake, on_state, on_log, r};
}

void rig_open_memory(struct rig *r)
{
    struct store_host host;

    memset(r, 0, sizeof(*r));
    r->memory = true;
    host = host_of(r);
    assert_int_equal(store_memory_open(&host, &r->s), RC_OK);
}

int rig_try_open(struct rig *r)
{
    const struct store_sqlite_config config = {.path = r->path,
                                               .wal_limit = r->wal_limit,
                                               .cache_ms = r->cache_ms,
                                               .reserve = r->reserve,
                                               .vfs = r->vfs,
                                               .synchronous = r->synchronous};
    const struct store_host host = host_of(r);

    r->closed = 0;
    r->state = STORE_OK;
    return store_sqlite_open(&config, &host, r->error, sizeof(r->error), &r->s);
}

void rig_reopen(struct rig *r)
{
    int rc = rig_try_open(r);

    if (rc != RC_OK) {
        fail_msg("cannot open: %s (%s)", r->error, rc_text(rc));
    }
}

void rig_open_sqlite(struct rig *r, const char *vfs)
{
    memset(r, 0, sizeof(*r));
    r->vfs = vfs;
    r->dir = files_create_dir();
    assert_non_null(r->dir);
    assert_true(snprintf(r->path, sizeof(r->path), "%s/test.db", r->dir) < (int)sizeof(r->path));
    rig_reopen(r);
}

void rig_close(struct rig *r)
{
    if (r->s == NULL) {
        return;
    }
    store_close(r->s, on_closed, r);
    while (r->closed == 0) {
        assert_int_equal(store_wait(r->s, PATIENCE_MS), RC_OK);
        store_drain(r->s);
    }
    r->s = NULL;
}

void rig_finish(struct rig *r)
{
    rig_close(r);
    store_content_unref(r->content);
    r->content = NULL;
    files_remove_dir(r->dir);
    r->dir = NULL;
}

static void copy_page(struct rig *r, const struct store_page *page)
{
    r->page_count = page->count;
    r->page_more = page->more;
    r->next = page->next;
    r->page_names[0] = r->page_titles[0] = '\0';
    for (size_t i = 0; i < page->count; i++) {
        size_t n = strlen(r->page_names), t = strlen(r->page_titles);

        snprintf(r->page_names + n, sizeof(r->page_names) - n, "%.*s ", (int)page->item[i].name.len,
                 (const char *)page->item[i].name.data);
        snprintf(r->page_titles + t, sizeof(r->page_titles) - t, "%.*s,", (int)page->item[i].title.len,
                 (const char *)page->item[i].title.data);
    }
}

static void copy_info(struct rig *r, const struct store_info *info)
{
    r->info = *info;
    snprintf(r->page_names, sizeof(r->page_names), "%.*s", (int)info->name.len, (const char *)info->name.data);
    snprintf(r->page_titles, sizeof(r->page_titles), "%.*s,%.*s", (int)info->title.len, (const char *)info->title.data,
             (int)info->excerpt.len, (const char *)info->excerpt.data);
    r->info.name = r->info.title = r->info.excerpt = span_of(NULL, 0);
}

static void on_answer(void *ctx, const struct store_answer *a)
{
    struct rig *r = ctx;

    assert_true(r->answers < RIG_ANSWERS);
    r->answer[r->answers++] = (struct rig_answer){a->rc, a->ticket, a->seq};
    if (a->content != NULL) {
        store_content_unref(r->content);
        r->content = store_content_ref(a->content);
    }
    if (a->page != NULL) {
        copy_page(r, a->page);
    }
    if (a->info != NULL) {
        copy_info(r, a->info);
    }
}

struct store_reply rig_reply(struct rig *r, uint64_t ticket)
{
    return (struct store_reply){.call = on_answer, .ctx = r, .ticket = ticket};
}

static void drain_once(struct rig *r)
{
    int rc = store_wait(r->s, PATIENCE_MS);

    if (rc == RC_BUSY) {
        fail_msg("no answer in %d ms", PATIENCE_MS);
    }
    store_drain(r->s);
}

void rig_settle(struct rig *r)
{
    while (rig_stats(r).queued > 0) {
        drain_once(r);
    }
}

void rig_wait_answers(struct rig *r, size_t count)
{
    while (r->answers < count) {
        drain_once(r);
    }
}

void rig_wait_state(struct rig *r, enum store_state state)
{
    while (store_state(r->s) != state) {
        drain_once(r);
    }
}

/* The code of the request that was just accepted (rc RC_OK), once it is answered. */
static int wait_for(struct rig *r, int rc, size_t before)
{
    if (rc != RC_OK) {
        return rc;
    }
    rig_wait_answers(r, before + 1);
    return r->answer[before].rc;
}

static struct store_row row_of(const char *data, int64_t time_ms)
{
    return (struct store_row){STORE_UPDATE_V1, span_str(data), span_str("seat:7"), time_ms, 0};
}

int rig_append_at(struct rig *r, const char *note, const char *data, int64_t time_ms)
{
    const struct store_row row = row_of(data, time_ms);

    return wait_for(r, store_append(r->s, span_str(note), &row, rig_reply(r, 0)), r->answers);
}

int rig_append(struct rig *r, const char *note, const char *data)
{
    return rig_append_at(r, note, data, 1000);
}

int rig_queue_append(struct rig *r, const char *note, const char *data, uint64_t ticket)
{
    const struct store_row row = row_of(data, 1000);

    return store_append(r->s, span_str(note), &row, rig_reply(r, ticket));
}

int rig_load(struct rig *r, const char *note)
{
    return wait_for(r, store_load(r->s, span_str(note), rig_reply(r, 0)), r->answers);
}

int rig_compact(struct rig *r, const char *note, const char *snapshot, uint64_t upto)
{
    return wait_for(r, store_compact(r->s, span_str(note), span_str(snapshot), upto, rig_reply(r, 0)), r->answers);
}

int rig_create(struct rig *r, const char *note, const char *title, int64_t time_ms)
{
    const struct store_meta meta = {span_str(title), span_str("")};

    return wait_for(r, store_create(r->s, span_str(note), &meta, time_ms, rig_reply(r, 0)), r->answers);
}

int rig_put_meta(struct rig *r, const char *note, const char *title, const char *excerpt)
{
    const struct store_meta meta = {span_str(title), span_str(excerpt)};

    return wait_for(r, store_put_meta(r->s, span_str(note), &meta, rig_reply(r, 0)), r->answers);
}

int rig_stat(struct rig *r, const char *note)
{
    return wait_for(r, store_stat(r->s, span_str(note), rig_reply(r, 0)), r->answers);
}

int rig_list(struct rig *r, const struct store_cursor *after, size_t limit)
{
    return wait_for(r, store_list(r->s, after, limit, rig_reply(r, 0)), r->answers);
}

const char *rig_text(struct rig *r)
{
    static char text[65536];
    size_t len;

    len = (size_t)snprintf(text, sizeof(text), "<%.*s>", (int)r->content->snapshot.len,
                           (const char *)r->content->snapshot.data);
    for (size_t i = 0; i < r->content->count; i++) {
        const struct store_row *row = &r->content->row[i];

        assert_true(len < sizeof(text));
        len +=
            (size_t)snprintf(text + len, sizeof(text) - len, "|%.*s", (int)row->data.len, (const char *)row->data.data);
    }
    return text;
}

void rig_expect(struct rig *r, const char *note, const char *text)
{
    assert_int_equal(rig_load(r, note), RC_OK);
    assert_string_equal(rig_text(r), text);
}

struct store_stats rig_stats(struct rig *r)
{
    struct store_stats stats;

    store_stats(r->s, &stats);
    return stats;
}
