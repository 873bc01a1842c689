/* Days of the calendar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "render/time_text.h"

static void moments_are_days(void **state)
{
    static const struct {
        int64_t ms;
        const char *day;
    } cases[] = {
        {0, "1970-01-01"},
        {-1, "1969-12-31"},
        {86399999, "1970-01-01"},
        {86400000, "1970-01-02"},
        {951782400000, "2000-02-29"},
        {951868800000, "2000-03-01"},
        {1591574400000, "2020-06-08"},
        {4107542400000, "2100-03-01"}, /* no leap year */
        {-2208988800000, "1900-01-01"},
        {253402300799999, "9999-12-31"},
        {253402300800000, "9999-12-31"},
        {-62135596800000, "0001-01-01"},
        {-62135596800001, "0001-01-01"},
        {INT64_MAX, "9999-12-31"},
        {INT64_MIN, "0001-01-01"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char day[TIME_TEXT_DAY];

        time_text_day(cases[i].ms, day);
        assert_string_equal(day, cases[i].day);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(moments_are_days)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
