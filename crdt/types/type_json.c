#include <stdlib.h>
#include "crdt/lib0/any.h"
#include "crdt/types/type_print.h"
#include "crdt/types/type_view.h"

/* toJSON of every type. Texts and XML nodes are strings in JSON, so that only arrays and maps nest. */

/* An array or a map that is being printed. */
struct json_level {
    bool map, more; /* more: a comma goes before the next member */
    struct crdt_iter it;
    struct crdt_run run;    /* array: what is left of the run at hand */
    bool half;              /* the first half of a surrogate pair has been printed */
    struct print_key *keys; /* map */
    size_t at, count;
};

struct json_printer {
    const struct crdt_doc *doc;
    struct buf *out;
    struct json_level *levels;
    size_t depth, cap;
};

/* ---- elements ------------------------------------------------------------------------------------- */

static int put_text(struct json_printer *p, struct crdt_type type, bool xml)
{
    struct buf text = {0};
    int rc = xml ? crdt_xml_to_string(p->doc, type, &text) : crdt_text_to_string(p->doc, type, &text);

    if (rc == RC_OK) {
        lib0_put_json_string(p->out, buf_span(&text));
    }
    buf_finish(&text);
    return rc;
}

static int open_level(struct json_printer *p, struct crdt_type type, bool map)
{
    struct json_level level = {.map = map};
    int rc = print_grow((void **)&p->levels, p->depth, &p->cap, sizeof(*p->levels));

    if (rc == RC_OK && map) {
        rc = print_keys(p->doc, type, &level.keys, &level.count);
    }
    if (rc != RC_OK) {
        return rc;
    }
    crdt_iter_init(&level.it, p->doc, type);
    buf_put_u8(p->out, map ? '{' : '[');
    p->levels[p->depth++] = level;
    return RC_OK;
}

static int put_type(struct json_printer *p, struct crdt_type type)
{
    switch (crdt_type_infer(p->doc, type)) {
    case CRDT_ARRAY:
        return open_level(p, type, false);
    case CRDT_MAP:
    case CRDT_XML_HOOK:
        return open_level(p, type, true);
    case CRDT_TEXT:
        return put_text(p, type, false);
    case CRDT_XML_ELEMENT:
    case CRDT_XML_FRAGMENT:
    case CRDT_XML_TEXT:
        return put_text(p, type, true);
    case CRDT_UNKNOWN:
        break;
    }
    buf_put_str(p->out, "null");
    return RC_OK;
}

static bool is_pair(struct span text)
{
    return text.len > 0 && text.data[0] >= 0xf0;
}

/* To an array, text is its UTF-16 units; half a pair prints as the escape that JSON.stringify gives it. */
static void put_unit(struct json_printer *p, struct span *text, bool *half)
{
    uint8_t lead = text->data[0];
    size_t len = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

    if (!is_pair(*text)) {
        lib0_put_json_string(p->out, span_of(text->data, len));
    } else {
        const uint8_t *b = text->data;
        uint32_t point = (b[0] & 7u) << 18 | (b[1] & 63u) << 12 | (b[2] & 63u) << 6 | (b[3] & 63u);
        point -= 0x10000;
        buf_printf(p->out, "\"\\u%04x\"", *half ? 0xdc00 + (point & 0x3ff) : 0xd800 + (point >> 10));
        *half = !*half;
        len = *half ? 0 : len;
    }
    *text = span_of(text->data + len, text->len - len);
}

static void skip_to_last_unit(struct crdt_run *run, bool *half)
{
    size_t at = run->bytes.len;

    do {
        at--;
    } while (at > 0 && (run->bytes.data[at] & 0xc0) == 0x80);
    run->bytes = span_of(run->bytes.data + at, run->bytes.len - at);
    *half = is_pair(run->bytes);
}

/* One element of the run; what is left stays in it. */
static int put_element(struct json_printer *p, struct crdt_run *run, bool *half)
{
    run->count--;
    switch (run->content) {
    case CRDT_CONTENT_ANY:
    case CRDT_CONTENT_JSON:
        return lib0_any_to_json_tagged(value_take(&run->bytes), p->out);
    case CRDT_CONTENT_EMBED:
        return lib0_any_to_json_tagged(run->bytes, p->out);
    case CRDT_CONTENT_BINARY:
        return print_bytes_json(run->bytes, p->out);
    case CRDT_CONTENT_STRING:
        put_unit(p, &run->bytes, half);
        return RC_OK;
    case CRDT_CONTENT_TYPE:
        return put_type(p, run->type);
    default:
        buf_put_str(p->out, "{}"); /* a subdocument, which is another document's business */
        return RC_OK;
    }
}

/* ---- levels ------------------------------------------------------------------------------------------- */

static void close_level(struct json_printer *p)
{
    struct json_level *l = &p->levels[--p->depth];

    buf_put_u8(p->out, l->map ? '}' : ']');
    free(l->keys);
}

static void put_comma(struct json_printer *p, struct json_level *l)
{
    if (l->more) {
        buf_put_u8(p->out, ',');
    }
    l->more = true;
}

static int step_map(struct json_printer *p, struct json_level *l)
{
    if (l->at == l->count) {
        close_level(p);
        return RC_OK;
    }
    struct print_key *key = &l->keys[l->at++];
    bool half = false;
    put_comma(p, l);
    lib0_put_json_string(p->out, key->name);
    buf_put_u8(p->out, ':');
    if (key->run.content == CRDT_CONTENT_STRING) {
        skip_to_last_unit(&key->run, &half);
    }
    struct crdt_run run = key->run;
    return put_element(p, &run, &half);
}

static int step_array(struct json_printer *p, struct json_level *l)
{
    while (l->run.count == 0) {
        if (!crdt_iter_next(&l->it, &l->run)) {
            close_level(p);
            return RC_OK;
        }
    }
    put_comma(p, l);
    struct crdt_run run = l->run;
    bool half = l->half;
    size_t at = p->depth - 1; /* a level may be opened, and the stack move */
    int rc = put_element(p, &run, &half);
    p->levels[at].run = run;
    p->levels[at].half = half;
    return rc;
}

static int print_json(struct json_printer *p, struct crdt_type type)
{
    size_t before = p->out->len;
    int rc = put_type(p, type);

    while (rc == RC_OK && p->out->rc == RC_OK && p->depth > 0) {
        struct json_level *l = &p->levels[p->depth - 1];
        rc = l->map ? step_map(p, l) : step_array(p, l);
    }
    rc = rc == RC_OK ? p->out->rc : rc;
    while (p->depth > 0) {
        free(p->levels[--p->depth].keys);
    }
    free(p->levels);
    if (rc != RC_OK) {
        p->out->len = before;
    }
    return rc;
}

int crdt_type_to_json(const struct crdt_doc *doc, struct crdt_type type, struct buf *out)
{
    struct json_printer p = {.doc = doc, .out = out};

    return print_json(&p, type);
}
