#ifndef BENCH_EDITORS_SHEET_H
#define BENCH_EDITORS_SHEET_H

/* A table of texts, filled row by row, and put out as plain text or HTML. The first column is aligned left, the others
 * right. Cells beyond the columns are not kept. */
#include <stddef.h>
#include "crdt/base/buf.h"

#define SHEET_COLUMNS 14
#define SHEET_ROWS    24
#define SHEET_CELL    96

struct sheet {
    size_t columns, rows, at; /* at: the next cell of the last row */
    char head[SHEET_COLUMNS][SHEET_CELL];
    char cell[SHEET_ROWS][SHEET_COLUMNS][SHEET_CELL];
};

/* `heads`: names of columns with '|' between. */
void sheet_init(struct sheet *s, const char *heads);
void sheet_row(struct sheet *s);
void sheet_cell(struct sheet *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A number with three significant digits, with blanks between thousands; "–" when it is negative. */
void sheet_number(struct sheet *s, double value);
void sheet_number_text(char *out, size_t size, double value);
void sheet_put_text(const struct sheet *s, struct buf *out);
void sheet_put_html(const struct sheet *s, struct buf *out);

#endif
