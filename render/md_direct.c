#include "render/md_direct.h"
#include "render/md_class.h"
#include "render/md_escape.h"
#include "render/md_mark.h"

/* What has been written is taken back when something turns up that is not so simple. */

/* How words are escaped: where the block stands, whether they begin it, whether they end it. */
#define HOW(where, first, last)                                                                                        \
    {                                                                                                                  \
        .line_start = (first) && (where) == MD_PARAGRAPH, .trim_start = (first), .trim_end = (last),                   \
        .cell = (where) == MD_CELL, .heading = (where) == MD_HEADING                                                   \
    }
#define HOWS(where)                                                                                                    \
    {                                                                                                                  \
        {HOW(where, false, false), HOW(where, false, true)},                                                           \
        {                                                                                                              \
            HOW(where, true, false), HOW(where, true, true)                                                            \
        }                                                                                                              \
    }
static const struct md_escape hows[][2][2] = {HOWS(MD_PARAGRAPH), HOWS(MD_HEADING), HOWS(MD_CELL)};

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

static void put_marked(struct md_inline *m, const struct note_node *words, unsigned steps, struct buf *out)
{
    unsigned step = (unsigned)__builtin_ctz(steps);
    enum md_style style = step == NOTE_BOLD || step == NOTE_ITALIC ? MD_STAR : MD_TAG;

    if (step == NOTE_INLINE_CODE) {
        md_escape_code(out, words->text, m->where == MD_CELL);
        return;
    }
    md_mark_open(m, step, style, words->marks, out);
    md_escape_inner(out, words->text, &hows[m->where][false][false]);
    md_mark_close(m, step, style, words->marks, out);
}

/* Words and marks, those without and those with one in turn. */
static bool write_runs(struct md_inline *m, const struct note_node *block, struct buf *out)
{
    const struct note_node *before = NULL;
    bool marked = false;

    for (const struct note_node *child = block->first; child != NULL; before = child, child = child->next) {
        unsigned steps = child->marks == NULL ? 0 : md_mark_shown(m, child->marks);

        if (child->kind != NOTE_TEXT || child->text.len == 0 || (before != NULL && marked == (steps != 0)) ||
            (steps != 0 && !is_sure(child, steps))) {
            return false;
        }
        marked = steps != 0;
        if (marked) {
            put_marked(m, child, steps, out);
        } else {
            md_escape_text(out, child->text, &hows[m->where][before == NULL][child->next == NULL]);
        }
    }
    return true;
}

bool md_direct_write(struct md_inline *m, const struct note_node *block, struct buf *out)
{
    const struct note_node *first = block->first;
    size_t begin = out->len;

    if (first != NULL && first->next == NULL && first->kind == NOTE_TEXT && first->marks == NULL) {
        md_escape_text(out, first->text, &hows[m->where][true][true]);
        return true;
    }
    if (!write_runs(m, block, out)) {
        out->len = begin;
        return false;
    }
    return true;
}
