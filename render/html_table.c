#include "render/html_parts.h"

/* Head rows, spans, widths, and Cozy's column of numbers. */

static bool has_widths(const struct note_node *table)
{
    for (const struct note_node *cell = table->first != NULL ? table->first->first : NULL; cell != NULL;
         cell = cell->next) {
        for (uint32_t i = 0; i < cell->props->widths_count; i++) {
            if (cell->props->widths[i] >= 1) {
                return true;
            }
        }
    }
    return false;
}

static uint32_t span_of_columns(const struct note_node *cell)
{
    return cell->props->colspan > 1 ? cell->props->colspan : 1;
}

static void put_columns(struct html *w, const struct note_node *table)
{
    html_put_str(w, "<colgroup>");
    html_put_str(w, table->props->numbered ? "<col>" : "");
    for (const struct note_node *cell = table->first->first; cell != NULL; cell = cell->next) {
        uint32_t known = cell->props->widths_count;

        for (uint32_t i = 0; i < span_of_columns(cell); i++) {
            if (i < known && cell->props->widths[i] >= 1) {
                buf_printf(w->out, "<col style=\"width:%.0fpx\">", cell->props->widths[i]);
            } else {
                html_put_str(w, "<col>");
            }
        }
    }
    html_put_str(w, "</colgroup>\n");
}

void html_enter_table(struct html *w, const struct note_node *node)
{
    html_enter_block(w, node, "<table");
    if (has_widths(node)) {
        put_columns(w, node);
    }
}

/* Cozy's column of numbers: the rows below the head are counted. */
static void put_row_number(struct html *w, const struct note_node *row)
{
    if (row->head) {
        html_put_str(w, "<td></td>");
    } else {
        buf_printf(w->out, "<th scope=\"row\">%u</th>", row->number);
    }
}

void html_enter_row(struct html *w, const struct note_node *row)
{
    if (row == row->parent->first) {
        html_put_str(w, row->head ? "<thead>\n" : "<tbody>\n");
    }
    html_put_str(w, "<tr>");
    if (row->parent->props->numbered) {
        put_row_number(w, row);
    }
}

void html_leave_row(struct html *w, const struct note_node *row)
{
    html_put_str(w, "</tr>\n");
    if (row->head && (row->next == NULL || !row->next->head)) {
        html_put_str(w, row->next == NULL ? "</thead>\n" : "</thead>\n<tbody>\n");
    } else if (!row->head && row->next == NULL) {
        html_put_str(w, "</tbody>\n");
    }
}

static void put_span_attr(struct html *w, const char *name, uint32_t span)
{
    if (span > 1) {
        buf_printf(w->out, " %s=\"%u\"", name, span);
    }
}

static void put_widths(struct html *w, const struct note_props *p)
{
    bool known = false;

    for (uint32_t i = 0; !w->o->compact && i < p->widths_count; i++) {
        known = known || p->widths[i] >= 1;
    }
    for (uint32_t i = 0; known && i < p->widths_count; i++) {
        buf_printf(w->out, "%s%.0f", i == 0 ? " data-colwidth=\"" : ",", p->widths[i]);
    }
    html_put_str(w, known ? "\"" : "");
}

void html_enter_cell(struct html *w, const struct note_node *node)
{
    const struct note_props *p = node->props;
    enum note_align align = note_cell_align(node);

    w->cells++;
    html_put_str(w, node->kind == NOTE_HEADER ? "<th" : "<td");
    if (node->kind == NOTE_HEADER) {
        html_put_str(w, node->parent->head ? (p->colspan > 1 ? " scope=\"colgroup\"" : " scope=\"col\"")
                                           : " scope=\"row\"");
    }
    put_span_attr(w, "colspan", p->colspan);
    put_span_attr(w, "rowspan", p->rowspan);
    put_widths(w, p);
    html_put_direction(w, node);
    html_scratch(w);
    if (align != NOTE_ALIGN_NONE) {
        buf_printf(&w->scratch, "text-align:%s", html_align_name(align));
    }
    html_style_color(w, "color", p->color);
    html_style_color(w, "background", p->background);
    (void)html_put_style(w);
    html_put_str(w, ">");
}
