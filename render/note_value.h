#ifndef RENDER_NOTE_VALUE_H
#define RENDER_NOTE_VALUE_H

/* Values of documents as text, numbers and truth. Editors store the same thing as number, boolean or text ("2", 2,
 * "true"): each is understood wherever it makes sense. */
#include "crdt/crdt.h"
#include "render/note_tree.h"

/* Text of a string, number or boolean; empty for anything else. */
struct span note_value_text(struct note_tree *t, const struct crdt_value *value);
/* Number of a number, or of text that begins with one; false when there is none. */
bool note_value_number(const struct crdt_value *value, double *out);
/* The same, clamped. */
bool note_value_within(const struct crdt_value *value, double low, double high, double *out);
/* Whether it says yes: true, a number but 0, or one of the words that editors use. */
bool note_value_truth(const struct crdt_value *value);
/* Whether the text is that word. */
bool note_value_is(struct span s, const char *text);

#endif
