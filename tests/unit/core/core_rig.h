#ifndef TESTS_UNIT_CORE_CORE_RIG_H
#define TESTS_UNIT_CORE_CORE_RIG_H

/* Updates written as text, and documents shown as text, so that a test of the engine is a table.
 *
 * An update is a list of structs and deletes, separated by `;`. A struct is its id (client:clock), a kind with its
 * content, and where it goes:
 *
 *     7:0 text abc root t        7:3 text d after 7:2 before 8:0      7:4 gc 2       9:0 skip 3
 *     7:6 del 2 after 7:5        7:8 any 1,"a" in 7:2                 7:9 type 2 root m key k
 *     7:10 format b true after 7:2                                    delete 7:0+3
 *
 * Words have no blanks; `any` takes JSON values without blanks, separated by commas at the top level only when they are
 * numbers or strings. */
#include "crdt/core/doc.h"

struct crdt_doc *rig_doc(bool keep_deleted);
/* One transaction. Ends the test when the text is wrong. */
int rig_apply(struct crdt_doc *doc, const char *update);
/* The same while the n-th allocation of the engine fails (tests/unit/lib0/alloc_fault.h). */
int rig_apply_failing(struct crdt_doc *doc, const char *update, unsigned n);
/* Applies, fails the test unless it is fine and every invariant holds. */
void rig_must(struct crdt_doc *doc, const char *update);
/* Structs by client descending: "8:0+1 7:0+3 7:3+2~ 7:5+2gc"; `~` marks the deleted. Borrowed until the next call. */
const char *rig_structs(const struct crdt_doc *doc);
/* The items of a root's list in order: "7:0+3 8:0+1 …", likewise; of one of its keys when `key` is not NULL. */
const char *rig_list(const struct crdt_doc *doc, const char *root, const char *key);
/* What waits, by queue: "7:3+2text 7:5+1del …". */
const char *rig_waiting(const struct crdt_doc *doc);
/* Visible text of a root. */
const char *rig_text(const struct crdt_doc *doc, const char *root);
/* The whole state, v1, as the caller's to free. */
struct buf rig_state(const struct crdt_doc *doc);

#endif
