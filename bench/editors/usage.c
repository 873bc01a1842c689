#include "bench/editors/usage.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include "bench/editors/nanotime.h"

static bool read_cpu(pid_t pid, uint64_t *out)
{
    struct timespec t;
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0) {
        return false;
    }
    *out = (uint64_t)t.tv_sec * NANO_S + (uint64_t)t.tv_nsec;
    return true;
}

/* /proc/PID/task/PID/schedstat: nanoseconds on a core, nanoseconds waiting for one, turns. */
static bool read_main_thread(pid_t pid, uint64_t *out)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", (int)pid, (int)pid);
    FILE *file = fopen(path, "r");
    bool ok = file != NULL && fscanf(file, "%" SCNu64, out) == 1;
    if (file != NULL) {
        (void)fclose(file);
    }
    return ok;
}

/* /proc/PID/statm: pages of the whole, pages resident, … */
static bool read_memory(pid_t pid, uint64_t *out)
{
    char path[64];
    uint64_t pages = 0;

    (void)snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
    FILE *file = fopen(path, "r");
    bool ok = file != NULL && fscanf(file, "%*u %" SCNu64, &pages) == 1;
    if (file != NULL) {
        (void)fclose(file);
    }
    *out = pages * (uint64_t)sysconf(_SC_PAGESIZE);
    return ok;
}

bool usage_read(pid_t pid, struct usage *out)
{
    struct usage u = {0};

    if (pid <= 0 || !read_cpu(pid, &u.cpu) || !read_memory(pid, &u.memory)) {
        return false;
    }
    if (!read_main_thread(pid, &u.main_thread)) {
        u.main_thread = u.cpu;
    }
    *out = u;
    return true;
}

size_t usage_descriptors(pid_t pid)
{
    char path[64];
    size_t count = 0;

    (void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    DIR *folder = opendir(path);
    for (const struct dirent *d; folder != NULL && (d = readdir(folder)) != NULL;) {
        count += d->d_name[0] != '.';
    }
    if (folder != NULL) {
        (void)closedir(folder);
    }
    return count;
}
