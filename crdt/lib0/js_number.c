#include "crdt/lib0/js_number.h"
#include <float.h>
#include <math.h>
#include "crdt/lib0/any.h"
#include "crdt/lib0/bignum.h"

/* Both directions are exact. Integers below 2^53 and decimals of few digits, nearly all numbers in practice, need
 * ordinary arithmetic only; the others are decided with big integers:
 *
 * - printing is the free-format algorithm of Steele & White and Dragon4 ("How to print floating-point numbers
 *   accurately", PLDI 1990), in the form of Burger & Dybvig (PLDI 1996): the value is numerator / denominator, and
 *   digits are produced until what is left lies within half the distance to the neighbouring doubles;
 * - reading takes the digits as numerator and the power of ten as denominator and divides to 54 bits or more. */

#define MANTISSA_BITS 52
#define HIDDEN_BIT    (UINT64_C(1) << MANTISSA_BITS)
#define EXPONENT_BIAS 1075 /* the value is mantissa · 2^(biased exponent - 1075) */
#define MIN_EXPONENT  (-1074)
#define MAX_DIGITS    17 /* enough for every double */

/* ---- Printing ----------------------------------------------------------------------------------- */

struct decimal {
    char digit[MAX_DIGITS + 1];
    int count;
    int point; /* the value is 0.DIGITS · 10^point */
};

/* What the digits are made from. */
struct fraction {
    struct bignum numerator, denominator;
    struct bignum below, above; /* half the distances to the neighbours, over the denominator */
    bool even;                  /* the mantissa is even, so that the borders themselves read back as this value */
};

static void fraction_set(struct fraction *f, uint64_t mantissa, int exponent, bool wide_above)
{
    unsigned extra = wide_above ? 2 : 1; /* the halves become integers */

    f->even = mantissa % 2 == 0;
    bignum_set(&f->numerator, mantissa);
    bignum_set(&f->denominator, 1);
    bignum_set(&f->below, 1);
    if (exponent >= 0) {
        bignum_shift_left(&f->numerator, (unsigned)exponent + extra);
        bignum_shift_left(&f->denominator, extra);
        bignum_shift_left(&f->below, (unsigned)exponent);
    } else {
        bignum_shift_left(&f->numerator, extra);
        bignum_shift_left(&f->denominator, (unsigned)-exponent + extra);
    }
    f->above = f->below;
    if (wide_above) {
        bignum_shift_left(&f->above, 1);
    }
}

static void fraction_times10(struct fraction *f)
{
    bignum_multiply_add(&f->numerator, 10, 0);
    bignum_multiply_add(&f->below, 10, 0);
    bignum_multiply_add(&f->above, 10, 0);
}

static bool reaches_below(const struct fraction *f)
{
    int order = bignum_compare(&f->numerator, &f->below);

    return order < 0 || (order == 0 && f->even);
}

static bool reaches_above(const struct fraction *f)
{
    struct bignum sum = f->numerator;
    int order;

    bignum_add(&sum, &f->above);
    order = bignum_compare(&sum, &f->denominator);
    return order > 0 || (order == 0 && f->even);
}

/* Scales so that numerator / denominator has one digit before its point; returns where the point of the value is.
 * `bits` is the position of the highest bit of the value. */
static int fraction_scale(struct fraction *f, int bits)
{
    double estimate = bits * 0.30102999566398114 - 1e-10; /* at most 0.302 too low, never too high */
    int point = (int)estimate;

    point += estimate > point; /* rounded up: the point, or one less */
    if (point >= 0) {
        bignum_multiply_pow10(&f->denominator, (unsigned)point);
    } else {
        bignum_multiply_pow10(&f->numerator, (unsigned)-point);
        bignum_multiply_pow10(&f->below, (unsigned)-point);
        bignum_multiply_pow10(&f->above, (unsigned)-point);
    }
    if (reaches_above(f)) {
        return point + 1;
    }
    fraction_times10(f);
    return point;
}

static char next_digit(struct fraction *f)
{
    char digit = '0';

    while (bignum_compare(&f->numerator, &f->denominator) >= 0) {
        bignum_subtract(&f->numerator, &f->denominator);
        digit++;
    }
    return digit;
}

/* Whether the rest behind the last digit rounds it up, both directions being close enough. */
static bool rounds_up(const struct fraction *f, char digit)
{
    struct bignum twice = f->numerator;
    int order;

    bignum_shift_left(&twice, 1);
    order = bignum_compare(&twice, &f->denominator);
    return order > 0 || (order == 0 && (digit - '0') % 2 != 0);
}

static void fraction_digits(struct fraction *f, struct decimal *out)
{
    for (out->count = 0; out->count < MAX_DIGITS; fraction_times10(f)) {
        char digit = next_digit(f);
        bool below = reaches_below(f), above = reaches_above(f);

        if (below || above) {
            bool up = below && above ? rounds_up(f, digit) : above;

            out->digit[out->count++] = (char)(digit + up);
            return;
        }
        out->digit[out->count++] = digit;
    }
}

/* The fewest digits that read back as `value` (positive, finite), and of those the nearest. */
static void shortest(double value, struct decimal *out)
{
    struct fraction f;
    uint64_t bits, mantissa;
    int exponent, length = MANTISSA_BITS + 1;

    memcpy(&bits, &value, sizeof(bits));
    mantissa = bits & (HIDDEN_BIT - 1);
    exponent = (int)(bits >> MANTISSA_BITS);
    if (exponent > 0) {
        /* Just above a power of two the doubles are twice as far apart as just below it. */
        fraction_set(&f, mantissa | HIDDEN_BIT, exponent - EXPONENT_BIAS, mantissa == 0 && exponent > 1);
        exponent -= EXPONENT_BIAS;
    } else {
        fraction_set(&f, mantissa, MIN_EXPONENT, false);
        exponent = MIN_EXPONENT;
        while ((mantissa >> (length - 1)) == 0) {
            length--;
        }
    }
    out->point = fraction_scale(&f, exponent + length - 1);
    fraction_digits(&f, out);
}

static void put_zeros(struct buf *out, int count)
{
    for (; count > 0; count--) {
        buf_put_u8(out, '0');
    }
}

/* ECMA-262 6.1.6.1.20, steps 6 to 10. */
static void put_decimal(struct buf *out, const struct decimal *d)
{
    if (d->point > 21 || d->point < -5) {
        buf_put_u8(out, (uint8_t)d->digit[0]);
        if (d->count > 1) {
            buf_put_u8(out, '.');
            buf_put(out, d->digit + 1, (size_t)d->count - 1);
        }
        buf_printf(out, "e%+d", d->point - 1);
    } else if (d->point <= 0) {
        buf_put_str(out, "0.");
        put_zeros(out, -d->point);
        buf_put(out, d->digit, (size_t)d->count);
    } else if (d->point >= d->count) {
        buf_put(out, d->digit, (size_t)d->count);
        put_zeros(out, d->point - d->count);
    } else {
        buf_put(out, d->digit, (size_t)d->point);
        buf_put_u8(out, '.');
        buf_put(out, d->digit + d->point, (size_t)(d->count - d->point));
    }
}

static void put_integer(struct buf *out, uint64_t value)
{
    char text[20];
    size_t at = sizeof(text);

    do {
        text[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    buf_put(out, text + at, sizeof(text) - at);
}

void lib0_put_js_number(struct buf *out, double value)
{
    struct decimal decimal;

    if (isnan(value)) {
        buf_put_str(out, "NaN");
        return;
    }
    if (value < 0) {
        buf_put_u8(out, '-');
        value = -value;
    }
    if (isinf(value)) {
        buf_put_str(out, "Infinity");
    } else if (value < (double)LIB0_MAX_SAFE && (double)(uint64_t)value == value) {
        put_integer(out, (uint64_t)value);
    } else {
        shortest(value, &decimal);
        put_decimal(out, &decimal);
    }
}

/* ---- Reading ------------------------------------------------------------------------------------ */

/* A double lies at least as far from a tie as its 768 first digits tell; one digit more says that not only zeros
 * follow. */
#define DIGITS_KEPT   768
#define EXPONENT_STOP INT64_C(1000000000000000) /* beyond any text that fits into memory */

/* The value is DIGITS · 10^exponent, the digits being a piece of the text (a point in it is passed over). */
struct literal {
    bool negative;
    const uint8_t *digits, *end; /* from the first digit that is not 0 */
    int64_t count;               /* digits in the piece */
    int64_t exponent;
};

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* The signed number behind "e". */
static int64_t read_exponent(const uint8_t *p, const uint8_t *end)
{
    bool negative = p < end && *p == '-';
    int64_t value = 0;

    p += p < end && !is_digit(*p);
    for (; p < end; p++) {
        value = value < EXPONENT_STOP ? value * 10 + (*p - '0') : value;
    }
    return negative ? -value : value;
}

static struct literal scan(struct span text)
{
    const uint8_t *p = text.data, *end = text.data + text.len;
    struct literal n = {.negative = *p == '-'};
    bool fraction = false;

    for (p += n.negative; p < end && (is_digit(*p) || *p == '.'); p++) {
        if (*p == '.') {
            fraction = true;
            continue;
        }
        n.exponent -= fraction;
        if (n.digits == NULL && *p != '0') {
            n.digits = p;
        }
        n.count += n.digits != NULL;
    }
    n.end = p;
    if (p < end) {
        n.exponent += read_exponent(p + 1, end);
    }
    return n;
}

/* Few digits and a power of ten that are both exact doubles: one correctly rounded operation. */
static bool read_fast(const struct literal *n, double *out)
{
    static const double pow10[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    uint64_t value = 0;

    if (FLT_EVAL_METHOD != 0 || n->count > 15 || n->exponent < -22 || n->exponent > 22) {
        return false;
    }
    for (const uint8_t *p = n->digits; p < n->end; p++) {
        value = *p == '.' ? value : value * 10 + (*p - '0');
    }
    *out = n->exponent < 0 ? (double)value / pow10[-n->exponent] : (double)value * pow10[n->exponent];
    return true;
}

/* Puts the digits that decide into `big` and adapts the exponent. */
static int64_t read_digits(const struct literal *n, struct bignum *big)
{
    int64_t taken = 0;
    bool more = false;

    bignum_set(big, 0);
    for (const uint8_t *p = n->digits; p < n->end && !more; p++) {
        if (*p == '.') {
            continue;
        }
        if (taken < DIGITS_KEPT) {
            bignum_multiply_add(big, 10, *p - '0');
            taken++;
        } else {
            more = *p != '0';
        }
    }
    if (more) {
        bignum_multiply_add(big, 10, 1);
        taken++;
    }
    return n->exponent + n->count - taken;
}

/* The first `bits` bits of numerator / denominator, which must be below 1; *exact when nothing remains. */
static uint64_t divide(struct bignum *numerator, const struct bignum *denominator, unsigned bits, bool *exact)
{
    uint64_t quotient = 0;

    for (; bits > 0; bits--) {
        bignum_shift_left(numerator, 1);
        quotient <<= 1;
        if (bignum_compare(numerator, denominator) >= 0) {
            bignum_subtract(numerator, denominator);
            quotient |= 1;
        }
    }
    *exact = numerator->count == 0;
    return quotient;
}

#define QUOTIENT_BITS 60

/* How many of the lowest bits of quotient · 2^exponent have no place in a double. At least 5, as the quotient has
 * QUOTIENT_BITS - 2 bits or more. */
static int excess_bits(uint64_t quotient, int exponent)
{
    int excess = QUOTIENT_BITS - 2 - (MANTISSA_BITS + 1);

    while (excess < QUOTIENT_BITS && ((quotient >> excess) >= 2 * HIDDEN_BIT || exponent + excess < MIN_EXPONENT)) {
        excess++;
    }
    return excess;
}

/* The double nearest to quotient · 2^exponent, or to a little more when not exact. */
static double assemble(uint64_t quotient, int exponent, bool exact)
{
    int excess = excess_bits(quotient, exponent);
    uint64_t half = UINT64_C(1) << (excess - 1);
    uint64_t rest = quotient & (2 * half - 1);
    uint64_t mantissa = quotient >> excess, bits;
    double value;

    exponent += excess;
    if (exponent < MIN_EXPONENT) {
        return 0;
    }
    if (rest > half || (rest == half && (!exact || mantissa % 2 != 0))) {
        mantissa++;
    }
    if (mantissa == 2 * HIDDEN_BIT) {
        mantissa /= 2;
        exponent++;
    }
    if (exponent + EXPONENT_BIAS >= 2047) {
        return (double)INFINITY;
    }
    bits = mantissa; /* subnormal: biased exponent 0 */
    if (mantissa >= HIDDEN_BIT) {
        bits = (mantissa - HIDDEN_BIT) | (uint64_t)(exponent + EXPONENT_BIAS) << MANTISSA_BITS;
    }
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static double read_exact(const struct literal *n)
{
    struct bignum numerator, denominator;
    int64_t exponent;
    uint64_t quotient;
    int shift;
    bool exact;

    if (n->count + n->exponent > 310) {
        return (double)INFINITY;
    }
    if (n->count + n->exponent < -330) {
        return 0;
    }
    exponent = read_digits(n, &numerator);
    bignum_set(&denominator, 1);
    bignum_multiply_pow10(exponent < 0 ? &denominator : &numerator, (unsigned)(exponent < 0 ? -exponent : exponent));
    /* Shifted so that the fraction lies between 1/4 and 1: at least QUOTIENT_BITS - 2 bits of it count. */
    shift = (int)bignum_bits(&denominator) - (int)bignum_bits(&numerator) - 1;
    bignum_shift_left(shift > 0 ? &numerator : &denominator, (unsigned)(shift > 0 ? shift : -shift));
    quotient = divide(&numerator, &denominator, QUOTIENT_BITS, &exact);
    return assemble(quotient, -shift - QUOTIENT_BITS, exact);
}

double js_number_read(struct span text)
{
    struct literal n = scan(text);
    double value = 0;

    if (n.digits != NULL && !read_fast(&n, &value)) {
        value = read_exact(&n);
    }
    return n.negative ? -value : value;
}
