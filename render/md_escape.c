#include "render/md_escape.h"
#include <ctype.h>
#include <string.h>
#include "render/escape.h"
#include "render/md_class.h"

#define REPLACEMENT "\xef\xbf\xbd"

static int at(struct span s, size_t i)
{
    return i < s.len ? s.data[i] : -1;
}

static bool is_blank_at(struct span s, size_t i)
{
    return i >= s.len || md_class_is_blank(s.data[i]);
}

static bool is_word_at(struct span s, size_t i)
{
    return i < s.len && md_class_is_word(s.data[i]);
}

/* ---- Text ------------------------------------------------------------------------------------------- */

/* A number and its delimiter, as in "12." or "3)": the offset of the delimiter, else 0. */
static size_t list_delimiter(struct span s)
{
    size_t i = 0;

    while (i < s.len && i < 10 && isdigit(s.data[i])) {
        i++;
    }
    if (i == 0 || i > 9 || (at(s, i) != '.' && at(s, i) != ')') || !is_blank_at(s, i + 1)) {
        return 0;
    }
    return i;
}

static bool is_atx(struct span s)
{
    size_t i = 0;

    while (at(s, i) == '#') {
        i++;
    }
    return i >= 1 && i <= 6 && is_blank_at(s, i);
}

/* Offset of a character that must be escaped because it begins a line; SIZE_MAX when there is none. */
static size_t line_marker(struct span s)
{
    size_t number = 0;

    switch (at(s, 0)) {
    case '>':
    case '|':
        return 0;
    case '+':
    case '-':
    case '=':
    case ':':
        return is_word_at(s, 1) || (at(s, 1) >= 128 && at(s, 0) != ':') ? SIZE_MAX : 0;
    case '#':
        return is_atx(s) ? 0 : SIZE_MAX;
    default:
        number = list_delimiter(s);
        return number > 0 ? number : SIZE_MAX;
    }
}

static bool same_word(struct span s, size_t from, const char *word)
{
    for (size_t i = 0; word[i] != 0; i++) {
        if (at(s, from + i) < 0 || tolower(s.data[from + i]) != word[i]) {
            return false;
        }
    }
    return true;
}

/* The colon of "http://", the dot of "www.", the at of an address: GFM would make links of them. */
static bool makes_autolink(struct span s, size_t i)
{
    switch (s.data[i]) {
    case ':':
        return at(s, i + 1) == '/' && at(s, i + 2) == '/' &&
               ((i >= 4 && same_word(s, i - 4, "http")) || (i >= 5 && same_word(s, i - 5, "https")) ||
                (i >= 3 && same_word(s, i - 3, "ftp")));
    case '.':
        return i >= 3 && same_word(s, i - 3, "www");
    default:
        return false;
    }
}

static bool needs_escape(struct span s, size_t i, unsigned how)
{
    switch (s.data[i]) {
    case '\\':
        return at(s, i + 1) < 128 && !is_word_at(s, i + 1); /* a space may be written as an entity */
    case '`':
    case '*':
    case '[':
    case ']':
    case '<':
    case '~':
    case '$':
        return true;
    case '_':
        return i == 0 || !is_word_at(s, i - 1) || !is_word_at(s, i + 1);
    case '&':
        return at(s, i + 1) < 0 || at(s, i + 1) == '#' || is_word_at(s, i + 1);
    case '^':
        return i == 0; /* "[^" begins a footnote */
    case '!':
        return i + 1 == s.len;
    case '|':
        return (how & MD_IN_CELL) != 0;
    case '#':
        return (how & MD_IN_HEADING) != 0 && (how & MD_TRIM_END) != 0 && i + 1 == s.len;
    case ':':
    case '.':
        return makes_autolink(s, i);
    default:
        return false;
    }
}

/* Bytes that needs_escape looks at; all others are written as they are, but at the edges of a line. */
static const bool text_special[256] = {
    ESCAPE_CONTROLS, ['\\'] = true, ['`'] = true, ['*'] = true, ['['] = true, [']'] = true,
    ['<'] = true,    ['~'] = true,  ['$'] = true, ['_'] = true, ['&'] = true, ['^'] = true,
    ['!'] = true,    ['|'] = true,  ['#'] = true, [':'] = true, ['.'] = true,
};

/* The special byte at `at`. What stands beside it may be looked at. */
static void put_special(struct buf *out, struct span text, size_t at, unsigned how)
{
    uint8_t c = text.data[at];

    if ((c >= 32 && c != 127) || c == '\t') {
        buf_put(out, "\\", c != '\t' && needs_escape(text, at, how) ? 1 : 0);
        buf_put_u8(out, c);
    } else {
        buf_put_str(out, c == '\n' || c == '\r' ? " " : REPLACEMENT);
    }
}

/* Whether a dot can be told at once from that of "www.". */
static inline bool is_plain_dot(struct span text, size_t at)
{
    return text.data[at] == '.' && (at < 3 || (text.data[at - 1] | 0x20) != 'w');
}

/* Goes on at a special byte. */
__attribute__((noinline)) static void put_rest(struct buf *out, struct span text, size_t from, unsigned how)
{
    while (from < text.len) {
        if (is_plain_dot(text, from)) {
            buf_put_u8(out, '.');
        } else {
            put_special(out, text, from, how);
        }
        from++;
        from += escape_copy(out, text_special, span_of(text.data + from, text.len - from));
    }
}

/* The text from `from` on. Most has nothing special in it but a dot at the end. */
static inline void put_escaped(struct buf *out, struct span text, size_t from, unsigned how)
{
    from += escape_copy(out, text_special, span_of(text.data + from, text.len - from));
    if (from + 1 == text.len && is_plain_dot(text, from)) {
        out->data[out->len++] = '.'; /* there is room for all of the text */
    } else if (from < text.len) {
        put_rest(out, text, from, how);
    }
}

/* A space that would be lost at the beginning of a line. */
static void put_edge(struct buf *out, uint8_t blank)
{
    buf_put_str(out, blank == ' ' ? "&#32;" : "&#9;");
}

/* The beginning of a line, up to where it goes on as any text does. */
static size_t put_line_start(struct buf *out, struct span text, unsigned how)
{
    size_t marker = line_marker(text);

    if (marker == SIZE_MAX || needs_escape(text, marker, how)) {
        return 0;
    }
    buf_put(out, text.data, marker); /* digits, if any */
    buf_put_u8(out, '\\');
    return marker;
}

/* What must not be written as it is where text begins or ends; LINE_START is for what line_marker looks at. */
static const uint8_t edges[256] = {[' '] = MD_TRIM_START | MD_TRIM_END,
                                   ['\t'] = MD_TRIM_START | MD_TRIM_END,
                                   ['>'] = MD_LINE_START,
                                   ['|'] = MD_LINE_START,
                                   ['+'] = MD_LINE_START,
                                   ['-'] = MD_LINE_START,
                                   ['='] = MD_LINE_START,
                                   [':'] = MD_LINE_START,
                                   ['#'] = MD_LINE_START,
                                   ['0'] = MD_LINE_START,
                                   ['1'] = MD_LINE_START,
                                   ['2'] = MD_LINE_START,
                                   ['3'] = MD_LINE_START,
                                   ['4'] = MD_LINE_START,
                                   ['5'] = MD_LINE_START,
                                   ['6'] = MD_LINE_START,
                                   ['7'] = MD_LINE_START,
                                   ['8'] = MD_LINE_START,
                                   ['9'] = MD_LINE_START};

/* Whether something at the edges must not be written as it is; the text is not empty. */
static inline bool has_edge(struct span text, unsigned how)
{
    return ((edges[text.data[0]] & how & (MD_LINE_START | MD_TRIM_START)) |
            (edges[text.data[text.len - 1]] & how & MD_TRIM_END)) != 0;
}

static size_t without_blanks(struct span text)
{
    while (text.len > 0 && md_class_is_blank(text.data[text.len - 1])) {
        text.len--;
    }
    return text.len;
}

/* Spaces at the end of a line are left out: readers do not show them, and people do not want to read "&#32;". But a
 * line must not become empty behind a break. */
__attribute__((noinline)) static void put_edges(struct buf *out, struct span text, unsigned how)
{
    uint8_t first = text.data[0];
    size_t from = 0;

    text.len = (how & MD_TRIM_END) != 0 ? without_blanks(text) : text.len;
    if (text.len == 0) {
        if ((how & MD_LINE_START) != 0) {
            put_edge(out, first);
        }
        return;
    }
    if ((how & MD_TRIM_START) != 0 && md_class_is_blank(first)) {
        put_edge(out, first);
        from = 1;
    } else if ((how & MD_LINE_START) != 0) {
        from = put_line_start(out, text, how);
    }
    put_escaped(out, text, from, how);
}

inline void md_escape_text(struct buf *out, struct span text, unsigned how)
{
    if (text.len == 0) {
        return;
    }
    if (has_edge(text, how)) {
        put_edges(out, text, how);
    } else {
        put_escaped(out, text, 0, how);
    }
}

inline void md_escape_inner(struct buf *out, struct span text, unsigned how)
{
    put_escaped(out, text, 0, how);
}

/* Goes on at a special byte; false when that is no plain dot. */
__attribute__((noinline)) static bool copy_past_dots(uint8_t *to, struct span text, size_t from)
{
    while (from < text.len && is_plain_dot(text, from)) {
        to[from++] = '.';
        from += escape_copy_into(to + from, text_special, span_of(text.data + from, text.len - from));
    }
    return from == text.len;
}

inline bool md_escape_copied(uint8_t *to, struct span text, unsigned how)
{
    size_t copied;

    if (text.len == 0 || has_edge(text, how)) {
        return false;
    }
    copied = escape_copy_into(to, text_special, text);
    return copied == text.len || copy_past_dots(to, text, copied);
}

/* ---- Links -------------------------------------------------------------------------------------------- */

/* Whether ( and ) are in pairs, and not deeper than any reader follows. */
static bool balanced(struct span url)
{
    int depth = 0;

    for (size_t i = 0; i < url.len && depth >= 0 && depth < 16; i++) {
        depth += url.data[i] == '(' ? 1 : url.data[i] == ')' ? -1 : 0;
    }
    return depth == 0;
}

static bool needs_angles(struct span url)
{
    static const bool special[256] = {ESCAPE_CONTROLS, [' '] = true, ['<'] = true, ['>'] = true};

    return url.len == 0 || escape_find(special, url, 0) < url.len || !balanced(url);
}

static void put_url_byte(struct buf *out, struct span url, size_t i, bool angles, bool cell)
{
    uint8_t c = url.data[i];

    if (c == '\\' || (angles && (c == '<' || c == '>')) || (cell && c == '|')) {
        buf_put_u8(out, '\\');
    }
    if (c == '&' && (at(url, i + 1) == '#' || is_word_at(url, i + 1)) && memchr(url.data, ';', url.len) != NULL) {
        buf_put_str(out, "&amp;");
    } else {
        buf_put_u8(out, c);
    }
}

void md_escape_url(struct buf *out, struct span url, bool cell)
{
    static const bool special[256] = {ESCAPE_CONTROLS, ['\\'] = true, ['<'] = true, ['>'] = true, ['|'] = true,
                                      ['&'] = true,    [' '] = true,  ['('] = true, [')'] = true};
    size_t at = escape_find(special, url, 0), from = 0;
    bool angles = at == url.len ? url.len == 0 : needs_angles(url);

    buf_put(out, "<", angles ? 1 : 0);
    for (; at < url.len; at = escape_find(special, url, from)) {
        buf_put(out, url.data + from, at - from);
        put_url_byte(out, url, at, angles, cell);
        from = at + 1;
    }
    if (from < url.len) {
        buf_put(out, url.data + from, url.len - from);
    }
    buf_put(out, ">", angles ? 1 : 0);
}

/* Written so that readers agree which differ on the order in which they undo backslashes and entities. */
void md_escape_title(struct buf *out, struct span title, bool cell)
{
    if (title.len == 0) {
        return;
    }
    buf_put_str(out, " \"");
    for (size_t i = 0; i < title.len; i++) {
        uint8_t c = title.data[i];

        if (c == '&') {
            buf_put_str(out, "&amp;");
        } else if (c == '\\') {
            buf_put_str(out, i + 1 == title.len ? "&#92;" : "\\\\");
        } else if (c < 32 || c == 127) {
            buf_put_u8(out, ' ');
        } else {
            buf_put(out, "\\", c == '"' || (cell && c == '|') ? 1 : 0);
            buf_put_u8(out, c);
        }
    }
    buf_put_u8(out, '"');
}

/* ---- Code and mathematics ------------------------------------------------------------------------------- */

size_t md_longest_run(struct span text, uint8_t byte)
{
    const uint8_t *first = text.len > 0 ? memchr(text.data, byte, text.len) : NULL;
    size_t longest = 0, run = 0;

    for (size_t i = first == NULL ? text.len : (size_t)(first - text.data); i < text.len; i++) {
        run = text.data[i] == byte ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

static bool all_spaces(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] != ' ') {
            return false;
        }
    }
    return true;
}

static bool has_run(struct span text, size_t wanted)
{
    size_t run = 0;

    for (size_t i = 0; i <= text.len; i++) {
        if (at(text, i) == '`') {
            run++;
            continue;
        }
        if (run == wanted) {
            return true;
        }
        run = 0;
    }
    return false;
}

static size_t code_fence(struct span text)
{
    for (size_t fence = 1; fence < 4; fence++) {
        if (!has_run(text, fence)) {
            return fence;
        }
    }
    return md_longest_run(text, '`') + 1;
}

static void put_verbatim(struct buf *out, struct span text, bool cell)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];

        if (cell && c == '|') {
            buf_put_u8(out, '\\');
        }
        if (c == '\n' || c == '\r') {
            buf_put_u8(out, ' ');
        } else if ((c < 32 && c != '\t') || c == 127) {
            buf_put_str(out, REPLACEMENT);
        } else {
            buf_put_u8(out, c);
        }
    }
}

void md_escape_tag(struct buf *out, struct span tag, bool cell)
{
    put_verbatim(out, tag, cell);
}

void md_escape_code(struct buf *out, struct span text, bool cell)
{
    size_t fence = code_fence(text);
    int first = at(text, 0), last = text.len > 0 ? text.data[text.len - 1] : -1;
    bool pad = first == '`' || last == '`' || (first == ' ' && last == ' ' && !all_spaces(text));

    buf_fill(out, '`', fence);
    buf_put(out, " ", pad ? 1 : 0);
    put_verbatim(out, text, cell);
    buf_put(out, " ", pad ? 1 : 0);
    buf_fill(out, '`', fence);
}

bool md_math_is_plain(struct span tex)
{
    for (size_t i = 0; i < tex.len; i++) {
        int c = tex.data[i], next = at(tex, i + 1);

        if (c < 32 || strchr("*<&[]`~$|", c) != NULL || (c == '\\' && (next < 0 || next > 127 || !isalpha(next))) ||
            (c == '_' && (i == 0 || !is_word_at(tex, i - 1)))) {
            return false;
        }
    }
    return tex.len > 0 && tex.data[0] != ' ' && tex.data[tex.len - 1] != ' ';
}

void md_escape_math(struct buf *out, struct span tex, bool cell)
{
    buf_put_u8(out, '$');
    if (md_math_is_plain(tex)) {
        buf_put_span(out, tex);
    } else {
        md_escape_code(out, tex, cell);
    }
    buf_put_u8(out, '$');
}
