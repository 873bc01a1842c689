#include "render/md_mark.h"
#include <stdint.h>
#include "render/escape.h"
#include "render/literal.h"
#include "render/md_escape.h"
#include "render/md_parts.h"

/* Links and colours pass a grammar and are escaped; that is done once for all runs that share their marks. */

/* ---- Which show ------------------------------------------------------------------------------------------- */

/* Steps that show only when their value may stand in a document. */
#define CHECKED (1u << NOTE_LINK | 1u << NOTE_STYLE)

static unsigned find_shown(struct md_inline *m, const struct note_marks *marks)
{
    unsigned steps = marks->steps & ~(1u << NOTE_COMMENT);

    md_parts_empty(m, &m->url);
    if ((steps & 1u << NOTE_LINK) != 0 && !escape_url(&m->url, marks->href, false)) {
        steps &= ~(1u << NOTE_LINK);
    }
    if ((steps & 1u << NOTE_STYLE) != 0 && !escape_text_style(&m->url, marks->color, marks->size, marks->family)) {
        steps &= ~(1u << NOTE_STYLE);
    }
    md_parts_empty(m, &m->url);
    return steps;
}

/* Not inlined: few marks are not known yet. */
__attribute__((noinline)) static unsigned learn_shown(struct md_inline *m, const struct note_marks *marks,
                                                      struct md_shown *shown)
{
    *shown = (struct md_shown){marks, find_shown(m, marks)};
    return shown->steps;
}

inline unsigned md_mark_shown(struct md_inline *m, const struct note_marks *marks)
{
    struct md_shown *shown = &m->shown[((uintptr_t)marks / sizeof(*marks)) % MD_SHOWN];

    if ((marks->steps & CHECKED) == 0) {
        return marks->steps & ~(1u << NOTE_COMMENT);
    }
    return shown->marks == marks ? shown->steps : learn_shown(m, marks, shown);
}

/* ---- Values ------------------------------------------------------------------------------------------------- */

/* style="…", where a style or background asks for one. */
static void put_style(struct md_inline *m, unsigned step, const struct note_marks *marks, struct buf *out)
{
    md_parts_empty(m, &m->url);
    if (step == NOTE_STYLE) {
        (void)escape_text_style(&m->url, marks->color, marks->size, marks->family);
    } else if (escape_is_color(marks->background)) {
        buf_put_str(&m->url, "background:");
        buf_put_span(&m->url, marks->background);
    }
    if (m->url.len > 0) {
        buf_put_str(out, " style=\"");
        escape_html_line(out, buf_span(&m->url));
        buf_put_str(out, "\"");
    }
}

static void put_destination(struct md_inline *m, const struct note_marks *marks, struct buf *out)
{
    md_parts_empty(m, &m->url);
    (void)escape_url(&m->url, marks->href, false);
    md_escape_url(out, buf_span(&m->url), m->where == MD_CELL);
    md_escape_title(out, marks->title, m->where == MD_CELL);
}

/* Not inlined: runs with the same marks share it. */
__attribute__((noinline)) static void make_value(struct md_inline *m, unsigned step, const struct note_marks *marks,
                                                 struct md_value *v)
{
    md_parts_empty(m, &v->text);
    if (step == NOTE_LINK) {
        put_destination(m, marks, &v->text);
    } else {
        put_style(m, step, marks, &v->text);
    }
    md_parts_empty(m, &m->url);
    m->rc = m->rc != RC_OK ? m->rc : v->text.rc;
    v->marks = marks;
    v->step = step;
    v->where = m->where;
}

/* What a mark says with its value: a destination, or style="…". */
static struct span value_of(struct md_inline *m, unsigned step, const struct note_marks *marks)
{
    struct md_value *v = &m->values[step == NOTE_LINK ? 0 : 1];

    if (v->marks != marks || v->step != step || v->where != m->where) {
        make_value(m, step, marks, v);
    }
    return buf_span(&v->text);
}

/* ---- Opening and closing ------------------------------------------------------------------------------------ */

/* Of all steps but links. */
static const struct literal opening_tags[NOTE_STEPS] = {
    [NOTE_STYLE] = {"<span", 5}, [NOTE_BACKGROUND] = {"<mark", 5}, [NOTE_BOLD] = {"<strong", 7},
    [NOTE_ITALIC] = {"<em", 3},  [NOTE_STRIKE] = {"<del", 4},      [NOTE_UNDERLINE] = {"<u", 2},
    [NOTE_SUB] = {"<sub", 4},    [NOTE_SUP] = {"<sup", 4}};
static const struct literal closing_tags[NOTE_STEPS] = {
    [NOTE_STYLE] = {"</span>", 7}, [NOTE_BACKGROUND] = {"</mark>", 7}, [NOTE_BOLD] = {"</strong>", 9},
    [NOTE_ITALIC] = {"</em>", 5},  [NOTE_STRIKE] = {"</del>", 6},      [NOTE_UNDERLINE] = {"</u>", 4},
    [NOTE_SUB] = {"</sub>", 6},    [NOTE_SUP] = {"</sup>", 6}};

static void put_opening_tag(struct md_inline *m, unsigned step, const struct note_marks *marks, struct buf *out)
{
    literal_put(out, &opening_tags[step]);
    if (step == NOTE_STYLE || step == NOTE_BACKGROUND) {
        buf_put_span(out, value_of(m, step, marks));
    }
    buf_put_u8(out, '>');
}

/* Whether the style has a delimiter, the same at both ends; it is written then. */
static inline bool put_delimiter(unsigned step, enum md_style style, struct buf *out)
{
    switch (style) {
    case MD_STAR:
        buf_put_str(out, step == NOTE_BOLD ? "**" : "*");
        return true;
    case MD_UNDERSCORE:
        buf_put_u8(out, '_');
        return true;
    case MD_TILDE:
        buf_put_str(out, "~~");
        return true;
    default:
        return false;
    }
}

inline void md_mark_open(struct md_inline *m, unsigned step, enum md_style style, const struct note_marks *marks,
                         struct buf *out)
{
    if (put_delimiter(step, style, out)) {
        return;
    }
    if (step == NOTE_LINK) {
        buf_put_u8(out, '[');
    } else {
        put_opening_tag(m, step, marks, out);
    }
}

inline void md_mark_close(struct md_inline *m, unsigned step, enum md_style style, const struct note_marks *marks,
                          struct buf *out)
{
    if (put_delimiter(step, style, out)) {
        return;
    }
    if (step == NOTE_LINK) {
        buf_put_str(out, "](");
        buf_put_span(out, value_of(m, step, marks));
        buf_put_u8(out, ')');
    } else {
        literal_put(out, &closing_tags[step]);
    }
}
