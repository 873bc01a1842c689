#ifndef SERVER_NET_ORIGIN_H
#define SERVER_NET_ORIGIN_H

/* Which web pages may open a WebSocket or change something: a browser sends a person's rights along wherever a page
 * leads it, so that the server must look where the request comes from. Pure functions.
 *
 * A request is let through when the first of these that applies says so:
 *   1. no Origin and no Sec-Fetch-Site: no browser, no borrowed rights                      yes
 *   2. Origin is one of those configured                                                    yes
 *   3. open mode on a loopback address, and Origin's host is a loopback name, any port:
 *      a development page on the same machine                                               yes
 *   4. Sec-Fetch-Site is there: "same-origin" or "none"                                     yes, else no
 *   5. Origin names the same host and port as Host                                          yes, else no
 *
 * A foreign page can make a browser take its own name for this server's address ("DNS rebinding"): then Origin and Host
 * agree. So a server that listens on a loopback address alone also looks at Host: it must be a loopback name or
 * one of the configured origins' hosts (a reverse proxy on the same machine passes the public name). */
#include <stdbool.h>
#include <stddef.h>
#include "crdt/base/span.h"

struct origin_policy {
    const char *const *allowed; /* "https://notes.example", `count` of them; borrowed */
    size_t count;
    bool loopback_only; /* every address listened on is a loopback one */
    bool open;          /* open mode: nobody has an account */
};

/* Empty spans for headers that are absent. */
bool origin_allowed(const struct origin_policy *p, struct span sec_fetch_site, struct span origin, struct span host);
bool origin_host_allowed(const struct origin_policy *p, struct span host);
/* localhost, *.localhost, 127.x.x.x or [::1], with or without a port. */
bool origin_is_loopback_host(struct span host);

#endif
