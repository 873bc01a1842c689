#include "server/rooms/peer.h"
#include <stdlib.h>
#include "server/base/cache.h"
#include "server/rooms/quota.h"
#include "server/rooms/registry.h"
#include "server/rooms/session.h"

struct peer *peer_create(struct rooms *rooms, struct conn *conn)
{
    struct peer *p = cache_calloc(sizeof *p);

    if (p == NULL) {
        return NULL;
    }
    p->rooms = rooms;
    p->conn = conn;
    p->opened_us = p->heard_us = p->sent_us = rooms->now_us;
    p->link = &rooms->peers[conn->serial % TICKS_A_SECOND];
    p->next = *p->link;
    if (p->next != NULL) {
        p->next->link = &p->next;
    }
    *p->link = p;
    rooms->connections++;
    conn->user = p;
    return p;
}

void peer_destroy(struct peer *p)
{
    if (p == NULL) {
        return;
    }
    p->closing = true;
    while (p->first != NULL) {
        session_destroy(p->first);
    }
    *p->link = p->next;
    if (p->next != NULL) {
        p->next->link = p->link;
    }
    quota_forget(p);
    p->rooms->connections--;
    p->conn->user = NULL;
    free(p);
}

void peer_pause(struct peer *p, enum peer_pause why)
{
    if (p->pauses == 0 && !p->closing) {
        conn_pause(p->conn);
    }
    p->pauses |= why;
}

void peer_resume(struct peer *p, enum peer_pause why)
{
    unsigned before = p->pauses;

    p->pauses &= ~(unsigned)why;
    if (before != 0 && p->pauses == 0 && !p->closing) {
        conn_resume(p->conn);
    }
}

void peer_close(struct peer *p, uint16_t code, const char *reason)
{
    if (!p->closing) {
        p->closing = true;
        conn_close(p->conn, code, reason);
    }
}

/* What stands before the messages of this address, without the length. */
static struct span address_of(const struct session *s)
{
    size_t skip = s->prefix.len >= 128 + 2 ? 2 : 1;

    return s->prefix.len == 0 ? span_of(NULL, 0) : span_of(s->prefix.data + skip, s->prefix.len - skip);
}

struct session *peer_find(const struct peer *p, struct span address)
{
    for (struct session *s = p->first; s != NULL; s = s->next) {
        if (span_equal(address_of(s), address)) {
            return s;
        }
    }
    return NULL;
}
