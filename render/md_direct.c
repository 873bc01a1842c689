#include "render/md_direct.h"
#include "render/md_class.h"
#include "render/md_parts.h"

/* What has been written is taken back when something turns up that is not so simple. */

/* Words that have marks. False, and nothing appended, unless they have a single one and it is written in one way
 * wherever they stand. */
static bool put_marked(struct md_inline *m, const struct note_node *words, unsigned steps, struct buf *out)
{
    unsigned step = (unsigned)__builtin_ctz(steps);
    enum md_style style = MD_TAG;

    switch (steps) {
    case 1u << NOTE_LINK:
        if (span_equal(words->text, words->marks->href)) { /* it may be <https://…> */
            return false;
        }
        break;
    case 1u << NOTE_BOLD:
    case 1u << NOTE_ITALIC:
        if (md_class_first(words->text) != MD_LETTER || md_class_last(words->text) != MD_LETTER) {
            return false;
        }
        style = MD_STAR;
        break;
    case 1u << NOTE_STYLE:
    case 1u << NOTE_BACKGROUND:
    case 1u << NOTE_UNDERLINE:
    case 1u << NOTE_SUB:
    case 1u << NOTE_SUP:
        break;
    case 1u << NOTE_INLINE_CODE:
        md_escape_code(out, words->text, m->where == MD_CELL);
        return true;
    default:
        return false;
    }
    md_mark_open(m, step, style, words->marks, out);
    md_escape_inner(out, words->text, md_parts_how(m, false));
    md_mark_close(m, step, style, words->marks, out);
    return true;
}

/* Words and marks, those without and those with one in turn. */
static bool write_runs(struct md_inline *m, const struct note_node *block, struct buf *out)
{
    enum { NOTHING, PLAIN, MARKED } before = NOTHING;
    unsigned how = md_parts_how(m, true);

    for (const struct note_node *child = block->first; child != NULL; child = child->next) {
        unsigned steps = child->marks == NULL ? 0 : md_mark_shown(m, child->marks);

        if (child->kind != NOTE_TEXT || child->text.len == 0 || before == (steps == 0 ? PLAIN : MARKED)) {
            return false;
        }
        if (steps == 0) {
            md_escape_text(out, child->text, child->next == NULL ? how | MD_TRIM_END : how);
            before = PLAIN;
        } else if (put_marked(m, child, steps, out)) {
            before = MARKED;
        } else {
            return false;
        }
        how = md_parts_how(m, false);
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
