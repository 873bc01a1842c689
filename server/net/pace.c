#include "server/net/pace.h"

#define WINDOW_US   20000
#define LEAST_US    1000
#define HIGH_PERMIL 800
#define LOW_PERMIL  600

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

static void end_window(struct pace *p, uint64_t now_us, uint64_t idle_us)
{
    uint64_t lasted = now_us - p->window_us, idle = idle_us - p->idle_us;
    uint64_t permil = idle < lasted ? 1000 * (lasted - idle) / lasted : 0;

    if (permil > HIGH_PERMIL) {
        p->apart_us = wider(p->apart_us);
    } else if (permil < LOW_PERMIL) {
        for (uint64_t us = lasted; us >= WINDOW_US && p->apart_us > 0; us -= WINDOW_US) {
            p->apart_us = narrower(p->apart_us);
        }
    }
    p->window_us = now_us;
    p->idle_us = idle_us;
}

uint64_t pace_wait(struct pace *p, uint64_t now_us, uint64_t idle_us)
{
    uint64_t due_us, wait_us;

    if (now_us - p->window_us >= WINDOW_US) {
        end_window(p, now_us, idle_us + p->waited_us);
    }
    due_us = p->began_us + p->apart_us;
    wait_us = due_us > now_us ? due_us - now_us : 0;
    p->began_us = now_us + wait_us;
    p->waited_us += wait_us;
    return wait_us;
}
