#ifndef CRDT_LIB0_JS_NUMBER_H
#define CRDT_LIB0_JS_NUMBER_H

/* Private to lib0: decimal → double. The way back is lib0_put_js_number in any.h. */
#include "crdt/base/span.h"

/* The double nearest to a number in JSON's grammar (checked by the caller), ties to even, overflow to infinity:
 * ECMA-262 "RoundMVResult", independent of the locale. */
double js_number_read(struct span text);

#endif
