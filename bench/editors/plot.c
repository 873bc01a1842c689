#include "bench/editors/plot.h"

#include <math.h>
#include <stdio.h>
#include "bench/editors/html_text.h"

#define WIDTH    560.0
#define HEIGHT   300.0
#define LEFT     56.0
#define RIGHT    26.0
#define TOP      14.0
#define BOTTOM   40.0
#define INNER_W  (WIDTH - LEFT - RIGHT)
#define INNER_H  (HEIGHT - TOP - BOTTOM)
#define MARKS    5 /* on a linear axis, about */
#define BAR_H    22.0
#define BAR_NAME 96.0
#define BAR_TEXT 92.0

void plot_reach(struct plot_axis *a, double value)
{
    if (a->log && value <= 0) {
        return;
    }
    a->least = value < a->least ? value : a->least;
    a->most = value > a->most ? value : a->most;
}

/* How far along the axis a value stands, 0 to 1. Nines: each nine more is one step. */
static double along(const struct plot_axis *a, double value)
{
    if (a->nines) {
        return log10(1 - fmin(value, a->most)) / log10(1 - a->most);
    }
    if (a->log) {
        double v = value > a->least ? value : a->least;
        return log10(v / a->least) / log10(a->most / a->least);
    }
    return (value - a->least) / (a->most - a->least);
}

static double px(const struct plot *p, double x)
{
    return LEFT + INNER_W * along(&p->x, x);
}

static double py(const struct plot *p, double y)
{
    return TOP + INNER_H * (1 - along(&p->y, y));
}

/* 1, 2 or 5 times a power of ten, so that MARKS of it span the axis. */
static double step_of(const struct plot_axis *a)
{
    double rough = (a->most - a->least) / MARKS, power = pow(10, floor(log10(rough))), share = rough / power;

    return power * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
}

static void short_number(char *out, size_t size, double v)
{
    if (v >= 1e6) {
        (void)snprintf(out, size, "%.3gM", v / 1e6);
    } else if (v >= 1e4) {
        (void)snprintf(out, size, "%.3gk", v / 1e3);
    } else {
        (void)snprintf(out, size, "%.4g", v);
    }
}

static void mark_x(struct plot *p, double value, const char *text)
{
    buf_printf(&p->body,
               "<path class=\"grid\" d=\"M%.1f %.1fV%.1f\"/><text class=\"tick\" x=\"%.1f\" y=\"%.1f\">%s</text>",
               px(p, value), TOP, TOP + INNER_H, px(p, value), TOP + INNER_H + 15, text);
}

static void mark_y(struct plot *p, double value, const char *text)
{
    buf_printf(&p->body,
               "<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/><text class=\"tick end\" x=\"%.1f\" y=\"%.1f\">%s</text>",
               LEFT, py(p, value), LEFT + INNER_W, LEFT - 7, py(p, value) + 4, text);
}

static void mark_nines(struct plot *p)
{
    static const struct {
        double share;
        const char *text;
    } marks[] = {{0, "0"}, {0.5, "50 %"}, {0.9, "90 %"}, {0.99, "99 %"}, {0.999, "99.9 %"}, {0.9999, "99.99 %"}};

    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
        if (marks[i].share <= p->x.most) {
            mark_x(p, marks[i].share, marks[i].text);
        }
    }
}

static void mark_axis(struct plot *p, const struct plot_axis *a, void (*mark)(struct plot *, double, const char *))
{
    char text[32];
    double step = a->log ? 10 : step_of(a);
    double at = a->log ? pow(10, ceil(log10(a->least) - 1e-9)) : ceil(a->least / step - 1e-9) * step + 0.0; /* no -0 */

    for (; at <= a->most * (1 + 1e-9); at = a->log ? at * step : at + step) {
        short_number(text, sizeof(text), at);
        mark(p, at, text);
    }
}

/* A logarithmic axis goes from a power of ten to another; a linear one has some room above. */
static void widen(struct plot_axis *a)
{
    if (a->nines) {
        return;
    }
    if (a->log) {
        a->least = pow(10, floor(log10(a->least)));
        a->most = pow(10, ceil(log10(a->most > a->least ? a->most : a->least * 10)));
        return;
    }
    a->most = a->most > a->least ? a->most + (a->most - a->least) * 0.06 : a->least + 1;
}

void plot_begin(struct plot *p)
{
    p->body = (struct buf){0};
    p->series = 0;
    widen(&p->x);
    widen(&p->y);
    if (p->x.nines) {
        mark_nines(p);
    } else {
        mark_axis(p, &p->x, mark_x);
    }
    mark_axis(p, &p->y, mark_y);
    buf_printf(&p->body, "<text class=\"label\" x=\"%.1f\" y=\"%.1f\">%s</text>", LEFT + INNER_W / 2, HEIGHT - 5,
               p->x.label);
    buf_printf(&p->body, "<text class=\"label\" transform=\"translate(11 %.1f) rotate(-90)\">%s</text>",
               TOP + INNER_H / 2, p->y.label);
}

void plot_line_begin(struct plot *p, const char *name, size_t colour)
{
    if (p->series < PLOT_SERIES) {
        p->names[p->series] = name;
        p->colours[p->series++] = colour;
    }
    buf_printf(&p->body, "<polyline class=\"line\" stroke=\"var(--c%zu)\" points=\"", colour);
}

void plot_line_to(struct plot *p, double x, double y)
{
    buf_printf(&p->body, "%.1f,%.1f ", px(p, x), py(p, y));
}

void plot_line_end(struct plot *p)
{
    buf_put_str(&p->body, "\"/>");
}

void plot_dot(struct plot *p, double x, double y, size_t colour, bool hollow)
{
    buf_printf(&p->body, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.2\" stroke=\"var(--c%zu)\" fill=\"var(--c%zu)\"%s/>",
               px(p, x), py(p, y), colour, colour, hollow ? " class=\"hollow\"" : "");
}

void plot_level(struct plot *p, double y, const char *word)
{
    buf_printf(&p->body,
               "<path class=\"level\" d=\"M%.1f %.1fH%.1f\"/><text class=\"tick end\" x=\"%.1f\" y=\"%.1f\">%s</text>",
               LEFT, py(p, y), LEFT + INNER_W, LEFT + INNER_W - 3, py(p, y) - 4, word);
}

static void put_caption(const char *title, struct buf *out)
{
    buf_put_str(out, "<figure><figcaption>");
    html_put(out, title);
    buf_put_str(out, "</figcaption>");
}

void plot_end(struct plot *p, struct buf *out)
{
    put_caption(p->title, out);
    buf_put_str(out, "<p class=\"legend\">");
    for (size_t i = 0; i < p->series; i++) {
        buf_printf(out, "<span><i style=\"background:var(--c%zu)\"></i>", p->colours[i]);
        html_put(out, p->names[i]);
        buf_put_str(out, "</span>");
    }
    buf_printf(out, "</p><svg viewBox=\"0 0 %.0f %.0f\" role=\"img\">", WIDTH, HEIGHT);
    buf_put_span(out, buf_span(&p->body));
    buf_put_str(out, "</svg></figure>\n");
    buf_finish(&p->body);
}

void plot_bars(const char *title, const struct plot_bar *bars, size_t count, struct buf *out)
{
    double most = 0, room = WIDTH - BAR_NAME - BAR_TEXT;

    for (size_t i = 0; i < count; i++) {
        most = bars[i].value > most ? bars[i].value : most;
    }
    put_caption(title, out);
    buf_printf(out, "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\">", WIDTH, BAR_H * (double)count + 6);
    for (size_t i = 0; i < count; i++) {
        double y = BAR_H * (double)i + 4, len = most > 0 && bars[i].value > 0 ? room * bars[i].value / most : 0;
        buf_printf(out, "<text class=\"name\" x=\"%.0f\" y=\"%.1f\">", BAR_NAME - 8, y + 13);
        html_put(out, bars[i].name);
        buf_printf(out,
                   "</text><rect x=\"%.0f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"3\" fill=\"var(--c%zu)\"/>"
                   "<text class=\"value\" x=\"%.1f\" y=\"%.1f\">",
                   BAR_NAME, y, fmax(len, 1.5), BAR_H - 6, bars[i].colour, BAR_NAME + fmax(len, 1.5) + 7, y + 13);
        html_put(out, bars[i].text);
        buf_put_str(out, "</text>");
    }
    buf_put_str(out, "</svg></figure>\n");
}
