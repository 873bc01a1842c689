#include "render/md_direct.h"
#include "render/md_class.h"
#include "render/md_parts.h"

/* What has been written is taken back when something turns up that is not so simple. */

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
    md_escape_text(out, words->text, md_parts_how(m, false));
    md_mark_close(m, step, style, words->marks, out);
}

/* Words and marks, those without and those with one in turn. */
static bool write_runs(struct md_inline *m, const struct note_node *block, struct buf *out)
{
    enum { NOTHING, PLAIN, MARKED } before = NOTHING;

    for (const struct note_node *child = block->first; child != NULL; child = child->next) {
        unsigned steps = child->marks == NULL ? 0 : md_mark_shown(m, child->marks);

        if (child->kind != NOTE_TEXT || child->text.len == 0 || before == (steps == 0 ? PLAIN : MARKED)) {
            return false;
        }
        if (steps == 0) {
            md_escape_text(out, child->text,
                           md_parts_how(m, before == NOTHING) | (child->next == NULL ? MD_TRIM_END : 0));
            before = PLAIN;
        } else if (is_sure(child, steps)) {
            put_marked(m, child, steps, out);
            before = MARKED;
        } else {
            return false;
        }
    }
    return true;
}

bool md_direct_write(struct md_inline *m, const struct note_node *block, struct buf *out)
{
    const struct note_node *first = block->first;
    size_t begin = out->len;

    if (first != NULL && first->next == NULL && first->kind == NOTE_TEXT && first->marks == NULL) {
        md_escape_text(out, first->text, md_parts_how(m, true) | MD_TRIM_END);
        return true;
    }
    if (!write_runs(m, block, out)) {
        out->len = begin;
        return false;
    }
    return true;
}
