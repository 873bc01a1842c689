#include "tests/support/random_edits.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct editor {
    struct crdt_doc *doc;
    struct rng *rng;
    unsigned *done;
};

const char *random_edit_name(enum random_edit kind)
{
    static const char *const names[] = {
        "text insert", "text attributes", "text embed", "text type",  "text delete", "text format",
        "list values", "list bytes",      "list type",  "list doc",   "list delete", "map value",
        "map bytes",   "map type",        "map doc",    "map delete",
    };

    return names[kind];
}

static uint64_t below(struct editor *e, uint64_t bound)
{
    return rng_below(e->rng, bound);
}

static int count(struct editor *e, enum random_edit kind, int rc)
{
    if (e->done != NULL && rc == RC_OK) {
        e->done[kind]++;
    }
    return rc;
}

/* ---- content --------------------------------------------------------------------------------------- */

static struct span random_text(struct editor *e)
{
    static const char *const texts[] = {"a",   "bc",  "note ", "\n",     "été", "漢字",      "😀", "👩‍🏫🎉",
                                        "x😀y", "𝒜𝒷𝒸", "A",     "longer", "\t",  "0123456789"};

    return span_str(texts[below(e, COUNT(texts))]);
}

static struct span random_key(struct editor *e)
{
    static const char *const keys[] = {"a", "title", "été", "😀", "10", "2", ""};

    return span_str(keys[below(e, COUNT(keys))]);
}

/* One encoded value. */
static int random_value(struct editor *e, struct buf *out)
{
    static const char *const values[] = {
        "null",
        "true",
        "false",
        "0",
        "-1",
        "63",
        "64",
        "1.5",
        "1e300",
        "123456789012",
        "\"\"",
        "\"text 😀\"",
        "[]",
        "[1,\"a\",null]",
        "{}",
        "{\"b\":1,\"a\":[2]}",
        "{\"x\":{\"y\":[true]}}",
        "-0.1",
    };

    buf_clear(out);
    return crdt_value_from_json(span_str(values[below(e, COUNT(values))]), out);
}

struct random_attrs {
    struct crdt_attr attr[2];
    struct buf value[2];
    size_t count;
};

static int random_attributes(struct editor *e, struct random_attrs *out)
{
    static const char *const names[] = {"bold", "color", "link"};
    static const char *const values[] = {"true", "null", "\"red\"", "{\"href\":\"x\"}", "1.5"};
    size_t first = below(e, COUNT(names));

    *out = (struct random_attrs){.count = 1 + below(e, 2)};
    for (size_t i = 0; i < out->count; i++) {
        int rc = crdt_value_from_json(span_str(values[below(e, COUNT(values))]), &out->value[i]);
        if (rc != RC_OK) {
            return rc;
        }
        out->attr[i] = (struct crdt_attr){span_str(names[(first + i) % COUNT(names)]), buf_span(&out->value[i])};
    }
    return RC_OK;
}

static void free_attributes(struct random_attrs *a)
{
    for (size_t i = 0; i < COUNT(a->value); i++) {
        buf_finish(&a->value[i]);
    }
}

static enum crdt_kind random_kind(struct editor *e, bool xml)
{
    static const enum crdt_kind any[] = {CRDT_ARRAY, CRDT_MAP, CRDT_TEXT, CRDT_XML_ELEMENT, CRDT_XML_FRAGMENT};
    static const enum crdt_kind nodes[] = {CRDT_XML_ELEMENT, CRDT_XML_TEXT, CRDT_XML_ELEMENT, CRDT_XML_HOOK};

    return xml ? nodes[below(e, COUNT(nodes))] : any[below(e, COUNT(any))];
}

/* ---- text ------------------------------------------------------------------------------------------- */

static int insert_formatted(struct editor *e, struct crdt_type type, uint64_t at)
{
    struct random_attrs attrs;
    int rc = random_attributes(e, &attrs);

    if (rc == RC_OK) {
        rc = crdt_text_insert(e->doc, type, at, random_text(e), attrs.attr, attrs.count);
    }
    free_attributes(&attrs);
    return count(e, RANDOM_TEXT_ATTRIBUTES, rc);
}

/* A format that changes nothing may still cut a surrogate pair, here and nowhere else (so it is in yjs): inside of a
 * text each has a value of its own. */
static int format(struct editor *e, struct crdt_type type, uint64_t at, uint64_t length)
{
    static const uint8_t null[] = {126};
    struct crdt_attr attr = {span_str("bold"), span_of(null, 1)};
    struct buf value = {0};
    int rc = RC_OK;

    if (rng_chance(e->rng, 30)) {
        return count(e, RANDOM_TEXT_FORMAT, crdt_text_format(e->doc, type, 0, length, &attr, 1));
    }
    buf_printf(&value, "%u", (unsigned)below(e, UINT32_MAX));
    if (value.rc == RC_OK) {
        struct span json = buf_span(&value);
        struct buf encoded = {0};

        rc = crdt_value_from_json(json, &encoded);
        attr.value = buf_span(&encoded);
        rc = rc == RC_OK ? crdt_text_format(e->doc, type, at, 1 + below(e, length - at), &attr, 1) : rc;
        buf_finish(&encoded);
    }
    buf_finish(&value);
    return count(e, RANDOM_TEXT_FORMAT, rc);
}

static int insert_embed(struct editor *e, struct crdt_type type, uint64_t at)
{
    struct buf value = {0};
    int rc = random_value(e, &value);

    if (rc == RC_OK) {
        rc = crdt_text_insert_embed(e->doc, type, at, buf_span(&value), NULL, 0);
    }
    buf_finish(&value);
    return count(e, RANDOM_TEXT_EMBED, rc);
}

static int edit_text(struct editor *e, struct crdt_type type)
{
    uint64_t length = crdt_type_length(e->doc, type), at = below(e, length + 1), left = length - at;
    struct crdt_type inner;

    switch (below(e, 10)) {
    case 0:
        return insert_embed(e, type, at);
    case 1:
        return count(e, RANDOM_TEXT_TYPE,
                     crdt_text_insert_type(e->doc, type, at, random_kind(e, false), random_key(e), &inner));
    case 2:
        return insert_formatted(e, type, at);
    case 3:
    case 4:
        return left > 0 ? format(e, type, at, length) : RC_OK;
    case 5:
    case 6:
        return left > 0
                   ? count(e, RANDOM_TEXT_DELETE, crdt_text_delete(e->doc, type, at, 1 + below(e, left < 8 ? left : 8)))
                   : RC_OK;
    default:
        return count(e, RANDOM_TEXT_INSERT, crdt_text_insert(e->doc, type, at, random_text(e), NULL, 0));
    }
}

/* ---- lists and maps ------------------------------------------------------------------------------------ */

static int insert_values(struct editor *e, struct crdt_type type, uint64_t at)
{
    struct buf one = {0}, all = {0};
    int rc = RC_OK;

    for (uint64_t n = 1 + below(e, 3); rc == RC_OK && n > 0; n--) {
        rc = random_value(e, &one);
        buf_put_span(&all, buf_span(&one));
    }
    if (rc == RC_OK) {
        rc = all.rc == RC_OK ? crdt_list_insert(e->doc, type, at, buf_span(&all)) : all.rc;
    }
    buf_finish(&one);
    buf_finish(&all);
    return count(e, RANDOM_LIST_VALUES, rc);
}

static int insert_doc(struct editor *e, struct crdt_type type, uint64_t at)
{
    struct buf options = {0};
    int rc = crdt_value_from_json(span_str("{\"autoLoad\":true}"), &options);

    if (rc == RC_OK) {
        rc = crdt_list_insert_doc(e->doc, type, at, span_str("guid"), buf_span(&options));
    }
    buf_finish(&options);
    return count(e, RANDOM_LIST_DOC, rc);
}

static int delete_some(struct editor *e, struct crdt_type type, uint64_t at, uint64_t length)
{
    uint64_t left = length - at;

    return left > 0
               ? count(e, RANDOM_LIST_DELETE, crdt_list_delete(e->doc, type, at, 1 + below(e, left < 4 ? left : 4)))
               : RC_OK;
}

static int edit_list(struct editor *e, struct crdt_type type, bool xml)
{
    uint64_t length = crdt_type_length(e->doc, type), at = below(e, length + 1);
    struct crdt_type inner;

    switch (below(e, xml ? 6 : 9)) {
    case 0:
    case 1:
        return delete_some(e, type, at, length);
    case 2:
    case 3:
    case 4:
    case 5:
        return count(e, RANDOM_LIST_TYPE,
                     crdt_list_insert_type(e->doc, type, at, random_kind(e, xml), span_str("p"), &inner));
    case 6:
        return count(e, RANDOM_LIST_BYTES, crdt_list_insert_bytes(e->doc, type, at, random_text(e)));
    case 7:
        return insert_doc(e, type, at);
    default:
        return insert_values(e, type, at);
    }
}

static int set_value(struct editor *e, struct crdt_type type, bool subdocument)
{
    struct buf value = {0};
    int rc = subdocument ? crdt_value_from_json(span_str("{}"), &value) : random_value(e, &value);

    if (rc == RC_OK && subdocument) {
        rc = crdt_map_set_doc(e->doc, type, random_key(e), span_str("map guid"), buf_span(&value));
    } else if (rc == RC_OK) {
        rc = crdt_map_set(e->doc, type, random_key(e), buf_span(&value));
    }
    buf_finish(&value);
    return count(e, subdocument ? RANDOM_MAP_DOC : RANDOM_MAP_VALUE, rc);
}

static int edit_map(struct editor *e, struct crdt_type type)
{
    struct crdt_type inner;

    switch (below(e, 8)) {
    case 0:
    case 1:
        return count(e, RANDOM_MAP_DELETE, crdt_map_delete(e->doc, type, random_key(e)));
    case 2:
    case 3:
        return count(e, RANDOM_MAP_TYPE,
                     crdt_map_set_type(e->doc, type, random_key(e), random_kind(e, false), span_str("div"), &inner));
    case 4:
        return count(e, RANDOM_MAP_BYTES, crdt_map_set_bytes(e->doc, type, random_key(e), random_text(e)));
    case 5:
        return set_value(e, type, true);
    default:
        return set_value(e, type, false);
    }
}

/* ---- which type ------------------------------------------------------------------------------------------ */

/* A nested type of `type`, or {0}: one of the first that there are. */
static struct crdt_type random_child(struct editor *e, struct crdt_type type)
{
    struct crdt_type found[32];
    size_t n = 0;
    struct crdt_iter list;
    struct crdt_map_iter map;
    struct crdt_run run;
    struct span key;

    crdt_iter_init(&list, e->doc, type);
    while (n < COUNT(found) / 2 && crdt_iter_next(&list, &run)) {
        if (run.content == CRDT_CONTENT_TYPE) {
            found[n++] = run.type;
        }
    }
    crdt_map_iter_init(&map, e->doc, type);
    while (n < COUNT(found) && crdt_map_iter_next(&map, &key, &run)) {
        if (run.content == CRDT_CONTENT_TYPE) {
            found[n++] = run.type;
        }
    }
    return n > 0 ? found[below(e, n)] : (struct crdt_type){0};
}

static int random_type(struct editor *e, struct crdt_type *out)
{
    static const struct {
        const char *name;
        enum crdt_kind kind;
    } roots[] = {{"text", CRDT_TEXT}, {"array", CRDT_ARRAY}, {"map", CRDT_MAP}, {"xml", CRDT_XML_FRAGMENT}};
    size_t which = below(e, COUNT(roots));
    int rc = crdt_root_declare(e->doc, span_str(roots[which].name), roots[which].kind, out);

    for (unsigned depth = 0; rc == RC_OK && depth < 5 && rng_chance(e->rng, 60); depth++) {
        struct crdt_type child = random_child(e, *out);
        if (crdt_type_is_none(child)) {
            break;
        }
        *out = child;
    }
    return rc;
}

static int edit_once(struct editor *e)
{
    struct crdt_type type;
    int rc = random_type(e, &type);

    if (rc != RC_OK) {
        return rc;
    }
    switch (crdt_type_kind(e->doc, type)) {
    case CRDT_TEXT:
        return edit_text(e, type);
    case CRDT_XML_TEXT:
        return rng_chance(e->rng, 20) ? set_value(e, type, false) : edit_text(e, type);
    case CRDT_ARRAY:
        return edit_list(e, type, false);
    case CRDT_XML_ELEMENT:
        return rng_chance(e->rng, 30) ? set_value(e, type, false) : edit_list(e, type, true);
    case CRDT_XML_FRAGMENT:
        return edit_list(e, type, true);
    default:
        return edit_map(e, type);
    }
}

int random_edits(struct crdt_doc *doc, struct rng *rng, unsigned edits, enum crdt_format format, struct buf *update,
                 unsigned done[RANDOM_EDIT_KINDS])
{
    struct editor e = {.doc = doc, .rng = rng, .done = done};
    int rc = crdt_txn_begin(doc), committed;

    if (rc != RC_OK) {
        return rc;
    }
    for (unsigned i = 0; rc == RC_OK && i < edits; i++) {
        rc = edit_once(&e);
    }
    committed = crdt_txn_commit(doc, format, update);
    rc = rc != RC_OK ? rc : committed;
    if (rc != RC_OK && rc != RC_NOMEM && rc != RC_LIMIT) {
        (void)fprintf(stderr, "a random edit was refused: %s\n", rc_text(rc));
        abort();
    }
    return rc;
}
