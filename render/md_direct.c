#include "render/md_direct.h"
#include "render/md_class.h"
#include "render/md_parts.h"

/* What has been written is taken back when something turns up that is not so simple. */

/* Words that stand as they are and what stands around them, `value` that of a link, in one go. Else false, and nothing
 * appended. */
static inline bool put_at_once(const struct md_ends *ends, struct span words, struct span value, struct buf *out)
{
    uint8_t *to;

    if (buf_reserve(out, 2 * LITERAL_ROOM + words.len + value.len) != RC_OK) {
        return false;
    }
    to = literal_copy(out->data + out->len, &ends->open);
    if (!md_escape_copied(to, words, 0)) {
        return false;
    }
    to = literal_copy(to + words.len, &ends->close);
    if (value.len > 0) {
        memcpy(to, value.data, value.len);
        to += value.len;
        *to++ = ')';
    }
    out->len = (size_t)(to - out->data);
    return true;
}

static void put_one_by_one(struct md_inline *m, const struct note_node *words, unsigned step, enum md_style style,
                           struct buf *out)
{
    md_mark_open(m, step, style, words->marks, out);
    md_escape_inner(out, words->text, md_parts_how(m, false));
    md_mark_close(m, step, style, words->marks, out);
}

static inline bool is_between_letters(struct span words)
{
    return md_class_first(words) == MD_LETTER && md_class_last(words) == MD_LETTER;
}

/* Words that have marks. False, and nothing appended, unless they have a single one and it is written in one way
 * wherever they stand. */
static inline bool put_marked(struct md_inline *m, const struct note_node *words, unsigned steps, struct buf *out)
{
    unsigned step = (unsigned)__builtin_ctz(steps);
    enum md_style style = MD_TAG;
    struct span value = {0};

    switch (steps) {
    case 1u << NOTE_BOLD:
    case 1u << NOTE_ITALIC:
        style = MD_STAR;
        if (!is_between_letters(words->text)) {
            return false;
        }
        break;
    case 1u << NOTE_UNDERLINE:
    case 1u << NOTE_SUB:
    case 1u << NOTE_SUP:
        break;
    case 1u << NOTE_LINK:
        if (span_equal(words->text, words->marks->href)) { /* it may be <https://…> */
            return false;
        }
        value = md_mark_value(m, step, words->marks);
        break;
    case 1u << NOTE_STYLE:
    case 1u << NOTE_BACKGROUND:
        put_one_by_one(m, words, step, style, out);
        return true;
    case 1u << NOTE_INLINE_CODE:
        md_escape_code(out, words->text, m->where == MD_CELL);
        return true;
    default:
        return false;
    }
    if (!put_at_once(md_mark_ends(step, style), words->text, value, out)) {
        put_one_by_one(m, words, step, style, out);
    }
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
    size_t begin = out->len;

    if (!write_runs(m, block, out)) {
        out->len = begin;
        return false;
    }
    return true;
}
