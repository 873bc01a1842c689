#include "bench/editors/typist.h"

#include <math.h>
#include "crdt/types/position.h"

#define ROOT           "text"
#define RUN_MEAN       20
#define RUN_MOST       120
#define ELSEWHERE      40  /* per cent of runs begin at another place */
#define BACKSPACE      7   /* per cent of keys */
#define PASTE          1   /* likewise */
#define RUNNING        0.6 /* share of the mean gap that keys of a run take; the rest is in the pauses */
#define PAUSE_MOST     4.0 /* times the mean pause */
#define FILL_PIECE     12  /* units typed at one place by typist_fill */
#define PASTE_LEAST    20
#define PASTE_MOST     120
#define LINE_BREAK_PCT 5

int typist_init(struct typist *t, uint64_t client, uint64_t seed, const struct trace *trace)
{
    struct crdt_doc_options options = {.client = client};
    int rc;

    *t = (struct typist){.trace = trace};
    rng_init(&t->rng, seed);
    rc = crdt_doc_create(&options, &t->doc);
    return rc == RC_OK ? crdt_root_declare(t->doc, span_str(ROOT), CRDT_TEXT, &t->text) : rc;
}

void typist_finish(struct typist *t)
{
    crdt_doc_destroy(t->doc);
    t->doc = NULL;
}

/* ---- Keys ----------------------------------------------------------------------------------------------- */

/* Letters about as often as in French, blanks included. */
static struct span letter(struct rng *rng)
{
    static const char *const letters[] = {" ", "e", "a", "s", "t", "i", "n", "r", " ", "u", "l",
                                          "o", "d", "m", "c", " ", "é", "p", "e", "v", "s", "q",
                                          "f", "t", "à", "b", "h", "n", " ", "g", "r", "e"};

    return span_str(letters[rng_below(rng, sizeof(letters) / sizeof(*letters))]);
}

static void sentence(struct rng *rng, size_t units, struct buf *out)
{
    for (size_t i = 0; i + 1 < units; i++) {
        buf_put_span(out, letter(rng));
    }
    buf_put_str(out, rng_chance(rng, LINE_BREAK_PCT) ? "\n" : " ");
}

static int insert_sentence(struct typist *t, uint64_t at, size_t units)
{
    struct buf words = {0};
    int rc;

    sentence(&t->rng, units, &words);
    rc = words.rc == RC_OK ? crdt_text_insert(t->doc, t->text, at, buf_span(&words), NULL, 0) : words.rc;
    buf_finish(&words);
    return rc;
}

static int backspace(struct typist *t)
{
    t->cursor--;
    return crdt_text_delete(t->doc, t->text, t->cursor, 1);
}

static int paste(struct typist *t)
{
    size_t units = PASTE_LEAST + (size_t)rng_below(&t->rng, PASTE_MOST - PASTE_LEAST);
    int rc = insert_sentence(t, t->cursor, units);

    t->cursor += rc == RC_OK ? units : 0;
    return rc;
}

/* All anew: much to send, while the note stays as long as it is. */
static int rewrite(struct typist *t)
{
    uint64_t length = crdt_type_length(t->doc, t->text);
    int rc = length > 0 ? crdt_text_delete(t->doc, t->text, 0, length) : RC_OK;

    t->cursor = 0;
    return rc == RC_OK ? insert_sentence(t, 0, t->piece) : rc;
}

static int press(struct typist *t)
{
    if (t->piece > 0) {
        return rewrite(t);
    }
    if (t->cursor > 0 && rng_chance(&t->rng, BACKSPACE)) {
        return backspace(t);
    }
    if (rng_chance(&t->rng, PASTE)) {
        return paste(t);
    }
    t->cursor++;
    return crdt_text_insert(t->doc, t->text, t->cursor - 1, letter(&t->rng), NULL, 0);
}

static int replay(struct typist *t)
{
    const struct trace_patch *p = &t->trace->patches[t->patch++];
    int rc = p->deleted > 0 ? crdt_text_delete(t->doc, t->text, p->at, p->deleted) : RC_OK;

    if (rc == RC_OK && p->len > 0) {
        rc = crdt_text_insert(t->doc, t->text, p->at, trace_text(t->trace, p), NULL, 0);
    }
    return rc;
}

/* A run has as many keys as a coin with RUN_MEAN sides needs to show its first. */
static bool begin_run(struct typist *t)
{
    t->run = 1;
    while (t->run < RUN_MOST && rng_below(&t->rng, RUN_MEAN) != 0) {
        t->run++;
    }
    if (t->trace != NULL || !rng_chance(&t->rng, ELSEWHERE)) {
        return false;
    }
    t->cursor = rng_below(&t->rng, crdt_type_length(t->doc, t->text) + 1);
    return true;
}

int typist_type(struct typist *t, struct buf *update, bool *moved)
{
    int rc, done;

    if (t->trace != NULL && t->patch == t->trace->patch_count) {
        return RC_LIMIT;
    }
    *moved = t->run == 0 && begin_run(t);
    t->run--;
    rc = crdt_txn_begin(t->doc);
    if (rc != RC_OK) {
        return rc;
    }
    done = t->trace != NULL ? replay(t) : press(t);
    rc = crdt_txn_commit(t->doc, CRDT_V1, update);
    return rc == RC_OK ? done : rc;
}

/* Keys of a run come evenly but for a half; pauses are of any length, short ones more often (exponential). */
uint64_t typist_gap(struct typist *t, uint64_t mean)
{
    double unit = ((double)rng_below(&t->rng, 1 << 20) + 1) / (1 << 20);
    double gap = RUNNING * (0.5 + unit);

    if (t->run == 0) {
        double pause = -log(unit);
        gap += (1 - RUNNING) * RUN_MEAN * (pause < PAUSE_MOST ? pause : PAUSE_MOST);
    }
    return (uint64_t)(gap * (double)mean);
}

/* ---- Others ------------------------------------------------------------------------------------------------ */

int typist_hear(struct typist *t, struct span update)
{
    struct position here;
    struct crdt_type type;
    uint64_t index;
    int rc = position_make(t->doc, t->text, t->cursor, -1, &here);

    if (rc != RC_OK) {
        return rc;
    }
    here.name = here.anchor == POSITION_ROOT ? span_str(ROOT) : here.name; /* the document's may move */
    rc = crdt_apply(t->doc, CRDT_V1, update, NULL);
    if (rc != RC_OK) {
        return rc;
    }
    if (position_resolve(t->doc, &here, &type, &index) == RC_OK) {
        t->cursor = index;
    }
    uint64_t length = crdt_type_length(t->doc, t->text);
    t->cursor = t->cursor < length ? t->cursor : length;
    return RC_OK;
}

int typist_fill(struct typist *t, size_t len)
{
    int rc = crdt_txn_begin(t->doc), done = RC_OK;

    if (rc != RC_OK) {
        return rc;
    }
    for (size_t i = 0; i < len && done == RC_OK; i += FILL_PIECE) {
        done = insert_sentence(t, rng_below(&t->rng, crdt_type_length(t->doc, t->text) + 1), FILL_PIECE);
    }
    rc = crdt_txn_commit(t->doc, CRDT_V1, NULL);
    return rc == RC_OK ? done : rc;
}
