#include "server/net/addresses.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "crdt/base/rc.h"

#define TEXT_MAX 63 /* characters of an address with its zone, "fe80::1%eth0" */

/* What is counted as one. */
struct key {
    uint8_t bytes[9]; /* 4, and an IPv4 address; or 6, and an IPv6 network */
};

struct address {
    struct address *next, **link;
    size_t count;
    struct key key;
};

static bool is_mapped_ipv4(const struct in6_addr *a)
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};

    return memcmp(a->s6_addr, prefix, sizeof prefix) == 0;
}

static int key_of_ipv4(const uint8_t bytes[4], struct key *out)
{
    *out = (struct key){{4}};
    memcpy(out->bytes + 1, bytes, 4);
    return bytes[0] == 127 ? RC_NOTFOUND : RC_OK;
}

static int key_of_ipv6(const struct in6_addr *a, struct key *out)
{
    static const struct in6_addr loopback = IN6ADDR_LOOPBACK_INIT;

    if (is_mapped_ipv4(a)) {
        return key_of_ipv4(a->s6_addr + 12, out);
    }
    *out = (struct key){{6}};
    memcpy(out->bytes + 1, a->s6_addr, 8);
    return memcmp(a, &loopback, sizeof loopback) == 0 ? RC_NOTFOUND : RC_OK;
}

/* RC_NOTFOUND: it is not to be counted. */
static int key_of(struct span peer, struct key *out)
{
    char text[TEXT_MAX + 1] = "";
    struct in6_addr six;
    uint8_t four[4];
    char *zone;

    if (peer.len == 0 || peer.len > TEXT_MAX) {
        return RC_NOTFOUND;
    }
    memcpy(text, peer.data, peer.len);
    zone = strchr(text, '%');
    if (zone) {
        *zone = '\0';
    }
    if (inet_pton(AF_INET, text, four) == 1) {
        return key_of_ipv4(four, out);
    }
    return inet_pton(AF_INET6, text, &six) == 1 ? key_of_ipv6(&six, out) : RC_NOTFOUND;
}

static size_t bucket_of(const struct key *k)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < sizeof k->bytes; i++) {
        hash = (hash ^ k->bytes[i]) * 16777619u;
    }
    return (hash ^ hash >> 16) % ADDRESSES_BUCKETS;
}

static struct address *find(const struct addresses *t, const struct key *k)
{
    struct address *a = t->bucket[bucket_of(k)];

    while (a && memcmp(&a->key, k, sizeof *k) != 0) {
        a = a->next;
    }
    return a;
}

bool addresses_is_full(const struct addresses *t, struct span peer)
{
    const struct address *a;
    struct key k;

    if (t->most == 0 || key_of(peer, &k) != RC_OK) {
        return false;
    }
    a = find(t, &k);
    return a && a->count >= t->most;
}

static struct address *add(struct addresses *t, const struct key *k)
{
    struct address *a = calloc(1, sizeof *a), **bucket = &t->bucket[bucket_of(k)];

    if (a) {
        a->key = *k;
        a->next = *bucket;
        a->link = bucket;
        if (a->next) {
            a->next->link = &a->next;
        }
        *bucket = a;
    }
    return a;
}

struct address *addresses_enter(struct addresses *t, struct span peer)
{
    struct address *a;
    struct key k;

    if (t->most == 0 || key_of(peer, &k) != RC_OK) {
        return NULL;
    }
    a = find(t, &k);
    a = a ? a : add(t, &k);
    if (a) {
        a->count++;
    }
    return a;
}

void addresses_leave(struct address *a)
{
    if (!a || --a->count > 0) {
        return;
    }
    *a->link = a->next;
    if (a->next) {
        a->next->link = a->link;
    }
    free(a);
}
