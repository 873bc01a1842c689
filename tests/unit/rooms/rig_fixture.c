#include "tests/unit/rooms/rig_fixture.h"

#include <string.h>

struct rig rig;

int rig_setup(void **state)
{
    (void)state;
    memset(&rig, 0, sizeof rig);
    rig_open(&rig, NULL);
    return 0;
}

int rig_teardown(void **state)
{
    (void)state;
    rig_close(&rig);
    return 0;
}

void rig_reopen_with(const struct rooms_options *options)
{
    rig_close(&rig);
    memset(&rig, 0, sizeof rig);
    rig_open(&rig, options);
}
