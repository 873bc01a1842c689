#include "server/base/background.h"

#include <linux/sched.h>
#include <linux/sched/types.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROWS     32     /* a tenth of a millisecond */
#define NICE     5      /* a third of the loop's weight */
#define SLICE_NS 100000 /* the shortest there is */

/* Of the calling thread. The C library has no name for this call. */
static bool ask(struct sched_attr *attr)
{
    return syscall(SYS_sched_getattr, 0, attr, sizeof *attr, 0) == 0;
}

/* On Linux a thread has a nice value of its own. A refusal costs time only. */
void background_enter(void)
{
    (void)setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + NICE);
}

void background_row(size_t row)
{
    struct sched_attr attr;

    if (row % ROWS == ROWS - 1 && ask(&attr) && (attr.sched_policy == SCHED_FIFO || attr.sched_policy == SCHED_RR)) {
        (void)syscall(SYS_sched_yield);
    }
}

void background_brief(void)
{
    struct sched_attr attr;

    if (ask(&attr) && attr.sched_policy == SCHED_NORMAL) {
        attr.sched_runtime = SLICE_NS;
        (void)syscall(SYS_sched_setattr, 0, &attr, 0);
    }
}
