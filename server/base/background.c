#include "server/base/background.h"

#include <pthread.h>
#include <sched.h>

#define ROWS 32 /* a tenth of a millisecond */

void background_row(size_t row)
{
    struct sched_param place;
    int policy;

    if (row % ROWS == ROWS - 1 && pthread_getschedparam(pthread_self(), &policy, &place) == 0 &&
        (policy == SCHED_FIFO || policy == SCHED_RR)) {
        (void)sched_yield();
    }
}
