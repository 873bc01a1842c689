#include "tests/render/html_normal.h"
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Output form: <name attr=value …> on a line of its own for blocks, text between, with entities decoded and percent
 * signs of URLs decoded. */

struct cursor {
    const char *at, *end;
    bool in_pre;
};

static bool is_one_of(const char *name, const char *list)
{
    const char *found = strstr(list, name);
    size_t len = strlen(name);

    for (; found != NULL; found = strstr(found + 1, name)) {
        if ((found == list || found[-1] == ' ') && (found[len] == ' ' || found[len] == 0)) {
            return true;
        }
    }
    return false;
}

static bool is_block(const char *name)
{
    return is_one_of(name, "p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre hr table thead tbody tr th td div");
}

static void put_utf8(struct buf *out, unsigned long c)
{
    if (c < 0x80) {
        buf_put_u8(out, (uint8_t)c);
    } else if (c < 0x800) {
        buf_put_u8(out, (uint8_t)(0xc0 | c >> 6));
        buf_put_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
    } else {
        buf_put_u8(out, (uint8_t)(0xe0 | c >> 12));
        buf_put_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
        buf_put_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
    }
}

/* One character or entity. */
static void put_char(struct cursor *c, struct buf *out)
{
    static const char *const names[][2] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}};

    for (size_t i = 0; i < 4; i++) {
        size_t len = strlen(names[i][0]);

        if ((size_t)(c->end - c->at) >= len && memcmp(c->at, names[i][0], len) == 0) {
            buf_put_str(out, names[i][1]);
            c->at += len;
            return;
        }
    }
    if (c->end - c->at > 3 && c->at[0] == '&' && c->at[1] == '#') {
        char *rest = NULL;
        unsigned long code = strtoul(c->at + 2 + (c->at[2] == 'x'), &rest, c->at[2] == 'x' ? 16 : 10);

        if (*rest == ';') {
            put_utf8(out, code);
            c->at = rest + 1;
            return;
        }
    }
    buf_put_u8(out, (uint8_t)*c->at++);
}

static void percent_decode(struct buf *b, size_t from)
{
    size_t to = from;

    for (size_t i = from; i < b->len; i++) {
        if (b->data[i] == '%' && i + 2 < b->len && isxdigit(b->data[i + 1]) && isxdigit(b->data[i + 2])) {
            char hex[3] = {(char)b->data[i + 1], (char)b->data[i + 2], 0};

            b->data[to++] = (uint8_t)strtoul(hex, NULL, 16);
            i += 2;
        } else {
            b->data[to++] = b->data[i];
        }
    }
    b->len = to;
}

struct tag {
    char name[16];
    bool closing, checked, checkbox;
    struct buf attrs;
};

static void keep_attr(struct tag *t, const char *name, struct span value)
{
    bool url = strcmp(name, "href") == 0 || strcmp(name, "src") == 0;
    size_t from;

    t->checked = t->checked || strcmp(name, "checked") == 0;
    t->checkbox = t->checkbox || (strcmp(name, "type") == 0 && span_equal(value, span_str("checkbox")));
    if (strcmp(name, "style") == 0 && value.len > 11 && memcmp(value.data, "text-align:", 11) == 0) {
        name = "align";
        value = span_of(value.data + 11, value.len - 11);
    }
    if (!is_one_of(name, "href src alt title start align style") &&
        !(strcmp(name, "class") == 0 && strcmp(t->name, "code") == 0)) {
        return;
    }
    buf_printf(&t->attrs, " %s=", name);
    from = t->attrs.len;
    buf_put_span(&t->attrs, value);
    if (url) {
        percent_decode(&t->attrs, from);
    }
}

static void read_name(struct cursor *c, char *name, size_t size)
{
    size_t len = 0;

    while (c->at < c->end && (isalnum((unsigned char)*c->at) || *c->at == '-')) {
        if (len + 1 < size) {
            name[len++] = *c->at;
        }
        c->at++;
    }
    name[len] = 0;
}

static void read_attr(struct cursor *c, struct tag *t)
{
    char name[32];
    struct buf value = {0};

    read_name(c, name, sizeof(name));
    if (name[0] == 0) {
        c->at++;
        return;
    }
    if (c->at + 1 < c->end && c->at[0] == '=' && c->at[1] == '"') {
        c->at += 2;
        while (c->at < c->end && *c->at != '"') {
            put_char(c, &value);
        }
        c->at++;
    }
    keep_attr(t, name, buf_span(&value));
    buf_finish(&value);
}

static void drop_feed(struct buf *out)
{
    while (out->len > 0 && out->data[out->len - 1] == '\n') {
        out->len--;
    }
}

/* Spaces at the end of a block: readers of Markdown do not see them, so it is not written with them. */
static void drop_blanks(struct buf *out)
{
    while (out->len > 0 && (out->data[out->len - 1] == ' ' || out->data[out->len - 1] == '\t')) {
        out->len--;
    }
}

static void put_tag(struct cursor *c, struct tag *t, struct buf *out)
{
    bool block = is_block(t->name);

    if (strcmp(t->name, "s") == 0) { /* editors know <s>, GFM's readers write <del> */
        strcpy(t->name, "del");
    }
    if (strcmp(t->name, "tbody") == 0) {
        drop_feed(out);
        return;
    }
    if (block && !c->in_pre) {
        drop_blanks(out);
    }
    if (strcmp(t->name, "pre") == 0) {
        c->in_pre = !t->closing;
    }
    if (t->checkbox) {
        buf_put_str(out, t->checked ? "[done]" : "[open]");
        c->at += c->at < c->end && *c->at == ' ' ? 1 : 0;
        return;
    }
    if (block || (strcmp(t->name, "code") == 0 && t->closing && c->in_pre)) {
        drop_feed(out);
    }
    buf_printf(out, "<%s%s", t->closing ? "/" : "", t->name);
    buf_put_span(out, buf_span(&t->attrs));
    buf_put_str(out, ">");
    if (block || strcmp(t->name, "br") == 0) {
        while (c->at < c->end && *c->at == '\n') {
            c->at++;
        }
    }
    buf_put_str(out, block ? "\n" : "");
}

static void read_tag(struct cursor *c, struct buf *out)
{
    struct tag t = {.closing = c->at[1] == '/'};

    c->at += t.closing ? 2 : 1;
    read_name(c, t.name, sizeof(t.name));
    while (c->at < c->end && *c->at != '>') {
        read_attr(c, &t);
    }
    c->at++;
    put_tag(c, &t, out);
    buf_finish(&t.attrs);
}

void html_normal(struct span html, struct buf *out)
{
    struct cursor c = {(const char *)html.data, (const char *)html.data + html.len, false};

    while (c.at < c.end) {
        if (*c.at == '<') {
            read_tag(&c, out);
        } else {
            put_char(&c, out);
        }
    }
    drop_feed(out);
}
