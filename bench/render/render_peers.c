#include "bench/render/render_peers.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "tests/support/files.h"

#define RENDER_FOLDER SOURCE_ROOT "/bench/render"

bool render_peers_are_here(void)
{
    if (access(RENDER_FOLDER "/node_modules/yjs", F_OK) != 0) {
        fputs("cahier-bench: no peers: their modules are missing; ./dev bench render installs them (or: npm ci in "
              "bench/render/)\n",
              stderr);
        return false;
    }
    if (system("node --version >/dev/null 2>&1") != 0) {
        fputs("cahier-bench: no peers: node is missing\n", stderr);
        return false;
    }
    return true;
}

/* {"output": …, "by": …, "ms": […], "bytes": …, "crc": …} */
static bool take_line(const char *text, struct conversion *c)
{
    json_t *line = json_loads(text, 0, NULL), *ms = json_object_get(line, "ms");
    const char *output = json_string_value(json_object_get(line, "output"));
    const char *by = json_string_value(json_object_get(line, "by"));
    bool good = output != NULL && by != NULL && json_array_size(ms) > 0;

    if (good) {
        *c = (struct conversion){
            .bytes = (size_t)json_integer_value(json_object_get(line, "bytes")),
            .crc = (uint32_t)json_integer_value(json_object_get(line, "crc")),
        };
        (void)snprintf(c->output, sizeof(c->output), "%s", output);
        (void)snprintf(c->by, sizeof(c->by), "%s", by);
    }
    for (size_t i = 0; good && i < json_array_size(ms); i++) {
        measure_add_value(&c->times, json_number_value(json_array_get(ms, i)));
    }
    json_decref(line);
    return good;
}

static int run(const char *command, struct conversion *out, size_t *count)
{
    FILE *answers = popen(command, "r");
    char *line = NULL;
    size_t cap = 0;
    bool good = answers != NULL;

    *count = 0;
    while (good && *count < CONVERSIONS_MAX && getline(&line, &cap, answers) > 0) {
        good = take_line(line, &out[*count]);
        *count += good ? 1 : 0;
    }
    free(line);
    return answers != NULL && pclose(answers) == 0 && good ? RC_OK : RC_IO;
}

int render_peers_run(const char *family, struct span update, double budget, struct conversion *out, size_t *count)
{
    char *folder = files_create_dir();
    char path[512], command[1024];
    int rc = folder == NULL ? RC_IO : RC_OK;

    if (rc == RC_OK) {
        (void)snprintf(path, sizeof(path), "%s/note.v1", folder);
        (void)snprintf(command, sizeof(command), "node " RENDER_FOLDER "/peers.mjs %s '%s' %.0f", family, path, budget);
        rc = files_write(path, update);
    }
    rc = rc == RC_OK ? run(command, out, count) : rc;
    files_remove_dir(folder);
    return rc;
}
