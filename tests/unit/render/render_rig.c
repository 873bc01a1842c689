#include "tests/unit/render/render_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "tests/render/tree_text.h"

void sheet_init(struct sheet *s, const char *text)
{
    arena_init(&s->arena, 0);
    assert_int_equal(note_tree_init(&s->tree, &s->arena, false), RC_OK);
    tree_text_read(&s->tree, span_str(text));
    assert_int_equal(note_tree_finish(&s->tree), RC_OK);
}

void sheet_finish(struct sheet *s)
{
    arena_finish(&s->arena);
}

struct sheet blank_sheet;

int blank_sheet_open(void **state)
{
    (void)state;
    arena_init(&blank_sheet.arena, 0);
    return note_tree_init(&blank_sheet.tree, &blank_sheet.arena, false) == RC_OK ? 0 : -1;
}

int blank_sheet_close(void **state)
{
    (void)state;
    sheet_finish(&blank_sheet);
    return 0;
}

void sheet_expect(struct buf *b, const char *expected)
{
    if (b->len != strlen(expected) || (b->len > 0 && memcmp(b->data, expected, b->len) != 0)) {
        fail_msg("got\n%.*s\nexpected\n%s", (int)b->len, (const char *)b->data, expected);
    }
    buf_finish(b);
}

struct crdt_doc *new_doc(void)
{
    struct crdt_doc *doc = NULL;

    assert_int_equal(crdt_doc_create(NULL, &doc), RC_OK);
    assert_int_equal(crdt_txn_begin(doc), RC_OK);
    return doc;
}

struct crdt_type root_of(struct crdt_doc *doc, const char *name, enum crdt_kind kind)
{
    struct crdt_type root;

    assert_int_equal(crdt_root_declare(doc, span_str(name), kind, &root), RC_OK);
    return root;
}

struct crdt_type add_child(struct crdt_doc *doc, struct crdt_type parent, enum crdt_kind kind, const char *name)
{
    struct crdt_type child;

    assert_int_equal(crdt_list_insert_type(doc, parent, crdt_type_length(doc, parent), kind, span_str(name), &child),
                     RC_OK);
    return child;
}

/* `key` and `json`: one format of the words; NULL: none. */
void add_text(struct crdt_doc *doc, struct crdt_type text, const char *words, const char *key, const char *json)
{
    struct buf value = {0};
    struct crdt_attr attr = {span_str(key != NULL ? key : ""), {0}};

    if (key != NULL) {
        assert_int_equal(crdt_value_from_json(span_str(json), &value), RC_OK);
        attr.value = buf_span(&value);
    }
    assert_int_equal(
        crdt_text_insert(doc, text, crdt_type_length(doc, text), span_str(words), &attr, key != NULL ? 1 : 0), RC_OK);
    buf_finish(&value);
}

void set_attr(struct crdt_doc *doc, struct crdt_type type, const char *key, const char *json)
{
    struct buf value = {0};

    assert_int_equal(crdt_value_from_json(span_str(json), &value), RC_OK);
    assert_int_equal(crdt_map_set(doc, type, span_str(key), buf_span(&value)), RC_OK);
    buf_finish(&value);
}

struct crdt_value rig_value(const char *json, struct buf *encoded)
{
    struct crdt_value v;
    struct span cursor;

    buf_clear(encoded);
    assert_int_equal(crdt_value_from_json(span_str(json), encoded), RC_OK);
    cursor = buf_span(encoded);
    assert_true(crdt_value_read(&cursor, &v));
    return v;
}
