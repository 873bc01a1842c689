#include <stdlib.h>
#include "crdt/core/pool.h"
#include "crdt/core/seq.h"
#include "crdt/lib0/any.h"
#include "crdt/types/attr_map.h"
#include "crdt/types/type_view.h"

/* A text as delta (yjs: YText.toDelta): strings between two marks or embeds make one operation, whatever items they
 * stand in. Attributes keep the order in which they began to hold.
 *
 * A stranger's text may hold thousands of keys, or huge values, in force over thousands of runs, and every run lists
 * them all. So lists are bounded together, in bytes: DELTA_FREE, and DELTA_EACH for each operation. Beyond that
 * RC_LIMIT. */

#define DELTA_FREE ((uint64_t)16 << 20)
#define DELTA_EACH 1024

struct crdt_delta {
    const struct crdt_doc *doc;
    struct seq_at place;
    struct attr_map attrs;  /* in force at `place` */
    struct crdt_attr *list; /* the same as a list … */
    uint32_t list_count, list_cap;
    bool listed;         /* … when it is up to date */
    uint64_t list_bytes; /* what it holds */
    uint64_t allowed;    /* bytes that may still be listed */
    struct buf text;
};

int crdt_delta_open(const struct crdt_doc *doc, struct crdt_type type, struct crdt_delta **out)
{
    struct crdt_delta *d = calloc(1, sizeof(*d));
    uint32_t seq = type_list(doc, type);

    if (!d) {
        return RC_NOMEM;
    }
    d->doc = doc;
    d->attrs.seed = doc->hash_seed;
    d->place = seq_begin(doc, seq);
    d->allowed = DELTA_FREE;
    *out = d;
    return RC_OK;
}

void crdt_delta_close(struct crdt_delta *d)
{
    if (d) {
        attr_map_finish(&d->attrs);
        free(d->list);
        buf_finish(&d->text);
        free(d);
    }
}

static int list_attrs(struct crdt_delta *d)
{
    if (d->listed) {
        return RC_OK;
    }
    if (d->attrs.live > d->list_cap) {
        struct crdt_attr *list = realloc(d->list, d->attrs.cap * sizeof(*list));
        if (!list) {
            return RC_NOMEM;
        }
        d->list = list;
        d->list_cap = d->attrs.cap;
    }
    d->list_count = d->attrs.live > 0 ? attr_map_list(&d->attrs, d->list) : 0;
    d->list_bytes = 0;
    for (uint32_t i = 0; i < d->list_count; i++) {
        d->list_bytes += sizeof(struct crdt_attr) + d->list[i].key.len + d->list[i].value.len;
    }
    d->listed = true;
    return RC_OK;
}

static uint32_t visible_item(const struct crdt_delta *d)
{
    uint32_t item = seq_item(d->doc, d->place);

    return item && !item_deleted(item_at(d->doc, item)) ? item : 0;
}

/* Strings from here to the next mark or embed. One item's text is handed out as it stands. */
static int take_text(struct crdt_delta *d, struct crdt_delta_op *op)
{
    bool copied = false;

    for (; d->place.leaf; seq_step(d->doc, &d->place)) {
        uint32_t item = visible_item(d);
        const struct item *it = item_at(d->doc, item);
        uint32_t kind = item ? item_kind(it) : 0;
        if (kind == BLOCK_FORMAT || kind == BLOCK_EMBED || kind == BLOCK_TYPE) {
            break;
        }
        if (kind != BLOCK_STRING) {
            continue;
        }
        struct span text = pool_span(d->doc, it->off, it->bytes);
        if (op->bytes.len == 0) {
            op->bytes = text;
            continue;
        }
        if (!copied) {
            buf_clear(&d->text);
            buf_put_span(&d->text, op->bytes);
            copied = true;
        }
        buf_put_span(&d->text, text);
    }
    if (copied) {
        op->bytes = buf_span(&d->text);
    }
    op->content = CRDT_CONTENT_STRING;
    return copied ? d->text.rc : RC_OK;
}

/* yjs keeps "ychange" for itself: it ends where text follows. */
static void end_ychange(struct crdt_delta *d)
{
    struct span key = span_str("ychange");

    if (attr_map_get(&d->attrs, key)) {
        attr_map_delete(&d->attrs, key);
        d->listed = false;
    }
}

static int take_mark(struct crdt_delta *d, uint32_t item)
{
    struct crdt_run run;

    item_run(d->doc, item_at(d->doc, item), &run);
    d->listed = false;
    return attr_map_mark(&d->attrs, run.key, run.bytes);
}

static void take_embed(struct crdt_delta *d, uint32_t item, struct crdt_delta_op *op)
{
    struct crdt_run run;

    item_run(d->doc, item_at(d->doc, item), &run);
    op->content = run.content;
    op->bytes = run.bytes;
    op->type = run.type;
    seq_step(d->doc, &d->place);
}

/* 1: an operation; 0: go on; negative: an error. */
static int take(struct crdt_delta *d, uint32_t item, struct crdt_delta_op *op)
{
    int rc;

    switch (item ? item_kind(item_at(d->doc, item)) : 0) {
    case BLOCK_STRING:
        end_ychange(d);
        rc = list_attrs(d);
        return rc == RC_OK && (rc = take_text(d, op)) == RC_OK ? 1 : rc;
    case BLOCK_EMBED:
    case BLOCK_TYPE:
        rc = list_attrs(d);
        take_embed(d, item, op);
        return rc == RC_OK ? 1 : rc;
    case BLOCK_FORMAT:
        rc = take_mark(d, item);
        break;
    default:
        rc = RC_OK;
        break;
    }
    seq_step(d->doc, &d->place);
    return rc;
}

int crdt_delta_next(struct crdt_delta *d, struct crdt_delta_op *out)
{
    struct crdt_delta_op op = {0};

    while (d->place.leaf) {
        int rc = take(d, visible_item(d), &op);
        if (rc < 0) {
            return rc;
        }
        if (rc == 1) {
            d->allowed += DELTA_EACH;
            if (d->list_bytes > d->allowed) {
                return RC_LIMIT;
            }
            d->allowed -= d->list_bytes;
            op.attrs = d->list;
            op.attr_count = d->list_count;
            *out = op;
            return 1;
        }
    }
    return 0;
}
