/* JSON texts from outside: what is accepted becomes canonical bytes and prints in one form. */
#include "crdt/lib0/any.h"
#include "tests/fuzz/target.h"

static void check_value(struct span any)
{
    struct lib0_dec in = lib0_dec_of(any), skipped = in;
    struct buf normal = {0}, text = {0}, value = {0}, again = {0};

    FUZZ_CHECK(lib0_any_normalize(&in, &normal) == RC_OK);
    FUZZ_CHECK(normal.len <= any.len); /* less where "__proto__" was left out */
    lib0_any_skip(&skipped);
    FUZZ_CHECK(skipped.rc == RC_OK && lib0_dec_at_end(&skipped));
    if (lib0_any_to_json(any, &text) == RC_OK) {
        FUZZ_CHECK(lib0_any_from_json(buf_span(&text), &value) == RC_OK);
        FUZZ_CHECK(lib0_any_to_json(buf_span(&value), &again) == RC_OK);
        FUZZ_CHECK(span_equal(buf_span(&text), buf_span(&again)));
    } else {
        FUZZ_CHECK(any.len == 1 && any.data[0] == LIB0_ANY_UNDEFINED);
    }
    buf_finish(&normal);
    buf_finish(&text);
    buf_finish(&value);
    buf_finish(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf any = {0};

    if (lib0_any_from_json(span_of(data, size), &any) == RC_OK) {
        check_value(buf_span(&any));
    } else {
        FUZZ_CHECK(any.len == 0);
    }
    buf_finish(&any);
    return 0;
}
