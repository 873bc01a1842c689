#include "render/html_parts.h"
#include "render/direction.h"
#include "render/escape.h"

/* ---- Labels ------------------------------------------------------------------------------------- */

const char *html_label(const struct html *w, unsigned which)
{
    static const char *const texts[][2] = {
        {"done", "fait"},     {"to do", "à faire"},       {"Details", "Détails"}, {"Information", "Information"},
        {"Note", "Remarque"}, {"Success", "Succès"},      {"Tip", "Conseil"},     {"Warning", "Attention"},
        {"Error", "Erreur"},  {"Important", "Important"},
    };

    return texts[which][w->o->french ? 1 : 0];
}

void html_scratch(struct html *w)
{
    w->rc = w->rc != RC_OK ? w->rc : w->scratch.rc;
    buf_clear(&w->scratch);
}

void html_put_escaped(struct html *w, struct span text)
{
    if (w->o->compact) {
        escape_html_line(w->out, text);
    } else {
        escape_html(w->out, text);
    }
}

void html_put_attr(struct html *w, const char *name, struct span value)
{
    if (value.len > 0) {
        buf_put_u8(w->out, ' ');
        html_put_str(w, name);
        html_put_str(w, "=\"");
        escape_html_line(w->out, value);
        buf_put_u8(w->out, '"');
    }
}

void html_put_data(struct html *w, const char *name, struct span value)
{
    if (!w->o->compact) {
        html_put_attr(w, name, value);
    }
}

bool html_put_url(struct html *w, const char *name, struct span url, bool image)
{
    html_scratch(w);
    if (!escape_url(&w->scratch, url, image && w->o->images)) {
        return false;
    }
    html_put_attr(w, name, buf_span(&w->scratch));
    return true;
}

/* ---- Styles -------------------------------------------------------------------------------------- */

void html_style_color(struct html *w, const char *property, struct span color)
{
    if (color.len > 0 && escape_is_color(color)) {
        buf_put_str(&w->scratch, w->scratch.len > 0 ? ";" : "");
        buf_put_str(&w->scratch, property);
        buf_put_u8(&w->scratch, ':');
        buf_put_span(&w->scratch, color);
    }
}

bool html_put_style(struct html *w)
{
    html_put_attr(w, "style", buf_span(&w->scratch));
    return w->scratch.len > 0;
}

const char *html_align_name(enum note_align align)
{
    static const char *const names[] = {"", "left", "center", "right", "justify"};

    return names[align];
}

/* Inside Markdown nothing is said: the reader decides for the whole. */
void html_put_direction(struct html *w, const struct note_node *block)
{
    if (!w->o->compact && direction_is_rtl(block)) {
        html_put_str(w, " dir=\"rtl\"");
    }
}

/* Not inlined: few blocks have one. */
__attribute__((noinline)) static void put_block_style(struct html *w, const struct note_props *p)
{
    html_scratch(w);
    if (p->align > NOTE_LEFT) {
        buf_printf(&w->scratch, "text-align:%s", html_align_name(p->align));
    }
    if (p->indent > 0) {
        buf_printf(&w->scratch, "%smargin-left:%uem", w->scratch.len > 0 ? ";" : "", p->indent * 2);
    }
    html_style_color(w, "color", p->color);
    html_style_color(w, "background-color", p->background);
    (void)html_put_style(w);
}

inline void html_put_block_style(struct html *w, const struct note_props *p)
{
    if (p->align > NOTE_LEFT || p->indent > 0 || p->color.len > 0 || p->background.len > 0) {
        put_block_style(w, p);
    }
}

void html_enter_block(struct html *w, const struct note_node *node, const char *tag)
{
    html_put_str(w, tag);
    html_put_direction(w, node);
    html_put_str(w, ">\n");
}
