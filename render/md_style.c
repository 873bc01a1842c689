#include "render/md_style.h"
#include "render/md_class.h"
#include "render/md_parts.h"

/* The style of a pair is found in one pass, strikes before all others, in the order in which the pairs open. What
 * stands right beside a delimiter run and is no literal is a tag, a bracket or another delimiter: always punctuation,
 * whatever style it gets. So whether a run can open or close does not depend on other pairs; only whether two runs of
 * one character would touch does. Since strong emphasis always encloses emphasis, and neither encloses itself, a run
 * that could both open and close never closes something else: ** within * does not occur, and of * within ** the
 * lengths add up to three (rule 9 of 6.2). */

/* The literal text between a token (or the beginning, or the end) and the one before it. */
static struct span text_before(const struct md_inline *m, size_t token)
{
    size_t from = token == 0 ? 0 : m->tokens[token - 1].at;
    size_t to = token == m->token_count ? m->literal.len : m->tokens[token].at;

    return buf_slice(&m->literal, from, to - from);
}

/* The class of what stands beside a token: before it (step -1) or behind it (step 1). */
static enum md_class class_beside(const struct md_inline *m, size_t token, int step)
{
    struct span text = text_before(m, step < 0 ? token : token + 1);

    if (text.len > 0) {
        return step < 0 ? md_class_last(text) : md_class_first(text);
    }
    return token + (size_t)step < m->token_count ? MD_PUNCTUATION : MD_SPACE;
}

/* Whether right there, without text between, stands a token whose pair has this style. */
static bool touches_one(const struct md_inline *m, size_t token, int step, enum md_style style)
{
    size_t beside = token + (size_t)step; /* SIZE_MAX before the first */
    const struct md_token *opening = NULL;

    if (beside >= m->token_count || m->tokens[beside].at != m->tokens[token].at) {
        return false;
    }
    opening = &m->tokens[m->tokens[beside].opens ? beside : m->tokens[beside].pair];
    return opening->style == style;
}

/* The class for readers that look through ~~ at what is beyond (cmark-gfm does, others do not). */
static enum md_class class_beyond(const struct md_inline *m, size_t token, int step)
{
    while (touches_one(m, token, step, MD_TILDE)) {
        token += (size_t)step;
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
           (!m->strikes || flanks(class_beyond(m, token, -inward), class_beyond(m, token, inward), underscore));
}

static bool touches(const struct md_inline *m, size_t open, size_t close, enum md_style style)
{
    return touches_one(m, open, -1, style) || touches_one(m, close, 1, style);
}

static enum md_style choose_style(const struct md_inline *m, size_t open)
{
    const struct md_token *t = &m->tokens[open];
    size_t close = t->pair;
    enum md_style style = t->step == NOTE_STRIKE ? MD_TILDE : MD_STAR;

    if (!works_at(m, open, 1, false) || !works_at(m, close, -1, false)) {
        return MD_TAG;
    }
    if (!touches(m, open, close, style)) {
        return style;
    }
    if (t->step == NOTE_ITALIC && works_at(m, open, 1, true) && works_at(m, close, -1, true) &&
        !touches(m, open, close, MD_UNDERSCORE)) {
        return MD_UNDERSCORE;
    }
    return MD_TAG;
}

static void choose(struct md_inline *m, bool strikes)
{
    for (size_t i = 0; i < m->token_count; i++) {
        struct md_token *t = &m->tokens[i];

        if (t->opens && (t->step == NOTE_STRIKE) == strikes) {
            t->style = t->step >= NOTE_BOLD && t->step <= NOTE_STRIKE ? choose_style(m, i) : MD_TAG;
        }
    }
}

/* Strikes first: whether the other runs work depends on which of them are ~~, and not the other way round. */
void md_style_choose(struct md_inline *m)
{
    if (m->strikes) {
        choose(m, true);
    }
    choose(m, false);
}
