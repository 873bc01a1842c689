#ifndef SERVER_API_PROBLEM_H
#define SERVER_API_PROBLEM_H

/* Errors as RFC 9457 problem details: one table of all that can be said.
 *
 *     {"type":"about:blank","title":"No such note","status":404,"code":"not-found","detail":"…"}
 *
 * `code` is stable: programs decide by it; title and detail are for people and may change. */
#include "server/net/http.h"

/*      name                 status  code                   title */
#define PROBLEM_TABLE(X)                                                                                               \
    X(PROBLEM_MALFORMED, 400, "malformed", "The request is malformed")                                                 \
    X(PROBLEM_UNAUTHENTICATED, 401, "unauthenticated", "Sign in first")                                                \
    X(PROBLEM_FORBIDDEN, 403, "forbidden", "Not allowed")                                                              \
    X(PROBLEM_FOREIGN_ORIGIN, 403, "foreign-origin", "The request comes from a foreign page")                          \
    X(PROBLEM_NOT_FOUND, 404, "not-found", "No such thing")                                                            \
    X(PROBLEM_METHOD, 405, "method-not-allowed", "This method is not available here")                                  \
    X(PROBLEM_NOT_ACCEPTABLE, 406, "not-acceptable", "Not available in any of the formats asked for")                  \
    X(PROBLEM_KEY_UNDER_WAY, 409, "idempotency-key-in-use", "The first request with this key is under way")            \
    X(PROBLEM_SYNC_ORDER, 409, "sync-out-of-turn", "Another post is next")                                             \
    X(PROBLEM_SYNC_GONE, 410, "sync-session-gone", "No such session")                                                  \
    X(PROBLEM_LENGTH, 411, "length-required", "Send a Content-Length; chunked bodies are not read")                    \
    X(PROBLEM_TOO_LARGE, 413, "too-large", "Too large")                                                                \
    X(PROBLEM_NOTE_TOO_LARGE, 413, "note-too-large", "The note would become too large")                                \
    X(PROBLEM_MEDIA_TYPE, 415, "unsupported-media-type", "This format cannot be read here")                            \
    X(PROBLEM_MISDIRECTED, 421, "misdirected", "This server does not answer for that host name")                       \
    X(PROBLEM_INVALID, 422, "invalid", "The content is not valid")                                                     \
    X(PROBLEM_KEY_REUSED, 422, "idempotency-key-reused", "This key came with another request before")                  \
    X(PROBLEM_UPGRADE, 426, "upgrade-required", "Only WebSocket version 13 is spoken")                                 \
    X(PROBLEM_HEAD_TOO_LARGE, 431, "head-too-large", "The head of the request is too large")                           \
    X(PROBLEM_INTERNAL, 500, "internal", "Something went wrong here")                                                  \
    X(PROBLEM_DAMAGED, 500, "note-damaged", "The stored note is damaged and was not opened")                           \
    X(PROBLEM_NOT_AVAILABLE, 501, "not-implemented", "Not available in this version")                                  \
    X(PROBLEM_CONVERTER_MISSING, 501, "converter-missing", "What makes this format is not installed here")             \
    X(PROBLEM_CONVERTER_FAILED, 501, "converter-failed", "What makes this format does not work here")                  \
    X(PROBLEM_BUSY, 503, "busy", "Too busy, try again")                                                                \
    X(PROBLEM_STOPPING, 503, "stopping", "The server is restarting")                                                   \
    X(PROBLEM_READ_ONLY, 503, "read-only", "The server cannot write to its disk: reading only")                        \
    X(PROBLEM_CONVERSION_LIMIT, 504, "conversion-limit", "Making this format takes too much")                          \
    X(PROBLEM_HTTP_VERSION, 505, "http-version", "Only HTTP/1.1 is spoken")                                            \
    X(PROBLEM_DISK_FULL, 507, "disk-full", "The server's disk is full: reading only")

#define PROBLEM_ENUM(name, status, code, title) name,
enum problem { PROBLEM_TABLE(PROBLEM_ENUM) PROBLEM_COUNT };
#undef PROBLEM_ENUM

unsigned problem_status(enum problem p);
const char *problem_code(enum problem p);
/* The answer, ready for http_respond. `detail`: one sentence for people, NULL for none. */
void problem_response(enum problem p, const char *detail, struct http_response *out);
/* Answers the exchange. */
void problem_respond(struct http_exchange *x, enum problem p, const char *detail);
/* What a return code of rooms or store means to a client. */
enum problem problem_of(int rc);
/* The problem for a status that server/net decided. */
enum problem problem_of_status(unsigned status);

#endif
