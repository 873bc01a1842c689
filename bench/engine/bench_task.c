#include "bench/engine/bench_task.h"

#include <stdlib.h>
#include <string.h>
#include "bench/engine/trace_replay.h"

/* One run of a task under way. */
struct run {
    const struct input *in;
    const struct kind *kind;
    struct replay replay;
    struct crdt_doc *doc;
    struct span *spans; /* the updates to merge */
    size_t span_count;
    struct buf out;
    struct update_list updates;
    double memory; /* bytes */
};

struct kind {
    const char *name, *about;
    int (*prepare)(struct run *r); /* not measured; NULL: nothing to do */
    int (*work)(struct run *r);
    int (*result)(struct run *r); /* not measured: fills `out`; NULL: work has done so */
    enum crdt_format format;
    size_t merges; /* updates to merge; SIZE_MAX: all */
    bool memory;   /* kilobytes, not milliseconds */
};

static const struct span everything = {NULL, 0};

/* ---- Local edits ----------------------------------------------------------------------------------- */

static int local_prepare(struct run *r)
{
    return replay_start(&r->replay, &r->in->trace);
}

/* The list is ours, not the engine's: no part of the work grows it. Where a few bytes are to be written, buffers want
 * room for more. */
#define LIST_SPARE 4096

static int local_prepare_v1(struct run *r)
{
    const struct update_list *known = &r->in->v1;
    int rc = update_list_reserve(&r->updates, known->count, known->bytes.len + LIST_SPARE);

    return rc == RC_OK ? local_prepare(r) : rc;
}

static int local_work(struct run *r)
{
    return replay_run(&r->replay, &r->in->trace, NULL);
}

static int local_work_v1(struct run *r)
{
    return replay_run(&r->replay, &r->in->trace, &r->updates);
}

static int local_state(struct run *r)
{
    return crdt_encode_state(replay_doc(&r->replay), CRDT_V1, everything, &r->out);
}

static int local_updates(struct run *r)
{
    update_list_write(&r->updates, &r->out);
    return r->out.rc;
}

/* ---- Updates of others ------------------------------------------------------------------------------ */

static int new_doc(struct run *r)
{
    return crdt_doc_create(NULL, &r->doc);
}

static int remote_work(struct run *r)
{
    const struct update_list *list = r->kind->format == CRDT_V1 ? &r->in->v1 : &r->in->v2;
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < list->count; i++) {
        rc = crdt_apply(r->doc, r->kind->format, update_list_at(list, i), NULL);
    }
    return rc;
}

static int remote_person_work(struct run *r)
{
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < r->in->v1.count; i++) {
        rc = crdt_apply(r->doc, CRDT_V1, update_list_at(&r->in->v1, r->in->person_order[i]), NULL);
    }
    return rc;
}

static int doc_state(struct run *r)
{
    return crdt_encode_state(r->doc, CRDT_V1, everything, &r->out);
}

/* ---- Whole states ------------------------------------------------------------------------------------- */

static int load(struct run *r, enum crdt_format format)
{
    const struct buf *state = format == CRDT_V1 ? &r->in->state_v1 : &r->in->state_v2;
    int rc = crdt_doc_create(NULL, &r->doc);

    return rc == RC_OK ? crdt_apply(r->doc, format, buf_span(state), NULL) : rc;
}

static int load_v1(struct run *r)
{
    return load(r, CRDT_V1);
}

static int load_work(struct run *r)
{
    return load(r, r->kind->format);
}

static int encode_work(struct run *r)
{
    return crdt_encode_state(r->doc, r->kind->format, everything, &r->out);
}

static int memory_work(struct run *r)
{
    size_t before = measure_heap();
    int rc = load_v1(r);

    r->memory = (double)(measure_heap() - before);
    return rc;
}

static int memory_trimmed_work(struct run *r)
{
    size_t before = measure_heap();
    int rc = load_v1(r);

    if (rc == RC_OK) {
        crdt_doc_trim(r->doc);
        r->memory = (double)(measure_heap() - before);
    }
    return rc;
}

/* ---- Merging -------------------------------------------------------------------------------------------- */

static int merge_prepare(struct run *r)
{
    r->span_count = r->kind->merges < r->in->v1.count ? r->kind->merges : r->in->v1.count;
    r->spans = calloc(r->span_count, sizeof(*r->spans));
    if (r->spans == NULL) {
        return RC_NOMEM;
    }
    for (size_t i = 0; i < r->span_count; i++) {
        r->spans[i] = update_list_at(&r->in->v1, i);
    }
    return RC_OK;
}

static int merge_work(struct run *r)
{
    return crdt_update_merge(CRDT_V1, r->spans, r->span_count, &r->out);
}

/* ---- The table ------------------------------------------------------------------------------------------- */

static const struct kind kinds[TASK_COUNT] = {
    [TASK_LOCAL] = {"local", "local edits", local_prepare, local_work, local_state, CRDT_V1, 0, false},
    [TASK_LOCAL_V1] = {"local-v1", "… with each update", local_prepare_v1, local_work_v1, local_updates, CRDT_V1, 0,
                       false},
    [TASK_REMOTE_V1] = {"remote-v1", "updates one by one, v1", new_doc, remote_work, doc_state, CRDT_V1, 0, false},
    [TASK_REMOTE_V2] = {"remote-v2", "… v2", new_doc, remote_work, doc_state, CRDT_V2, 0, false},
    [TASK_REMOTE_PERSON] = {"remote-person", "… one person's first, v1", new_doc, remote_person_work, doc_state,
                            CRDT_V1, 0, false},
    [TASK_ENCODE_V1] = {"encode-v1", "encode the state, v1", load_v1, encode_work, NULL, CRDT_V1, 0, false},
    [TASK_ENCODE_V2] = {"encode-v2", "… v2", load_v1, encode_work, NULL, CRDT_V2, 0, false},
    [TASK_LOAD_V1] = {"load-v1", "load the state, v1", NULL, load_work, doc_state, CRDT_V1, 0, false},
    [TASK_LOAD_V2] = {"load-v2", "… v2", NULL, load_work, doc_state, CRDT_V2, 0, false},
    [TASK_MERGE_1000] = {"merge-1000", "merge 1,000 updates", merge_prepare, merge_work, NULL, CRDT_V1, 1000, false},
    [TASK_MERGE_5000] = {"merge-5000", "… 5,000", merge_prepare, merge_work, NULL, CRDT_V1, 5000, false},
    [TASK_MERGE_20000] = {"merge-20000", "… 20,000", merge_prepare, merge_work, NULL, CRDT_V1, 20000, false},
    [TASK_MERGE_ALL] = {"merge-all", "… all", merge_prepare, merge_work, NULL, CRDT_V1, SIZE_MAX, false},
    [TASK_MEMORY] = {"memory", "kept after load", NULL, memory_work, doc_state, CRDT_V1, 0, true},
    [TASK_MEMORY_TRIMMED] = {"memory-trimmed", "… and crdt_doc_trim", NULL, memory_trimmed_work, doc_state, CRDT_V1, 0,
                             true},
};

const char *task_name(enum task task)
{
    return kinds[task].name;
}

const char *task_about(enum task task)
{
    return kinds[task].about;
}

bool task_is_memory(enum task task)
{
    return kinds[task].memory;
}

size_t task_merges(enum task task, const struct input *in)
{
    return kinds[task].merges == SIZE_MAX ? in->v1.count : kinds[task].merges;
}

/* "a,b" holds "a". */
static bool listed(const char *list, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, len) == 0 && (at[len] == ',' || at[len] == '\0')) {
            return true;
        }
    }
    return false;
}

bool task_applies(enum task task, const struct input *in, const struct task_options *options)
{
    if ((in->workload.tasks & TASK_BIT(task)) == 0 ||
        (options->only != NULL && !listed(options->only, task_name(task)))) {
        return false;
    }
    if (task == TASK_LOCAL || task == TASK_LOCAL_V1) {
        return in->has_trace;
    }
    if (task == TASK_REMOTE_PERSON) {
        return in->person_order != NULL;
    }
    return kinds[task].merges == 0 || task == TASK_MERGE_ALL || kinds[task].merges < in->v1.count;
}

/* ---- Measuring --------------------------------------------------------------------------------------------- */

static void run_finish(struct run *r)
{
    replay_finish(&r->replay);
    crdt_doc_destroy(r->doc);
    free(r->spans);
    buf_finish(&r->out);
    update_list_finish(&r->updates);
}

static int run_once(struct run *r, struct measure *times)
{
    int rc = r->kind->prepare != NULL ? r->kind->prepare(r) : RC_OK;
    struct measure_clock start = measure_now();

    rc = rc == RC_OK ? r->kind->work(r) : rc;
    struct measure_clock took = measure_since(start);
    if (r->kind->memory) {
        measure_add_value(times, r->memory / 1e3);
    } else {
        measure_add(times, took);
    }
    return rc == RC_OK && r->kind->result != NULL ? r->kind->result(r) : rc;
}

/* The text of the document, where it is known what it must be. */
static const char *judge_text(const struct input *in, const struct crdt_doc *doc)
{
    struct buf text = {0};
    const char *complaint = NULL;

    if (doc == NULL || !in->has_text) {
        return NULL;
    }
    if (crdt_text_to_string(doc, crdt_root(doc, span_str(REPLAY_ROOT)), &text) != RC_OK) {
        complaint = "no text";
    } else if (!span_equal(buf_span(&text), buf_span(&in->text))) {
        complaint = "wrong text";
    }
    buf_finish(&text);
    return complaint;
}

/* What the result must be, where the input says it; empty where only the peers can tell. */
static struct span expected(const struct run *r)
{
    if (r->kind->merges != 0 || r->kind->work == local_work_v1) {
        return span_of(NULL, 0);
    }
    return buf_span(r->kind->work == encode_work && r->kind->format == CRDT_V2 ? &r->in->state_v2 : &r->in->state_v1);
}

static const char *judge(const struct run *r)
{
    const struct crdt_doc *doc = r->replay.count > 0 ? replay_doc(&r->replay) : r->doc;
    struct span want = expected(r);

    if (want.len > 0 && !span_equal(want, buf_span(&r->out))) {
        return r->in->recorded ? "not the recorded state" : "not the state of its updates";
    }
    return judge_text(r->in, doc);
}

static int keep_result(struct run *r, struct task_result *out)
{
    const char *complaint = judge(r);

    if (out->times.count > 1 && !span_equal(buf_span(&out->bytes), buf_span(&r->out))) {
        complaint = "another result in another run";
    }
    out->complaint = out->complaint != NULL ? out->complaint : complaint;
    buf_clear(&out->bytes);
    buf_put_span(&out->bytes, buf_span(&r->out));
    return out->bytes.rc;
}

int task_measure(enum task task, const struct input *in, const struct task_options *options, struct task_result *out)
{
    double budget = kinds[task].memory ? 0 : options->budget;
    int rc = RC_OK;

    while (rc == RC_OK && measure_goes_on(&out->times, options->repeat, budget, options->patience)) {
        struct run r = {.in = in, .kind = &kinds[task]};
        rc = run_once(&r, &out->times);
        rc = rc == RC_OK ? keep_result(&r, out) : rc;
        run_finish(&r);
    }
    return rc;
}

void task_result_finish(struct task_result *r)
{
    buf_finish(&r->bytes);
}
