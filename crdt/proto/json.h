#ifndef CRDT_PROTO_JSON_H
#define CRDT_PROTO_JSON_H

/* Is a text JSON (RFC 8259)? Nothing is built and nothing allocated: awareness states are passed on as they came,
 * and a client that JSON.parse fails on would stop reading. */
#include <stdbool.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"

#define JSON_DEPTH 64

/* RC_FORMAT: not one JSON value with white space around it at most. RC_LIMIT: nested deeper than JSON_DEPTH. The text
 * must be valid UTF-8. */
int json_check(struct span text) MUST_CHECK;
/* White space at both ends taken off, as RFC 8259 defines it. */
struct span json_trim(struct span text);

#endif
