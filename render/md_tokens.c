#include "render/md_tokens.h"
#include <stdlib.h>
#include <string.h>
#include "render/escape.h"
#include "render/md_class.h"
#include "render/md_parts.h"

/* What comes is held until it is known what follows. Then it becomes part of the run: words that wait until the marks
 * change, so that they are escaped together, wherever they come from: of "1" and ". a" the dot must be seen behind its
 * number. Words are borrowed all the way; they are copied only when more go on with them. */

#define EMPHASIS (1u << NOTE_BOLD | 1u << NOTE_ITALIC | 1u << NOTE_STRIKE)
/* Steps whose marks have a value, so that two of them may differ. */
#define VALUED (1u << NOTE_LINK | 1u << NOTE_COMMENT | 1u << NOTE_STYLE | 1u << NOTE_BACKGROUND)

/* ---- Tokens ------------------------------------------------------------------------------------------- */

__attribute__((noinline)) static bool grow_tokens(struct md_inline *m)
{
    size_t room = m->token_room == 0 ? 64 : m->token_room * 2;
    struct md_token *bigger = room > SIZE_MAX / sizeof(*bigger) ? NULL : realloc(m->tokens, room * sizeof(*bigger));

    if (bigger == NULL) {
        m->rc = RC_NOMEM;
        return false;
    }
    m->tokens = bigger;
    m->token_room = room;
    return true;
}

/* A token here, the last one then; NULL, and m->rc, without memory. */
static struct md_token *add_token(struct md_inline *m, unsigned step, const struct note_marks *marks)
{
    struct md_token *t = NULL;

    if (m->token_count < m->token_room || grow_tokens(m)) {
        t = &m->tokens[m->token_count++];
        *t = (struct md_token){.step = (uint8_t)step, .at = m->literal.len, .marks = marks};
    }
    return t;
}

/* Innermost first. Code has no tokens: md_escape_code writes its delimiters. */
static void close_steps(struct md_inline *m, unsigned steps)
{
    steps &= ~(1u << NOTE_INLINE_CODE);
    while (steps != 0 && m->rc == RC_OK) {
        unsigned step = 31 - (unsigned)__builtin_clz(steps);
        size_t open = m->open[step];
        struct md_token *t = add_token(m, step, m->tokens[open].marks);

        if (t != NULL) {
            t->pair = open;
            m->tokens[open].pair = m->token_count - 1;
        }
        steps ^= 1u << step;
    }
}

static void open_steps(struct md_inline *m, unsigned steps, const struct note_marks *marks)
{
    steps &= ~(1u << NOTE_INLINE_CODE);
    for (; steps != 0 && m->rc == RC_OK; steps &= steps - 1) {
        unsigned step = (unsigned)__builtin_ctz(steps);
        struct md_token *t = add_token(m, step, marks);

        if (t != NULL) {
            t->opens = true;
            m->open[step] = m->token_count - 1;
        }
        m->strikes = m->strikes || step == NOTE_STRIKE;
        m->line.begun = true;
    }
}

/* ---- Runs ---------------------------------------------------------------------------------------------- */

/* Writes the words that wait. */
static void flush_run(struct md_inline *m, bool last)
{
    struct md_line *line = &m->line;
    unsigned how = md_parts_how(m, !line->begun) | (last && line->steps == 0 ? MD_TRIM_END : 0);

    if (line->run.len == 0) {
        return;
    }
    if ((line->steps & 1u << NOTE_INLINE_CODE) != 0) {
        md_escape_code(&m->literal, line->run, m->where == MD_CELL);
    } else {
        md_escape_text(&m->literal, line->run, how);
    }
    line->begun = true;
    line->run = (struct span){0};
    line->joined = false;
}

/* More words that wait; `lasting` ones may be borrowed. */
static void add_to_run(struct md_inline *m, struct span text, bool lasting)
{
    struct md_line *line = &m->line;

    if (line->run.len == 0 && lasting) {
        line->run = text;
        return;
    }
    if (!line->joined) {
        md_parts_empty(m, &m->run);
        buf_put_span(&m->run, line->run);
        line->joined = true;
    }
    buf_put_span(&m->run, text);
    line->run = buf_span(&m->run);
}

/* The first step in which two sets of marks differ, of which only `steps` count; NOTE_STEPS when in none. */
static inline enum note_step differ(unsigned a_steps, const struct note_marks *a, unsigned b_steps,
                                    const struct note_marks *b)
{
    unsigned apart = a_steps ^ b_steps, both = a == b ? 0 : a_steps & b_steps & VALUED;

    for (; both != 0; both &= both - 1) {
        unsigned step = (unsigned)__builtin_ctz(both);

        apart |= note_marks_same(a, b, (enum note_step)step) ? 0 : 1u << step;
    }
    return apart == 0 ? NOTE_STEPS : (enum note_step)__builtin_ctz(apart);
}

/* Closes and opens what differs. */
static void change(struct md_inline *m, unsigned steps, const struct note_marks *marks)
{
    struct md_line *line = &m->line;
    enum note_step from = differ(line->steps, line->marks, steps, marks);

    if (from == NOTE_STEPS) {
        return;
    }
    flush_run(m, false);
    close_steps(m, line->steps >> from << from);
    open_steps(m, steps >> from << from, marks);
    line->steps = steps;
    line->marks = marks;
}

/* Before something that is no words. */
static void change_and_flush(struct md_inline *m, unsigned steps, const struct note_marks *marks)
{
    change(m, steps, marks);
    flush_run(m, false);
    m->line.begun = true;
}

/* ---- Words -------------------------------------------------------------------------------------------- */

/* The steps of emphasis that end or begin where marks differ from `step` on. */
static unsigned emphasis_from(enum note_step step)
{
    return step >= NOTE_STEPS ? 0 : EMPHASIS & ~((1u << step) - 1);
}

/* A part of the held words, `without` some of their marks. */
static void put_part(struct md_inline *m, size_t from, size_t to, unsigned without)
{
    if (from < to) {
        change(m, m->held.steps & ~without, m->held.marks);
        add_to_run(m, span_of(m->held.text.data + from, to - from), !m->held.copied);
    }
}

/* <https://…> instead of [https://…](https://…). */
static bool is_autolink(const struct md_inline *m, enum note_step after)
{
    const struct md_held *h = &m->held;
    struct span text = h->text;

    if (h->steps != 1u << NOTE_LINK || h->before != NOTE_LINK || after != NOTE_LINK || h->marks->title.len > 0 ||
        m->where == MD_CELL || !span_equal(text, h->marks->href)) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] <= 32 || text.data[i] >= 127 || strchr("<>\\&`\"[]", text.data[i]) != NULL) {
            return false;
        }
    }
    return (text.len > 7 && memcmp(text.data, "http://", 7) == 0) ||
           (text.len > 8 && memcmp(text.data, "https://", 8) == 0);
}

static void put_autolink(struct md_inline *m)
{
    change_and_flush(m, 0, NULL);
    buf_put_str(&m->literal, "<");
    buf_put_span(&m->literal, m->held.text);
    buf_put_str(&m->literal, ">");
}

/* Spaces at the edges of emphasis move outside. */
static void put_emphasized(struct md_inline *m, unsigned lead, unsigned trail)
{
    struct span text = m->held.text;
    size_t start = 0, end = text.len;

    while (start < end && md_class_is_blank(text.data[start])) {
        start++;
    }
    while (end > start && md_class_is_blank(text.data[end - 1])) {
        end--;
    }
    if (start == end) {
        put_part(m, 0, text.len, lead | trail);
        return;
    }
    put_part(m, 0, start, lead);
    put_part(m, start, end, 0);
    put_part(m, end, text.len, trail);
}

/* `after`: the first step in which the marks differ from those of what follows. */
static void put_words(struct md_inline *m, enum note_step after)
{
    unsigned lead = emphasis_from(m->held.before), trail = emphasis_from(after);

    if (is_autolink(m, after)) {
        put_autolink(m);
    } else if ((m->held.steps & EMPHASIS & (lead | trail)) != 0 && (m->held.steps & 1u << NOTE_INLINE_CODE) == 0) {
        put_emphasized(m, lead, trail);
    } else {
        put_part(m, 0, m->held.text.len, 0);
    }
}

static void put_break(struct md_inline *m, bool last)
{
    change_and_flush(m, m->held.steps, m->held.marks);
    if (m->where == MD_PARAGRAPH && !last) {
        buf_put_str(&m->literal, "\\\n");
        buf_put_span(&m->literal, m->prefix);
        m->line.begun = false;
    } else {
        buf_put_str(&m->literal, "<br>");
    }
}

/* ---- What is held ---------------------------------------------------------------------------------------- */

/* What is held is written; `after` as in put_words. */
static void settle(struct md_inline *m, enum note_step after, bool last)
{
    if (m->held.kind == MD_WORDS) {
        put_words(m, after);
    } else if (m->held.kind == MD_BREAK) {
        put_break(m, last);
    }
}

static enum note_step differ_from_held(const struct md_inline *m, unsigned steps, const struct note_marks *marks)
{
    const struct md_held *h = &m->held;

    return h->kind == MD_WORDS || h->kind == MD_PIECE ? differ(h->steps, h->marks, steps, marks) : NOTE_LINK;
}

static void hold(struct md_inline *m, enum md_held_kind kind, struct span text, const struct note_marks *marks,
                 unsigned steps, enum note_step apart)
{
    if (m->held.kind == MD_NOTHING) {
        m->line = (struct md_line){0};
    } else {
        settle(m, apart, false);
    }
    m->held = (struct md_held){.kind = kind, .before = apart, .steps = steps, .marks = marks, .text = text};
}

/* The held words, or none, in memory of their own. */
static void copy_held(struct md_inline *m)
{
    md_parts_empty(m, &m->words);
    buf_put_span(&m->words, m->held.text);
    m->held.copied = true;
}

static void append_to_held(struct md_inline *m, struct span text)
{
    if (!m->held.copied) {
        copy_held(m);
    }
    buf_put_span(&m->words, text);
    m->held.text = buf_span(&m->words);
}

void md_tokens_words(struct md_inline *m, struct span text, const struct note_marks *marks, unsigned steps)
{
    enum note_step apart;

    if (text.len == 0) {
        return;
    }
    apart = differ_from_held(m, steps, marks);
    if (apart == NOTE_STEPS && m->held.kind == MD_WORDS) {
        append_to_held(m, text);
    } else {
        hold(m, MD_WORDS, text, marks, steps, apart);
    }
}

void md_tokens_copy(struct md_inline *m, struct span text, const struct note_marks *marks, unsigned steps)
{
    md_tokens_words(m, text, marks, steps);
    if (text.len > 0 && !m->held.copied) {
        append_to_held(m, (struct span){0});
    }
}

void md_tokens_break(struct md_inline *m, const struct note_marks *marks, unsigned steps)
{
    hold(m, MD_BREAK, (struct span){0}, marks, steps, NOTE_LINK);
}

void md_tokens_piece(struct md_inline *m, const struct note_marks *marks, unsigned steps)
{
    hold(m, MD_PIECE, (struct span){0}, marks, steps, differ_from_held(m, steps, marks));
    change_and_flush(m, steps, marks);
}

void md_tokens_end(struct md_inline *m)
{
    settle(m, NOTE_LINK, true);
    flush_run(m, true);
    change(m, 0, NULL);
}
