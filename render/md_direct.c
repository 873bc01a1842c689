#include "render/md_direct.h"
#include "render/md_escape.h"
#include "render/md_mark.h"

static unsigned steps_of(struct md_inline *m, const struct note_node *words)
{
    return words->marks == NULL ? 0 : md_mark_shown(m, words->marks);
}

/* Whether the words' only mark is written in one way wherever they stand. */
static bool is_sure(const struct note_node *words, unsigned steps)
{
    switch (steps) {
    case 1u << NOTE_LINK:
        return !span_equal(words->text, words->marks->href); /* else it may be <https://…> */
    case 1u << NOTE_BOLD:
    case 1u << NOTE_ITALIC:
        return md_class_first(words->text) == MD_LETTER && md_class_last(words->text) == MD_LETTER;
    case 1u << NOTE_STYLE:
    case 1u << NOTE_BACKGROUND:
    case 1u << NOTE_UNDERLINE:
    case 1u << NOTE_SUB:
    case 1u << NOTE_SUP:
    case 1u << NOTE_INLINE_CODE:
        return true;
    default:
        return false;
    }
}

/* Nothing but words, those with a mark and those without in turn. */
static bool is_direct(struct md_inline *m, const struct note_node *block)
{
    bool marked = false;

    for (const struct note_node *child = block->first; child != NULL; child = child->next) {
        unsigned steps = 0;

        if (child->kind != NOTE_TEXT || child->text.len == 0) {
            return false;
        }
        steps = steps_of(m, child);
        if (child != block->first && marked == (steps != 0)) {
            return false;
        }
        marked = steps != 0;
        if (marked && !is_sure(child, steps)) {
            return false;
        }
    }
    return block->first != NULL;
}

static void put_marked(struct md_inline *m, const struct note_node *words, unsigned steps, struct buf *out)
{
    struct md_escape how = {.cell = m->where == MD_CELL, .heading = m->where == MD_HEADING};
    unsigned step = (unsigned)__builtin_ctz(steps);
    enum md_style style = step == NOTE_BOLD || step == NOTE_ITALIC ? MD_STAR : MD_TAG;

    if (step == NOTE_INLINE_CODE) {
        md_escape_code(out, words->text, how.cell);
        return;
    }
    md_mark_open(m, step, style, words->marks, out);
    md_escape_text(out, words->text, &how);
    md_mark_close(m, step, style, words->marks, out);
}

bool md_direct_write(struct md_inline *m, const struct note_node *block, enum md_where where, struct buf *out)
{
    struct md_escape how = {
        .line_start = where == MD_PARAGRAPH,
        .trim_start = true,
        .cell = where == MD_CELL,
        .heading = where == MD_HEADING,
    };

    if (!is_direct(m, block)) {
        return false;
    }
    m->where = where;
    for (const struct note_node *child = block->first; child != NULL; child = child->next) {
        unsigned steps = steps_of(m, child);

        how.trim_end = child->next == NULL;
        if (steps != 0) {
            put_marked(m, child, steps, out);
        } else {
            md_escape_text(out, child->text, &how);
        }
        how.line_start = how.trim_start = false;
    }
    return true;
}
