/* Is it alive, is it ready, which version is it, and how is it doing. */
#include "server/api/resources.h"

static void respond_health(struct http_exchange *x, unsigned status, const char *body)
{
    struct http_response r = {.status = status, .content_type = "application/health+json"};

    respond_put_api_headers(&r.headers);
    buf_put_str(&r.body, body);
    http_respond(x, &r);
}

void health_live(struct api *api, struct http_exchange *x, struct span id)
{
    (void)api;
    (void)id;
    respond_health(x, 200, "{\"status\":\"pass\"}\n");
}

void health_ready(struct api *api, struct http_exchange *x, struct span id)
{
    (void)id;
    switch (store_state(api->config.store)) {
    case STORE_OK:
        respond_health(x, 200, "{\"status\":\"pass\"}\n");
        return;
    case STORE_FULL:
        respond_health(x, 503, "{\"status\":\"fail\",\"output\":\"the disk is full\"}\n");
        return;
    case STORE_FAILING:
        break;
    }
    respond_health(x, 503, "{\"status\":\"fail\",\"output\":\"the disk fails\"}\n");
}

void health_version(struct api *api, struct http_exchange *x, struct span id)
{
    struct buf body = {0};

    (void)id;
    buf_printf(&body, "{\"name\":\"cahier\",\"version\":\"%s\"}\n", api->config.version);
    respond_json(x, 200, &body);
}

/* ---- Prometheus text format 0.0.4 --------------------------------------------------------------------------- */

static void put_metric(struct buf *out, const char *name, const char *type, const char *help, double value)
{
    buf_printf(out, "# HELP cahier_%s %s\n# TYPE cahier_%s %s\ncahier_%s %.17g\n", name, help, name, type, name, value);
}

static void put_rooms(struct buf *out, const struct rooms *rooms)
{
    struct rooms_stats s;

    rooms_stats(rooms, &s);
    put_metric(out, "open_notes", "gauge", "Notes in memory.", (double)s.rooms);
    put_metric(out, "resting_notes", "gauge", "Notes in memory as bytes, since nobody edits them.", (double)s.resting);
    put_metric(out, "sessions", "gauge", "Connections times notes.", (double)s.sessions);
    put_metric(out, "updates_total", "counter", "Edits taken: stored and broadcast.", (double)s.edits);
    put_metric(out, "repeats_total", "counter", "Edits with nothing new in them.", (double)s.repeats);
    put_metric(out, "merges_total", "counter", "Slow readers sent what they missed as one.", (double)s.merges);
    put_metric(out, "resyncs_total", "counter", "Slow readers brought up to date at once.", (double)s.resyncs);
    buf_put_str(out, "# HELP cahier_rejected_total What was refused.\n# TYPE cahier_rejected_total counter\n");
    buf_printf(out, "cahier_rejected_total{reason=\"edit\"} %llu\n", (unsigned long long)s.refused);
    buf_printf(out, "cahier_rejected_total{reason=\"bad-frame\"} %llu\n", (unsigned long long)s.bad_frames);
}

static void put_net(struct buf *out, const struct api_figures *f)
{
    const struct {
        const char *reason;
        uint64_t value;
    } closed[] = {{"slow", f->ws.channel.closed_slow},
                  {"silent", f->ws.channel.closed_silent},
                  {"too-big", f->ws.closed_too_big},
                  {"text-frame", f->ws.closed_bad_frame},
                  {"memory", f->ws.closed_full},
                  {"handshake", f->ws.refused},
                  {"slow-stream", f->sse.channel.closed_slow},
                  {"silent-stream", f->sse.channel.closed_silent},
                  {"http", f->http.refused}};

    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++) {
        buf_printf(out, "cahier_rejected_total{reason=\"%s\"} %llu\n", closed[i].reason,
                   (unsigned long long)closed[i].value);
    }
    put_metric(out, "connections", "gauge", "WebSockets.", (double)f->websockets);
    put_metric(out, "streams", "gauge", "Sessions without a WebSocket.", (double)f->streams);
    put_metric(out, "streams_total", "counter", "Such sessions opened.", (double)f->sse.channel.opened);
    put_metric(out, "streams_resumed_total", "counter", "Streams that went on with their session.",
               (double)f->sse.resumed);
    put_metric(out, "stream_posts_total", "counter", "Posts taken in such sessions.", (double)f->sse.posts);
    put_metric(out, "stream_received_bytes_total", "counter", "In messages of posts.", (double)f->sse.channel.bytes_in);
    put_metric(out, "stream_sent_bytes_total", "counter", "On streams.", (double)f->sse.channel.bytes_out);
    put_metric(out, "connections_total", "counter", "WebSockets opened.", (double)f->ws.channel.opened);
    put_metric(out, "messages_received_total", "counter", "WebSocket messages.", (double)f->ws.channel.messages_in);
    put_metric(out, "received_bytes_total", "counter", "In WebSocket messages.", (double)f->ws.channel.bytes_in);
    put_metric(out, "sent_bytes_total", "counter", "On WebSockets.", (double)f->ws.channel.bytes_out);
    put_metric(out, "writes_total", "counter", "Gathered writes on WebSockets.", (double)f->ws.writes);
    put_metric(out, "http_requests_total", "counter", "HTTP requests.", (double)f->http.requests);
    buf_put_str(out, "# HELP cahier_http_responses_total HTTP answers.\n# TYPE cahier_http_responses_total counter\n");
    for (int i = 2; i < 6; i++) {
        buf_printf(out, "cahier_http_responses_total{class=\"%dxx\"} %llu\n", i,
                   (unsigned long long)f->http.by_class[i]);
    }
}

/* The buckets of a histogram are cumulative; those of the store count powers of two. */
static void put_commits(struct buf *out, const struct store_stats *s)
{
    uint64_t sum = 0;

    buf_put_str(out, "# HELP cahier_commit_seconds Time of a commit.\n# TYPE cahier_commit_seconds histogram\n");
    for (int i = 0; i < STORE_HIST; i++) {
        sum += s->commit_hist[i];
        buf_printf(out, "cahier_commit_seconds_bucket{le=\"%.6f\"} %llu\n", (double)(UINT64_C(1) << i) / 1e6,
                   (unsigned long long)sum);
    }
    buf_printf(out, "cahier_commit_seconds_bucket{le=\"+Inf\"} %llu\n", (unsigned long long)s->commits);
    buf_printf(out, "cahier_commit_seconds_sum %.6f\n", (double)s->commit_us_sum / 1e6);
    buf_printf(out, "cahier_commit_seconds_count %llu\n", (unsigned long long)s->commits);
}

static void put_store(struct buf *out, struct store *store)
{
    struct store_stats s;

    store_stats(store, &s);
    put_commits(out, &s);
    put_metric(out, "durable_lag_seconds", "gauge", "Age of the oldest edit not on the disk.", (double)s.lag_us / 1e6);
    put_metric(out, "store_state", "gauge", "0 writes, 1 disk full, 2 disk fails.", (double)s.state);
    put_metric(out, "store_queued", "gauge", "Requests to the store under way.", (double)s.queued);
    put_metric(out, "store_failed_commits_total", "counter", "Commits rolled back.", (double)s.failed_commits);
    put_metric(out, "notes", "gauge", "Notes stored.", (double)s.notes);
    put_metric(out, "notes_damaged", "gauge", "Notes found damaged since the start.", (double)s.damaged);
    put_metric(out, "log_rows", "gauge", "Rows of the log.", (double)s.log_rows);
    put_metric(out, "bytes", "gauge", "Size of the data file.", (double)s.file_bytes);
    put_metric(out, "wal_bytes", "gauge", "Size of its write-ahead log.", (double)s.wal_bytes);
}

void health_metrics(struct api *api, struct http_exchange *x, struct span id)
{
    struct http_response r = {.status = 200, .content_type = "text/plain; version=0.0.4; charset=utf-8"};
    struct api_figures f = {0};

    (void)id;
    api->config.figures(api->config.ctx, &f);
    respond_put_api_headers(&r.headers);
    put_rooms(&r.body, api->config.rooms);
    put_net(&r.body, &f);
    put_store(&r.body, api->config.store);
    http_respond(x, &r);
}
