#include "crdt/lib0/any.h"
#include "crdt/lib0/any_build.h"
#include "crdt/lib0/enc.h"
#include "crdt/lib0/js_number.h"
#include "crdt/lib0/utf.h"

/* JSON text -> canonical bytes: a recursive descent over RFC 8259, as deep as LIB0_ANY_DEPTH. The text is checked to be
 * UTF-8 once, in front. Reading is sticky as in dec.h: after a failure the text is at its end.
 *
 * Known difference from JavaScript: the escape of a lone surrogate ("\ud800") becomes U+FFFD, because our text is
 * UTF-8. Tests: test_any_json.c, "lone surrogates become U+FFFD". */

struct parser {
    struct lib0_dec in;
    struct any_build build;
};

static void parse_value(struct parser *p, unsigned depth);

static uint8_t peek(const struct parser *p)
{
    return p->in.pos < p->in.end ? *p->in.pos : 0;
}

static void skip_space(struct parser *p)
{
    uint8_t c = peek(p);

    while (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
        p->in.pos++;
        c = peek(p);
    }
}

static bool accept(struct parser *p, uint8_t c)
{
    if (lib0_dec_at_end(&p->in) || *p->in.pos != c) {
        return false;
    }
    p->in.pos++;
    return true;
}

static void expect(struct parser *p, const char *text)
{
    for (; *text != '\0'; text++) {
        if (!accept(p, (uint8_t)*text)) {
            lib0_dec_fail(&p->in, RC_FORMAT);
        }
    }
}

static bool failed(const struct parser *p)
{
    return p->in.rc != RC_OK || p->build.rc != RC_OK || p->build.out->rc != RC_OK;
}

/* ---- Strings ------------------------------------------------------------------------------------ */

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static uint32_t parse_hex4(struct parser *p)
{
    uint32_t unit = 0;

    for (int i = 0; i < 4; i++) {
        int digit = hex_value(lib0_dec_u8(&p->in));

        if (digit < 0) {
            lib0_dec_fail(&p->in, RC_FORMAT);
            return 0;
        }
        unit = unit << 4 | (uint32_t)digit;
    }
    return unit;
}

static void put_code_point(struct buf *out, uint32_t c)
{
    if (c < 0x80) {
        buf_put_u8(out, (uint8_t)c);
    } else if (c < 0x800) {
        buf_put_u8(out, (uint8_t)(0xc0 | c >> 6));
        buf_put_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        buf_put_u8(out, (uint8_t)(0xe0 | c >> 12));
        buf_put_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
        buf_put_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
    } else {
        buf_put_u8(out, (uint8_t)(0xf0 | c >> 18));
        buf_put_u8(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
        buf_put_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
        buf_put_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
    }
}

static bool is_high(uint32_t unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low(uint32_t unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/* Behind "\u". */
static void parse_unicode(struct parser *p, struct buf *out)
{
    uint32_t unit = parse_hex4(p);

    if (is_high(unit) && lib0_dec_left(&p->in) >= 2 && p->in.pos[0] == '\\' && p->in.pos[1] == 'u') {
        struct lib0_dec before = p->in;
        uint32_t low;

        p->in.pos += 2;
        low = parse_hex4(p);
        if (is_low(low)) {
            put_code_point(out, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
            return;
        }
        if (p->in.rc == RC_OK) {
            p->in = before; /* it stands for itself */
        }
    }
    put_code_point(out, is_high(unit) || is_low(unit) ? 0xfffd : unit);
}

static void parse_escape(struct parser *p, struct buf *out)
{
    uint8_t c = lib0_dec_u8(&p->in);

    switch (c) {
    case '"':
    case '\\':
    case '/':
        buf_put_u8(out, c);
        break;
    case 'b':
        buf_put_u8(out, '\b');
        break;
    case 'f':
        buf_put_u8(out, '\f');
        break;
    case 'n':
        buf_put_u8(out, '\n');
        break;
    case 'r':
        buf_put_u8(out, '\r');
        break;
    case 't':
        buf_put_u8(out, '\t');
        break;
    case 'u':
        parse_unicode(p, out);
        break;
    default:
        lib0_dec_fail(&p->in, RC_FORMAT);
    }
}

/* The characters up to the next that is special. */
static struct span parse_plain(struct parser *p)
{
    const uint8_t *from = p->in.pos, *at = from;

    while (at < p->in.end && *at >= 0x20 && *at != '"' && *at != '\\') {
        at++;
    }
    p->in.pos = at;
    return span_of(from, (size_t)(at - from));
}

/* The string behind its opening quote: borrowed from the text when it has no escapes, else from `scratch`. */
static struct span parse_string(struct parser *p, struct buf *scratch)
{
    struct span text = parse_plain(p);

    if (accept(p, '"')) {
        return text;
    }
    buf_put_span(scratch, text);
    while (!failed(p) && scratch->rc == RC_OK && !accept(p, '"')) {
        if (accept(p, '\\')) {
            parse_escape(p, scratch);
            buf_put_span(scratch, parse_plain(p));
        } else {
            lib0_dec_fail(&p->in, RC_FORMAT); /* a control character, or the end */
        }
    }
    if (scratch->rc != RC_OK) {
        lib0_dec_fail(&p->in, scratch->rc);
    }
    return buf_span(scratch);
}

static void parse_string_value(struct parser *p)
{
    struct buf scratch = {0};

    lib0_put_any_string(p->build.out, parse_string(p, &scratch));
    buf_finish(&scratch);
}

static void parse_key(struct parser *p)
{
    struct buf scratch = {0};

    expect(p, "\"");
    any_build_key(&p->build, parse_string(p, &scratch));
    buf_finish(&scratch);
}

/* ---- Numbers ------------------------------------------------------------------------------------ */

static void expect_digits(struct parser *p)
{
    const uint8_t *from = p->in.pos;

    while (peek(p) >= '0' && peek(p) <= '9') {
        p->in.pos++;
    }
    if (p->in.pos == from) {
        lib0_dec_fail(&p->in, RC_FORMAT);
    }
}

static void parse_number(struct parser *p)
{
    const uint8_t *from = p->in.pos;

    (void)accept(p, '-');
    if (!accept(p, '0')) {
        expect_digits(p);
    }
    if (accept(p, '.')) {
        expect_digits(p);
    }
    if (accept(p, 'e') || accept(p, 'E')) {
        if (!accept(p, '+')) {
            (void)accept(p, '-');
        }
        expect_digits(p);
    }
    if (p->in.rc == RC_OK) {
        lib0_put_any_number(p->build.out, js_number_read(span_of(from, (size_t)(p->in.pos - from))));
    }
}

/* ---- Values ------------------------------------------------------------------------------------- */

static void parse_array(struct parser *p, unsigned depth)
{
    struct any_frame frame = any_build_open(&p->build, LIB0_ANY_ARRAY);
    bool more;

    skip_space(p);
    more = !accept(p, ']');
    while (more && !failed(p)) {
        any_build_item(&frame);
        parse_value(p, depth);
        more = accept(p, ',');
        if (!more) {
            expect(p, "]");
        }
    }
    any_build_close_array(&p->build, &frame);
}

static void parse_object(struct parser *p, unsigned depth)
{
    struct any_frame frame = any_build_open(&p->build, LIB0_ANY_OBJECT);
    bool more;

    skip_space(p);
    more = !accept(p, '}');
    while (more && !failed(p)) {
        skip_space(p);
        parse_key(p);
        skip_space(p);
        expect(p, ":");
        parse_value(p, depth);
        more = accept(p, ',');
        if (!more) {
            expect(p, "}");
        }
    }
    any_build_close_object(&p->build, &frame);
}

static void parse_container(struct parser *p, unsigned depth)
{
    if (depth == 0) {
        lib0_dec_fail(&p->in, RC_LIMIT);
    } else if (lib0_dec_u8(&p->in) == '[') {
        parse_array(p, depth - 1);
    } else {
        parse_object(p, depth - 1);
    }
}

/* One value and the space around it. `depth` is how many containers may still be entered. */
static void parse_value(struct parser *p, unsigned depth)
{
    skip_space(p);
    switch (peek(p)) {
    case '{':
    case '[':
        parse_container(p, depth);
        break;
    case '"':
        p->in.pos++;
        parse_string_value(p);
        break;
    case 't':
        expect(p, "true");
        lib0_put_any_bool(p->build.out, true);
        break;
    case 'f':
        expect(p, "false");
        lib0_put_any_bool(p->build.out, false);
        break;
    case 'n':
        expect(p, "null");
        lib0_put_any_null(p->build.out);
        break;
    default:
        parse_number(p);
    }
    skip_space(p);
}

int lib0_any_from_json(struct span json, struct buf *out)
{
    struct parser p = {.in = lib0_dec_of(json)};
    size_t before = out->len;
    int rc;

    if (span_equal(json, span_str("undefined"))) {
        lib0_put_any_undefined(out);
        return out->rc;
    }
    if (!utf8_valid(json)) {
        return RC_FORMAT;
    }
    any_build_init(&p.build, out);
    parse_value(&p, LIB0_ANY_DEPTH);
    if (!lib0_dec_at_end(&p.in)) {
        lib0_dec_fail(&p.in, RC_FORMAT);
    }
    rc = any_build_finish(&p.build);
    rc = rc != RC_OK ? rc : p.in.rc; /* a failed build stops the reading before its end */
    if (rc != RC_OK) {
        out->len = before;
    }
    return rc;
}
