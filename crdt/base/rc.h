#ifndef CRDT_BASE_RC_H
#define CRDT_BASE_RC_H

/* Return codes: the one table of everything that can go wrong.
 *
 * A function that can fail returns RC_OK or one of the negative codes below and leaves its
 * out-parameters untouched on failure. */

#define MUST_CHECK __attribute__((warn_unused_result))

/*      name            value  meaning, as a clause that fits after "error: " */
#define RC_TABLE(X)                                                                                                    \
    X(RC_OK, 0, "no error")                                                                                            \
    X(RC_NOMEM, -1, "out of memory")                                                                                   \
    X(RC_FORMAT, -2, "malformed bytes")                                                                                \
    X(RC_RANGE, -3, "a number or position is out of range")                                                            \
    X(RC_LIMIT, -4, "a limit on size, depth or work was reached")                                                      \
    X(RC_NOTFOUND, -5, "no such thing")                                                                                \
    X(RC_TYPE, -6, "the shared type is of another kind")                                                               \
    X(RC_STATE, -7, "not possible in this state")                                                                      \
    X(RC_ARG, -8, "invalid argument")                                                                                  \
    X(RC_DENIED, -9, "not allowed")                                                                                    \
    X(RC_IO, -10, "input or output failed")                                                                            \
    X(RC_FULL, -11, "the disk is full")                                                                                \
    X(RC_CORRUPT, -12, "stored data is damaged")                                                                       \
    X(RC_BUSY, -13, "try again later")                                                                                 \
    X(RC_EXISTS, -14, "it exists already")                                                                             \
    X(RC_UNSUPPORTED, -15, "not supported")

#define RC_ENUM(name, value, text) name = (value),
enum rc { RC_TABLE(RC_ENUM) };
#undef RC_ENUM

#pragma GCC visibility push(default) /* the library exports what stands in its public headers, and nothing else */

/* The clause of the table; "unknown error" for other numbers. Static storage. */
const char *rc_text(int rc);
/* The identifier, for logs: "RC_FORMAT". Static storage. */
const char *rc_name(int rc);

#pragma GCC visibility pop

#endif
