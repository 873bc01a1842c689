/* The engine's lib0 behind tests/support/js/driver.mjs: each request is a letter and its operand, each answer a byte,
 * 0 or the negated return code, and the result. lib0_diff.mjs compares the answers with lib0's own. */
#include <stdio.h>
#include <stdlib.h>
#include "crdt/lib0/any.h"
#include "crdt/lib0/columns.h"
#include "crdt/lib0/enc.h"
#include "crdt/lib0/utf.h"
#include "tests/support/bytes.h"

/* ---- Values --------------------------------------------------------------------------------------- */

/* One value in normal form, then how many bytes were not read. */
static int normalize(struct span operand, struct buf *out)
{
    struct lib0_dec in = lib0_dec_of(operand);
    int rc = lib0_any_normalize(&in, out);

    lib0_put_varuint(out, lib0_dec_left(&in));
    return rc;
}

/* float64s, as varstrings. */
static int numbers(struct span operand, struct buf *out)
{
    struct lib0_dec in = lib0_dec_of(operand);
    struct buf text = {0};

    while (!lib0_dec_at_end(&in)) {
        buf_clear(&text);
        lib0_put_js_number(&text, lib0_dec_f64(&in));
        lib0_put_varstring(out, buf_span(&text));
    }
    buf_finish(&text);
    return in.rc;
}

/* Two varstrings: 0, 1 or 2 as the first is less, equal or greater. */
static int compare(struct span operand, struct buf *out)
{
    struct lib0_dec in = lib0_dec_of(operand);
    struct span a = lib0_dec_varstring(&in), b = lib0_dec_varstring(&in);
    int order = utf16_compare(a, b);

    buf_put_u8(out, (uint8_t)(1 + (order > 0) - (order < 0)));
    return in.rc;
}

/* ---- Columns: values as varuints ------------------------------------------------------------------- */

static int rle_encode(struct span operand, struct buf *out)
{
    struct lib0_dec in = lib0_dec_of(operand);
    struct rle_enc e = {0};

    while (!lib0_dec_at_end(&in)) {
        rle_enc_put(&e, (uint8_t)lib0_dec_varuint(&in));
    }
    rle_enc_flush(&e);
    buf_put_span(out, buf_span(&e.out));
    rle_enc_finish(&e);
    return in.rc;
}

static int uint_encode(struct span operand, struct buf *out)
{
    struct lib0_dec in = lib0_dec_of(operand);
    struct uint_opt_rle_enc e = {0};

    while (!lib0_dec_at_end(&in)) {
        uint_opt_rle_enc_put(&e, lib0_dec_varuint(&in));
    }
    uint_opt_rle_enc_flush(&e);
    buf_put_span(out, buf_span(&e.out));
    uint_opt_rle_enc_finish(&e);
    return in.rc;
}

static int diff_encode(struct span operand, struct buf *out)
{
    struct lib0_dec in = lib0_dec_of(operand);
    struct int_diff_opt_rle_enc e = {0};

    while (!lib0_dec_at_end(&in)) {
        int_diff_opt_rle_enc_put(&e, (int64_t)lib0_dec_varuint(&in));
    }
    int_diff_opt_rle_enc_flush(&e);
    buf_put_span(out, buf_span(&e.out));
    int_diff_opt_rle_enc_finish(&e);
    return in.rc;
}

static int string_encode(struct span operand, struct buf *out)
{
    struct lib0_dec in = lib0_dec_of(operand);
    struct string_enc e = {0};

    while (!lib0_dec_at_end(&in)) {
        struct span text = lib0_dec_varstring(&in);

        string_enc_put(&e, text, utf16_length(text));
    }
    string_enc_write(&e, out);
    string_enc_finish(&e);
    return in.rc;
}

/* Decoders: the operand is how many values, then the column. */

static int rle_decode(struct span operand, struct buf *out)
{
    struct lib0_dec in = lib0_dec_of(operand);
    uint64_t count = lib0_dec_varuint(&in);
    struct rle_dec d;

    rle_dec_init(&d, lib0_dec_bytes(&in, lib0_dec_left(&in)));
    for (; count > 0 && d.in.rc == RC_OK; count--) {
        lib0_put_varuint(out, rle_dec_next(&d));
    }
    return d.in.rc;
}

static int uint_decode(struct span operand, struct buf *out)
{
    struct lib0_dec in = lib0_dec_of(operand);
    uint64_t count = lib0_dec_varuint(&in);
    struct uint_opt_rle_dec d;

    uint_opt_rle_dec_init(&d, lib0_dec_bytes(&in, lib0_dec_left(&in)));
    for (; count > 0 && d.in.rc == RC_OK; count--) {
        lib0_put_varuint(out, uint_opt_rle_dec_next(&d));
    }
    return d.in.rc;
}

static int diff_decode(struct span operand, struct buf *out)
{
    struct lib0_dec in = lib0_dec_of(operand);
    uint64_t count = lib0_dec_varuint(&in);
    struct int_diff_opt_rle_dec d;

    int_diff_opt_rle_dec_init(&d, lib0_dec_bytes(&in, lib0_dec_left(&in)));
    for (; count > 0 && d.in.rc == RC_OK; count--) {
        lib0_put_varuint(out, (uint64_t)int_diff_opt_rle_dec_next(&d));
    }
    return d.in.rc;
}

/* Texts as varstrings, each followed by its UTF-16 length. */
static int string_decode(struct span operand, struct buf *out)
{
    static const char replacement[] = "\xef\xbf\xbd";
    struct lib0_dec in = lib0_dec_of(operand);
    uint64_t count = lib0_dec_varuint(&in);
    struct buf text = {0};
    struct string_dec d;

    string_dec_init(&d, lib0_dec_bytes(&in, lib0_dec_left(&in)));
    for (; count > 0 && d.rc == RC_OK; count--) {
        uint64_t units;
        bool lead, tail;
        struct span middle = string_dec_next(&d, &units, &lead, &tail);

        buf_clear(&text);
        buf_put_str(&text, lead ? replacement : "");
        buf_put_span(&text, middle);
        buf_put_str(&text, tail ? replacement : "");
        lib0_put_varstring(out, buf_span(&text));
        lib0_put_varuint(out, units);
    }
    buf_finish(&text);
    return d.rc;
}

/* ---- Requests --------------------------------------------------------------------------------------- */

static int answer(char request, struct span operand, struct buf *out)
{
    switch (request) {
    case 'n':
        return normalize(operand, out);
    case 'p':
        return lib0_any_from_json(operand, out);
    case 'j':
        return lib0_any_to_json(operand, out);
    case 't':
        return lib0_any_to_json_tagged(operand, out);
    case 's':
        return lib0_any_to_string(operand, out);
    case 'm':
        return numbers(operand, out);
    case 'c':
        return compare(operand, out);
    case 'r':
        return rle_encode(operand, out);
    case 'u':
        return uint_encode(operand, out);
    case 'd':
        return diff_encode(operand, out);
    case 'x':
        return string_encode(operand, out);
    case 'R':
        return rle_decode(operand, out);
    case 'U':
        return uint_decode(operand, out);
    case 'D':
        return diff_decode(operand, out);
    case 'X':
        return string_decode(operand, out);
    default:
        return RC_ARG;
    }
}

static size_t read_length(const uint8_t *b)
{
    return b[0] | (size_t)b[1] << 8 | (size_t)b[2] << 16 | (size_t)b[3] << 24;
}

static void write_answer(int rc, const struct buf *out)
{
    size_t len = 1 + (rc == RC_OK ? out->len : 0);
    uint8_t head[5] = {(uint8_t)len, (uint8_t)(len >> 8), (uint8_t)(len >> 16), (uint8_t)(len >> 24), (uint8_t)-rc};

    (void)fwrite(head, 1, sizeof(head), stdout);
    if (len > 1) {
        (void)fwrite(out->data, 1, len - 1, stdout);
    }
    (void)fflush(stdout);
}

int main(void)
{
    uint8_t head[4];

    while (fread(head, 1, sizeof(head), stdin) == sizeof(head)) {
        size_t len = read_length(head);
        uint8_t *request = malloc(len + 1);
        struct buf out = {0};
        struct span operand;
        int rc;

        if (request == NULL || len == 0 || fread(request, 1, len, stdin) != len) {
            free(request);
            return EXIT_FAILURE;
        }
        operand = bytes_copy(request + 1, len - 1);
        rc = answer((char)request[0], operand, &out);
        write_answer(rc != RC_OK ? rc : out.rc, &out);
        bytes_free(operand);
        buf_finish(&out);
        free(request);
    }
    return EXIT_SUCCESS;
}
