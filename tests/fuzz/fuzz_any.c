/* Any values from outside: what is accepted has one normal form, which every reader of canonical bytes takes. */
#include <stdbool.h>
#include "crdt/lib0/any.h"
#include "tests/fuzz/target.h"

/* Canonical bytes are their own normal form, and skipping passes exactly them. */
static void check_canonical(struct span any)
{
    struct lib0_dec in = lib0_dec_of(any), skipped = in;
    struct buf again = {0};

    FUZZ_CHECK(lib0_any_normalize(&in, &again) == RC_OK);
    FUZZ_CHECK(lib0_dec_at_end(&in));
    FUZZ_CHECK(span_equal(buf_span(&again), any));
    lib0_any_skip(&skipped);
    FUZZ_CHECK(skipped.rc == RC_OK && lib0_dec_at_end(&skipped));
    buf_finish(&again);
}

/* Bytes and tags print as objects, which may take a value one level below LIB0_ANY_DEPTH. */
static bool reads_back(struct span json, struct buf *value)
{
    int rc = lib0_any_from_json(json, value);

    FUZZ_CHECK(rc == RC_OK || rc == RC_LIMIT);
    return rc == RC_OK;
}

/* What prints as JSON reads back as something that prints the same. */
static void check_json(struct span any)
{
    struct buf text = {0}, value = {0}, again = {0};
    int rc = lib0_any_to_json(any, &text);

    FUZZ_CHECK(rc == RC_OK || rc == RC_TYPE || (rc == RC_NOTFOUND && any.len == 1));
    if (rc == RC_OK && reads_back(buf_span(&text), &value)) {
        FUZZ_CHECK(lib0_any_to_json(buf_span(&value), &again) == RC_OK);
        FUZZ_CHECK(span_equal(buf_span(&again), buf_span(&text)));
    }
    buf_clear(&text);
    buf_clear(&value);
    FUZZ_CHECK(lib0_any_to_json_tagged(any, &text) == RC_OK);
    (void)reads_back(buf_span(&text), &value);
    buf_clear(&text);
    FUZZ_CHECK(lib0_any_to_string(any, &text) == RC_OK);
    buf_finish(&text);
    buf_finish(&value);
    buf_finish(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lib0_dec in = lib0_dec_of(span_of(data, size)), raw = in;
    struct buf any = {0};

    lib0_any_skip(&raw); /* must not trust its input either */
    if (lib0_any_normalize(&in, &any) == RC_OK) {
        check_canonical(buf_span(&any));
        check_json(buf_span(&any));
    } else {
        FUZZ_CHECK(any.len == 0);
    }
    buf_finish(&any);
    return 0;
}
