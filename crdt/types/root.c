#include "crdt/core/branch.h"
#include "crdt/core/seq.h"
#include "crdt/lib0/utf.h"
#include "crdt/types/type_view.h"

/* Root types and the kinds of types. A root does not say on the wire what it is: it is declared by its user, or its
 * kind is inferred from what it holds. */

/* ---- roots ------------------------------------------------------------------------------------- */

struct crdt_type crdt_root(const struct crdt_doc *doc, struct span name)
{
    return (struct crdt_type){branch_root_find(doc, name)};
}

static int declare_new(struct crdt_doc *doc, struct span name, enum crdt_kind kind, struct crdt_type *out)
{
    int rc = utf8_valid(name) ? RC_OK : RC_ARG;

    if (rc == RC_OK) {
        rc = doc_reserve(doc, &(struct reserve){.types = 1, .roots = 1, .bytes = name.len});
    }
    if (rc == RC_OK) {
        out->ref = branch_root_make(doc, name, kind);
    }
    return rc;
}

int crdt_root_declare(struct crdt_doc *doc, struct span name, enum crdt_kind kind, struct crdt_type *out)
{
    uint32_t branch = branch_root_find(doc, name);

    if (!branch) {
        return declare_new(doc, name, kind, out);
    }
    struct branch *b = &doc->branches[branch];
    if (b->kind == CRDT_UNKNOWN) {
        b->kind = (uint8_t)kind;
        doc->changes++; /* typing counts on its being a text */
    } else if (kind != CRDT_UNKNOWN && b->kind != kind) {
        return RC_TYPE;
    }
    out->ref = branch;
    return RC_OK;
}

static bool name_before(const struct crdt_doc *doc, uint32_t a, uint32_t b)
{
    return utf16_compare(branch_name(doc, a), branch_name(doc, b)) < 0;
}

/* Lets the root at `at` sink in a heap of `count` (from 0), the last name on top. */
static void sink(const struct crdt_doc *doc, uint32_t *heap, uint32_t count, uint32_t at)
{
    for (uint32_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && name_before(doc, heap[child], heap[child + 1])) {
            child++;
        }
        if (!name_before(doc, heap[at], heap[child])) {
            return;
        }
        uint32_t moved = heap[at];
        heap[at] = heap[child];
        heap[child] = moved;
    }
}

/* Heap sort: no memory, never more than n log n. Roots are not removed, so that most calls find all in order. */
static const uint32_t *ordered_roots(const struct crdt_doc *doc)
{
    uint32_t *order = doc->root_order, count = doc->roots.count;

    if (count == 0 || order[0] == count) {
        return order;
    }
    order[0] = count;
    for (uint32_t at = count / 2; at-- > 0;) {
        sink(doc, order + 1, count, at);
    }
    for (uint32_t last = count; last > 1; last--) {
        uint32_t first = order[last];
        order[last] = order[1];
        order[1] = first;
        sink(doc, order + 1, last - 1, 0);
    }
    return order;
}

struct crdt_type crdt_root_next(const struct crdt_doc *doc, struct crdt_type previous)
{
    const uint32_t *order = ordered_roots(doc);
    uint32_t low = 1, high = doc->roots.count + 1;

    /* The first root whose name comes behind that of `previous`. */
    while (previous.ref && low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (name_before(doc, previous.ref, order[middle])) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return (struct crdt_type){low <= doc->roots.count ? order[low] : 0};
}

/* ---- facts about a type ---------------------------------------------------------------------------- */

enum crdt_kind crdt_type_kind(const struct crdt_doc *doc, struct crdt_type type)
{
    uint32_t branch = type_branch(doc, type);

    return branch ? (enum crdt_kind)doc->branches[branch].kind : CRDT_UNKNOWN;
}

struct span crdt_type_name(const struct crdt_doc *doc, struct crdt_type type)
{
    uint32_t branch = type_branch(doc, type);

    return branch ? branch_name(doc, branch) : (struct span){0};
}

struct crdt_type crdt_type_parent(const struct crdt_doc *doc, struct crdt_type type)
{
    uint32_t item = doc->branches[type_branch(doc, type)].item;

    return (struct crdt_type){item ? doc->seqs[seq_of(doc, item)].branch : 0};
}

uint64_t crdt_type_length(const struct crdt_doc *doc, struct crdt_type type)
{
    return doc->seqs[type_list(doc, type)].length;
}

/* ---- inference --------------------------------------------------------------------------------------- */

/* What the list of a root holds. */
struct contents {
    bool elements, lexical, xml_texts, text, values;
};

static void note_type(const struct crdt_doc *doc, uint32_t branch, struct contents *c)
{
    struct crdt_run unused;

    switch (doc->branches[branch].kind) {
    case CRDT_XML_ELEMENT:
    case CRDT_XML_FRAGMENT:
    case CRDT_XML_HOOK:
        c->elements = true;
        break;
    case CRDT_XML_TEXT:
        c->xml_texts = true;
        c->lexical |= crdt_map_get(doc, (struct crdt_type){branch}, span_str("__type"), &unused);
        break;
    default:
        c->values = true;
        break;
    }
}

static void note_item(const struct crdt_doc *doc, const struct item *it, struct contents *c)
{
    switch (item_kind(it)) {
    case BLOCK_TYPE:
        note_type(doc, it->off, c);
        break;
    case BLOCK_STRING:
    case BLOCK_EMBED:
    case BLOCK_FORMAT:
        c->text = true;
        break;
    case BLOCK_DELETED:
        break;
    default:
        c->values = true;
        break;
    }
}

/* Visible content, or else what is left of deleted content; up to the first element, which decides. */
static struct contents look_into(const struct crdt_doc *doc, uint32_t seq, bool deleted)
{
    struct contents c = {0};
    struct seq_at place = seq_begin(doc, seq);

    for (uint32_t item; !c.elements && (item = seq_item(doc, place)) != 0; seq_step(doc, &place)) {
        if (item_deleted(item_at(doc, item)) == deleted) {
            note_item(doc, item_at(doc, item), &c);
        }
    }
    return c;
}

static enum crdt_kind kind_of_contents(const struct contents *c)
{
    if (c->elements) {
        return CRDT_XML_FRAGMENT;
    }
    if (c->lexical) {
        return CRDT_XML_TEXT;
    }
    if (c->text) {
        return CRDT_TEXT;
    }
    if (c->values) {
        return CRDT_ARRAY;
    }
    return c->xml_texts ? CRDT_XML_FRAGMENT : CRDT_UNKNOWN;
}

static bool has_entries(const struct crdt_doc *doc, struct crdt_type type)
{
    struct crdt_map_iter it;
    struct crdt_run run;
    struct span key;

    crdt_map_iter_init(&it, doc, type);
    return crdt_map_iter_next(&it, &key, &run);
}

/* A list of which nothing is left but the fact: the names that editors' bindings give to their roots. */
static enum crdt_kind kind_of_name(struct span name)
{
    static const struct {
        const char *name;
        enum crdt_kind kind;
    } known[] = {
        {"default", CRDT_XML_FRAGMENT},
        {"prosemirror", CRDT_XML_FRAGMENT},
        {"document-store", CRDT_XML_FRAGMENT},
        {"blocknote", CRDT_XML_FRAGMENT},
        {"quill", CRDT_TEXT},
        {"codemirror", CRDT_TEXT},
        {"monaco", CRDT_TEXT},
        {"markdownContent", CRDT_TEXT},
        {"root", CRDT_XML_TEXT},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (span_equal(name, span_str(known[i].name))) {
            return known[i].kind;
        }
    }
    return CRDT_UNKNOWN;
}

enum crdt_kind crdt_type_infer(const struct crdt_doc *doc, struct crdt_type type)
{
    enum crdt_kind kind = crdt_type_kind(doc, type);
    uint32_t seq = type_list(doc, type);

    for (int deleted = 0; kind == CRDT_UNKNOWN && seq && deleted < 2; deleted++) {
        struct contents c = look_into(doc, seq, deleted);
        kind = kind_of_contents(&c);
        if (kind == CRDT_UNKNOWN && has_entries(doc, type)) {
            return CRDT_MAP;
        }
    }
    if (kind == CRDT_UNKNOWN && seq && seq_first(doc, seq)) {
        return kind_of_name(crdt_type_name(doc, type));
    }
    return kind == CRDT_UNKNOWN && doc->branches[type_branch(doc, type)].keys ? CRDT_MAP : kind;
}
