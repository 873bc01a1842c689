#include "render/escape.h"
#include <ctype.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define REPLACEMENT "\xef\xbf\xbd"

static inline bool is_letter_or_digit(uint8_t c)
{
    return (unsigned)(c | 0x20) - 'a' < 26 || (unsigned)c - '0' < 10;
}

/* Eight at a time: this looks at every byte of a note. */
size_t escape_find(const bool special[256], struct span text, size_t from)
{
    const uint8_t *d = text.data;
    size_t i = from;

    while (text.len - i >= 8 && !(special[d[i]] | special[d[i + 1]] | special[d[i + 2]] | special[d[i + 3]] |
                                  special[d[i + 4]] | special[d[i + 5]] | special[d[i + 6]] | special[d[i + 7]])) {
        i += 8;
    }
    while (i < text.len && !special[d[i]]) {
        i++;
    }
    return i;
}

/* Sixteen bytes at once, by the compiler's vectors (gcc, clang; every machine has them or gets them spelled out). */
typedef uint8_t sixteen __attribute__((vector_size(16)));
typedef int8_t signed_sixteen __attribute__((vector_size(16)));
typedef uint64_t halves __attribute__((vector_size(16)));

/* All bits of the bytes that are letters or beyond ASCII, and those of spaces, commas and apostrophes: at least the
 * highest. Letters alone get above 0x65 and stay below the sign when five is added to their small form. */
static inline sixteen find_ordinary(sixteen bytes)
{
    return (sixteen)((signed_sixteen)((bytes | 0x20) + 5) > 0x65) | (sixteen)(bytes == ' ') | (sixteen)(bytes == ',') |
           (sixteen)(bytes == '\'') | bytes;
}

/* The highest bit of all other bytes. */
static inline halves mark_others(sixteen ordinary)
{
    return ~(halves)ordinary & 0x8080808080808080;
}

static inline bool is_all(sixteen ordinary)
{
#ifdef __SSE2__
    return _mm_movemask_epi8((__m128i)ordinary) == 0xffff;
#else
    halves others = mark_others(ordinary);

    return (others[0] | others[1]) == 0;
#endif
}

/* The offset of the first special byte among eight that are marked; SIZE_MAX when there is none. */
static size_t find_marked(const bool special[256], const uint8_t *data, uint64_t marks)
{
    marks = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? marks : __builtin_bswap64(marks);
    for (; marks != 0; marks &= marks - 1) {
        size_t at = (unsigned)__builtin_ctzll(marks) / 8;

        if (special[data[at]]) {
            return at;
        }
    }
    return SIZE_MAX;
}

/* The same among sixteen, of which the second eight begin at `second` and may overlap the first. */
static size_t find_in_halves(const bool special[256], const uint8_t *data, halves marks, size_t second)
{
    size_t found = find_marked(special, data, marks[0]);

    if (found == SIZE_MAX) {
        found = find_marked(special, data + second, marks[1]);
        found += found == SIZE_MAX ? 0 : second;
    }
    return found;
}

/* All do what escape_copy_into does. What is not ordinary is looked at in functions of their own, called last: those
 * that most text goes through have nothing to remember. Less than eight bytes: */
static size_t copy_bytes(uint8_t *to, const bool special[256], struct span text)
{
    size_t i = 0;

    for (; i < text.len && !special[text.data[i]]; i++) {
        to[i] = text.data[i];
    }
    return i;
}

/* Eight to fifteen that have been copied, but are not all ordinary. */
__attribute__((noinline)) static size_t end_halves(const bool special[256], struct span text, halves marks)
{
    size_t found = find_in_halves(special, text.data, marks, text.len - 8);

    return found == SIZE_MAX ? text.len : found;
}

/* Eight to fifteen: two halves that overlap. */
static size_t copy_halves(uint8_t *to, const bool special[256], struct span text)
{
    size_t second = text.len - 8;
    sixteen ordinary;
    halves bytes;

    memcpy(&bytes, text.data, 8);
    memcpy((uint8_t *)&bytes + 8, text.data + second, 8);
    memcpy(to, text.data, 8);
    memcpy(to + second, text.data + second, 8);
    ordinary = find_ordinary((sixteen)bytes);
    return is_all(ordinary) ? text.len : end_halves(special, text, mark_others(ordinary));
}

/* Copies sixteen bytes, and says which of them are ordinary. */
static inline sixteen copy_sixteen(uint8_t *to, const uint8_t *data)
{
    sixteen bytes;

    memcpy(&bytes, data, sizeof(bytes));
    memcpy(to, &bytes, sizeof(bytes));
    return find_ordinary(bytes);
}

/* Goes on with sixteen bytes that are not all ordinary. */
__attribute__((noinline)) static size_t end_long(uint8_t *to, const bool special[256], struct span text, size_t at)
{
    size_t last = text.len - sizeof(sixteen);

    for (;; at = last - at < sizeof(sixteen) ? last : at + sizeof(sixteen)) {
        sixteen ordinary = copy_sixteen(to + at, text.data + at);
        size_t found = is_all(ordinary) ? SIZE_MAX : find_in_halves(special, text.data + at, mark_others(ordinary), 8);

        if (found != SIZE_MAX) {
            return at + found;
        }
        if (at == last) {
            return text.len;
        }
    }
}

/* Sixteen and more: the last sixteen may overlap those before. */
static size_t copy_long(uint8_t *to, const bool special[256], struct span text)
{
    size_t last = text.len - sizeof(sixteen), at = 0;

    for (; at < last; at += sizeof(sixteen)) {
        if (!is_all(copy_sixteen(to + at, text.data + at))) {
            return end_long(to, special, text, at);
        }
    }
    return is_all(copy_sixteen(to + last, text.data + last)) ? text.len : end_long(to, special, text, last);
}

/* The bits of control characters other than tab and line feed. */
static inline sixteen find_strange(const uint8_t *data)
{
    sixteen bytes;

    memcpy(&bytes, data, sizeof(bytes));
    return (sixteen)((bytes < 32) & (bytes != '\t') & (bytes != '\n')) | (sixteen)(bytes == 127);
}

bool escape_may_be_strange(struct span text)
{
    const uint8_t *last;
    halves found;

    if (text.len < sizeof(sixteen)) {
        return true;
    }
    last = text.data + text.len - sizeof(sixteen);
    found = (halves)find_strange(last);
    for (const uint8_t *at = text.data; at < last; at += sizeof(sixteen)) {
        found |= (halves)find_strange(at);
    }
    return (found[0] | found[1]) != 0;
}

size_t escape_copy_into(uint8_t *to, const bool special[256], struct span text)
{
    if (text.len >= sizeof(sixteen)) {
        return copy_long(to, special, text);
    }
    return text.len < 8 ? copy_bytes(to, special, text) : copy_halves(to, special, text);
}

/* ---- HTML and JSON ------------------------------------------------------------------------------- */

static const char *html_escape_of(uint8_t byte, bool line)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\t':
        return line ? "&#9;" : NULL;
    case '\n':
        return line ? "&#10;" : NULL;
    case 127:
        return REPLACEMENT;
    default:
        return byte < 32 ? REPLACEMENT : NULL;
    }
}

static const bool html_special[256] = {ESCAPE_CONTROLS, ['&'] = true, ['<'] = true, ['>'] = true, ['"'] = true};

/* Goes on at a special byte. */
__attribute__((noinline)) static void html_escape_rest(struct buf *out, struct span text, size_t at, bool line)
{
    while (at < text.len) {
        const char *instead = html_escape_of(text.data[at], line);

        if (instead != NULL) {
            buf_put(out, instead, strlen(instead));
        } else {
            buf_put_u8(out, text.data[at]);
        }
        at++;
        at += escape_copy(out, html_special, span_of(text.data + at, text.len - at));
    }
}

static inline void html_escape(struct buf *out, struct span text, bool line)
{
    size_t at = escape_copy(out, html_special, text);

    if (at < text.len) {
        html_escape_rest(out, text, at, line);
    }
}

void escape_html(struct buf *out, struct span text)
{
    html_escape(out, text, false);
}

void escape_html_line(struct buf *out, struct span text)
{
    html_escape(out, text, true);
}

void escape_json(struct buf *out, struct span text)
{
    static const bool special[256] = {ESCAPE_CONTROLS, ['"'] = true, ['\\'] = true};
    static const char short_names[] = "btn\0fr"; /* 8, 9, 10, 12, 13 */

    buf_put_u8(out, '"');
    for (size_t i = escape_copy(out, special, text); i < text.len; i = escape_copy(out, special, text)) {
        uint8_t byte = text.data[i];

        if (byte >= 8 && byte <= 13 && byte != 11) {
            buf_put_u8(out, '\\');
            buf_put_u8(out, (uint8_t)short_names[byte - 8]);
        } else if (byte < 32) {
            buf_printf(out, "\\u%04x", byte);
        } else {
            buf_put(out, "\\", byte == 127 ? 0 : 1);
            buf_put_u8(out, byte);
        }
        text = span_of(text.data + i + 1, text.len - i - 1);
    }
    buf_put_u8(out, '"');
}

/* ---- URLs ------------------------------------------------------------------------------------------ */

static bool same_letters(const uint8_t *data, size_t len, const char *word)
{
    if (len != strlen(word)) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (tolower(data[i]) != word[i]) {
            return false;
        }
    }
    return true;
}

/* Length of what stands before the first colon, when that colon comes before any / ? #: a scheme, or what a lenient
 * reader might take for one. 0: relative. */
static size_t scheme_length(struct span url)
{
    for (size_t i = 0; i < url.len; i++) {
        if (url.data[i] == ':') {
            return i == 0 ? SIZE_MAX : i;
        }
        if (url.data[i] == '/' || url.data[i] == '?' || url.data[i] == '#') {
            return 0;
        }
    }
    return 0;
}

static bool is_image_data(struct span url)
{
    static const char *const types[] = {"data:image/png;",  "data:image/jpeg;", "data:image/jpg;", "data:image/gif;",
                                        "data:image/webp;", "data:image/avif;", "data:image/bmp;"};

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (url.len > strlen(types[i]) && same_letters(url.data, strlen(types[i]), types[i])) {
            return true;
        }
    }
    return false;
}

static bool is_safe_url(struct span url, bool images)
{
    static const char *const schemes[] = {"http", "https", "mailto", "tel"};
    size_t len = scheme_length(url);

    if (len == 0) {
        return true;
    }
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (len != SIZE_MAX && same_letters(url.data, len, schemes[i])) {
            return true;
        }
    }
    return images && is_image_data(url);
}

bool escape_url(struct buf *out, struct span url, bool images)
{
    static const bool passed_over[256] = {ESCAPE_CONTROLS};
    size_t before = out->len;
    struct span clean;

    while (url.len > 0 && url.data[0] <= 32) {
        url = span_of(url.data + 1, url.len - 1);
    }
    while (url.len > 0 && url.data[url.len - 1] <= 32) {
        url.len--;
    }
    if (buf_reserve(out, url.len) != RC_OK) {
        return false;
    }
    for (size_t i = 0; i < url.len; i++) {
        size_t from = i;

        i = escape_find(passed_over, url, i);
        buf_put(out, url.data + from, i - from);
    }
    clean = buf_slice(out, before, out->len - before);
    if (clean.len == 0 || !is_safe_url(clean, images)) {
        out->len = before;
        return false;
    }
    return true;
}

/* ---- Styles ------------------------------------------------------------------------------------------ */

static bool is_function_color(struct span s)
{
    static const char *const names[] = {"rgb(", "rgba(", "hsl(", "hsla("};
    size_t at = 0;

    for (size_t i = 0; i < 4 && at == 0; i++) {
        if (s.len > strlen(names[i]) && same_letters(s.data, strlen(names[i]), names[i])) {
            at = strlen(names[i]);
        }
    }
    if (at == 0 || s.len > 64 || s.data[s.len - 1] != ')') {
        return false;
    }
    for (; at < s.len - 1; at++) {
        if (!isdigit(s.data[at]) && strchr(" ,.%/-", s.data[at]) == NULL) {
            return false;
        }
    }
    return true;
}

static bool all_of(struct span s, int (*test)(int))
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] >= 128 || !test(s.data[i])) {
            return false;
        }
    }
    return true;
}

bool escape_is_color(struct span s)
{
    if (s.len > 1 && s.data[0] == '#') {
        return (s.len == 4 || s.len == 5 || s.len == 7 || s.len == 9) &&
               all_of(span_of(s.data + 1, s.len - 1), isxdigit);
    }
    if (s.len >= 3 && s.len <= 24 && all_of(s, isalpha)) {
        return true;
    }
    return s.len > 0 && memchr(s.data, 0, s.len) == NULL && is_function_color(s);
}

bool escape_length(struct buf *out, struct span s)
{
    static const char *const units[] = {"px", "pt", "em", "rem", "%", ""};
    static const char *const named[][2] = {{"small", "small"}, {"large", "large"}, {"huge", "xx-large"}};
    size_t digits = 0;

    for (size_t i = 0; i < 3; i++) {
        if (same_letters(s.data, s.len, named[i][0])) {
            buf_put_str(out, named[i][1]);
            return true;
        }
    }
    while (digits < s.len && (isdigit(s.data[digits]) || (digits > 0 && s.data[digits] == '.'))) {
        digits++;
    }
    if (digits == 0 || digits > 8) {
        return false;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (same_letters(s.data + digits, s.len - digits, units[i])) {
            buf_put_span(out, s);
            buf_put_str(out, digits == s.len ? "px" : "");
            return true;
        }
    }
    return false;
}

bool escape_family(struct buf *out, struct span s)
{
    if (s.len == 0 || s.len > 100) {
        return false;
    }
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = s.data[i];

        if (!isalnum(c) && c != ' ' && c != ',' && c != '-' && c != '"' && c != '\'') {
            return false;
        }
    }
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] != '"' && s.data[i] != '\'') {
            buf_put_u8(out, s.data[i]);
        }
    }
    return true;
}

static void put_declaration(struct buf *out, size_t from, const char *property)
{
    buf_put_str(out, out->len > from ? ";" : "");
    buf_put_str(out, property);
}

bool escape_text_style(struct buf *out, struct span color, struct span size, struct span family)
{
    size_t from = out->len, before = from;

    if (escape_is_color(color)) {
        put_declaration(out, from, "color:");
        buf_put_span(out, color);
    }
    before = out->len;
    put_declaration(out, from, "font-size:");
    if (!escape_length(out, size)) {
        out->len = before;
    }
    before = out->len;
    put_declaration(out, from, "font-family:");
    if (!escape_family(out, family)) {
        out->len = before;
    }
    return out->len > from;
}

struct span escape_word(struct span s)
{
    static const char others[] = "+-#._";
    size_t len = 0;

    while (len < s.len && len < 64 &&
           (is_letter_or_digit(s.data[len]) || memchr(others, s.data[len], sizeof(others) - 1) != NULL)) {
        len++;
    }
    return span_of(s.data, len);
}
