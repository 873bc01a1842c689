#include "server/base/descriptors.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>
#include <unistd.h>

/* The soft limit as it is then; 0: unknown. */
static rlim_t raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 0;
    }
    if (limit.rlim_cur < limit.rlim_max) {
        struct rlimit raised = {limit.rlim_max, limit.rlim_max};

        limit.rlim_cur = setrlimit(RLIMIT_NOFILE, &raised) == 0 ? limit.rlim_max : limit.rlim_cur;
    }
    return limit.rlim_cur;
}

/* The table reaches up to the highest number that was ever in use. */
static void reach(int highest)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int far = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, highest);

    if (far >= 0) {
        close(far);
    }
    if (fd >= 0) {
        close(fd);
    }
}

void descriptors_prepare(size_t expected)
{
    rlim_t most = raise_limit();
    size_t wanted = expected < most ? expected : (size_t)most;

    if (wanted > 0) {
        reach(wanted < INT_MAX ? (int)wanted - 1 : INT_MAX);
    }
}
