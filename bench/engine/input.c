/* The input of a workload, read from files or made: see bench_workload.h.
 *
 * Beside a trace NAME.json.gz may stand what yjs has made of it: NAME.yjs.updates.v1.gz and .v2.gz (the update of each
 * transaction) and NAME.yjs.v1.gz and .v2.gz (the state). Where they are missing our own engine makes them. */
#include "bench/engine/bench_workload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "bench/engine/trace_replay.h"
#include "crdt/wire/update_dec.h"
#include "tests/support/files.h"

/* The folder of the named traces: $CAHIER_TRACES, else ../shared/traces beside the sources. */
static void put_folder(struct buf *path)
{
    const char *set = getenv("CAHIER_TRACES");

    buf_printf(path, "%s/", set != NULL && *set != '\0' ? set : SOURCE_ROOT "/../shared/traces");
}

static bool ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);

    return a >= b && strcmp(text + a - b, end) == 0;
}

/* Folder and name without endings, for a workload of the table or a file of the user. */
static void put_base(const struct workload *w, struct buf *path)
{
    static const char *const endings[] = {".json.gz", ".json", ".yjs.updates.v1.gz", ".updates.v1.gz"};

    if (w->about != w->file) {
        put_folder(path);
        buf_put_str(path, w->file);
        return;
    }
    buf_put_str(path, w->file);
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        if (ends_with(w->file, endings[i])) {
            path->len -= strlen(endings[i]);
            return;
        }
    }
}

/* The file of the base name with one of the endings, unpacked. RC_NOTFOUND when there is none. */
static int read_ending(struct span base, const char *const *endings, struct buf *out)
{
    struct buf path = {0};
    int rc = RC_NOTFOUND;

    for (; rc == RC_NOTFOUND && *endings != NULL; endings++) {
        buf_clear(&path);
        buf_put_span(&path, base);
        buf_put_str(&path, *endings);
        buf_put_u8(&path, '\0');
        rc = path.rc == RC_OK ? files_read((const char *)path.data, out) : path.rc;
    }
    buf_finish(&path);
    return rc;
}

static int read_trace(struct span base, struct input *in, struct buf *why)
{
    static const char *const endings[] = {".json.gz", ".json", NULL};
    const char *wrong = NULL;
    struct buf json = {0};
    int rc = read_ending(base, endings, &json);

    if (rc == RC_OK) {
        rc = trace_parse(buf_span(&json), &in->trace, &wrong);
        in->has_trace = rc == RC_OK;
        in->trace.copies = in->workload.copies;
    }
    buf_finish(&json);
    if (wrong != NULL) {
        buf_put_str(why, wrong);
    }
    return rc;
}

static int read_updates(struct span base, const char *const *endings, struct update_list *out)
{
    struct buf file = {0};
    int rc = read_ending(base, endings, &file);

    rc = rc == RC_OK ? update_list_parse(buf_span(&file), out) : rc;
    buf_finish(&file);
    return rc;
}

/* What is not there is left empty. */
static int read_recordings(struct span base, struct input *in)
{
    static const char *const updates_v1[] = {".yjs.updates.v1.gz", ".updates.v1.gz", NULL};
    static const char *const updates_v2[] = {".yjs.updates.v2.gz", ".updates.v2.gz", NULL};
    static const char *const v1[] = {".yjs.v1.gz", ".v1.gz", NULL}, *const v2[] = {".yjs.v2.gz", ".v2.gz", NULL};
    int rc[4] = {
        read_updates(base, updates_v1, &in->v1),
        read_updates(base, updates_v2, &in->v2),
        read_ending(base, v1, &in->state_v1),
        read_ending(base, v2, &in->state_v2),
    };

    for (size_t i = 0; i < 4; i++) {
        if (rc[i] != RC_OK && rc[i] != RC_NOTFOUND) {
            return rc[i];
        }
    }
    in->recorded = rc[2] == RC_OK && rc[3] == RC_OK;
    return RC_OK;
}

static int read_files(const struct workload *w, struct input *in, struct buf *why)
{
    struct buf base = {0};
    int rc;

    put_base(w, &base);
    rc = base.rc == RC_OK ? read_trace(buf_span(&base), in, why) : base.rc;
    if ((rc == RC_OK || rc == RC_NOTFOUND) && w->copies == 1) {
        int read = read_recordings(buf_span(&base), in);
        rc = read != RC_OK ? read : in->has_trace || in->v1.count > 0 ? RC_OK : RC_NOTFOUND;
    }
    if (rc == RC_NOTFOUND) {
        buf_put_str(why, "there is no ");
        buf_put_span(why, buf_span(&base));
        buf_put_str(why, "[.json.gz, .json, .updates.v1.gz]");
    }
    buf_finish(&base);
    return rc;
}

/* ---- What the files do not hold ------------------------------------------------------------------ */

static int encode_both(const struct crdt_doc *doc, struct input *in)
{
    int rc = crdt_encode_state(doc, CRDT_V1, span_of(NULL, 0), &in->state_v1);

    return rc == RC_OK ? crdt_encode_state(doc, CRDT_V2, span_of(NULL, 0), &in->state_v2) : rc;
}

static int replay_for(struct input *in, bool updates, bool states)
{
    struct replay replay;
    int rc = replay_start(&replay, &in->trace);

    rc = rc == RC_OK ? replay_run(&replay, &in->trace, updates ? &in->v1 : NULL) : rc;
    if (rc == RC_OK && states) {
        rc = encode_both(replay_doc(&replay), in);
    }
    replay_finish(&replay);
    return rc;
}

static int states_from_updates(struct input *in)
{
    struct crdt_doc *doc;
    int rc = crdt_doc_create(NULL, &doc);

    if (rc != RC_OK) {
        return rc;
    }
    for (size_t i = 0; rc == RC_OK && i < in->v1.count; i++) {
        rc = crdt_apply(doc, CRDT_V1, update_list_at(&in->v1, i), NULL);
    }
    rc = rc == RC_OK ? encode_both(doc, in) : rc;
    crdt_doc_destroy(doc);
    return rc;
}

static int complete(struct input *in)
{
    bool updates = in->v1.count == 0 && in->workload.copies == 1;
    int rc = RC_OK;

    if (!in->recorded) {
        buf_clear(&in->state_v1);
        buf_clear(&in->state_v2);
    }
    if (updates || (in->has_trace && in->v1.count == 0)) {
        rc = replay_for(in, updates, !in->recorded);
    } else if (!in->recorded) {
        rc = states_from_updates(in);
    }
    if (rc == RC_OK && in->v2.count == 0) {
        rc = update_list_convert(&in->v1, CRDT_V1, CRDT_V2, &in->v2);
    }
    return rc;
}

/* ---- Orders --------------------------------------------------------------------------------------- */

struct keyed {
    uint64_t key;
    uint32_t index;
};

static int compare_keys(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;

    return x->key != y->key ? (x->key > y->key) - (x->key < y->key) : (x->index > y->index) - (x->index < y->index);
}

static int reorder(struct update_list *list, const struct keyed *order)
{
    struct update_list sorted = {0};
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < list->count; i++) {
        rc = update_list_add(&sorted, update_list_at(list, order[i].index));
    }
    if (rc != RC_OK) {
        update_list_finish(&sorted);
        return rc;
    }
    update_list_finish(list);
    *list = sorted;
    return RC_OK;
}

static int sort_by_client(struct input *in, bool down)
{
    struct keyed *order = calloc(in->v1.count, sizeof(*order));
    int rc = order == NULL ? RC_NOMEM : RC_OK;

    for (size_t i = 0; rc == RC_OK && i < in->v1.count; i++) {
        struct id id;
        int got = update_dec_peek(CRDT_V1, update_list_at(&in->v1, i), &id);
        rc = got < 0 ? got : got == 0 ? RC_FORMAT : RC_OK;
        order[i] = (struct keyed){down ? UINT64_MAX - id.client : id.client, (uint32_t)i};
    }
    if (rc == RC_OK) {
        qsort(order, in->v1.count, sizeof(*order), compare_keys);
        rc = reorder(&in->v1, order);
    }
    rc = rc == RC_OK && in->v2.count > 0 ? reorder(&in->v2, order) : rc;
    free(order);
    return rc;
}

static int order_by_person(struct input *in)
{
    size_t next = 0;

    if (!in->has_trace || in->trace.agents < 2 || in->v1.count != in->trace.txn_count) {
        return RC_OK;
    }
    in->person_order = calloc(in->v1.count, sizeof(*in->person_order));
    for (uint32_t agent = 0; in->person_order != NULL && agent < in->trace.agents; agent++) {
        for (size_t i = 0; i < in->v1.count; i++) {
            if (in->trace.txns[i].agent == agent) {
                in->person_order[next++] = (uint32_t)i;
            }
        }
    }
    return in->person_order == NULL ? RC_NOMEM : RC_OK;
}

static int make(struct input *in, uint32_t n)
{
    enum synthetic what = in->workload.synthetic;
    int rc;

    if (what >= B3_1) {
        return synthetic_updates(what, n, &in->v1);
    }
    rc = synthetic_trace(what, n, &in->trace);
    in->has_trace = rc == RC_OK;
    return rc;
}

static int expect_text(struct input *in)
{
    in->has_text = in->has_trace && in->trace.has_end;
    for (unsigned i = 0; in->has_text && i < in->trace.copies; i++) {
        buf_put_span(&in->text, buf_span(&in->trace.end));
    }
    return in->text.rc;
}

int input_prepare(const struct workload *w, uint32_t n, struct input *out, struct buf *why)
{
    struct input in = {.workload = *w};
    int rc = w->synthetic != 0 ? make(&in, n) : read_files(w, &in, why);

    if (rc == RC_OK && w->order != ORDER_GIVEN) {
        rc = sort_by_client(&in, w->order == ORDER_CLIENTS_DOWN);
    }
    rc = rc == RC_OK ? complete(&in) : rc;
    rc = rc == RC_OK ? order_by_person(&in) : rc;
    rc = rc == RC_OK ? expect_text(&in) : rc;
    if (rc != RC_OK) {
        input_finish(&in);
        if (why->len == 0) {
            buf_put_str(why, rc_text(rc));
        }
        return rc;
    }
    *out = in;
    return RC_OK;
}

void input_finish(struct input *in)
{
    trace_finish(&in->trace);
    update_list_finish(&in->v1);
    update_list_finish(&in->v2);
    free(in->person_order);
    buf_finish(&in->state_v1);
    buf_finish(&in->state_v2);
    buf_finish(&in->text);
    *in = (struct input){0};
}
