#include "server/app.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "server/api/api.h"
#include "server/base/background.h"
#include "server/base/clock.h"
#include "server/base/completion.h"
#include "server/base/descriptors.h"
#include "server/base/exit_code.h"
#include "server/base/log.h"
#include "server/base/worker.h"
#include "server/net/listen.h"
#include "server/net/server.h"
#include "server/rooms/rooms.h"
#include "server/seal/seal.h"
#include "server/settings.h"
#include "server/store/sqlite.h"

#define LIST_MAX      16   /* addresses, and origins */
#define WORKERS_QUEUE 256  /* exports that may wait */
#define PDF_QUEUE     8    /* likewise, of PDF */
#define ZIP_WORKERS   1    /* whole archives must not delay single notes */
#define LOADERS       2    /* threads of the rooms: exports must not delay who opens a note */
#define HTTP_GRACE_MS 3000 /* for the last answers */
#define STORE_WAIT_MS 200
#define OTHER_FILES   64 /* open beside connections */

struct app {
    struct settings settings;
    const char *version;
    char *listen[LIST_MAX], *origins[LIST_MAX]; /* parts of the settings' texts */
    size_t listens;
    struct origin_policy origin;
    struct completion_queue completions;
    bool has_completions;
    struct net_server *net;
    struct store *store;
    struct rooms *rooms;
    struct worker_pool *workers, *zip_workers, *pdf_workers, *loaders; /* of exports, and of the rooms */
    struct pdf *pdf;
    struct api *api;
    bool stopping, store_closing;
};

static int complain(int code, const char *what, const char *why)
{
    fprintf(stderr, "cahier: %s: %s\n", what, why);
    return code;
}

/* ---- Settings ---------------------------------------------------------------------------------------------------- */

/* Cuts at commas, in place. */
static size_t split(char *text, char **part)
{
    size_t count = 0;

    for (char *rest = text; rest && *rest && count < LIST_MAX;) {
        char *comma = strchr(rest, ',');

        if (comma) {
            *comma++ = '\0';
        }
        part[count++] = rest;
        rest = comma;
    }
    return count;
}

static int check_open(struct app *app)
{
    app->origin.loopback_only = true;
    for (size_t i = 0; i < app->listens; i++) {
        bool loopback;

        if (listen_is_loopback(app->listen[i], &loopback) != RC_OK) {
            return complain(APP_USAGE, app->listen[i], "no address to listen on (ADDR:PORT)");
        }
        app->origin.loopback_only = app->origin.loopback_only && loopback;
    }
    if (!app->settings.open) {
        return complain(APP_USAGE, "serve",
                        "accounts do not exist yet; --open serves every note to whoever reaches the port");
    }
    if (!app->origin.loopback_only && !app->settings.i_know) {
        return complain(
            APP_USAGE, "serve",
            "--open on an address that others can reach lets everyone edit everything; add --i-know if so meant");
    }
    return APP_OK;
}

static int read_settings(struct app *app, int argc, char **argv)
{
    struct config_sources from = {argc, argv, (const char *(*)(const char *))getenv};
    char error[CONFIG_ERROR_MAX];
    enum log_level level;

    if (settings_load(&from, &app->settings, error) != RC_OK) {
        return complain(APP_USAGE, "serve", error);
    }
    if (!log_level_of(app->settings.log_level, &level)) {
        return complain(APP_USAGE, "serve", "--log-level: must be debug, info, warn, error or silent");
    }
    if (app->settings.queue_hard <= app->settings.queue_soft) {
        return complain(APP_USAGE, "serve", "--queue-hard must be more than --queue-soft");
    }
    log_set_level(level);
    app->listens = split(app->settings.listen, app->listen);
    app->origin.allowed = (const char *const *)app->origins;
    app->origin.count = split(app->settings.origin, app->origins);
    app->origin.open = app->settings.open;
    return check_open(app);
}

/* ---- Ending ------------------------------------------------------------------------------------------------------ */

static void store_closed(void *ctx)
{
    struct app *app = ctx;

    app->store = NULL;
    if (app->net && app->stopping) {
        net_server_stop(app->net, HTTP_GRACE_MS);
    }
}

static void rooms_stopped(void *ctx)
{
    struct app *app = ctx;

    net_server_release_rooms(app->net); /* their clockwork asks the store, which goes now */
    app->store_closing = true;
    store_close(app->store, store_closed, app);
}

static void stop(struct app *app)
{
    if (app->stopping) {
        _exit(APP_FAILED); /* asked twice; what is acknowledged is on the disk */
    }
    app->stopping = true;
    log_event(LOG_LEVEL_INFO, "serve.stopping", "connections=%zu", net_server_connections(app->net));
    api_stop(app->api);
    pdf_stop(app->pdf);
    net_server_refuse(app->net);
    rooms_stop(app->rooms, rooms_stopped, app);
}

/* ---- Joints ------------------------------------------------------------------------------------------------------ */

static void on_request(void *context, struct http_exchange *x)
{
    api_request(((struct app *)context)->api, x);
}

static void on_refusal(void *context, unsigned status, struct http_response *out)
{
    (void)context;
    api_refusal(status, out);
}

static void on_woken(void *context)
{
    struct app *app = context;

    completion_drain(&app->completions);
    if (app->store) {
        store_drain(app->store);
    }
}

static void on_tick(void *context)
{
    on_woken(context); /* what nobody waits for (store_hurry), and should a wake-up be lost */
}

static void on_signalled(void *context, int sig)
{
    (void)sig;
    stop(context);
}

static const struct net_app net_table = {on_request, on_refusal, on_woken, on_tick, on_signalled};

static void on_store_state(void *ctx, enum store_state state, int rc)
{
    (void)ctx;
    log_event(state == STORE_OK ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "store.state", "state=%s error=%s",
              state == STORE_OK     ? "ok"
              : state == STORE_FULL ? "full"
                                    : "failing",
              rc_name(rc));
}

static void on_store_log(void *ctx, const char *event, const char *fields)
{
    (void)ctx;
    log_event(LOG_LEVEL_INFO, event, "%s", fields);
}

static void on_figures(void *ctx, struct api_figures *out)
{
    struct app *app = ctx;
    size_t streams = sse_hub_channels(net_server_streams(app->net))->count;

    *out = (struct api_figures){.http = *net_server_http_counts(app->net),
                                .ws = *net_server_ws_counts(app->net),
                                .sse = *net_server_sse_counts(app->net),
                                .websockets = net_server_connections(app->net) - streams,
                                .streams = streams};
}

/* ---- Beginning --------------------------------------------------------------------------------------------------- */

static int open_net(struct app *app)
{
    const struct settings *s = &app->settings;
    struct net_options options = {.origin = &app->origin,
                                  .clock = clock_system(),
                                  .message_limit = s->message_limit,
                                  .message_memory = s->message_memory,
                                  .queue_soft = s->queue_soft,
                                  .queue_hard = s->queue_hard,
                                  .connections = s->connections,
                                  .per_address = s->per_address,
                                  .random = seal_random};

    if (net_server_create(&options, &net_table, app, &app->net) != RC_OK ||
        completion_queue_init(&app->completions, net_server_wake, app->net) != RC_OK) {
        return complain(APP_FAILED, "serve", "out of memory");
    }
    app->has_completions = true;
    return APP_OK;
}

static int open_store(struct app *app)
{
    struct store_sqlite_config config = {.path = app->settings.data, .reserve = app->settings.reserve};
    struct store_host host = {net_server_wake, on_store_state, on_store_log, app->net};
    char error[256] = "";
    int rc = store_sqlite_open(&config, &host, error, sizeof error, &app->store);

    if (rc == RC_OK) {
        return APP_OK;
    }
    return complain(rc == RC_BUSY                              ? APP_DATA_BUSY
                    : rc == RC_UNSUPPORTED || rc == RC_CORRUPT ? APP_DATA
                                                               : APP_FAILED,
                    app->settings.data, *error ? error : rc_text(rc));
}

static int open_workers(struct app *app)
{
    const struct settings *s = &app->settings;
    struct pdf_config pdf = {s->pdf_python, (unsigned)s->pdf_seconds, s->pdf_memory, .errors = false};
    int rc = worker_pool_create((unsigned)s->workers, WORKERS_QUEUE, &app->completions, &app->workers);

    if (rc == RC_OK) {
        rc = worker_pool_create(ZIP_WORKERS, SIZE_MAX, &app->completions, &app->zip_workers);
    }
    if (rc == RC_OK) {
        rc = worker_pool_create((unsigned)s->pdf_jobs, PDF_QUEUE, &app->completions, &app->pdf_workers);
    }
    return rc == RC_OK ? pdf_create(&pdf, &app->pdf) : rc;
}

static int open_rooms(struct app *app)
{
    const struct settings *s = &app->settings;
    struct rooms_config config = {.options = rooms_options_default(),
                                  .store = app->store,
                                  .auth = rooms_auth_open(),
                                  .clock = clock_system(),
                                  .completions = &app->completions,
                                  .describe = api_describe};
    struct api_config api = {.version = app->version,
                             .store = app->store,
                             .auth = config.auth,
                             .clock = config.clock,
                             .figures = on_figures,
                             .ctx = app};
    int rc;

    config.options.note_text = s->note_limit;
    config.options.note_memory = s->note_memory;
    config.options.note_members = (unsigned)s->note_members;
    config.options.awareness_state = s->awareness_limit;
    config.options.unauthenticated_ms = (unsigned)s->auth_seconds * 1000;
    config.options.held_bytes = s->message_memory;
    config.options.unauthenticated_bytes = s->auth_bytes;
    config.options.conn_messages = (unsigned)s->messages_per_second;
    config.options.idle_ms = (unsigned)s->idle_seconds * 1000;
    rc = worker_pool_create(LOADERS, SIZE_MAX, &app->completions, &app->loaders);
    config.workers = app->loaders;
    if (rc == RC_OK) {
        rc = rooms_create(&config, &app->rooms);
    }
    if (rc == RC_OK) {
        rc = net_server_set_rooms(app->net, rooms_conn_events(), app->rooms);
    }
    if (rc == RC_OK) {
        rc = open_workers(app);
    }
    api.rooms = app->rooms;
    api.workers = app->workers;
    api.streams = net_server_streams(app->net);
    api.zip_workers = app->zip_workers;
    api.pdf_workers = app->pdf_workers;
    api.pdf = app->pdf;
    api.pdf_seconds = (unsigned)s->pdf_seconds;
    if (rc == RC_OK) {
        rc = api_create(&api, &app->api);
    }
    return rc == RC_OK ? APP_OK : complain(APP_FAILED, "serve", rc_text(rc));
}

static int start_listening(struct app *app)
{
    for (size_t i = 0; i < app->listens; i++) {
        int rc = net_server_listen(app->net, app->listen[i]);

        if (rc != RC_OK) {
            return complain(APP_LISTEN, app->listen[i],
                            rc == RC_EXISTS   ? "the port is in use"
                            : rc == RC_DENIED ? "not permitted to listen there"
                            : rc == RC_ARG    ? "not an address of this machine"
                                              : "cannot listen there");
        }
    }
    return APP_OK;
}

static int catch_signals(struct app *app)
{
    return net_server_catch_signals(app->net) == RC_OK ? APP_OK
                                                       : complain(APP_FAILED, "serve", "cannot handle signals");
}

static void announce(const struct app *app)
{
    const char *address = app->listen[0], *colon = strrchr(address, ':');

    printf("Cahier is ready: http://%.*s:%u/\n", (int)(colon - address), address, (unsigned)net_server_port(app->net));
    fflush(stdout);
    log_event(LOG_LEVEL_INFO, "serve.ready", "version=%s port=%u open=%d", app->version,
              (unsigned)net_server_port(app->net), app->settings.open);
}

static int begin(struct app *app, int argc, char **argv)
{
    int code = read_settings(app, argc, argv);

    descriptors_prepare(app->settings.connections + OTHER_FILES);
    code = code ? code : open_net(app);
    code = code ? code : start_listening(app); /* before a data file is made: a wrong address leaves none behind */
    code = code ? code : open_store(app);
    code = code ? code : open_rooms(app);
    return code ? code : catch_signals(app);
}

/* When the loop ended before the store did. */
static void close_store(struct app *app)
{
    if (app->store && !app->store_closing) {
        app->store_closing = true;
        store_close(app->store, store_closed, app);
    }
    while (app->store) {
        int rc = store_wait(app->store, STORE_WAIT_MS);

        store_drain(app->store);
        if (rc == RC_NOTFOUND && app->store) {
            return; /* nothing will come any more */
        }
    }
}

/* Also after a beginning that failed half-way: closes what is open, the highest first. */
static void finish(struct app *app)
{
    pdf_stop(app->pdf);
    worker_pool_destroy(app->pdf_workers);
    worker_pool_destroy(app->zip_workers);
    worker_pool_destroy(app->workers);
    worker_pool_destroy(app->loaders);
    close_store(app);
    if (app->has_completions) {
        completion_drain(&app->completions);
    }
    net_server_destroy(app->net);
    rooms_destroy(app->rooms);
    api_destroy(app->api);
    pdf_destroy(app->pdf);
    if (app->has_completions) {
        completion_queue_finish(&app->completions);
    }
    settings_finish(&app->settings);
}

int app_serve(int argc, char **argv, const char *version)
{
    struct app *app = calloc(1, sizeof *app);
    int code;

    if (!app) {
        return complain(APP_FAILED, "serve", "out of memory");
    }
    signal(SIGPIPE, SIG_IGN);
    app->version = version;
    code = begin(app, argc, argv);
    if (code == APP_OK) {
        announce(app);
        background_brief();
        net_server_run(app->net);
        log_event(LOG_LEVEL_INFO, "serve.stopped", NULL);
    }
    finish(app);
    free(app);
    return code;
}
