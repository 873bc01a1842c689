#include "render/md_inline.h"
#include <stdlib.h>
#include <string.h>
#include "render/escape.h"
#include "render/md_escape.h"
#include "render/time_text.h"

/* Three steps:
 *
 *   segments   what the block holds: words, breaks and finished pieces ("![a](b)"), each with the marks that show
 *   tokens     literals, and where a mark opens or closes between them
 *   text       once each pair of tokens has its style
 *
 * The style of a pair is found in one pass, strikes before all others, in the order in which the pairs open. What
 * stands right beside a delimiter run and is no literal is a tag, a bracket or another delimiter: always punctuation,
 * whatever style it gets. So whether a run can open or close does not depend on other pairs; only whether two runs of
 * one character would touch does. Since strong emphasis always encloses emphasis, and neither encloses itself, a run
 * that could both open and close never closes something else: ** within * does not occur, and of * within ** the
 * lengths add up to three (rule 9 of 6.2). */

enum segment_kind { SEGMENT_WORDS, SEGMENT_PIECE, SEGMENT_BREAK };

struct md_segment {
    enum segment_kind kind;
    unsigned steps; /* those that show */
    const struct note_marks *marks;
    size_t at, len; /* in words */
};

enum token_style { STYLE_LITERAL, STYLE_STAR, STYLE_UNDERSCORE, STYLE_TILDE, STYLE_TAG };

struct md_token {
    enum note_step step;
    bool literal, opens;
    enum token_style style; /* of the opening one */
    size_t at, len;         /* literals: in literal */
    size_t pair;            /* the other token */
    const struct note_marks *marks;
};

/* What is being written while tokens are made. */
struct line {
    unsigned steps; /* open now */
    const struct note_marks *marks;
    size_t open[NOTE_STEPS]; /* their tokens */
    bool begun;              /* something stands on the line already */
};

#define EMPHASIS (1u << NOTE_BOLD | 1u << NOTE_ITALIC | 1u << NOTE_STRIKE)

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

void md_inline_begin(struct md_inline *m, enum md_where where)
{
    m->where = where;
    m->segment_count = 0;
    m->token_count = 0;
    buf_clear(&m->words);
    buf_clear(&m->run);
    buf_clear(&m->literal);
}

/* The URL buffer for the next use; an error of the last one is kept. */
static void empty_url(struct md_inline *m)
{
    m->rc = m->rc != RC_OK ? m->rc : m->url.rc;
    buf_clear(&m->url);
}

/* ---- Segments --------------------------------------------------------------------------------------- */

static bool grow(void **array, size_t count, size_t *room, size_t size)
{
    size_t wanted = *room == 0 ? 64 : *room * 2;
    void *bigger = NULL;

    if (count < *room) {
        return true;
    }
    bigger = wanted > SIZE_MAX / size ? NULL : realloc(*array, wanted * size);
    if (bigger == NULL) {
        return false;
    }
    *array = bigger;
    *room = wanted;
    return true;
}

static struct md_segment *add_segment(struct md_inline *m, enum segment_kind kind, const struct note_marks *marks,
                                      unsigned steps)
{
    struct md_segment *s = NULL;

    if (!grow((void **)&m->segments, m->segment_count, &m->segment_room, sizeof(*s))) {
        m->rc = RC_NOMEM;
        return NULL;
    }
    s = &m->segments[m->segment_count++];
    *s = (struct md_segment){.kind = kind, .steps = steps, .marks = marks, .at = m->words.len};
    return s;
}

/* The marks that Markdown shows: not comments, nor links and colours that may not stand in a document. */
static unsigned shown_steps(struct md_inline *m, const struct note_marks *marks)
{
    unsigned steps = marks == NULL ? 0 : marks->steps & ~(1u << NOTE_COMMENT);

    empty_url(m);
    if ((steps & 1u << NOTE_LINK) != 0 && !escape_url(&m->url, marks->href, false)) {
        steps &= ~(1u << NOTE_LINK);
    }
    if ((steps & 1u << NOTE_STYLE) != 0 && !escape_text_style(&m->url, marks->color, marks->size, marks->family)) {
        steps &= ~(1u << NOTE_STYLE);
    }
    return steps;
}

static enum note_step differ(unsigned a_steps, const struct note_marks *a, unsigned b_steps, const struct note_marks *b)
{
    unsigned apart = a_steps ^ b_steps, both = a_steps & b_steps;
    enum note_step step = NOTE_LINK;

    if (apart == 0 && (a == b || both == 0)) {
        return NOTE_STEPS;
    }
    for (; step < NOTE_STEPS; step = (enum note_step)(step + 1)) {
        if ((apart >> step & 1) != 0 ||
            ((both >> step & 1) != 0 && a != b && step <= NOTE_BACKGROUND && !note_marks_same(a, b, step))) {
            break;
        }
    }
    return step;
}

static void add_words(struct md_inline *m, struct span text, const struct note_marks *marks, unsigned steps)
{
    struct md_segment *last = m->segment_count > 0 ? &m->segments[m->segment_count - 1] : NULL;

    if (text.len == 0) {
        return;
    }
    if (last == NULL || last->kind != SEGMENT_WORDS || differ(last->steps, last->marks, steps, marks) != NOTE_STEPS) {
        last = add_segment(m, SEGMENT_WORDS, marks, steps);
    }
    if (last != NULL) {
        buf_put_span(&m->words, text);
        last->len += text.len;
    }
}

/* Ends a piece that was appended to words since add_segment. */
static void end_piece(struct md_inline *m, size_t at)
{
    m->segments[m->segment_count - 1].len = m->words.len - at;
}

static void put_words(struct md_inline *m, struct span text)
{
    struct md_escape how = {.cell = m->where == MD_CELL};

    md_escape_text(&m->words, text, &how);
}

static void put_img_tag(struct md_inline *m, const struct note_node *node, struct span alt)
{
    struct buf tag = {0};

    buf_put_str(&tag, "<img src=\"");
    escape_html_line(&tag, buf_span(&m->url));
    buf_put_str(&tag, "\" alt=\"");
    escape_html_line(&tag, alt);
    if (node->props->title.len > 0) {
        buf_put_str(&tag, "\" title=\"");
        escape_html_line(&tag, node->props->title);
    }
    buf_printf(&tag, "\" width=\"%.0f\">", node->props->width);
    md_escape_tag(&m->words, buf_span(&tag), m->where == MD_CELL);
    m->rc = m->rc != RC_OK ? m->rc : tag.rc;
    buf_finish(&tag);
}

static void add_image(struct md_inline *m, const struct note_node *node, unsigned steps)
{
    const struct note_props *p = node->props;
    struct span alt = p->alt.len > 0 ? p->alt : p->caption.len > 0 ? p->caption : p->name;
    size_t at = m->words.len;

    empty_url(m);
    if (!escape_url(&m->url, p->url, m->images)) {
        add_words(m, note_label(node), node->marks, steps);
        return;
    }
    if (add_segment(m, SEGMENT_PIECE, node->marks, steps) == NULL) {
        return;
    }
    if (p->width >= 1) {
        put_img_tag(m, node, alt);
    } else {
        buf_put_str(&m->words, "![");
        put_words(m, alt);
        buf_put_str(&m->words, "](");
        md_escape_url(&m->words, buf_span(&m->url), m->where == MD_CELL);
        md_escape_title(&m->words, p->title, m->where == MD_CELL);
        buf_put_str(&m->words, ")");
    }
    end_piece(m, at);
}

static struct span first_of(struct span a, struct span b, struct span c)
{
    return a.len > 0 ? a : b.len > 0 ? b : c;
}

/* A link of its own; what it says is in the node's attributes. */
static void add_file(struct md_inline *m, const struct note_node *node, unsigned steps)
{
    const struct note_props *p = node->props;
    struct span words = node->kind == NOTE_EMBED || node->kind == NOTE_MENTION
                            ? first_of(p->label, p->title, p->caption)
                            : first_of(p->name, p->title, p->label);
    size_t at = m->words.len;

    words = words.len > 0 ? words : note_label(node);
    empty_url(m);
    if (!escape_url(&m->url, p->url, false)) {
        add_words(m, words, node->marks, steps);
        return;
    }
    if (add_segment(m, SEGMENT_PIECE, node->marks, steps & ~(1u << NOTE_LINK)) == NULL) {
        return;
    }
    buf_put_str(&m->words, "[");
    put_words(m, words);
    buf_put_str(&m->words, "](");
    md_escape_url(&m->words, buf_span(&m->url), m->where == MD_CELL);
    buf_put_str(&m->words, ")");
    end_piece(m, at);
}

static void add_mention(struct md_inline *m, const struct note_node *node, unsigned steps)
{
    struct span words = note_label(node);

    if (node->props->url.len > 0) {
        add_file(m, node, steps);
        return;
    }
    words = words.len > 0 ? words : node->props->id;
    if (words.len == 0 || words.data[0] != '@') {
        add_words(m, span_str("@"), node->marks, steps);
    }
    add_words(m, words, node->marks, steps);
}

static void add_status(struct md_inline *m, const struct note_node *node, unsigned steps)
{
    if (note_label(node).len > 0) {
        steps |= 1u << NOTE_BOLD;
        add_words(m, span_str("["), node->marks, steps);
        add_words(m, note_label(node), node->marks, steps);
        add_words(m, span_str("]"), node->marks, steps);
    }
}

static void add_date(struct md_inline *m, const struct note_node *node, unsigned steps)
{
    char day[TIME_TEXT_DAY] = "";

    if (node->props->has_time) {
        time_text_day(node->props->local_time, day);
        add_words(m, span_str(day), node->marks, steps);
    } else {
        add_words(m, note_label(node), node->marks, steps);
    }
}

static void add_emoji(struct md_inline *m, const struct note_node *node, unsigned steps)
{
    const struct note_props *p = node->props;
    bool named = p->icon.len == 0 && p->name.len > 0 && p->name.data[0] != ':';

    add_words(m, span_str(named ? ":" : ""), node->marks, steps);
    add_words(m, p->icon.len > 0 ? p->icon : named ? p->name : note_label(node), node->marks, steps);
    add_words(m, span_str(named ? ":" : ""), node->marks, steps);
}

static void add_math(struct md_inline *m, const struct note_node *node, unsigned steps)
{
    struct buf tex = {0};
    size_t at = m->words.len;

    for (const struct note_node *child = node->first; child != NULL; child = child->next) {
        buf_put_span(&tex, child->text);
    }
    if (tex.len > 0 && add_segment(m, SEGMENT_PIECE, node->marks, steps) != NULL) {
        md_escape_math(&m->words, buf_span(&tex), m->where == MD_CELL);
        end_piece(m, at);
    }
    m->rc = m->rc != RC_OK ? m->rc : tex.rc;
    buf_finish(&tex);
}

static void add_one(struct md_inline *m, const struct note_node *node, unsigned more)
{
    unsigned steps = shown_steps(m, node->marks) | more;

    switch (node->kind) {
    case NOTE_TEXT:
        add_words(m, node->text, node->marks, steps);
        break;
    case NOTE_BREAK:
        (void)add_segment(m, SEGMENT_BREAK, node->marks, steps & 1u << NOTE_LINK);
        break;
    case NOTE_IMAGE:
        add_image(m, node, steps);
        break;
    case NOTE_FILE:
    case NOTE_AUDIO:
    case NOTE_VIDEO:
    case NOTE_EMBED:
        add_file(m, node, steps);
        break;
    case NOTE_MENTION:
        add_mention(m, node, steps);
        break;
    case NOTE_STATUS:
        add_status(m, node, steps);
        break;
    case NOTE_DATE:
        add_date(m, node, steps);
        break;
    case NOTE_EMOJI:
        add_emoji(m, node, steps);
        break;
    default:
        break;
    }
}

void md_inline_add(struct md_inline *m, const struct note_node *node, unsigned steps)
{
    struct note_walk walk;
    bool entering = false;

    note_walk_init(&walk, node);
    while (m->rc == RC_OK && note_walk_next(&walk, &node, &entering)) {
        if (node->kind == NOTE_MATH) {
            if (entering) {
                add_math(m, node, shown_steps(m, node->marks) | steps);
                note_walk_skip(&walk, node);
            }
        } else if (entering) {
            add_one(m, node, steps);
        }
    }
}

void md_inline_add_text(struct md_inline *m, struct span text, unsigned steps)
{
    add_words(m, text, NULL, steps);
}

void md_inline_add_break(struct md_inline *m)
{
    (void)add_segment(m, SEGMENT_BREAK, NULL, 0);
}

/* ---- Tokens --------------------------------------------------------------------------------------------- */

static size_t add_token(struct md_inline *m, struct md_token token)
{
    if (!grow((void **)&m->tokens, m->token_count, &m->token_room, sizeof(token))) {
        m->rc = RC_NOMEM;
        return 0;
    }
    m->tokens[m->token_count] = token;
    return m->token_count++;
}

static void end_literal(struct md_inline *m, struct line *line, size_t at)
{
    if (m->literal.len > at) {
        add_token(m, (struct md_token){.literal = true, .at = at, .len = m->literal.len - at});
        line->begun = true;
    }
}

static void put_literal(struct md_inline *m, struct line *line, struct span text)
{
    size_t at = m->literal.len;

    buf_put_span(&m->literal, text);
    end_literal(m, line, at);
}

/* Writes the words that wait. */
static void flush_run(struct md_inline *m, struct line *line, bool last)
{
    size_t at = m->literal.len;
    struct md_escape how = {
        .line_start = !line->begun && m->where == MD_PARAGRAPH,
        .trim_start = !line->begun,
        .trim_end = last && line->steps == 0,
        .cell = m->where == MD_CELL,
        .heading = m->where == MD_HEADING,
    };

    if (m->run.len == 0) {
        return;
    }
    if ((line->steps & 1u << NOTE_INLINE_CODE) != 0) {
        md_escape_code(&m->literal, buf_span(&m->run), m->where == MD_CELL);
    } else {
        md_escape_text(&m->literal, buf_span(&m->run), &how);
    }
    end_literal(m, line, at);
    buf_clear(&m->run);
}

/* Closes and opens what differs. */
static void change(struct md_inline *m, struct line *line, unsigned steps, const struct note_marks *marks)
{
    int from = (int)differ(line->steps, line->marks, steps, marks);

    if (from == NOTE_STEPS) {
        return;
    }
    flush_run(m, line, false);
    for (int step = NOTE_INLINE_CODE - 1; step >= from && m->rc == RC_OK; step--) {
        if ((line->steps & 1u << step) != 0) {
            size_t open = line->open[step];

            m->tokens[open].pair = m->token_count;
            add_token(m, (struct md_token){.step = (enum note_step)step, .pair = open, .marks = m->tokens[open].marks});
        }
    }
    for (int step = from; step < NOTE_INLINE_CODE && m->rc == RC_OK; step++) {
        if ((steps & 1u << step) != 0) {
            line->open[step] =
                add_token(m, (struct md_token){.step = (enum note_step)step, .opens = true, .marks = marks});
            line->begun = true;
        }
    }
    line->steps = steps;
    line->marks = marks;
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

/* The steps of emphasis that end or begin where two segments meet. */
static unsigned emphasis_from(enum note_step step)
{
    return step >= NOTE_STEPS ? 0 : EMPHASIS & ~((1u << step) - 1);
}

static enum note_step differ_segments(const struct md_inline *m, const struct md_segment *a, size_t index)
{
    const struct md_segment *b = index < m->segment_count ? &m->segments[index] : NULL;

    return b == NULL || b->kind == SEGMENT_BREAK ? NOTE_LINK : differ(a->steps, a->marks, b->steps, b->marks);
}

static void put_part(struct md_inline *m, struct line *line, const struct md_segment *s, struct span text,
                     unsigned without)
{
    if (text.len > 0) {
        change(m, line, s->steps & ~without, s->marks);
        buf_put_span(&m->run, text);
    }
}

/* <https://…> instead of [https://…](https://…). */
static bool is_autolink(struct md_inline *m, const struct md_segment *s, struct span text, enum note_step before,
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

static void put_words_segment(struct md_inline *m, struct line *line, size_t index)
{
    const struct md_segment *s = &m->segments[index];
    struct span text = buf_slice(&m->words, s->at, s->len);
    enum note_step before = index == 0 ? NOTE_LINK : differ_segments(m, s, index - 1);
    enum note_step after = differ_segments(m, s, index + 1);
    unsigned lead = emphasis_from(before), trail = emphasis_from(after);
    size_t start = 0, end = text.len;

    if (is_autolink(m, s, text, before, after)) {
        change(m, line, 0, NULL);
        flush_run(m, line, false);
        put_literal(m, line, span_str("<"));
        put_literal(m, line, text);
        put_literal(m, line, span_str(">"));
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

static void put_break(struct md_inline *m, struct line *line, size_t index)
{
    const struct md_segment *s = &m->segments[index];
    bool last = index + 1 == m->segment_count;

    change(m, line, s->steps, s->marks);
    flush_run(m, line, false);
    if (m->where == MD_PARAGRAPH && !last) {
        put_literal(m, line, span_str("\\\n"));
        line->begun = false;
    } else {
        put_literal(m, line, span_str("<br>"));
    }
}

static void make_tokens(struct md_inline *m)
{
    struct line line = {0};

    for (size_t i = 0; i < m->segment_count && m->rc == RC_OK; i++) {
        const struct md_segment *s = &m->segments[i];

        if (s->kind == SEGMENT_WORDS) {
            put_words_segment(m, &line, i);
        } else if (s->kind == SEGMENT_BREAK) {
            put_break(m, &line, i);
        } else {
            change(m, &line, s->steps, s->marks);
            flush_run(m, &line, false);
            put_literal(m, &line, buf_slice(&m->words, s->at, s->len));
        }
    }
    flush_run(m, &line, true);
    change(m, &line, 0, NULL);
}

/* ---- Styles ------------------------------------------------------------------------------------------------ */

static struct span literal_of(const struct md_inline *m, const struct md_token *t)
{
    return buf_slice(&m->literal, t->at, t->len);
}

/* The class of what stands before (step -1) or behind (step 1) a token. */
static enum md_class class_beside(const struct md_inline *m, size_t token, int step)
{
    size_t beside = token + (size_t)step;

    if (beside >= m->token_count) { /* also before the first: SIZE_MAX */
        return MD_SPACE;
    }
    if (!m->tokens[beside].literal) {
        return MD_PUNCTUATION;
    }
    return step < 0 ? md_class_last(literal_of(m, &m->tokens[beside]))
                    : md_class_first(literal_of(m, &m->tokens[beside]));
}

/* The style of the pair to which a token belongs; STYLE_LITERAL when it has none yet. */
static enum token_style style_at(const struct md_inline *m, size_t token)
{
    const struct md_token *t = &m->tokens[token];

    return t->literal ? STYLE_LITERAL : t->opens ? t->style : m->tokens[t->pair].style;
}

/* The same for readers that look through ~~ at what is beyond (cmark-gfm does, others do not). */
static enum md_class class_beyond(const struct md_inline *m, size_t token, int step)
{
    size_t beside = token + (size_t)step;

    while (beside < m->token_count && style_at(m, beside) == STYLE_TILDE) {
        token = beside;
        beside = token + (size_t)step;
    }
    return class_beside(m, token, step);
}

static bool is_edge(enum md_class class)
{
    return class == MD_SPACE || class == MD_PUNCTUATION;
}

/* A run may open (or close) when the side towards its text is no space, and no punctuation unless the other side is
 * space or punctuation. _ moreover wants the latter in any case. */
static bool flanks(enum md_class outer, enum md_class inner, bool underscore)
{
    return inner != MD_SPACE && ((inner == MD_LETTER && !underscore) || is_edge(outer));
}

/* Whether a run works at this token, for every reader. `inward` leads from the token to the text inside. */
static bool works_at(const struct md_inline *m, size_t token, int inward, bool underscore)
{
    return flanks(class_beside(m, token, -inward), class_beside(m, token, inward), underscore) &&
           flanks(class_beyond(m, token, -inward), class_beyond(m, token, inward), underscore);
}

static bool touches(const struct md_inline *m, size_t open, size_t close, enum token_style style)
{
    return (open > 0 && style_at(m, open - 1) == style) ||
           (close + 1 < m->token_count && style_at(m, close + 1) == style);
}

static enum token_style choose_style(const struct md_inline *m, size_t open)
{
    const struct md_token *t = &m->tokens[open];
    size_t close = t->pair;
    enum token_style style = t->step == NOTE_STRIKE ? STYLE_TILDE : STYLE_STAR;

    if (t->step < NOTE_BOLD || t->step > NOTE_STRIKE || !works_at(m, open, 1, false) ||
        !works_at(m, close, -1, false)) {
        return STYLE_TAG;
    }
    if (!touches(m, open, close, style)) {
        return style;
    }
    if (t->step == NOTE_ITALIC && works_at(m, open, 1, true) && works_at(m, close, -1, true) &&
        !touches(m, open, close, STYLE_UNDERSCORE)) {
        return STYLE_UNDERSCORE;
    }
    return STYLE_TAG;
}

/* Strikes first: whether the other runs work depends on which of them are ~~, and not the other way round. */
static void choose_styles(struct md_inline *m, bool strikes)
{
    for (size_t i = 0; i < m->token_count; i++) {
        struct md_token *t = &m->tokens[i];

        if (!t->literal && t->opens && (t->step == NOTE_STRIKE) == strikes) {
            t->style = choose_style(m, i);
        }
    }
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
    empty_url(m);
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
        empty_url(m);
        (void)escape_url(&m->url, t->marks->href, false);
        md_escape_url(out, buf_span(&m->url), m->where == MD_CELL);
        md_escape_title(out, t->marks->title, m->where == MD_CELL);
        buf_put_str(out, ")");
    }
}

static void put_token(struct md_inline *m, size_t index, struct buf *out)
{
    const struct md_token *t = &m->tokens[index];

    switch (t->literal ? STYLE_LITERAL : style_at(m, index)) {
    case STYLE_LITERAL:
        buf_put_span(out, literal_of(m, t));
        break;
    case STYLE_STAR:
        buf_put_str(out, t->step == NOTE_BOLD ? "**" : "*");
        break;
    case STYLE_UNDERSCORE:
        buf_put_str(out, "_");
        break;
    case STYLE_TILDE:
        buf_put_str(out, "~~");
        break;
    case STYLE_TAG:
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

/* Most blocks: nothing but words without formatting. */
static bool is_plain(const struct md_inline *m)
{
    return m->segment_count == 1 && m->segments[0].kind == SEGMENT_WORDS && m->segments[0].steps == 0;
}

static void put_plain(const struct md_inline *m, struct buf *out)
{
    struct md_escape how = {
        .line_start = m->where == MD_PARAGRAPH,
        .trim_start = true,
        .trim_end = true,
        .cell = m->where == MD_CELL,
        .heading = m->where == MD_HEADING,
    };

    md_escape_text(out, buf_span(&m->words), &how);
}

int md_inline_end(struct md_inline *m, struct buf *out)
{
    if (is_whole(m, &m->words) && is_plain(m)) {
        put_plain(m, out);
        (void)is_whole(m, out);
        return m->rc;
    }
    if (m->rc == RC_OK) {
        make_tokens(m);
    }
    if (!is_whole(m, &m->run) || !is_whole(m, &m->literal)) {
        return m->rc;
    }
    choose_styles(m, true);
    choose_styles(m, false);
    for (size_t i = 0; i < m->token_count; i++) {
        put_token(m, i, out);
    }
    empty_url(m);
    (void)is_whole(m, out);
    return m->rc;
}
