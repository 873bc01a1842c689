#ifndef CRDT_CORE_STROKE_H
#define CRDT_CORE_STROKE_H

/* Where typing goes on.
 *
 * Most changes continue the one before: a letter behind the last one, or the letter before it taken away, then the one
 * before that. The document remembers that place (struct stroke in doc.h), and a change that goes on there needs no
 * search, no room in any index and nothing to join at the end: a run of text grows, or its border with the deleted run
 * beside it moves. It is the same for what is typed here and for what arrives.
 *
 *     … | live run "hello" | …                   grows: nothing has come between the run and its right origin, and
 *                        ▲ letters go here               it is its author's last
 *     … | live run "hel" | deleted 2 | …         backspace: the border moves left
 *     … | deleted 2 | live run "llo" | …         forward delete: it moves right
 *
 * The place is forgotten as soon as any list or any author's structs change otherwise. Then it is looked for anew at
 * the author's last run, which still needs no plan and no room. What the stroke itself changes is written down at once,
 * wherever it stands: nothing waits for its end but the sums above the leaf (sums.h). */
#include "crdt/core/doc.h"

static inline bool stroke_known(const struct crdt_doc *doc)
{
    return doc->stroke.changes == doc->changes;
}

/* The run ends before visible unit `end` of a text, in which a local edit has just worked: until the stroke is
 * forgotten, it may be edited as text. */
void stroke_locate(struct crdt_doc *doc, uint32_t type, uint32_t end);
/* The run of that text in which the last local edit worked: its `end` is known. */
static inline bool stroke_is_in(const struct crdt_doc *doc, uint32_t type)
{
    return stroke_known(doc) && type && doc->stroke.type == type;
}

/* A live text has just come in or grown, in a list. `grows` as above. */
void stroke_note(struct crdt_doc *doc, uint32_t item, bool grows);
/* Clocks have just moved from the live run to the deleted run beside it, of which `border` is the later one. */
void stroke_note_border(struct crdt_doc *doc, uint32_t live, uint32_t dead, const struct id_pos *border);
/* The run that typing would go on in; 0: none. */
uint32_t stroke_growing(const struct crdt_doc *doc);
/* Appends text to that run, inside a transaction. False: there is no room, nothing has changed. */
bool stroke_append(struct crdt_doc *doc, struct span text, uint32_t units);
/* The same for one ASCII letter. False: stroke_append may have room to make. */
bool stroke_letter(struct crdt_doc *doc, uint8_t letter);
/* Deletes `len` clocks from `clock` on, all of them below the client's state, when that only moves a border. False:
 * nothing has changed. */
bool stroke_erase(struct crdt_doc *doc, uint32_t client, uint32_t clock, uint32_t len);
/* Deletes visible units of a text, when that goes on where the last change took some away. False: nothing has changed,
 * and they may be out of range. */
bool stroke_erase_units(struct crdt_doc *doc, uint32_t type, uint64_t index, uint64_t len);
/* The same for ASCII letters. False: stroke_erase_units may know how. */
bool stroke_erase_letters(struct crdt_doc *doc, uint32_t type, uint64_t index, uint64_t len);
/* True when a block only continues the growing run, or the run that its author left last, which then is the growing
 * one. */
bool stroke_continues(struct crdt_doc *doc, const struct block *b);

#endif
