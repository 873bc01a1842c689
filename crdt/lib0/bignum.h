#ifndef CRDT_LIB0_BIGNUM_H
#define CRDT_LIB0_BIGNUM_H

/* Private to lib0: natural numbers of fixed capacity, as much arithmetic as converting doubles from
 * and to decimal takes. The largest number met is about 2^3660, in js_number.c (10^1099 and a few bits);
 * stepping over the capacity is a mistake of ours and asserts. */
#include <stdint.h>

#define BIGNUM_LIMBS 128 /* 4096 bits */

struct bignum {
    unsigned count;              /* limbs in use; 0 is the number 0, the highest is not 0 */
    uint32_t limb[BIGNUM_LIMBS]; /* lowest first */
};

void bignum_set(struct bignum *n, uint64_t value);
void bignum_shift_left(struct bignum *n, unsigned bits);
/* n = n · factor + add */
void bignum_multiply_add(struct bignum *n, uint32_t factor, uint32_t add);
void bignum_multiply_pow10(struct bignum *n, unsigned exponent);
void bignum_add(struct bignum *n, const struct bignum *other);
/* `other` must not be greater. */
void bignum_subtract(struct bignum *n, const struct bignum *other);
int bignum_compare(const struct bignum *a, const struct bignum *b);
/* Bits up to the highest that is set. */
unsigned bignum_bits(const struct bignum *n);

#endif
