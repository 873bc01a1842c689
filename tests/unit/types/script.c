#include "tests/unit/types/script.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define ATTRS_MAX 8

struct script {
    struct crdt_doc *doc;
    struct crdt_type type;
    struct span line;
};

/* ---- words -------------------------------------------------------------------------------------------- */

static struct span word(struct script *s)
{
    size_t len = 0;

    while (len < s->line.len && s->line.data[len] != ' ') {
        len++;
    }
    struct span found = span_of(s->line.data, len);
    len += len < s->line.len;
    s->line = span_of(s->line.data + len, s->line.len - len);
    return found;
}

static uint64_t number(struct script *s)
{
    struct span digits = word(s);
    uint64_t value = 0;

    for (size_t i = 0; i < digits.len; i++) {
        value = value * 10 + (uint64_t)(digits.data[i] - '0');
    }
    return value;
}

/* A value of JSON, in a buffer that the caller frees. */
static int value_of(struct script *s, struct buf *value)
{
    *value = (struct buf){0};
    return crdt_value_from_json(word(s), value);
}

/* ---- edits ---------------------------------------------------------------------------------------------- */

struct attrs {
    struct buf value;
    struct crdt_attr list[ATTRS_MAX];
    size_t count;
};

static int attrs_of(struct script *s, struct attrs *a)
{
    struct crdt_value object;

    a->count = 0;
    a->value = (struct buf){0};
    if (s->line.len == 0) {
        return RC_OK;
    }
    int rc = value_of(s, &a->value);
    if (rc != RC_OK) {
        return rc;
    }
    struct span cursor = buf_span(&a->value), rest;
    assert_true(crdt_value_read(&cursor, &object));
    for (rest = object.bytes; rest.len > 0 && a->count < ATTRS_MAX; a->count++) {
        struct crdt_value member;
        assert_true(crdt_value_read_key(&rest, &a->list[a->count].key));
        a->list[a->count].value = rest;
        assert_true(crdt_value_read(&rest, &member));
        a->list[a->count].value.len -= rest.len;
    }
    return RC_OK;
}

static int insert_text(struct script *s)
{
    uint64_t index = number(s);

    return crdt_text_insert(s->doc, s->type, index, s->line, NULL, 0);
}

static int insert_formatted(struct script *s)
{
    uint64_t index = number(s);
    struct span text = word(s);
    struct attrs a;
    int rc = attrs_of(s, &a);

    if (rc == RC_OK) {
        rc = crdt_text_insert(s->doc, s->type, index, text, a.list, a.count);
    }
    buf_finish(&a.value);
    return rc;
}

static int insert_embed(struct script *s)
{
    uint64_t index = number(s);
    struct buf value;
    struct attrs a = {.count = 0};
    int rc = value_of(s, &value);

    if (rc == RC_OK) {
        rc = attrs_of(s, &a);
    }
    if (rc == RC_OK) {
        rc = crdt_text_insert_embed(s->doc, s->type, index, buf_span(&value), a.list, a.count);
    }
    buf_finish(&value);
    buf_finish(&a.value);
    return rc;
}

static int format(struct script *s)
{
    uint64_t index = number(s), length = number(s);
    struct attrs a;
    int rc = attrs_of(s, &a);

    if (rc == RC_OK) {
        rc = crdt_text_format(s->doc, s->type, index, length, a.list, a.count);
    }
    buf_finish(&a.value);
    return rc;
}

static int delete_text(struct script *s)
{
    uint64_t index = number(s), length = number(s);

    return crdt_text_delete(s->doc, s->type, index, length);
}

static int insert_values(struct script *s)
{
    uint64_t index = number(s);
    struct buf value;
    int rc = value_of(s, &value);

    if (rc == RC_OK) {
        struct span cursor = buf_span(&value);
        struct crdt_value array;
        assert_true(crdt_value_read(&cursor, &array));
        rc = crdt_list_insert(s->doc, s->type, index, array.bytes);
    }
    buf_finish(&value);
    return rc;
}

static int remove_elements(struct script *s)
{
    uint64_t index = number(s), length = number(s);

    return crdt_list_delete(s->doc, s->type, index, length);
}

static int insert_type(struct script *s)
{
    uint64_t index = number(s);
    enum crdt_kind kind = (enum crdt_kind)number(s);
    struct crdt_type made;

    return crdt_text_insert_type(s->doc, s->type, index, kind, word(s), &made);
}

static int insert_node(struct script *s)
{
    uint64_t index = number(s);
    enum crdt_kind kind = (enum crdt_kind)number(s);
    struct crdt_type made;

    return crdt_list_insert_type(s->doc, s->type, index, kind, word(s), &made);
}

static int put_type(struct script *s)
{
    struct span key = word(s);
    enum crdt_kind kind = (enum crdt_kind)number(s);
    struct crdt_type made;

    return crdt_map_set_type(s->doc, s->type, key, kind, word(s), &made);
}

static int set_entry(struct script *s)
{
    struct span key = word(s);
    struct buf value;
    int rc = value_of(s, &value);

    if (rc == RC_OK) {
        rc = crdt_map_set(s->doc, s->type, key, buf_span(&value));
    }
    buf_finish(&value);
    return rc;
}

static int unset_entry(struct script *s)
{
    return crdt_map_delete(s->doc, s->type, word(s));
}

static int enter(struct script *s)
{
    struct crdt_iter it;
    struct crdt_run run;

    if (s->line.len == 0 || !isdigit(s->line.data[0])) {
        bool found = crdt_map_get(s->doc, s->type, word(s), &run) && run.content == CRDT_CONTENT_TYPE;
        s->type = found ? run.type : s->type;
        return found ? RC_OK : RC_ARG;
    }
    uint64_t index = number(s);
    crdt_iter_init(&it, s->doc, s->type);
    while (crdt_iter_next(&it, &run)) {
        if (index == 0 && run.content == CRDT_CONTENT_TYPE) {
            s->type = run.type;
            return RC_OK;
        }
        index -= run.count < index ? run.count : index;
    }
    return RC_ARG;
}

static int leave(struct script *s)
{
    s->type = crdt_type_parent(s->doc, s->type);
    return RC_OK;
}

static int commit(struct script *s)
{
    int rc = crdt_txn_commit(s->doc, CRDT_V1, NULL);

    return rc == RC_OK ? crdt_txn_begin(s->doc) : rc;
}

static int run_line(struct script *s)
{
    static const struct {
        const char *verb;
        int (*run)(struct script *);
    } verbs[] = {
        {"text", insert_text}, {"text+", insert_formatted}, {"embed", insert_embed},     {"type", insert_type},
        {"format", format},    {"delete", delete_text},     {"list", insert_values},     {"node", insert_node},
        {"set", set_entry},    {"put", put_type},           {"unset", unset_entry},      {"enter", enter},
        {"leave", leave},      {"commit", commit},          {"remove", remove_elements},
    };
    struct span verb = word(s);

    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (span_equal(verb, span_str(verbs[i].verb))) {
            return verbs[i].run(s);
        }
    }
    return RC_ARG;
}

int script_run(struct crdt_doc *doc, struct crdt_type type, const char *script, struct buf *update)
{
    struct script s = {.doc = doc, .type = type};
    int rc = crdt_txn_begin(doc);

    if (rc != RC_OK) {
        return rc;
    }
    while (rc == RC_OK && *script) {
        size_t len = strcspn(script, "\n");
        s.line = span_of(script, len);
        rc = run_line(&s);
        script += len + (script[len] == '\n');
    }
    int end = crdt_txn_commit(doc, CRDT_V1, update);
    return rc == RC_OK ? end : rc;
}

struct crdt_doc *script_doc(enum crdt_kind kind, const char *script, struct crdt_type *root)
{
    struct crdt_doc *doc;

    assert_int_equal(crdt_doc_create(&(struct crdt_doc_options){.client = 1}, &doc), RC_OK);
    assert_int_equal(crdt_root_declare(doc, span_str("r"), kind, root), RC_OK);
    int rc = script_run(doc, *root, script, NULL);
    if (rc != RC_OK) {
        print_error("%s: %s\n", script, rc_name(rc));
    }
    assert_int_equal(rc, RC_OK);
    assert_null(crdt_check(doc));
    return doc;
}
