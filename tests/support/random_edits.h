#ifndef TESTS_SUPPORT_RANDOM_EDITS_H
#define TESTS_SUPPORT_RANDOM_EDITS_H

/* Random local edits of a document: all shared types, all kinds of content that an editor can make, positions that
 * fall anywhere (between the halves of a surrogate pair too).
 *
 * They work on the roots `text`, `array`, `map`, `xml` and what is nested in them. */
#include "crdt/crdt.h"
#include "tests/support/rng.h"

/* What has been done, for tests that must have met everything. */
enum random_edit {
    RANDOM_TEXT_INSERT,
    RANDOM_TEXT_ATTRIBUTES,
    RANDOM_TEXT_EMBED,
    RANDOM_TEXT_TYPE,
    RANDOM_TEXT_DELETE,
    RANDOM_TEXT_FORMAT,
    RANDOM_LIST_VALUES,
    RANDOM_LIST_BYTES,
    RANDOM_LIST_TYPE,
    RANDOM_LIST_DOC,
    RANDOM_LIST_DELETE,
    RANDOM_MAP_VALUE,
    RANDOM_MAP_BYTES,
    RANDOM_MAP_TYPE,
    RANDOM_MAP_DOC,
    RANDOM_MAP_DELETE,
    RANDOM_EDIT_KINDS
};
const char *random_edit_name(enum random_edit kind);

/* One transaction of up to `edits` edits; what the others need is appended to `update`. An edit that is refused ends
 * the program with a message, but for RC_NOMEM and RC_LIMIT, which are returned after the commit. `done` (may be NULL)
 * counts what was done. */
int random_edits(struct crdt_doc *doc, struct rng *rng, unsigned edits, enum crdt_format format, struct buf *update,
                 unsigned done[RANDOM_EDIT_KINDS]) MUST_CHECK;

#endif
