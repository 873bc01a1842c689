#ifndef TESTS_UNIT_RENDER_RENDER_RIG_H
#define TESTS_UNIT_RENDER_RENDER_RIG_H

/* What tests of the renderer start from: a tree written by hand (tests/render/tree_text.h), or a document built node by
 * node. All of it ends the test when something goes wrong. */
#include "crdt/base/arena.h"
#include "crdt/base/buf.h"
#include "crdt/crdt.h"
#include "render/note_tree.h"

/* A finished tree, read from text. */
struct sheet {
    struct arena arena;
    struct note_tree tree;
};

void sheet_init(struct sheet *s, const char *text);
void sheet_finish(struct sheet *s);
/* An empty tree that is not finished, for all tests of a group: its setup and teardown. */
extern struct sheet blank_sheet;
int blank_sheet_open(void **state);
int blank_sheet_close(void **state);
/* The buffer holds just this; frees it. */
void sheet_expect(struct buf *b, const char *expected);

/* A document with a transaction open. */
struct crdt_doc *new_doc(void);
struct crdt_type root_of(struct crdt_doc *doc, const char *name, enum crdt_kind kind);
struct crdt_type add_child(struct crdt_doc *doc, struct crdt_type parent, enum crdt_kind kind, const char *name);
/* `key` and `json`: one format of the words; NULL: none. */
void add_text(struct crdt_doc *doc, struct crdt_type text, const char *words, const char *key, const char *json);
void set_attr(struct crdt_doc *doc, struct crdt_type type, const char *key, const char *json);

/* A value as documents store it; it borrows `encoded`, whose content it replaces and which the caller frees. */
struct crdt_value rig_value(const char *json, struct buf *encoded);

#endif
