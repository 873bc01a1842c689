#include "bench/editors/sheet.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "bench/editors/html_text.h"

void sheet_init(struct sheet *s, const char *heads)
{
    memset(s, 0, sizeof(*s));
    while (s->columns < SHEET_COLUMNS) {
        size_t len = strcspn(heads, "|");
        (void)snprintf(s->head[s->columns++], SHEET_CELL, "%.*s", (int)len, heads);
        if (heads[len] == '\0') {
            return;
        }
        heads += len + 1;
    }
}

void sheet_row(struct sheet *s)
{
    s->rows += s->rows < SHEET_ROWS;
    s->at = 0;
}

void sheet_cell(struct sheet *s, const char *format, ...)
{
    va_list args;

    if (s->rows == 0 || s->at == s->columns) {
        return;
    }
    va_start(args, format);
    (void)vsnprintf(s->cell[s->rows - 1][s->at++], SHEET_CELL, format, args);
    va_end(args);
}

void sheet_number_text(char *out, size_t size, double value)
{
    char digits[64];
    int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;

    if (value < 0) {
        (void)snprintf(out, size, "–");
        return;
    }
    size_t len = (size_t)snprintf(digits, sizeof(digits), "%.*f", decimals, value), at = 0;
    for (size_t i = 0; i < len && at + 2 < size; i++) {
        if (decimals == 0 && i > 0 && (len - i) % 3 == 0) {
            out[at++] = ',';
        }
        out[at++] = digits[i];
    }
    out[at] = '\0';
}

void sheet_number(struct sheet *s, double value)
{
    char text[64];

    sheet_number_text(text, sizeof(text), value);
    sheet_cell(s, "%s", text);
}

/* Columns that a text takes: its code points. */
static size_t width_of(const char *text)
{
    size_t width = 0;

    for (; *text != '\0'; text++) {
        width += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return width;
}

static size_t column_width(const struct sheet *s, size_t column)
{
    size_t width = width_of(s->head[column]);

    for (size_t row = 0; row < s->rows; row++) {
        size_t cell = width_of(s->cell[row][column]);
        width = cell > width ? cell : width;
    }
    return width;
}

static void put_line(const struct sheet *s, const char cells[][SHEET_CELL], struct buf *out)
{
    for (size_t i = 0; i < s->columns; i++) {
        size_t pad = column_width(s, i) - width_of(cells[i]);
        bool left = i == 0 || i + 1 == s->columns;
        if (i + 1 == s->columns) {
            pad = 0; /* the last column is words: nothing behind it */
        }
        buf_printf(out, "  %*s%s%*s", left ? 0 : (int)pad, "", cells[i], left ? (int)pad : 0, "");
    }
    buf_put_u8(out, '\n');
}

void sheet_put_text(const struct sheet *s, struct buf *out)
{
    put_line(s, s->head, out);
    for (size_t row = 0; row < s->rows; row++) {
        put_line(s, s->cell[row], out);
    }
}

static void put_html_row(const struct sheet *s, const char *tag, const char cells[][SHEET_CELL], struct buf *out)
{
    buf_put_str(out, "<tr>");
    for (size_t i = 0; i < s->columns; i++) {
        bool wrong = strncmp(cells[i], "WRONG", 5) == 0;
        buf_printf(out, wrong ? "<%s class=\"wrong\">" : "<%s>", tag);
        html_put(out, cells[i]);
        buf_printf(out, "</%s>", tag);
    }
    buf_put_str(out, "</tr>\n");
}

void sheet_put_html(const struct sheet *s, struct buf *out)
{
    buf_put_str(out, "<div class=\"scroll\"><table>\n<thead>");
    put_html_row(s, "th", s->head, out);
    buf_put_str(out, "</thead><tbody>\n");
    for (size_t row = 0; row < s->rows; row++) {
        put_html_row(s, "td", s->cell[row], out);
    }
    buf_put_str(out, "</tbody></table></div>\n");
}
