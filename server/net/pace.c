#include "server/net/pace.h"

#define WINDOW_US    20000
#define WINDOW_TURNS 1
#define LEAST_US     1000
#define HIGH_PERMIL  850
#define LOW_PERMIL   830

static uint64_t wider(uint64_t apart_us)
{
    uint64_t us = apart_us < LEAST_US ? LEAST_US : 2 * apart_us;

    return us < PACE_MOST_US ? us : PACE_MOST_US;
}

static uint64_t narrower(uint64_t apart_us)
{
    uint64_t us = apart_us - apart_us / 4;

    return us < LEAST_US / 2 ? 0 : us;
}

/* At least so long. */
static uint64_t window_of(const struct pace *p)
{
    return WINDOW_US + WINDOW_TURNS * p->apart_us;
}

static void begin_window(struct pace *p, uint64_t idle_us)
{
    p->window_us = p->began_us;
    p->idle_us = idle_us;
    p->changed = false;
}

static void end_window(struct pace *p, uint64_t idle_us)
{
    uint64_t window_us = window_of(p), lasted = p->began_us - p->window_us, idle = idle_us - p->idle_us;
    uint64_t before_us = p->apart_us;
    uint64_t permil = idle < lasted ? 1000 * (lasted - idle) / lasted : 0;

    if (permil > HIGH_PERMIL) {
        p->apart_us = wider(p->apart_us);
    } else if (permil < LOW_PERMIL) {
        for (uint64_t us = lasted; us >= window_us && p->apart_us > 0; us -= window_us) {
            p->apart_us = narrower(p->apart_us);
        }
    }
    begin_window(p, idle_us);
    p->changed = p->apart_us != before_us;
}

/* Windows begin and end where turns begin, so that each has whole turns and all that was waited for them. The first
 * turn after a change belongs to none: it does what arrived before. */
uint64_t pace_wait(struct pace *p, uint64_t now_us, uint64_t idle_us)
{
    uint64_t due_us = p->began_us + p->apart_us;
    uint64_t wait_us = due_us > now_us ? due_us - now_us : 0;

    p->began_us = now_us + wait_us;
    p->waited_us += wait_us;
    if (p->changed) {
        begin_window(p, idle_us + p->waited_us);
    } else if (p->began_us - p->window_us >= window_of(p)) {
        end_window(p, idle_us + p->waited_us);
    }
    return wait_us;
}
