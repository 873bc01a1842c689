#ifndef RENDER_TIME_TEXT_H
#define RENDER_TIME_TEXT_H

/* A moment as a day of the calendar: "2020-06-08", in UTC. No locale, no time zone data, no global state. */
#include <stdint.h>

#define TIME_TEXT_DAY 16 /* bytes that time_text_day needs */

/* `ms` since 1970-01-01T00:00Z; years outside 1 to 9999 are clamped. */
void time_text_day(int64_t ms, char out[TIME_TEXT_DAY]);

#endif
