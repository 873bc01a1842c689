#include "bench/engine/peers.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/support/files.h"

#define BENCH_FOLDER SOURCE_ROOT "/bench"

bool peers_are_here(void)
{
    if (access(BENCH_FOLDER "/node_modules/yjs", F_OK) != 0) {
        fputs("cahier-bench: no peers: their modules are missing; ./dev bench engine installs them (or: npm ci in "
              "bench/)\n",
              stderr);
        return false;
    }
    if (system("node --version >/dev/null 2>&1") != 0) {
        fputs("cahier-bench: no peers: node is missing\n", stderr);
        return false;
    }
    return true;
}

/* ---- The job, as files ----------------------------------------------------------------------------- */

static int write_file(const char *folder, const char *name, struct span bytes)
{
    struct buf path = {0};
    int rc;

    buf_printf(&path, "%s/%s", folder, name);
    buf_put_u8(&path, '\0');
    rc = path.rc == RC_OK ? files_write((const char *)path.data, bytes) : path.rc;
    buf_finish(&path);
    return rc;
}

/* Takes the bytes. */
static int write_built(const char *folder, const char *name, struct buf *bytes)
{
    int rc = bytes->rc == RC_OK ? write_file(folder, name, buf_span(bytes)) : bytes->rc;

    buf_finish(bytes);
    return rc;
}

static int write_updates(const char *folder, const char *name, const struct update_list *list)
{
    struct buf bytes = {0};

    update_list_write(list, &bytes);
    return write_built(folder, name, &bytes);
}

static int write_order(const char *folder, const struct input *in)
{
    struct buf bytes = {0};

    buf_put_u8(&bytes, '[');
    for (size_t i = 0; i < in->v1.count; i++) {
        buf_printf(&bytes, "%s%u", i > 0 ? "," : "", in->person_order[i]);
    }
    buf_put_u8(&bytes, ']');
    return write_built(folder, "order.json", &bytes);
}

static int write_trace(const char *folder, const struct trace *t)
{
    struct buf bytes = {0};

    trace_write(t, &bytes);
    return write_built(folder, "trace.json", &bytes);
}

static int write_input(const char *folder, const struct input *in)
{
    int rc = write_file(folder, "state.v1", buf_span(&in->state_v1));

    rc = rc == RC_OK ? write_file(folder, "state.v2", buf_span(&in->state_v2)) : rc;
    rc = rc == RC_OK ? write_updates(folder, "updates.v1", &in->v1) : rc;
    rc = rc == RC_OK ? write_updates(folder, "updates.v2", &in->v2) : rc;
    if (rc == RC_OK && in->has_trace) {
        rc = write_trace(folder, &in->trace);
    }
    if (rc == RC_OK && in->person_order != NULL) {
        rc = write_order(folder, in);
    }
    if (rc == RC_OK && in->has_text) {
        rc = write_file(folder, "text", buf_span(&in->text));
    }
    return rc;
}

static int write_job(const char *folder, unsigned tasks, const struct task_options *options)
{
    struct buf job = {0};
    const char *comma = "";

    buf_put_str(&job, "{\"tasks\":[");
    for (enum task task = 0; task < TASK_COUNT; task++) {
        if ((tasks & TASK_BIT(task)) != 0) {
            buf_printf(&job, "%s\"%s\"", comma, task_name(task));
            comma = ",";
        }
    }
    buf_printf(&job, "],\"repeat\":%zu,\"budget\":%.0f,\"patience\":%.0f}\n", options->repeat, options->budget,
               options->patience);
    return write_built(folder, "job.json", &job);
}

/* ---- The answers ------------------------------------------------------------------------------------- */

struct conversation {
    const char *peer, *folder;
    const char *workload;
    struct peer_result *results;
    char version[32];
};

static int read_result(const struct conversation *c, const char *file, struct buf *out)
{
    struct buf path = {0};
    int rc;

    buf_printf(&path, "%s/%s", c->folder, file);
    buf_put_u8(&path, '\0');
    rc = path.rc == RC_OK ? files_read((const char *)path.data, out) : path.rc;
    buf_finish(&path);
    return rc;
}

static void copy(char *to, size_t size, const char *from)
{
    (void)snprintf(to, size, "%s", from);
}

static int take_result(const struct conversation *c, const json_t *line, struct peer_result *r)
{
    const json_t *cpu = json_object_get(line, "cpu"), *wall = json_object_get(line, "wall");
    const char *failed = json_string_value(json_object_get(line, "failed"));
    const char *file = json_string_value(json_object_get(line, "file"));

    copy(r->version, sizeof(r->version), c->version);
    if (failed != NULL) {
        copy(r->complaint, sizeof(r->complaint), failed);
    }
    if (file == NULL) {
        return RC_OK;
    }
    for (size_t i = 0; i < json_array_size(cpu); i++) {
        measure_add(&r->times, (struct measure_clock){json_number_value(json_array_get(cpu, i)),
                                                      json_number_value(json_array_get(wall, i))});
    }
    r->done = r->times.count > 0;
    return read_result(c, file, &r->bytes);
}

static enum task task_of(const char *name)
{
    enum task task = 0;

    while (task < TASK_COUNT && (name == NULL || strcmp(task_name(task), name) != 0)) {
        task++;
    }
    return task;
}

static int take_line(struct conversation *c, const char *text)
{
    json_t *line = json_loads(text, 0, NULL);
    const char *version = json_string_value(json_object_get(line, "version"));
    const char *name = json_string_value(json_object_get(line, "task"));
    enum task task = task_of(name);
    int rc = RC_OK;

    if (version != NULL) {
        copy(c->version, sizeof(c->version), version);
    } else if (task < TASK_COUNT) {
        fprintf(stderr, "cahier-bench: %s: %s: %s\n", c->workload, c->peer, name);
        rc = take_result(c, line, &c->results[task]);
    } else {
        rc = RC_IO;
    }
    json_decref(line);
    return rc;
}

/* ---- The process --------------------------------------------------------------------------------------- */

static void become_peer(const char *peer, const char *folder, int out)
{
    if (dup2(out, STDOUT_FILENO) >= 0) {
        (void)close(out);
        (void)execlp("node", "node", "--expose-gc", "--single-threaded-gc", "--max-old-space-size=8192",
                     BENCH_FOLDER "/peers.mjs", peer, folder, (char *)NULL);
    }
    _exit(127);
}

static pid_t start_peer(const char *peer, const char *folder, FILE **answers)
{
    int ends[2];

    (void)fflush(NULL);
    if (pipe(ends) != 0) {
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(ends[0]);
        become_peer(peer, folder, ends[1]);
    }
    (void)close(ends[1]);
    *answers = pid > 0 ? fdopen(ends[0], "r") : NULL;
    if (*answers == NULL) {
        (void)close(ends[0]);
    }
    return pid;
}

static int converse(struct conversation *c, FILE *answers)
{
    char *line = NULL;
    size_t cap = 0;
    int rc = RC_OK;

    while (rc == RC_OK && getline(&line, &cap, answers) > 0) {
        rc = take_line(c, line);
    }
    free(line);
    return rc;
}

static int run_process(struct conversation *c)
{
    FILE *answers = NULL;
    pid_t pid = start_peer(c->peer, c->folder, &answers);
    int status = 0, rc = RC_IO;

    if (pid < 0) {
        return RC_IO;
    }
    if (answers != NULL) {
        rc = converse(c, answers);
        (void)fclose(answers);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return rc == RC_OK && !(WIFEXITED(status) && WEXITSTATUS(status) == 0) ? RC_IO : rc;
}

int peer_run(const char *peer, const struct input *in, unsigned tasks, const struct task_options *options,
             struct peer_result *results)
{
    char *folder = files_create_dir();
    struct conversation c = {.peer = peer, .folder = folder, .workload = in->workload.name, .results = results};
    int rc;

    if (folder == NULL) {
        return RC_IO;
    }
    rc = write_input(folder, in);
    rc = rc == RC_OK ? write_job(folder, tasks, options) : rc;
    rc = rc == RC_OK ? run_process(&c) : rc;
    files_remove_dir(folder);
    return rc;
}

void peer_result_finish(struct peer_result *r)
{
    buf_finish(&r->bytes);
}
