#ifndef BENCH_EDITORS_EDITOR_H
#define BENCH_EDITORS_EDITOR_H

/* One simulated editor: what a provider (y-websocket, Hocuspocus) does on the wire. editor.c is what it does by itself,
 * editor_inbox.c what it does with what comes. crowd.h has the struct. */
#include "bench/editors/crowd.h"

/* It comes in (any seat), with what it has; or leaves. */
void editor_join(struct editor *e);
void editor_leave(struct editor *e);
/* Announces its cursor again when that was long ago, as providers do: servers forget who is silent for 30 s. */
void editor_renew(struct editor *e, uint64_t now);
/* It presses its next key. */
void editor_type(struct editor *e, uint64_t now);
/* `len` units of text as from long ago; before it joins. */
int editor_fill(struct editor *e, size_t len) MUST_CHECK;
/* A step 1 with what it knows. */
void editor_ask(struct editor *e);
/* All that it wrote, and with `whole` all it heard, as an update; nothing when it wrote nothing. */
int editor_state(const struct editor *e, struct buf *out) MUST_CHECK;
void editor_finish(struct editor *e);
/* For the net that its line is on. */
const struct line_events *editor_events(void);

/* ---- Between editor.c and editor_inbox.c -------------------------------------------------------------------- */

bool editor_is_hocuspocus(const struct editor *e);
bool editor_shows_presence(const struct editor *e);
/* An own failure makes the whole measurement worthless. */
void editor_failed(struct editor *e, int rc);
/* The document is made when it is first needed: most of an idle crowd never type. */
int editor_need_document(struct editor *e) MUST_CHECK;
/* An emptied buffer, with the note's address where messages carry one; to be filled and given to editor_send. */
struct buf *editor_message(struct editor *e);
void editor_send(struct editor *e, const struct buf *message);
void editor_send_presence(struct editor *e);
/* A server's step 1 is answered with what it lacks. */
void editor_answer(struct editor *e, struct span vector);
/* It has the note; or its line is over. */
void editor_is_in(struct editor *e);
void editor_is_out(struct editor *e);

#endif
