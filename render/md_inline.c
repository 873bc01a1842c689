#include "render/md_inline.h"
#include <stdint.h>
#include <stdlib.h>
#include "render/escape.h"
#include "render/md_escape.h"
#include "render/md_leaf.h"
#include "render/md_parts.h"
#include "render/md_style.h"
#include "render/md_tokens.h"

/* The three steps (md_parts.h): collecting segments, and writing the text when tokens and styles are known. Most blocks
 * hold nothing but words without formatting: those are escaped right into the output. */

/* Steps whose marks have a value, so that two of them may differ; with the first two of these, whether they show. */
#define VALUED  (1u << NOTE_LINK | 1u << NOTE_COMMENT | 1u << NOTE_STYLE | 1u << NOTE_BACKGROUND)
#define CHECKED (1u << NOTE_LINK | 1u << NOTE_STYLE)

void md_inline_finish(struct md_inline *m)
{
    if (m != NULL) {
        free(m->segments);
        free(m->tokens);
        buf_finish(&m->words);
        buf_finish(&m->run);
        buf_finish(&m->literal);
        buf_finish(&m->url);
        *m = (struct md_inline){0};
    }
}

void md_inline_begin(struct md_inline *m, enum md_where where, struct span prefix)
{
    m->where = where;
    m->prefix = prefix;
    m->first = (struct span){0};
    m->segment_count = 0;
    m->token_count = 0;
    m->strikes = false;
    buf_clear(&m->words);
    buf_clear(&m->run);
    buf_clear(&m->literal);
}

void md_parts_empty_url(struct md_inline *m)
{
    m->rc = m->rc != RC_OK ? m->rc : m->url.rc;
    buf_clear(&m->url);
}

/* ---- Segments --------------------------------------------------------------------------------------- */

static bool grow(void **array, size_t *room, size_t size)
{
    size_t wanted = *room == 0 ? 64 : *room * 2;
    void *bigger = wanted > SIZE_MAX / size ? NULL : realloc(*array, wanted * size);

    if (bigger == NULL) {
        return false;
    }
    *array = bigger;
    *room = wanted;
    return true;
}

void *md_parts_grow(struct md_inline *m, void **array, size_t count, size_t *room, size_t size)
{
    if (count == *room && !grow(array, room, size)) {
        m->rc = RC_NOMEM;
        return NULL;
    }
    return (uint8_t *)*array + count * size;
}

static struct md_segment *add_segment(struct md_inline *m, enum md_segment_kind kind, const struct note_marks *marks,
                                      unsigned steps)
{
    struct md_segment *s = md_parts_grow(m, (void **)&m->segments, m->segment_count, &m->segment_room, sizeof(*s));

    if (s != NULL) {
        *s = (struct md_segment){.kind = kind, .steps = steps, .marks = marks, .at = m->words.len};
        m->segment_count++;
    }
    return s;
}

static void add_words(struct md_inline *m, struct span text, const struct note_marks *marks, unsigned steps)
{
    struct md_segment *s = add_segment(m, MD_WORDS, marks, steps);

    if (s != NULL) {
        s->borrowed = text.data;
        s->len = text.len;
    }
}

/* More follows the first words, so that they are a segment. */
static void settle_first(struct md_inline *m)
{
    if (m->first.len > 0) {
        add_words(m, m->first, NULL, 0);
        m->first = (struct span){0};
    }
}

struct md_segment *md_parts_segment(struct md_inline *m, enum md_segment_kind kind, const struct note_marks *marks,
                                    unsigned steps)
{
    settle_first(m);
    return add_segment(m, kind, marks, steps);
}

/* The marks that Markdown shows: not comments, nor links and colours that may not stand in a document. */
static unsigned find_shown(struct md_inline *m, const struct note_marks *marks)
{
    unsigned steps = marks->steps & ~(1u << NOTE_COMMENT);

    md_parts_empty_url(m);
    if ((steps & 1u << NOTE_LINK) != 0 && !escape_url(&m->url, marks->href, false)) {
        steps &= ~(1u << NOTE_LINK);
    }
    if ((steps & 1u << NOTE_STYLE) != 0 && !escape_text_style(&m->url, marks->color, marks->size, marks->family)) {
        steps &= ~(1u << NOTE_STYLE);
    }
    return steps;
}

static unsigned shown_steps(struct md_inline *m, const struct note_marks *marks)
{
    struct md_shown *shown = &m->shown[((uintptr_t)marks / sizeof(*marks)) % MD_SHOWN];

    if ((marks->steps & CHECKED) == 0) {
        return marks->steps & ~(1u << NOTE_COMMENT);
    }
    if (shown->marks != marks) {
        *shown = (struct md_shown){marks, find_shown(m, marks)};
    }
    return shown->steps;
}

enum note_step md_parts_differ(unsigned a_steps, const struct note_marks *a, unsigned b_steps,
                               const struct note_marks *b)
{
    unsigned apart = a_steps ^ b_steps, both = a == b ? 0 : a_steps & b_steps & VALUED;

    for (int step = NOTE_LINK; both >> step != 0; step++) {
        if ((both >> step & 1) != 0 && !note_marks_same(a, b, (enum note_step)step)) {
            apart |= 1u << step;
        }
    }
    return apart == 0 ? NOTE_STEPS : (enum note_step)__builtin_ctz(apart);
}

/* The last segment, when words with these marks go on with it. */
static struct md_segment *continued(const struct md_inline *m, const struct note_marks *marks, unsigned steps)
{
    struct md_segment *last = m->segment_count > 0 ? &m->segments[m->segment_count - 1] : NULL;

    if (last == NULL || last->kind != MD_WORDS ||
        md_parts_differ(last->steps, last->marks, steps, marks) != NOTE_STEPS) {
        return NULL;
    }
    return last;
}

/* More words for the last segment, which ends to borrow. */
static void append(struct md_inline *m, struct md_segment *last, struct span text)
{
    if (last->borrowed != NULL) {
        last->at = m->words.len;
        buf_put(&m->words, last->borrowed, last->len);
        last->borrowed = NULL;
    }
    buf_put_span(&m->words, text);
    last->len += text.len;
}

void md_parts_copy(struct md_inline *m, struct span text, const struct note_marks *marks, unsigned steps)
{
    struct md_segment *last = NULL;

    if (text.len == 0) {
        return;
    }
    settle_first(m);
    last = continued(m, marks, steps);
    if (last == NULL) {
        last = add_segment(m, MD_WORDS, marks, steps);
    }
    if (last != NULL) {
        append(m, last, text);
    }
}

void md_parts_words(struct md_inline *m, struct span text, const struct note_marks *marks, unsigned steps)
{
    struct md_segment *last = NULL;

    if (text.len == 0) {
        return;
    }
    if (steps == 0 && m->segment_count == 0 && m->first.len == 0) {
        m->first = text;
        return;
    }
    settle_first(m);
    last = continued(m, marks, steps);
    if (last != NULL) {
        append(m, last, text);
    } else {
        add_words(m, text, marks, steps);
    }
}

/* What is not words. */
__attribute__((noinline)) static void add_other(struct md_inline *m, const struct note_node *node, unsigned steps)
{
    if (node->kind == NOTE_BREAK) {
        (void)md_parts_segment(m, MD_BREAK, node->marks, steps & 1u << NOTE_LINK);
    } else {
        md_leaf_add(m, node, steps);
    }
}

static inline void add_one(struct md_inline *m, const struct note_node *node, unsigned more)
{
    unsigned steps = node->marks == NULL ? more : shown_steps(m, node->marks) | more;

    if (node->kind == NOTE_TEXT) {
        md_parts_words(m, node->text, node->marks, steps);
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
    md_parts_words(m, text, NULL, steps);
}

void md_inline_add_break(struct md_inline *m)
{
    (void)md_parts_segment(m, MD_BREAK, NULL, 0);
}

bool md_inline_is_empty(const struct md_inline *m)
{
    return m->segment_count == 0 && m->first.len == 0;
}

/* ---- Text --------------------------------------------------------------------------------------------------- */

static void put_opening_tag(struct md_inline *m, const struct md_token *t, struct buf *out)
{
    static const char *const tags[NOTE_STEPS] = {"[",   "",     "<span", "<mark", "<strong",
                                                 "<em", "<del", "<u",    "<sub",  "<sup"};

    buf_put_str(out, tags[t->step]);
    if (t->step == NOTE_LINK) {
        return;
    }
    md_parts_empty_url(m);
    if (t->step == NOTE_STYLE) {
        (void)escape_text_style(&m->url, t->marks->color, t->marks->size, t->marks->family);
    } else if (t->step == NOTE_BACKGROUND && escape_is_color(t->marks->background)) {
        buf_put_str(&m->url, "background:");
        buf_put_span(&m->url, t->marks->background);
    }
    if (m->url.len > 0) {
        buf_put_str(out, " style=\"");
        escape_html_line(out, buf_span(&m->url));
        buf_put_str(out, "\"");
    }
    buf_put_str(out, ">");
}

static void put_closing_tag(struct md_inline *m, const struct md_token *t, struct buf *out)
{
    static const char *const tags[NOTE_STEPS] = {"](",    "",       "</span>", "</mark>", "</strong>",
                                                 "</em>", "</del>", "</u>",    "</sub>",  "</sup>"};

    buf_put_str(out, tags[t->step]);
    if (t->step == NOTE_LINK) {
        md_parts_empty_url(m);
        (void)escape_url(&m->url, t->marks->href, false);
        md_escape_url(out, buf_span(&m->url), m->where == MD_CELL);
        md_escape_title(out, t->marks->title, m->where == MD_CELL);
        buf_put_str(out, ")");
    }
}

static void put_token(struct md_inline *m, const struct md_token *t, struct buf *out)
{
    switch (t->opens ? t->style : m->tokens[t->pair].style) {
    case MD_STAR:
        buf_put(out, "**", t->step == NOTE_BOLD ? 2 : 1);
        break;
    case MD_UNDERSCORE:
        buf_put_u8(out, '_');
        break;
    case MD_TILDE:
        buf_put(out, "~~", 2);
        break;
    default:
        if (t->opens) {
            put_opening_tag(m, t, out);
        } else {
            put_closing_tag(m, t, out);
        }
        break;
    }
}

/* A buffer that ran out of memory holds less than the segments and tokens say: look before each step. */
static bool is_whole(struct md_inline *m, const struct buf *b)
{
    m->rc = m->rc != RC_OK ? m->rc : b->rc;
    return m->rc == RC_OK;
}

static void put_first(const struct md_inline *m, struct buf *out)
{
    struct md_escape how = {
        .line_start = m->where == MD_PARAGRAPH,
        .trim_start = true,
        .trim_end = true,
        .cell = m->where == MD_CELL,
        .heading = m->where == MD_HEADING,
    };

    md_escape_text(out, m->first, &how);
}

static void put_tokens(struct md_inline *m, struct buf *out)
{
    size_t from = 0;

    for (size_t i = 0; i < m->token_count; i++) {
        buf_put_span(out, buf_slice(&m->literal, from, m->tokens[i].at - from));
        from = m->tokens[i].at;
        put_token(m, &m->tokens[i], out);
    }
    buf_put_span(out, buf_slice(&m->literal, from, m->literal.len - from));
    md_parts_empty_url(m);
}

int md_inline_end(struct md_inline *m, struct buf *out)
{
    if (m->segment_count == 0) {
        put_first(m, out);
        (void)is_whole(m, out);
        return m->rc;
    }
    if (is_whole(m, &m->words)) {
        md_tokens_make(m);
    }
    if (is_whole(m, &m->run) && is_whole(m, &m->literal)) {
        md_style_choose(m);
        put_tokens(m, out);
        (void)is_whole(m, out);
    }
    return m->rc;
}
