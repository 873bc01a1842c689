#include "server/net/origin.h"

#include <string.h>
#include "server/net/http_head.h"

/* "https://notes.example:8443" -> "notes.example:8443", and its default port; false when it is no such thing ("null").
 */
static bool authority_of(struct span origin, struct span *authority, const char **port)
{
    static const struct {
        const char *scheme, *port;
    } row[] = {{"https://", "443"}, {"http://", "80"}};

    for (size_t i = 0; i < 2; i++) {
        size_t len = strlen(row[i].scheme);

        if (origin.len > len && http_equal(span_of(origin.data, len), row[i].scheme)) {
            *authority = span_of(origin.data + len, origin.len - len);
            *port = row[i].port;
            return true;
        }
    }
    return false;
}

/* Cuts ":port" off a host; *port is empty when there is none. */
static struct span split_port(struct span host, struct span *port)
{
    for (size_t i = host.len; i > 0 && host.data[i - 1] != ']'; i--) {
        if (host.data[i - 1] == ':') {
            *port = span_of(host.data + i, host.len - i);
            return span_of(host.data, i - 1);
        }
    }
    *port = span_of(NULL, 0);
    return host;
}

static bool equal_nocase(struct span a, struct span b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        uint8_t x = a.data[i], y = b.data[i];

        x = x >= 'A' && x <= 'Z' ? (uint8_t)(x + 32) : x;
        y = y >= 'A' && y <= 'Z' ? (uint8_t)(y + 32) : y;
        if (x != y) {
            return false;
        }
    }
    return true;
}

/* Host has no scheme: behind a proxy that speaks TLS the server does not know it, so an absent port matches the default
 * port of the origin's scheme. */
static bool same_host(struct span origin, struct span host)
{
    struct span authority, origin_port, host_port, origin_name, host_name;
    const char *default_port;

    if (host.len == 0 || !authority_of(origin, &authority, &default_port)) {
        return false;
    }
    origin_name = split_port(authority, &origin_port);
    host_name = split_port(host, &host_port);
    if (origin_port.len == 0) {
        origin_port = span_str(default_port);
    }
    if (host_port.len == 0) {
        host_port = span_str(default_port);
    }
    return equal_nocase(origin_name, host_name) && span_equal(origin_port, host_port);
}

static bool is_ipv4_loopback(struct span name)
{
    size_t dots = 0;

    if (name.len < 9 || name.len > 15 || memcmp(name.data, "127.", 4) != 0) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] == '.') {
            dots++;
        } else if (name.data[i] < '0' || name.data[i] > '9') {
            return false;
        }
    }
    return dots == 3;
}

bool origin_is_loopback_host(struct span host)
{
    struct span port, name = split_port(host, &port);

    if (name.len > 10 && http_equal(span_of(name.data + name.len - 10, 10), ".localhost")) {
        return true;
    }
    return http_equal(name, "localhost") || http_equal(name, "[::1]") || is_ipv4_loopback(name);
}

static bool is_configured(const struct origin_policy *p, struct span origin)
{
    for (size_t i = 0; i < p->count; i++) {
        if (http_equal(origin, p->allowed[i])) {
            return true;
        }
    }
    return false;
}

bool origin_allowed(const struct origin_policy *p, struct span sec_fetch_site, struct span origin, struct span host)
{
    struct span authority;
    const char *port;

    if (origin.len == 0 && sec_fetch_site.len == 0) {
        return true;
    }
    if (is_configured(p, origin)) {
        return true;
    }
    if (p->open && p->loopback_only && authority_of(origin, &authority, &port) && origin_is_loopback_host(authority)) {
        return true;
    }
    if (sec_fetch_site.len > 0) {
        return http_equal(sec_fetch_site, "same-origin") || http_equal(sec_fetch_site, "none");
    }
    return same_host(origin, host);
}

bool origin_host_allowed(const struct origin_policy *p, struct span host)
{
    if (!p->loopback_only || host.len == 0 || origin_is_loopback_host(host)) {
        return true; /* no Host: HTTP/1.0, no browser */
    }
    for (size_t i = 0; i < p->count; i++) {
        if (same_host(span_str(p->allowed[i]), host)) {
            return true;
        }
    }
    return false;
}
