#ifndef BENCH_EDITORS_PLOT_H
#define BENCH_EDITORS_PLOT_H

/* Plots as inline SVG: lines over two axes, each linear or logarithmic, and bars. Colours are CSS variables (--c0,
 * --c1, …), so that the page decides how they look by day and by night. */
#include <stdbool.h>
#include <stddef.h>
#include "crdt/base/buf.h"

#define PLOT_SERIES 8

struct plot_axis {
    const char *label;
    double least, most;
    bool log;   /* least must be above 0 */
    bool nines; /* shares of one, from 0: 0.9, 0.99, 0.999 … evenly apart; most is below 1 */
};

struct plot {
    const char *title;
    struct plot_axis x, y;
    struct buf body;                /* private: what is drawn */
    const char *names[PLOT_SERIES]; /* of series, for the legend; borrowed */
    size_t colours[PLOT_SERIES], series;
};

/* The axis reaches the value. For each value that will be drawn, before plot_begin. */
void plot_reach(struct plot_axis *a, double value);
void plot_begin(struct plot *p);
void plot_line_begin(struct plot *p, const char *name, size_t colour);
void plot_line_to(struct plot *p, double x, double y);
void plot_line_end(struct plot *p);
void plot_dot(struct plot *p, double x, double y, size_t colour, bool hollow);
/* A level across the plot, with a word. */
void plot_level(struct plot *p, double y, const char *word);
/* Appends the figure and frees what was drawn. */
void plot_end(struct plot *p, struct buf *out);

/* Horizontal bars with their values, the longest as long as `most` is. */
struct plot_bar {
    const char *name, *text;
    double value;
    size_t colour;
};
void plot_bars(const char *title, const struct plot_bar *bars, size_t count, struct buf *out);

#endif
