#ifndef SERVER_SETTINGS_H
#define SERVER_SETTINGS_H

/* Everything that can be set about `cahier serve`: one table (settings.c) for file, environment, arguments and --help.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "server/base/config.h"

struct settings {
    char *listen, *data, *origin, *log_level;
    bool open, i_know;
    uint64_t message_limit, message_memory, note_limit, note_memory, note_members, connections, per_address,
        messages_per_second;
    uint64_t awareness_limit, auth_seconds, auth_bytes;
    char *pdf_python;
    uint64_t pdf_jobs, pdf_seconds, pdf_memory;
    uint64_t queue_soft, queue_hard, workers, idle_seconds, reserve;
};

/* See config_load. */
int settings_load(const struct config_sources *from, struct settings *out, char *error) MUST_CHECK;
void settings_finish(struct settings *s);
void settings_help(FILE *out);

#endif
