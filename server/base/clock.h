#ifndef SERVER_BASE_CLOCK_H
#define SERVER_BASE_CLOCK_H

/* Time, passed in so that tests have their own. Both clocks may be read from any thread. */
#include <stdint.h>

struct clock {
    uint64_t (*monotonic_us)(const struct clock *c); /* microseconds since some moment; never goes back */
    int64_t (*wall_ms)(const struct clock *c);       /* milliseconds since 1970-01-01 UTC; may jump */
};

/* The machine's clock. Static storage. */
const struct clock *clock_system(void);

static inline uint64_t clock_monotonic_us(const struct clock *c)
{
    return c->monotonic_us(c);
}

static inline int64_t clock_wall_ms(const struct clock *c)
{
    return c->wall_ms(c);
}

/* A clock that stands still until told. Pass &fake->clock. One thread. */
struct clock_fake {
    struct clock clock;
    uint64_t monotonic; /* private */
    int64_t wall;
};
void clock_fake_init(struct clock_fake *fake, uint64_t monotonic_us, int64_t wall_ms);
void clock_fake_advance_ms(struct clock_fake *fake, uint64_t ms); /* both clocks */

#endif
