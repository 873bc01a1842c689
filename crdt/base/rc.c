#include "crdt/base/rc.h"

const char *rc_text(int rc)
{
    switch (rc) {
#define RC_CASE(name, value, text)                                                                                     \
    case value:                                                                                                        \
        return text;
        RC_TABLE(RC_CASE)
#undef RC_CASE
    default:
        return "unknown error";
    }
}

const char *rc_name(int rc)
{
    switch (rc) {
#define RC_CASE(name, value, text)                                                                                     \
    case value:                                                                                                        \
        return #name;
        RC_TABLE(RC_CASE)
#undef RC_CASE
    default:
        return "RC_UNKNOWN";
    }
}
