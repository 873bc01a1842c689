#include "server/store/note_view.h"

#include <stdlib.h>
#include <string.h>

void view_add(struct view_builder *v, const struct index_note *n, const struct store_meta *meta, bool damaged)
{
    struct store_info item = {.id = n->id,
                              .name = span_of(NULL, n->name_len),
                              .created_ms = n->created_ms,
                              .updated_ms = n->facts.updated_ms,
                              .size = index_size(n),
                              .rows = n->facts.fresh,
                              .damaged = damaged};

    buf_put(&v->text, n->name, n->name_len);
    if (meta != NULL) {
        item.title.len = meta->title.len;
        item.excerpt.len = meta->excerpt.len;
        buf_put_span(&v->text, meta->title);
        buf_put_span(&v->text, meta->excerpt);
    }
    buf_put(&v->items, &item, sizeof(item));
}

static void place(struct span *s, const uint8_t **at)
{
    s->data = *at;
    *at += s->len;
}

static void place_all(struct store_info *item, size_t count, const uint8_t *text)
{
    for (size_t i = 0; i < count; i++) {
        place(&item[i].name, &text);
        place(&item[i].title, &text);
        place(&item[i].excerpt, &text);
    }
}

int view_end(struct view_builder *v, struct call *c, bool more)
{
    size_t count = v->items.len / sizeof(struct store_info);
    struct store_info *block = NULL;

    if (v->items.rc == RC_OK && v->text.rc == RC_OK) {
        block = malloc(v->items.len + v->text.len + 1);
    }
    if (block != NULL && count > 0) {
        memcpy(block, v->items.data, v->items.len);
        memcpy(block + count, v->text.data, v->text.len);
        place_all(block, count, (const uint8_t *)(block + count));
        c->page.next = (struct store_cursor){block[count - 1].updated_ms, block[count - 1].id};
    }
    buf_finish(&v->items);
    buf_finish(&v->text);
    if (block == NULL) {
        return RC_NOMEM;
    }
    c->info = block;
    c->page.item = block;
    c->page.count = count;
    c->page.more = more;
    return RC_OK;
}
