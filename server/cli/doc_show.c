#include "server/cli/doc_show.h"

#include "server/base/json_text.h"

static enum crdt_kind kind_of(enum doc_kind kind)
{
    switch (kind) {
    case DOC_KIND_TEXT:
    case DOC_KIND_STRING:
        return CRDT_TEXT;
    case DOC_KIND_ARRAY:
        return CRDT_ARRAY;
    case DOC_KIND_MAP:
        return CRDT_MAP;
    case DOC_KIND_XML:
        return CRDT_XML_FRAGMENT;
    case DOC_KIND_INFER:
        break;
    }
    return CRDT_UNKNOWN;
}

static enum doc_kind infer(const struct crdt_doc *doc, struct crdt_type type)
{
    switch (crdt_type_infer(doc, type)) {
    case CRDT_TEXT:
    case CRDT_XML_TEXT:
        return DOC_KIND_TEXT;
    case CRDT_ARRAY:
        return DOC_KIND_ARRAY;
    case CRDT_MAP:
        return DOC_KIND_MAP;
    case CRDT_XML_ELEMENT:
    case CRDT_XML_FRAGMENT:
    case CRDT_XML_HOOK:
        return DOC_KIND_XML;
    case CRDT_UNKNOWN:
        break;
    }
    return DOC_KIND_INFER;
}

/* A value that is a JavaScript string. */
static int put_text_of(int (*read)(const struct crdt_doc *, struct crdt_type, struct buf *), const struct crdt_doc *doc,
                       struct crdt_type type, struct buf *out)
{
    struct buf text = {0};
    int rc = read(doc, type, &text);

    if (rc == RC_OK) {
        json_put_string(out, buf_span(&text));
    }
    buf_finish(&text);
    return rc;
}

static int put_value(const struct crdt_doc *doc, struct crdt_type type, enum doc_kind kind, struct buf *out)
{
    switch (kind) {
    case DOC_KIND_TEXT:
        return crdt_text_to_delta(doc, type, out);
    case DOC_KIND_STRING:
        return put_text_of(crdt_text_to_string, doc, type, out);
    case DOC_KIND_XML:
        return put_text_of(crdt_xml_to_string, doc, type, out);
    case DOC_KIND_ARRAY:
    case DOC_KIND_MAP:
        return crdt_type_to_json(doc, type, out);
    case DOC_KIND_INFER:
        buf_put_str(out, "null"); /* a root that holds nothing and that nobody declared */
        return RC_OK;
    }
    return RC_ARG;
}

static bool asked_for(const struct doc_args *a, struct span name, enum doc_kind *kind)
{
    for (size_t i = 0; i < a->roots; i++) {
        if (span_equal(a->root[i].name, name)) {
            *kind = a->root[i].kind;
            return true;
        }
    }
    *kind = DOC_KIND_INFER;
    return a->roots == 0;
}

static int declare_roots(struct crdt_doc *doc, const struct doc_args *a)
{
    int rc = RC_OK;

    for (size_t i = 0; i < a->roots && rc == RC_OK; i++) {
        struct crdt_type type;

        rc = crdt_root_declare(doc, a->root[i].name, kind_of(a->root[i].kind), &type);
    }
    return rc;
}

int doc_show(struct crdt_doc *doc, const struct doc_args *a, struct buf *out)
{
    struct crdt_type type = {0};
    const char *before = "";
    int rc = declare_roots(doc, a);

    buf_put_u8(out, '{');
    while (rc == RC_OK && !crdt_type_is_none(type = crdt_root_next(doc, type))) {
        struct span name = crdt_type_name(doc, type);
        enum doc_kind kind;

        if (!asked_for(a, name, &kind)) {
            continue;
        }
        buf_put_str(out, before);
        before = ",";
        json_put_string(out, name);
        buf_put_u8(out, ':');
        rc = put_value(doc, type, kind == DOC_KIND_INFER ? infer(doc, type) : kind, out);
    }
    buf_put_str(out, "}\n");
    return rc == RC_OK ? out->rc : rc;
}

static int state_bytes(const struct crdt_doc *doc, enum crdt_format format, size_t *out)
{
    struct buf state = {0};
    int rc = crdt_encode_state(doc, format, span_of(NULL, 0), &state);

    *out = state.len;
    buf_finish(&state);
    return rc;
}

int doc_show_stat(const struct crdt_doc *doc, struct buf *out)
{
    struct crdt_stat s;
    size_t v1, v2;
    int rc = state_bytes(doc, CRDT_V1, &v1);

    rc = rc == RC_OK ? state_bytes(doc, CRDT_V2, &v2) : rc;
    if (rc != RC_OK) {
        return rc;
    }
    crdt_doc_stat(doc, &s);
    {
        const struct {
            const char *name;
            uint64_t value;
        } figure[] = {{"structs", s.structs},
                      {"items", s.items},
                      {"gc", s.gc},
                      {"deletedItems", s.deleted_items},
                      {"clients", s.clients},
                      {"types", s.types},
                      {"pendingStructs", s.pending_structs},
                      {"pendingDeletes", s.pending_deletes},
                      {"bytesV1", v1},
                      {"bytesV2", v2},
                      {"memory", s.memory},
                      {"textLength", s.text_units}};

        for (size_t i = 0; i < sizeof figure / sizeof *figure; i++) {
            buf_printf(out, "%s\"%s\":%llu", i ? "," : "{", figure[i].name, (unsigned long long)figure[i].value);
        }
    }
    buf_put_str(out, "}\n");
    return out->rc;
}
