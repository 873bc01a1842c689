#include "crdt/lib0/bignum.h"
#include <assert.h>
#include <string.h>

#define LIMB_BITS 32

static void push_limb(struct bignum *n, uint32_t limb)
{
    assert(n->count < BIGNUM_LIMBS);
    n->limb[n->count++] = limb;
}

static void drop_zeros(struct bignum *n)
{
    while (n->count > 0 && n->limb[n->count - 1] == 0) {
        n->count--;
    }
}

void bignum_set(struct bignum *n, uint64_t value)
{
    n->count = 0;
    for (; value != 0; value >>= LIMB_BITS) {
        push_limb(n, (uint32_t)value);
    }
}

void bignum_multiply_add(struct bignum *n, uint32_t factor, uint32_t add)
{
    uint64_t carry = add;

    for (unsigned i = 0; i < n->count; i++) {
        carry += (uint64_t)n->limb[i] * factor;
        n->limb[i] = (uint32_t)carry;
        carry >>= LIMB_BITS;
    }
    if (carry != 0) {
        push_limb(n, (uint32_t)carry);
    }
}

void bignum_multiply_pow10(struct bignum *n, unsigned exponent)
{
    for (; exponent >= 9; exponent -= 9) {
        bignum_multiply_add(n, 1000000000, 0);
    }
    for (; exponent > 0; exponent--) {
        bignum_multiply_add(n, 10, 0);
    }
}

void bignum_shift_left(struct bignum *n, unsigned bits)
{
    unsigned limbs = bits / LIMB_BITS;

    if (n->count == 0) {
        return;
    }
    if (bits % LIMB_BITS != 0) {
        bignum_multiply_add(n, UINT32_C(1) << (bits % LIMB_BITS), 0);
    }
    assert(limbs <= BIGNUM_LIMBS - n->count);
    memmove(n->limb + limbs, n->limb, n->count * sizeof(n->limb[0]));
    memset(n->limb, 0, limbs * sizeof(n->limb[0]));
    n->count += limbs;
}

void bignum_add(struct bignum *n, const struct bignum *other)
{
    uint64_t carry = 0;

    while (n->count < other->count) {
        push_limb(n, 0);
    }
    for (unsigned i = 0; i < n->count; i++) {
        carry += (uint64_t)n->limb[i] + (i < other->count ? other->limb[i] : 0);
        n->limb[i] = (uint32_t)carry;
        carry >>= LIMB_BITS;
    }
    if (carry != 0) {
        push_limb(n, (uint32_t)carry);
    }
}

void bignum_subtract(struct bignum *n, const struct bignum *other)
{
    uint64_t borrow = 0;

    assert(bignum_compare(n, other) >= 0);
    for (unsigned i = 0; i < n->count; i++) {
        uint64_t take = borrow + (i < other->count ? other->limb[i] : 0);

        borrow = n->limb[i] < take;
        n->limb[i] = (uint32_t)(n->limb[i] - take);
    }
    drop_zeros(n);
}

int bignum_compare(const struct bignum *a, const struct bignum *b)
{
    if (a->count != b->count) {
        return a->count < b->count ? -1 : 1;
    }
    for (unsigned i = a->count; i > 0; i--) {
        if (a->limb[i - 1] != b->limb[i - 1]) {
            return a->limb[i - 1] < b->limb[i - 1] ? -1 : 1;
        }
    }
    return 0;
}

unsigned bignum_bits(const struct bignum *n)
{
    unsigned bits = n->count * LIMB_BITS;

    if (n->count == 0) {
        return 0;
    }
    for (uint32_t top = n->limb[n->count - 1]; (top & UINT32_C(0x80000000)) == 0; top <<= 1) {
        bits--;
    }
    return bits;
}
