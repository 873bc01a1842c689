/* For cpu_set_t and sched_setaffinity, which are Linux's own. */
#define _GNU_SOURCE
#include "bench/editors/targets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench/bench_memory.h"
#include "bench/editors/long_log.h"
#include "bench/editors/nanotime.h"
#include "tests/support/files.h"

#define MODULES  SOURCE_ROOT "/bench/servers/node_modules"
#define NODE     MODULES "/.bin/node"
#define PATIENCE (120 * NANO_S) /* until a server listens */
#define ATTEMPTS 3
#define ARGS_MAX 16
#define ARG_MAX  512

static const char *const cahier_argv[] = {"@CAHIER@", "serve",         "--open",         "--listen", "127.0.0.1:@PORT@",
                                          "--data",   "@FOLDER@/c.db", "--note-members", "100000",   "--connections",
                                          "100000",   "--log-level",   "warn",           NULL};
static const char *const relay_argv[] = {"@BENCH@", "relay", "--port", "@PORT@", NULL};
static const char *const ywebsocket_argv[] = {"@NODE@", SOURCE_ROOT "/bench/servers/y_websocket.mjs", "@PORT@", NULL};
static const char *const hocuspocus_argv[] = {"@NODE@", SOURCE_ROOT "/bench/servers/hocuspocus.mjs", "@PORT@", NULL};

static const struct target targets[] = {
    {.name = "relay",
     .about = "understands nothing: the floor",
     .protocol = CROWD_BARE,
     .path = "",
     .argv = relay_argv},
    {.name = "cahier",
     .about = "y-websocket's protocol",
     .protocol = CROWD_YWEBSOCKET,
     .path = "/ws",
     .acks = true,
     .ours = true,
     .argv = cahier_argv},
    {.name = "cahier-hp",
     .about = "Hocuspocus' protocol, durable acknowledgements",
     .protocol = CROWD_HOCUSPOCUS,
     .path = "/hocuspocus",
     .acks = true,
     .ours = true,
     .argv = cahier_argv},
    {.name = "y-websocket",
     .about = "@y/websocket-server, in memory",
     .protocol = CROWD_YWEBSOCKET,
     .path = "",
     .needs = "@y/websocket-server",
     .argv = ywebsocket_argv},
    {.name = "hocuspocus",
     .about = "@hocuspocus/server, in memory",
     .protocol = CROWD_HOCUSPOCUS,
     .path = "",
     .acks = true,
     .needs = "@hocuspocus/server",
     .argv = hocuspocus_argv},
};

size_t target_count(void)
{
    return sizeof(targets) / sizeof(*targets);
}

const struct target *target_at(size_t index)
{
    return &targets[index];
}

const struct target *target_find(const char *name)
{
    for (size_t i = 0; i < target_count(); i++) {
        if (strcmp(targets[i].name, name) == 0) {
            return &targets[i];
        }
    }
    return NULL;
}

/* ---- What it takes --------------------------------------------------------------------------------------- */

/* The binary: $CAHIER, else beside this one. */
static const char *cahier_path(void)
{
    static char path[ARG_MAX];
    const char *given = getenv("CAHIER");
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
    char *slash;

    if (given != NULL) {
        return given;
    }
    path[n > 0 ? n : 0] = '\0';
    for (int up = 0; up < 2 && (slash = strrchr(path, '/')) != NULL; up++) {
        *slash = '\0';
    }
    strncat(path, "/server/cahier", sizeof(path) - strlen(path) - 1);
    return path;
}

const char *target_lacks(const struct target *t)
{
    char path[ARG_MAX];

    if (t->needs != NULL) {
        (void)snprintf(path, sizeof(path), "%s/%s", MODULES, t->needs);
        if (access(path, F_OK) != 0 || access(NODE, X_OK) != 0) {
            return "its modules are missing; ./dev bench editors --peers installs them";
        }
    }
    if (t->ours && access(cahier_path(), X_OK) != 0) {
        return "the server is not built; ./dev bench editors builds it ($CAHIER names another)";
    }
    return NULL;
}

/* ---- Starting ---------------------------------------------------------------------------------------------- */

/* A port that nobody uses at this moment. */
static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), port = -1;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, len) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &len) == 0) {
        port = ntohs(address.sin_port);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return port;
}

static bool listens(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bool ok = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return ok;
}

/* The argument with the first of the words that stand for something replaced. */
static void expand(const char *arg, const struct running *r, char out[ARG_MAX])
{
    const char *words[][2] = {{"@PORT@", r->port},
                              {"@FOLDER@", r->folder},
                              {"@NODE@", NODE},
                              {"@CAHIER@", cahier_path()},
                              {"@BENCH@", "/proc/self/exe"}};

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        const char *at = strstr(arg, words[i][0]);
        if (at != NULL) {
            (void)snprintf(out, ARG_MAX, "%.*s%s%s", (int)(at - arg), arg, words[i][1], at + strlen(words[i][0]));
            return;
        }
    }
    (void)snprintf(out, ARG_MAX, "%s", arg);
}

static bool pin(int core)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET((size_t)core, &set);
    return sched_setaffinity(0, sizeof(set), &set) == 0;
}

bool target_may_use(int core)
{
    cpu_set_t set;

    return core >= 0 && core < CPU_SETSIZE && sched_getaffinity(0, sizeof(set), &set) == 0 &&
           CPU_ISSET((size_t)core, &set);
}

bool target_pin_self(int core)
{
    /* Sleeps end when they should, not up to 50 us later. */
    (void)prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
    return core >= 0 && pin(core);
}

/* What a server says is kept beside its files: of interest only when it does not start. */
static bool write_down(const struct running *r)
{
    char path[ARG_MAX];

    expand("@FOLDER@/said", r, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0 && dup2(fd, STDERR_FILENO) >= 0;
}

static void say_what_it_said(const struct running *r)
{
    char path[ARG_MAX];
    struct buf said = {0};

    expand("@FOLDER@/said", r, path);
    if (files_read(path, &said) == RC_OK) {
        (void)fwrite(said.data, 1, said.len, stderr);
    }
    buf_finish(&said);
}

/* In the child. */
static void become(const struct running *r)
{
    static char text[ARGS_MAX][ARG_MAX];
    char *argv[ARGS_MAX + 2] = {NULL};
    size_t count = 0;

    for (; count < ARGS_MAX && r->target->argv[count] != NULL; count++) {
        expand(r->target->argv[count], r, text[count]);
        argv[count] = text[count];
    }
    if (r->target->ours && r->wishes.argument != NULL) {
        argv[count] = memory_text(r->wishes.argument);
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (r->wishes.core >= 0) {
        (void)pin(r->wishes.core);
    }
    if (r->disk != NULL && !disk_enter(r->disk)) {
        _exit(127);
    }
    if (write_down(r)) {
        (void)execv(argv[0], argv);
        perror(argv[0]);
    }
    _exit(127);
}

static int wait_until_it_listens(struct running *r)
{
    struct timespec nap = {0, (long)NANO_MS};
    uint64_t until = nanotime() + PATIENCE;

    while (nanotime() < until) {
        if (waitpid(r->pid, NULL, WNOHANG) == r->pid) {
            r->pid = 0;
            return RC_IO;
        }
        if (listens(r->port)) {
            return RC_OK;
        }
        (void)nanosleep(&nap, NULL);
    }
    return RC_IO;
}

int target_start_again(struct running *r)
{
    (void)fflush(NULL);
    r->pid = fork();
    if (r->pid == 0) {
        become(r);
    }
    if (r->pid < 0) {
        r->pid = 0;
        return RC_IO;
    }
    if (r->disk != NULL && disk_attach(r->disk) != RC_OK) {
        return RC_IO;
    }
    return wait_until_it_listens(r);
}

static int make_files(struct running *r)
{
    char path[ARG_MAX];

    if (!r->target->ours || r->wishes.rows == 0) {
        return RC_OK;
    }
    expand("@FOLDER@/c.db", r, path);
    return long_log_write(path, r->wishes.rows);
}

static int start_once(const struct target *t, const struct target_wishes *wishes, struct running *out)
{
    struct running r = {.target = t, .wishes = *wishes, .folder = files_create_dir()};
    int port = free_port(), rc = r.folder == NULL || port <= 0 ? RC_IO : RC_OK;

    (void)snprintf(r.port, sizeof(r.port), "%d", port);
    rc = rc == RC_OK && wishes->disk ? disk_create(&r.disk) : rc;
    rc = rc == RC_OK ? make_files(&r) : rc;
    rc = rc == RC_OK ? target_start_again(&r) : rc;
    if (rc != RC_OK) {
        say_what_it_said(&r);
        target_stop(&r);
        return rc == RC_UNSUPPORTED ? rc : RC_IO;
    }
    *out = r;
    return RC_OK;
}

/* A port that was free may be somebody else's a moment later. */
int target_start(const struct target *t, const struct target_wishes *wishes, struct running *out)
{
    int rc = RC_IO;

    for (int attempt = 0; rc == RC_IO && attempt < ATTEMPTS; attempt++) {
        rc = start_once(t, wishes, out);
    }
    return rc;
}

void target_kill(struct running *r)
{
    if (r->pid > 0) {
        (void)kill(r->pid, SIGKILL);
        while (waitpid(r->pid, NULL, 0) < 0 && errno == EINTR) {
        }
        r->pid = 0;
    }
}

void target_stop(struct running *r)
{
    target_kill(r);
    disk_destroy(r->disk);
    files_remove_dir(r->folder);
    *r = (struct running){0};
}
