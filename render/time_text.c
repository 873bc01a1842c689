#include "render/time_text.h"
#include <stdio.h>

/* Days since 1970-01-01 to a date of the Gregorian calendar, by eras of 400 years that begin on 1 March (Howard
 * Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
#define ERA_DAYS  146097
#define SHIFT     719468    /* from 0000-03-01 to 1970-01-01 */
#define FIRST_DAY (-719162) /* 0001-01-01 */
#define LAST_DAY  2932896   /* 9999-12-31 */

void time_text_day(int64_t ms, char out[TIME_TEXT_DAY])
{
    int64_t days = ms / 86400000 - (ms % 86400000 < 0 ? 1 : 0), era, year;
    int day_of_era, year_of_era, day_of_year, month, day;

    days = days < FIRST_DAY ? FIRST_DAY : days > LAST_DAY ? LAST_DAY : days;
    days += SHIFT;
    era = days / ERA_DAYS;
    day_of_era = (int)(days % ERA_DAYS);
    year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    month = (5 * day_of_year + 2) / 153;
    day = day_of_year - (153 * month + 2) / 5 + 1;
    month = month < 10 ? month + 3 : month - 9;
    year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);
    snprintf(out, TIME_TEXT_DAY, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100, (unsigned)day % 100);
}
