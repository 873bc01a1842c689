#include "server/base/clock.h"

#include <time.h>

static struct timespec now(clockid_t id)
{
    struct timespec ts = {0};

    clock_gettime(id, &ts); /* cannot fail for these two clocks (POSIX.1-2008) */
    return ts;
}

static uint64_t system_monotonic_us(const struct clock *c)
{
    struct timespec ts = now(CLOCK_MONOTONIC);

    (void)c;
    return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static int64_t system_wall_ms(const struct clock *c)
{
    struct timespec ts = now(CLOCK_REALTIME);

    (void)c;
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

const struct clock *clock_system(void)
{
    static const struct clock system_clock = {system_monotonic_us, system_wall_ms};

    return &system_clock;
}

/* `clock` is the first member of a fake one. */
static uint64_t fake_monotonic_us(const struct clock *c)
{
    return ((const struct clock_fake *)(const void *)c)->monotonic;
}

static int64_t fake_wall_ms(const struct clock *c)
{
    return ((const struct clock_fake *)(const void *)c)->wall;
}

void clock_fake_init(struct clock_fake *fake, uint64_t monotonic_us, int64_t wall_ms)
{
    *fake = (struct clock_fake){{fake_monotonic_us, fake_wall_ms}, monotonic_us, wall_ms};
}

void clock_fake_advance_ms(struct clock_fake *fake, uint64_t ms)
{
    fake->monotonic += ms * 1000;
    fake->wall += (int64_t)ms;
}
