/* What readers may choose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "render/render.h"
#include "tests/support/bytes.h"

static int read(struct render_options *o, const char *list)
{
    struct span copy = bytes_copy_str(list);
    int rc = render_options_read(o, copy);

    bytes_free(copy);
    return rc;
}

static void a_list_sets_what_it_names(void **state)
{
    struct render_options o = {.page = true};

    (void)state;
    assert_int_equal(read(&o, ""), RC_OK);
    assert_false(o.flat || o.plain_align || o.cozy || o.nodes || o.comments || o.images);
    assert_int_equal(read(&o, "flat"), RC_OK);
    assert_true(o.flat && o.page && !o.nodes);
    assert_int_equal(read(&o, "images,comments,nodes,align=plain,panels=cozy"), RC_OK);
    assert_true(o.flat && o.plain_align && o.cozy && o.nodes && o.comments && o.images);
}

static void zones_are_minutes(void **state)
{
    static const struct {
        const char *list;
        int zone;
    } cases[] = {
        {"tz=Z", 0},         {"tz=+02:00", 120}, {"tz= 02:00", 120},
        {"tz=-03:30", -210}, {"tz=+14:00", 840}, {"tz=+00:00,flat", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct render_options o = {.zone = 7};

        assert_int_equal(read(&o, cases[i].list), RC_OK);
        assert_int_equal(o.zone, cases[i].zone);
    }
}

static void anything_else_is_refused_and_changes_nothing(void **state)
{
    static const char *const lists[] = {
        "round",     "flat,round", ",",       "flat,,nodes", "Flat",      "flat ",     "align",      "align=left",
        "panels",    "tz",         "tz=",     "tz=+2:00",    "tz=+02:60", "tz=+0a:00", "tz=02:00",   "tz=+02-00",
        "tz=+14:01", "tz=-99:00",  "tz=zulu", "tz=+02:000",  "tz=+02:0",  "page",      "root=quill",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        struct render_options o = {0}, before = {0};

        assert_int_equal(read(&o, lists[i]), RC_ARG);
        assert_memory_equal(&o, &before, sizeof(o));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_sets_what_it_names),
        cmocka_unit_test(zones_are_minutes),
        cmocka_unit_test(anything_else_is_refused_and_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
