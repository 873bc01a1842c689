#ifndef SERVER_ROOMS_DISPATCH_H
#define SERVER_ROOMS_DISPATCH_H

/* Messages to what they mean, for both protocols. */
#include <stdbool.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"

struct peer;
struct session;

/* A message from the transport. */
void dispatch_message(struct peer *p, struct span bytes);
/* A y-websocket connection came: its note and token are known. */
void dispatch_opened(struct peer *p);
/* A held message again. RC_BUSY: it still has to wait. */
int dispatch_held(struct session *s, struct span bytes) MUST_CHECK;
/* Does a held message bring an edit? Then `update` is it. */
bool dispatch_is_edit(const struct session *s, struct span bytes, struct span *update);
/* What came is no message: the connection ends. */
void dispatch_bad_frame(struct peer *p);
/* The room of a session is loaded. */
void dispatch_ready(struct session *s);
/* The room of a session could not be loaded: the session ends. */
void dispatch_refuse_room(struct session *s, int rc);

#endif
