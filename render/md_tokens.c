#include "render/md_tokens.h"
#include <string.h>
#include "render/escape.h"
#include "render/md_escape.h"
#include "render/md_parts.h"

/* What is being written. Words wait until the marks change, so that those of several segments are escaped together:
 * of "1" and ". a" the dot must be seen behind its number. */
struct line {
    unsigned steps; /* open now */
    const struct note_marks *marks;
    size_t open[NOTE_STEPS]; /* their tokens */
    bool begun;              /* something stands on the line already */
    struct span run;         /* the words that wait */
    bool joined;             /* they are in m->run */
};

#define EMPHASIS (1u << NOTE_BOLD | 1u << NOTE_ITALIC | 1u << NOTE_STRIKE)

static size_t add_token(struct md_inline *m, struct md_token token)
{
    struct md_token *t = md_parts_grow(m, (void **)&m->tokens, m->token_count, &m->token_room, sizeof(*t));

    if (t == NULL) {
        return 0;
    }
    *t = token;
    t->at = m->literal.len;
    return m->token_count++;
}

static void put_literal(struct md_inline *m, struct line *line, struct span text)
{
    buf_put_span(&m->literal, text);
    line->begun = line->begun || text.len > 0;
}

/* Writes the words that wait. */
static void flush_run(struct md_inline *m, struct line *line, bool last)
{
    struct md_escape how = {
        .line_start = !line->begun && m->where == MD_PARAGRAPH,
        .trim_start = !line->begun,
        .trim_end = last && line->steps == 0,
        .cell = m->where == MD_CELL,
        .heading = m->where == MD_HEADING,
    };

    if (line->run.len == 0) {
        return;
    }
    if ((line->steps & 1u << NOTE_INLINE_CODE) != 0) {
        md_escape_code(&m->literal, line->run, m->where == MD_CELL);
    } else {
        md_escape_text(&m->literal, line->run, &how);
    }
    line->begun = true;
    line->run = (struct span){0};
    line->joined = false;
}

static void add_to_run(struct md_inline *m, struct line *line, struct span text)
{
    if (line->run.len == 0) {
        line->run = text;
        return;
    }
    if (!line->joined) {
        buf_clear(&m->run);
        buf_put_span(&m->run, line->run);
        line->joined = true;
    }
    buf_put_span(&m->run, text);
    line->run = buf_span(&m->run);
}

/* Innermost first. Code has no tokens: md_escape_code writes its delimiters. */
static void close_steps(struct md_inline *m, const struct line *line, unsigned steps)
{
    steps &= ~(1u << NOTE_INLINE_CODE);
    while (steps != 0 && m->rc == RC_OK) {
        int step = 31 - __builtin_clz(steps);
        size_t open = line->open[step];

        m->tokens[open].pair = m->token_count;
        add_token(m, (struct md_token){.step = (enum note_step)step, .pair = open, .marks = m->tokens[open].marks});
        steps ^= 1u << step;
    }
}

static void open_steps(struct md_inline *m, struct line *line, unsigned steps, const struct note_marks *marks)
{
    steps &= ~(1u << NOTE_INLINE_CODE);
    for (; steps != 0 && m->rc == RC_OK; steps &= steps - 1) {
        enum note_step step = (enum note_step)__builtin_ctz(steps);

        line->open[step] = add_token(m, (struct md_token){.step = step, .opens = true, .marks = marks});
        m->strikes = m->strikes || step == NOTE_STRIKE;
        line->begun = true;
    }
}

/* Closes and opens what differs. */
static void change(struct md_inline *m, struct line *line, unsigned steps, const struct note_marks *marks)
{
    enum note_step from = md_parts_differ(line->steps, line->marks, steps, marks);

    if (from == NOTE_STEPS) {
        return;
    }
    flush_run(m, line, false);
    close_steps(m, line, line->steps >> from << from);
    open_steps(m, line, steps >> from << from, marks);
    line->steps = steps;
    line->marks = marks;
}

/* ---- Words -------------------------------------------------------------------------------------------- */

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

/* The steps of emphasis that end or begin where two segments meet. */
static unsigned emphasis_from(enum note_step step)
{
    return step >= NOTE_STEPS ? 0 : EMPHASIS & ~((1u << step) - 1);
}

static void put_part(struct md_inline *m, struct line *line, const struct md_segment *s, struct span text,
                     unsigned without)
{
    if (text.len > 0) {
        change(m, line, s->steps & ~without, s->marks);
        add_to_run(m, line, text);
    }
}

/* <https://…> instead of [https://…](https://…). */
static bool is_autolink(const struct md_inline *m, const struct md_segment *s, struct span text, enum note_step before,
                        enum note_step after)
{
    if (s->steps != 1u << NOTE_LINK || before != NOTE_LINK || after != NOTE_LINK || s->marks->title.len > 0 ||
        m->where == MD_CELL || !span_equal(text, s->marks->href)) {
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

static void put_autolink(struct md_inline *m, struct line *line, struct span url)
{
    change(m, line, 0, NULL);
    flush_run(m, line, false);
    put_literal(m, line, span_str("<"));
    put_literal(m, line, url);
    put_literal(m, line, span_str(">"));
}

/* `before` and `after`: the first step in which the marks differ from those of the neighbours. Spaces at the edges of
 * emphasis move outside. */
static void put_words(struct md_inline *m, struct line *line, const struct md_segment *s, enum note_step before,
                      enum note_step after)
{
    struct span text = md_parts_text(m, s);
    unsigned lead = emphasis_from(before), trail = emphasis_from(after);
    size_t start = 0, end = text.len;

    if (is_autolink(m, s, text, before, after)) {
        put_autolink(m, line, text);
        return;
    }
    if ((s->steps & 1u << NOTE_INLINE_CODE) != 0 || (s->steps & EMPHASIS & (lead | trail)) == 0) {
        put_part(m, line, s, text, 0);
        return;
    }
    while (start < end && is_space(text.data[start])) {
        start++;
    }
    while (end > start && is_space(text.data[end - 1])) {
        end--;
    }
    if (start == end) {
        put_part(m, line, s, text, lead | trail);
        return;
    }
    put_part(m, line, s, span_of(text.data, start), lead);
    put_part(m, line, s, span_of(text.data + start, end - start), 0);
    put_part(m, line, s, span_of(text.data + end, text.len - end), trail);
}

/* ---- Segments ------------------------------------------------------------------------------------------- */

static void put_break(struct md_inline *m, struct line *line, const struct md_segment *s, bool last)
{
    change(m, line, s->steps, s->marks);
    flush_run(m, line, false);
    if (m->where == MD_PARAGRAPH && !last) {
        put_literal(m, line, span_str("\\\n"));
        put_literal(m, line, m->prefix);
        line->begun = false;
    } else {
        put_literal(m, line, span_str("<br>"));
    }
}

/* Where words and what follows them differ; at a break and at the end in everything. */
static enum note_step differ_next(const struct md_inline *m, size_t index)
{
    const struct md_segment *s = &m->segments[index], *next = s + 1;

    if (index + 1 == m->segment_count || s->kind == MD_BREAK || next->kind == MD_BREAK) {
        return NOTE_LINK;
    }
    return md_parts_differ(s->steps, s->marks, next->steps, next->marks);
}

void md_tokens_make(struct md_inline *m)
{
    struct line line = {0};
    enum note_step before = NOTE_LINK;

    for (size_t i = 0; i < m->segment_count && m->rc == RC_OK; i++) {
        const struct md_segment *s = &m->segments[i];
        enum note_step after = differ_next(m, i);

        if (s->kind == MD_WORDS) {
            put_words(m, &line, s, before, after);
        } else if (s->kind == MD_BREAK) {
            put_break(m, &line, s, i + 1 == m->segment_count);
        } else {
            change(m, &line, s->steps, s->marks);
            flush_run(m, &line, false);
            put_literal(m, &line, md_parts_text(m, s));
        }
        before = after;
    }
    flush_run(m, &line, true);
    change(m, &line, 0, NULL);
}
