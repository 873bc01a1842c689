/* The web application: files embedded in the binary (static/assets.h). */
#include <string.h>
#include "server/api/resources.h"
#include "static/assets.h"

#define PREFIX_PAGE "/n/"

static int compare(struct span path, const char *with)
{
    size_t len = strlen(with), n = path.len < len ? path.len : len;
    int order = n ? memcmp(path.data, with, n) : 0;

    return order ? order : path.len < len ? -1 : path.len > len;
}

/* Exactly that path; the table is sorted. */
static const struct static_asset *find(struct span path)
{
    size_t low = 0, high = static_assets_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(path, static_assets[middle].path);

        if (order == 0) {
            return &static_assets[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

static const struct static_asset *find_page(struct span path)
{
    size_t len = sizeof PREFIX_PAGE - 1;
    const struct static_asset *a = find(path);

    if (!a && path.len > len && memcmp(path.data, PREFIX_PAGE, len) == 0) {
        a = find(span_str(PREFIX_PAGE));
    }
    return a;
}

static void put_headers(struct buf *headers, const struct static_asset *a, const char *etag)
{
    buf_printf(headers, "ETag: %s\r\nCache-Control: %s\r\n", etag, a->cache_control);
    buf_printf(headers, "Content-Security-Policy: %s\r\n", static_assets_csp);
    buf_put_str(headers, "X-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin\r\n"
                         "Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\n"
                         "Permissions-Policy: camera=(), geolocation=(), microphone=()\r\n");
    if (a->gzip) {
        buf_put_str(headers, "Vary: Accept-Encoding\r\n");
    }
}

bool pages_get(struct http_exchange *x)
{
    const struct http_head *head = &http_exchange_request(x)->head;
    const struct static_asset *a = find_page(head->path);
    struct http_response r = {.status = 200};
    const char *etag;
    bool gzip;

    if (!a) {
        return false;
    }
    gzip = a->gzip && respond_takes_gzip(http_head_get(head, "accept-encoding"));
    etag = gzip ? a->gzip_etag : a->etag;
    put_headers(&r.headers, a, etag);
    if (http_head_lists(head, "if-none-match", etag)) {
        r.status = 304;
    } else if (gzip) {
        buf_put_str(&r.headers, "Content-Encoding: gzip\r\n");
        r.fixed = span_of(a->gzip, a->gzip_len);
    } else {
        r.fixed = span_of(a->bytes, a->len);
    }
    r.content_type = a->type;
    http_respond(x, &r);
    return true;
}
