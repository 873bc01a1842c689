#ifndef SERVER_API_RESPOND_H
#define SERVER_API_RESPOND_H

/* Pieces of answers that several resources need. */
#include <stdbool.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/base/span.h"
#include "server/net/http.h"

/* No sniffing, no framing, no caching by others: on every answer of the API. A browser that shows one runs nothing of
 * it. */
void respond_put_api_headers(struct buf *headers);
/* The same for a note as a page of its own: its style and images are shown. */
void respond_put_note_page_headers(struct buf *headers);
/* Content-Disposition (RFC 6266): a file to be kept, named `name`.`ending`; the name also in ASCII, for old programs.
 * `name` is UTF-8 without controls, quotes and backslashes. */
void respond_put_attachment(struct buf *headers, struct span name, const char *ending);
/* Sends JSON. Takes `body` over. */
void respond_json(struct http_exchange *x, unsigned status, struct buf *body);
/* 304 with the tag when If-None-Match has it; true when answered. `vary`: what else of the request the answer depends
 * on, as 200 says it; NULL for nothing. */
bool respond_not_modified(struct http_exchange *x, const char *etag, const char *vary);
/* RFC 3339, UTC, with milliseconds, in JSON quotes. */
void respond_put_time(struct buf *out, int64_t wall_ms);
/* A hash for entity tags (FNV-1a, 64 bits); start with RESPOND_HASH_SEED. */
#define RESPOND_HASH_SEED UINT64_C(0xcbf29ce484222325)
uint64_t respond_hash(uint64_t seed, struct span bytes);

/* Which of `types` an Accept header prefers (RFC 9110, 12.5.1): quality first, then the more specific range, then the
 * order here. An absent header takes the first. -1: none. */
int respond_choose_type(struct span accept, const char *const *types, size_t count);

/* Whether an Accept-Encoding header lets an answer come as gzip (RFC 9110, 12.5.3). Not when it is absent: who does not
 * ask may not know. */
bool respond_takes_gzip(struct span accept_encoding);

/* Whether a Content-Type is this media type, whatever its parameters. */
bool respond_is_type(struct span content_type, const char *type);

#endif
