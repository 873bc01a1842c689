#ifndef SERVER_NET_NAME_H
#define SERVER_NET_NAME_H

/* Names as they come in addresses: percent-decoding (RFC 3986, 2.1), the rule for note names, and the
 * parameters of a query. Pure functions on bytes. */
#include <stdbool.h>
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/base/span.h"

/* Decodes each %XX once and appends the bytes. RC_FORMAT for a '%' without two hexadecimal digits. `plus_is_space`: as
 * in a query made by a form. */
int net_percent_decode(struct span in, bool plus_is_space, struct buf *out) MUST_CHECK;
/* Appends `in` with everything but unreserved characters (RFC 3986, 2.3) as %XX. Failures are kept in out->rc. */
void net_percent_encode(struct span in, struct buf *out);
/* 1 to CONN_NOTE_MAX bytes of UTF-8 without control characters (C0, DEL, C1). */
bool net_note_name_valid(struct span name);
/* Decodes a path segment and checks that it names a note; RC_FORMAT or RC_RANGE when not. Appends the name. */
int net_note_name_decode(struct span segment, struct buf *out) MUST_CHECK;
/* The value of the first parameter called `key` in `a=1&b=2`, decoded and appended. RC_NOTFOUND when there is none. */
int net_query_get(struct span query, const char *key, struct buf *out) MUST_CHECK;

#endif
