#include "bench/machine.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

static void describe_cpu(struct machine *m)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[256];

    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) == 0 && colon != NULL) {
            (void)snprintf(m->cpu, sizeof(m->cpu), "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
            break;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
}

void machine_describe(struct machine *out)
{
    time_t now = time(NULL);
    struct tm day;

    *out = (struct machine){.cpu = "unknown processor", .cores = sysconf(_SC_NPROCESSORS_ONLN)};
    (void)snprintf(out->compiler, sizeof(out->compiler), "%s", COMPILER);
    if (gmtime_r(&now, &day) != NULL) {
        (void)strftime(out->date, sizeof(out->date), "%Y-%m-%d", &day);
    }
    describe_cpu(out);
}
