#include "render/md_inline.h"
#include <stdlib.h>
#include "render/md_direct.h"
#include "render/md_leaf.h"
#include "render/md_mark.h"
#include "render/md_parts.h"
#include "render/md_style.h"
#include "render/md_tokens.h"

/* What is added goes to md_tokens.h with the marks that show; the text is written when tokens and styles are known.
 * Most blocks need nothing of this: md_direct.h. */

void md_inline_finish(struct md_inline *m)
{
    if (m != NULL) {
        free(m->tokens);
        buf_finish(&m->words);
        buf_finish(&m->run);
        buf_finish(&m->literal);
        buf_finish(&m->url);
        buf_finish(&m->cells);
        buf_finish(&m->grid);
        for (size_t i = 0; i < MD_VALUED; i++) {
            buf_finish(&m->values[i].text);
        }
        *m = (struct md_inline){0};
    }
}

void md_inline_begin(struct md_inline *m, enum md_where where, struct span prefix)
{
    m->where = where;
    m->prefix = prefix;
    m->held.kind = MD_NOTHING;
    m->strikes = false;
    m->token_count = 0;
    md_parts_empty(m, &m->literal);
}

/* ---- Adding ----------------------------------------------------------------------------------------- */

/* What is not words. */
__attribute__((noinline)) static void add_other(struct md_inline *m, const struct note_node *node, unsigned steps)
{
    if (node->kind == NOTE_BREAK) {
        md_tokens_break(m, node->marks, steps & 1u << NOTE_LINK);
    } else {
        md_leaf_add(m, node, steps);
    }
}

static inline void add_one(struct md_inline *m, const struct note_node *node, unsigned more)
{
    unsigned steps = node->marks == NULL ? more : md_mark_shown(m, node->marks) | more;

    if (node->kind == NOTE_TEXT) {
        md_tokens_words(m, node->text, node->marks, steps);
    } else {
        add_other(m, node, steps);
    }
}

/* A node and all inlines below it. */
static void add_below(struct md_inline *m, const struct note_node *node, unsigned steps)
{
    struct note_walk walk;
    bool entering = false;

    note_walk_init(&walk, node);
    while (m->rc == RC_OK && note_walk_next(&walk, &node, &entering)) {
        if (entering) {
            add_one(m, node, steps);
        }
        if (entering && node->kind == NOTE_MATH) {
            note_walk_skip(&walk, node);
        }
    }
}

void md_inline_add(struct md_inline *m, const struct note_node *node, unsigned steps)
{
    if (node->first == NULL || node->is_inline) {
        add_below(m, node, steps);
        return;
    }
    for (const struct note_node *child = node->first; child != NULL && m->rc == RC_OK; child = child->next) {
        if (child->first == NULL) {
            add_one(m, child, steps);
        } else {
            add_below(m, child, steps);
        }
    }
}

void md_inline_add_text(struct md_inline *m, struct span text, unsigned steps)
{
    md_tokens_words(m, text, NULL, steps);
}

void md_inline_add_break(struct md_inline *m)
{
    md_tokens_break(m, NULL, 0);
}

bool md_inline_is_empty(const struct md_inline *m)
{
    return m->held.kind == MD_NOTHING;
}

/* ---- Text --------------------------------------------------------------------------------------------------- */

static void put_tokens(struct md_inline *m, struct buf *out)
{
    size_t from = 0;

    for (size_t i = 0; i < m->token_count; i++) {
        const struct md_token *t = &m->tokens[i];

        buf_put_span(out, buf_slice(&m->literal, from, t->at - from));
        from = t->at;
        if (t->opens) {
            md_mark_open(m, t->step, t->style, t->marks, out);
        } else {
            md_mark_close(m, t->step, m->tokens[t->pair].style, t->marks, out);
        }
    }
    buf_put_span(out, buf_slice(&m->literal, from, m->literal.len - from));
}

int md_inline_end(struct md_inline *m, struct buf *out)
{
    md_tokens_end(m);
    md_parts_empty(m, &m->words);
    md_parts_empty(m, &m->run);
    md_parts_empty(m, &m->url);
    m->rc = m->rc != RC_OK ? m->rc : m->literal.rc;
    if (m->rc == RC_OK) {
        md_style_choose(m);
        put_tokens(m, out);
        m->rc = m->rc != RC_OK ? m->rc : out->rc;
    }
    return m->rc;
}

/* Not inlined: it is rare, and large. */
__attribute__((noinline)) static void write_tokens(struct md_inline *m, const struct note_node *node,
                                                   struct span prefix, struct buf *out)
{
    md_inline_begin(m, m->where, prefix);
    md_inline_add(m, node, 0);
    m->rc = md_inline_end(m, out);
}

void md_inline_write(struct md_inline *m, const struct note_node *node, enum md_where where, struct span prefix,
                     struct buf *out)
{
    m->where = where;
    if (!md_direct_write(m, node, out)) {
        write_tokens(m, node, prefix, out);
    }
}
