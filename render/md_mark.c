#include "render/md_mark.h"
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include "render/escape.h"
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
    struct md_shown *shown = &m->shown[(uintptr_t)marks / alignof(max_align_t) % MD_SHOWN];

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
    v->where = m->where;
}

struct span md_mark_value(struct md_inline *m, unsigned step, const struct note_marks *marks)
{
    struct md_value *v = &m->values[step];

    if (v->marks != marks || v->where != m->where) {
        make_value(m, step, marks, v);
    }
    return buf_span(&v->text);
}

/* ---- Opening and closing ------------------------------------------------------------------------------------ */

/* Marks without a choice of styles have a tag. */
static const struct md_ends all_ends[NOTE_STEPS][MD_STYLES] = {
    [NOTE_LINK][MD_TAG] = {{"[", 1}, {"](", 2}},
    [NOTE_STYLE][MD_TAG] = {{"<span", 5}, {"</span>", 7}},
    [NOTE_BACKGROUND][MD_TAG] = {{"<mark", 5}, {"</mark>", 7}},
    [NOTE_BOLD] = {[MD_STAR] = {{"**", 2}, {"**", 2}}, [MD_TAG] = {{"<strong>", 8}, {"</strong>", 9}}},
    [NOTE_ITALIC] = {[MD_STAR] = {{"*", 1}, {"*", 1}},
                     [MD_UNDERSCORE] = {{"_", 1}, {"_", 1}},
                     [MD_TAG] = {{"<em>", 4}, {"</em>", 5}}},
    [NOTE_STRIKE] = {[MD_TILDE] = {{"~~", 2}, {"~~", 2}}, [MD_TAG] = {{"<del>", 5}, {"</del>", 6}}},
    [NOTE_UNDERLINE][MD_TAG] = {{"<u>", 3}, {"</u>", 4}},
    [NOTE_SUB][MD_TAG] = {{"<sub>", 5}, {"</sub>", 6}},
    [NOTE_SUP][MD_TAG] = {{"<sup>", 5}, {"</sup>", 6}},
};

inline const struct md_ends *md_mark_ends(unsigned step, enum md_style style)
{
    return &all_ends[step][style];
}

inline void md_mark_open(struct md_inline *m, unsigned step, enum md_style style, const struct note_marks *marks,
                         struct buf *out)
{
    literal_put(out, &all_ends[step][style].open);
    if (step == NOTE_STYLE || step == NOTE_BACKGROUND) {
        buf_put_span(out, md_mark_value(m, step, marks));
        buf_put_u8(out, '>');
    }
}

inline void md_mark_close(struct md_inline *m, unsigned step, enum md_style style, const struct note_marks *marks,
                          struct buf *out)
{
    literal_put(out, &all_ends[step][style].close);
    if (step == NOTE_LINK) {
        buf_put_span(out, md_mark_value(m, step, marks));
        buf_put_u8(out, ')');
    }
}
