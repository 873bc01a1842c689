#include "bench/editors/agreement.h"

#include "bench/editors/editor.h"
#include "bench/editors/nanotime.h"

#define ASKED_AT_ONCE 64
#define ASKED_MOST    (5 * NANO_MS) /* for each note, beyond the patience for all */

static size_t seats(const struct crowd *c)
{
    return c->options.editors + CROWD_EXTRA_SEATS;
}

/* ---- Texts ---------------------------------------------------------------------------------------------- */

static int add_editor(struct typist *sum, const struct editor *e)
{
    struct buf state = {0};
    int rc = editor_state(e, &state);

    if (rc == RC_OK && state.len > 0) {
        rc = crdt_apply(sum->doc, CRDT_V1, buf_span(&state), NULL);
    }
    buf_finish(&state);
    return rc;
}

/* What everybody wrote, as text. The checker's document is the server's and no source. */
static int true_text(const struct crowd *c, const struct note *n, struct buf *out)
{
    struct typist sum;
    int rc = typist_init(&sum, 0, 0, NULL);

    for (size_t seat = 0; rc == RC_OK && seat + 1 < seats(c); seat++) {
        rc = add_editor(&sum, &n->editors[seat]);
    }
    if (rc == RC_OK) {
        rc = crdt_text_to_string(sum.doc, sum.text, out);
    }
    typist_finish(&sum);
    return rc;
}

/* *same stays as it is when the texts are equal. */
static int compare(const struct editor *e, struct span truth, size_t *others)
{
    struct buf text = {0};
    int rc = e->typist.doc == NULL ? RC_OK : crdt_text_to_string(e->typist.doc, e->typist.text, &text);

    if (rc == RC_OK && !span_equal(buf_span(&text), truth)) {
        (*others)++;
    }
    buf_finish(&text);
    return rc;
}

static int compare_note(const struct crowd *c, size_t index, struct agreement *a)
{
    const struct note *n = &c->notes[index];
    struct buf truth = {0};
    int rc = true_text(c, n, &truth);

    for (size_t seat = 0; rc == RC_OK && seat < c->options.editors; seat++) {
        const struct editor *e = &n->editors[seat];
        if (e->known) {
            a->missing += ledger_missing(&n->ledger, &e->reader);
            a->gaps += e->reader.gaps;
            a->texts++;
        }
        if (rc == RC_OK && e->known && e->whole) {
            rc = compare(e, buf_span(&truth), &a->other_texts);
        }
    }
    if (rc == RC_OK && a->server_asked) {
        if (crowd_checker(c, index)->state == EDITOR_IN) {
            rc = compare(crowd_checker(c, index), buf_span(&truth), &a->other_servers);
        } else {
            a->other_servers++;
        }
    }
    buf_finish(&truth);
    return rc;
}

/* Few at a time, as they are no part of what is measured. */
static void ask_server(struct crowd *c, size_t first, uint64_t until)
{
    for (size_t i = first; i < c->options.notes && i < first + ASKED_AT_ONCE; i++) {
        editor_join(crowd_checker(c, i));
    }
    crowd_run(c, until, crowd_nobody_comes);
}

/* Who has asked for a note stays when it is to be seen who is there, and else goes. */
static int compare_notes(struct crowd *c, uint64_t patience, struct agreement *a)
{
    uint64_t until = nanotime() + patience + c->options.notes * ASKED_MOST;
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < c->options.notes; i++) {
        if (a->server_asked && i % ASKED_AT_ONCE == 0) {
            ask_server(c, i, until);
        }
        rc = compare_note(c, i, a);
        if (!c->options.presence) {
            editor_leave(crowd_checker(c, i));
        }
    }
    return rc;
}

/* ---- Presence -------------------------------------------------------------------------------------------- */

static size_t seen_by(const struct editor *witness)
{
    return witness->people.live;
}

/* The others see the witness, the witness sees whoever announced itself. */
static bool all_alone(const struct crowd *c)
{
    for (size_t i = 0; i < c->options.notes; i++) {
        const struct editor *witness = &c->notes[i].editors[0];
        size_t own = awareness_find(&witness->people, c->notes[i].ledger.first_client) != NULL;
        if (witness->state == EDITOR_IN && seen_by(witness) > own) {
            return false;
        }
    }
    return true;
}

static bool all_seen(const struct crowd *c)
{
    for (size_t i = 0; i < c->options.notes; i++) {
        const struct note *n = &c->notes[i];
        size_t own = awareness_find(&n->editors[0].people, n->ledger.first_client) != NULL;
        if (n->editors[0].state == EDITOR_IN && seen_by(&n->editors[0]) - own + 1 < n->in) {
            return false;
        }
    }
    return true;
}

static void count_people(const struct crowd *c, bool alone, size_t *wrong)
{
    for (size_t i = 0; i < c->options.notes; i++) {
        const struct note *n = &c->notes[i];
        size_t own = awareness_find(&n->editors[0].people, n->ledger.first_client) != NULL;
        size_t others = seen_by(&n->editors[0]) - own, there = alone ? 0 : n->in - (n->in > 0);
        if (n->editors[0].state == EDITOR_IN) {
            *wrong += others > there ? others - there : there - others;
        }
    }
}

static void everybody_leaves(struct crowd *c)
{
    for (size_t i = 0; i < c->options.notes; i++) {
        for (size_t seat = 1; seat < seats(c); seat++) {
            editor_leave(&c->notes[i].editors[seat]);
        }
    }
}

static void check_presence(struct crowd *c, uint64_t patience, struct agreement *a)
{
    a->presence_asked = true;
    crowd_run(c, nanotime() + patience, all_seen);
    count_people(c, false, &a->unseen);
    everybody_leaves(c);
    crowd_run(c, nanotime() + patience, all_alone);
    count_people(c, true, &a->ghosts);
}

/* ---- All ------------------------------------------------------------------------------------------------------ */

int agreement_check(struct crowd *c, uint64_t patience, struct agreement *out)
{
    bool understands = c->options.protocol != CROWD_BARE;
    struct agreement a = {.notes = c->options.notes, .server_asked = understands};
    int rc;

    crowd_set_rate(c, 0);
    crowd_run(c, nanotime() + patience, crowd_is_quiet);
    rc = compare_notes(c, patience, &a);
    if (understands && c->options.presence && rc == RC_OK) {
        check_presence(c, patience, &a);
    }
    rc = rc == RC_OK ? c->rc : rc;
    if (rc == RC_OK) {
        *out = a;
    }
    return rc;
}

bool agreement_holds(const struct agreement *a)
{
    return a->texts > 0 && a->missing + a->gaps + a->other_texts + a->other_servers + a->ghosts + a->unseen == 0;
}

static void complain(struct buf *out, size_t count, const char *what)
{
    if (count > 0) {
        buf_printf(out, "%zu %s; ", count, what);
    }
}

void agreement_describe(const struct agreement *a, struct buf *out)
{
    if (agreement_holds(a)) {
        buf_printf(out, "%zu editors%s%s", a->texts, a->server_asked ? ", server" : "",
                   a->presence_asked ? ", presence" : "");
        return;
    }
    complain(out, a->missing, "missing");
    complain(out, a->gaps, "out of order");
    complain(out, a->other_texts, "other texts");
    complain(out, a->other_servers, "other on the server");
    complain(out, a->ghosts, "ghosts");
    complain(out, a->unseen, "unseen");
    complain(out, a->texts == 0, "run without editors");
    out->len -= out->len >= 2 ? 2 : 0;
}
