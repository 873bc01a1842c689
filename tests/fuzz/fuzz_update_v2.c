/* Updates of format v2 from outside. */
#include "tests/fuzz/update_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    update_target_check(CRDT_V2, span_of(data, size));
    return 0;
}
