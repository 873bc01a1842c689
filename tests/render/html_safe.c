#include "tests/render/html_safe.h"
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static const char *const tags[] = {
    "a",    "aside",  "audio",      "blockquote", "br",    "code",   "col",   "colgroup", "del", "details",
    "div",  "em",     "figcaption", "figure",     "h1",    "h2",     "h3",    "h4",       "h5",  "h6",
    "hr",   "img",    "input",      "li",         "main",  "mark",   "ol",    "s",        "p",   "pre",
    "span", "strong", "sub",        "summary",    "sup",   "table",  "tbody", "td",       "th",  "thead",
    "time", "tr",     "u",          "ul",         "video", "header", "body",  "html",
};
static const char *const attributes[] = {
    "align",         "alt",        "aria-label",    "checked",      "class",     "colspan",   "controls",
    "data-checked",  "data-color", "data-colwidth", "data-comment", "data-icon", "data-id",   "data-label",
    "data-language", "data-latex", "data-level",    "data-list",    "data-name", "data-node", "data-ts",
    "data-type",     "datetime",   "disabled",      "download",     "height",    "href",      "id",
    "open",          "role",       "rowspan",       "scope",        "src",       "start",     "style",
    "title",         "type",       "width",
};

static bool is_one_of(const char *const *list, size_t count, struct span name)
{
    for (size_t i = 0; i < count; i++) {
        if (span_equal(span_str(list[i]), name)) {
            return true;
        }
    }
    return false;
}

static bool begins(struct span s, const char *text)
{
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++) {
        if (i >= s.len || tolower(s.data[i]) != text[i]) {
            return false;
        }
    }
    return true;
}

/* As a browser would read it: entities are undone first; only & < > " and numbers are ever written. */
static bool is_good_url(struct span url)
{
    size_t colon = 0;

    for (size_t i = 0; i < url.len; i++) {
        if (url.data[i] < 32 || (url.data[i] == '&' && !begins(span_of(url.data + i, url.len - i), "&amp;") &&
                                 !begins(span_of(url.data + i, url.len - i), "&quot;") &&
                                 !begins(span_of(url.data + i, url.len - i), "&lt;") &&
                                 !begins(span_of(url.data + i, url.len - i), "&gt;") &&
                                 !begins(span_of(url.data + i, url.len - i), "&#x27;"))) {
            return false;
        }
    }
    while (colon < url.len && strchr(":/?#", url.data[colon]) == NULL) {
        colon++;
    }
    return colon == url.len || url.data[colon] != ':' || begins(url, "http:") || begins(url, "https:") ||
           begins(url, "mailto:") || begins(url, "tel:");
}

static bool is_good_style(struct span style)
{
    for (size_t i = 0; i < style.len; i++) {
        if (!isalnum(style.data[i]) && strchr(" #(),.%:;/-", style.data[i]) == NULL) {
            return false;
        }
    }
    for (size_t i = 0; i < style.len; i++) {
        struct span rest = span_of(style.data + i, style.len - i);

        if (begins(rest, "url") || begins(rest, "expression") || begins(rest, "binding")) {
            return false;
        }
    }
    return true;
}

static struct span take_name(struct span html, size_t *at)
{
    size_t from = *at;

    while (*at < html.len && (isalnum(html.data[*at]) || html.data[*at] == '-')) {
        ++*at;
    }
    return span_of(html.data + from, *at - from);
}

static const char *check_attribute(struct span html, size_t *at)
{
    struct span name = take_name(html, at), value;
    size_t from;

    if (!is_one_of(attributes, sizeof(attributes) / sizeof(attributes[0]), name)) {
        return "an attribute that is not in the list";
    }
    if (*at >= html.len || html.data[*at] != '=') {
        return NULL;
    }
    if (*at + 1 >= html.len || html.data[*at + 1] != '"') {
        return "a value without double quotes";
    }
    from = *at += 2;
    while (*at < html.len && html.data[*at] != '"') {
        ++*at;
    }
    value = span_of(html.data + from, *at - from);
    ++*at;
    if (begins(name, "href") || begins(name, "src")) {
        return is_good_url(value) ? NULL : "a URL that is not allowed";
    }
    if (begins(name, "style")) {
        return is_good_style(value) ? NULL : "a style that is not allowed";
    }
    return memchr(value.data, '<', value.len) == NULL ? NULL : "a < in a value";
}

static const char *check_tag(struct span html, size_t *at)
{
    struct span name;
    bool closing = *at + 1 < html.len && html.data[*at + 1] == '/';

    *at += closing ? 2 : 1;
    name = take_name(html, at);
    if (!is_one_of(tags, sizeof(tags) / sizeof(tags[0]), name)) {
        return "a tag that is not in the list";
    }
    while (*at < html.len && html.data[*at] == ' ') {
        const char *why = NULL;

        ++*at;
        if (*at + 1 < html.len && html.data[*at] == '/' && html.data[*at + 1] == '>') {
            ++*at;
            break;
        }
        why = check_attribute(html, at);
        if (why != NULL) {
            return why;
        }
    }
    if (*at >= html.len || html.data[*at] != '>') {
        return "a tag that does not end";
    }
    ++*at;
    return NULL;
}

const char *html_safe(struct span html, size_t *at)
{
    for (*at = 0; *at < html.len;) {
        uint8_t c = html.data[*at];

        if (c == '<') {
            size_t from = *at;
            const char *why = check_tag(html, at);

            if (why != NULL) {
                *at = from;
                return why;
            }
            continue;
        }
        if (c == '>' || (c < 32 && c != '\n' && c != '\t') || c == 127) {
            return "a character that must be escaped";
        }
        ++*at;
    }
    return NULL;
}
