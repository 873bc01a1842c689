#ifndef TESTS_UNIT_ROOMS_RIG_FIXTURE_H
#define TESTS_UNIT_ROOMS_RIG_FIXTURE_H

/* One rig, opened before each test of a program and closed behind it:
 *
 *     cmocka_unit_test_setup_teardown(what_happens, rig_setup, rig_teardown) */
#include "tests/unit/rooms/rig.h"

extern struct rig rig;

int rig_setup(void **state);
int rig_teardown(void **state);
/* Closed, and opened empty with other options. */
void rig_reopen_with(const struct rooms_options *options);

#endif
