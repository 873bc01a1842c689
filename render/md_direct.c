#include "render/md_direct.h"
#include "render/md_class.h"
#include "render/md_parts.h"

/* What has been written is taken back when something turns up that is not so simple. */

/* Steps whose marks have a value. */
#define TAGS (1u << NOTE_STYLE | 1u << NOTE_BACKGROUND)
#define LINK (1u << NOTE_LINK)

static inline uint8_t *copy_value(uint8_t *to, struct span value, char end)
{
    if (value.len > 0) {
        memcpy(to, value.data, value.len);
    }
    to[value.len] = (uint8_t)end;
    return to + value.len + 1;
}

/* Words that stand as they are and what their one mark puts around them, in one go. Else false, and nothing appended.
 */
static inline bool put_at_once(struct md_inline *m, const struct note_node *words, unsigned steps, enum md_style style,
                               struct buf *out)
{
    unsigned step = (unsigned)__builtin_ctz(steps);
    const struct md_ends *ends = md_mark_ends(step, style);
    struct span text = words->text, value = {0};
    uint8_t *to;

    if ((steps & (TAGS | LINK)) != 0) {
        value = md_mark_value(m, step, words->marks);
    }
    if (buf_reserve(out, 2 * LITERAL_ROOM + text.len + value.len) != RC_OK) {
        return false;
    }
    to = literal_copy(out->data + out->len, &ends->open);
    if ((steps & TAGS) != 0) {
        to = copy_value(to, value, '>');
    }
    if (!md_escape_copied(to, text, 0)) {
        return false;
    }
    to = literal_copy(to + text.len, &ends->close);
    if ((steps & LINK) != 0) {
        to = copy_value(to, value, ')');
    }
    out->len = (size_t)(to - out->data);
    return true;
}

/* Not inlined: it is rare. */
__attribute__((noinline)) static void put_one_by_one(struct md_inline *m, const struct note_node *words, unsigned steps,
                                                     enum md_style style, struct buf *out)
{
    unsigned step = (unsigned)__builtin_ctz(steps);

    md_mark_open(m, step, style, words->marks, out);
    md_escape_inner(out, words->text, md_parts_how(m, false));
    md_mark_close(m, step, style, words->marks, out);
}

static inline bool is_between_letters(struct span words)
{
    return md_class_first(words) == MD_LETTER && md_class_last(words) == MD_LETTER;
}

static inline bool is_words(const struct note_node *node)
{
    return node->kind == NOTE_TEXT && node->text.len > 0;
}

static inline unsigned shown_of(struct md_inline *m, const struct note_node *node)
{
    return node->marks == NULL ? 0 : md_mark_shown(m, node->marks);
}

/* Words that have marks. False, and nothing appended, unless they have a single one and it is written in one way
 * wherever they stand. */
static inline bool put_marked(struct md_inline *m, const struct note_node *words, struct buf *out)
{
    unsigned steps = shown_of(m, words);
    enum md_style style = MD_TAG;

    if (!is_words(words)) {
        return false;
    }
    switch (steps) {
    case 1u << NOTE_BOLD:
    case 1u << NOTE_ITALIC:
        style = MD_STAR;
        if (!is_between_letters(words->text)) {
            return false;
        }
        break;
    case 1u << NOTE_LINK:
        if (span_equal(words->text, words->marks->href)) { /* it may be <https://…> */
            return false;
        }
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
    if (!put_at_once(m, words, steps, style, out)) {
        put_one_by_one(m, words, steps, style, out);
    }
    return true;
}

/* Words without. Likewise. */
static inline bool put_plain(struct md_inline *m, const struct note_node *words, bool first, struct buf *out)
{
    unsigned how = md_parts_how(m, first);

    if (!is_words(words) || shown_of(m, words) != 0) {
        return false;
    }
    if (first || words->next == NULL) {
        md_escape_text(out, words->text, words->next == NULL ? how | MD_TRIM_END : how);
    } else {
        md_escape_inner(out, words->text, how);
    }
    return true;
}

/* Words and marks, those without and those with one in turn. */
static bool write_runs(struct md_inline *m, const struct note_node *block, struct buf *out)
{
    const struct note_node *words = block->first;

    if (words != NULL && shown_of(m, words) == 0) {
        if (!put_plain(m, words, true, out)) {
            return false;
        }
        words = words->next;
    }
    while (words != NULL && put_marked(m, words, out)) {
        words = words->next;
        if (words == NULL || !put_plain(m, words, false, out)) {
            break;
        }
        words = words->next;
    }
    return words == NULL;
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
