#ifndef SERVER_ROOMS_OWNERS_H
#define SERVER_ROOMS_OWNERS_H

/* Whose client id is it?
 *
 * Yjs trusts everyone with every id. Somebody who deletes, or writes, clocks that another editor has not reached yet
 * makes that editor's next edits vanish although they are acknowledged. So a room notes which client id belongs to
 * which connected session and how far that session has announced its clocks; a claim of somebody else beyond that point
 * is not taken.
 *
 * A session owns one id at most:
 *  - surely: the one of its first awareness message that holds exactly one state (providers announce themselves right
 *    after connecting; what they relay of others comes later), unless another connected session owns it surely;
 *  - weakly, while it has announced none: the one under which it continued the note with an update of a single author.
 *
 * Who announces an id surely takes it from a weak owner; who continues the note under it does, too. A claim beyond may
 * still be honest (a second tab, an offline relay, a connection that died unnoticed): the session waits for a few
 * seconds while the owner is asked for a sign of life, see intake.c. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "crdt/crdt.h"

struct session;

struct owner {
    uint64_t client;
    uint64_t announced; /* clocks below this were announced by the owner */
    struct session *session;
    bool sure;
};

/* Sorted by client. */
struct owners {
    struct owner *list;
    size_t count, cap;
};

/* What an update wants, as far as a room must know before it takes it. */
struct claims {
    bool empty;      /* neither structs nor deletes */
    bool brings;     /* structs that the document does not have */
    bool single;     /* structs of one author only: `author` … */
    uint64_t author; /* … up to clock `end` … */
    uint64_t end;
    bool continues;     /* … that begin where the document ends */
    bool foreign;       /* structs under an id that another session owns */
    uint64_t beyond_of; /* RC_BUSY: the id whose owner has not come so far */
    uint64_t own_end;   /* structs under the session's own id end here; 0: there are none */
};

void owners_finish(struct owners *o);
struct owner *owners_find(const struct owners *o, uint64_t client);
/* `session` says that it is `client`. RC_EXISTS: another session owns it surely. */
int owners_announce(struct owners *o, struct session *session, uint64_t client, uint64_t announced) MUST_CHECK;
/* Reads what `update` (v1) claims. RC_BUSY: it goes beyond what a connected owner has announced; `session` NULL:
 * somebody without a connection. RC_FORMAT, RC_RANGE, RC_LIMIT: malformed. */
int owners_check(const struct owners *o, const struct crdt_doc *doc, const struct session *session, struct span update,
                 struct claims *out) MUST_CHECK;
/* `session` sends an update with these claims: the clocks of its own id in it are announced, whether the update is
 * taken or has to wait (two who wait for one another would wait for ever). True when something is new. */
bool owners_advance(struct owners *o, const struct session *session, const struct claims *claims);
/* An update of a single author that continues the note was taken: `session` may own that author now, surely when it has
 * announced itself by this id. */
void owners_adopt(struct owners *o, struct session *session, const struct claims *claims, bool sure);
/* The session goes. */
void owners_leave(struct owners *o, const struct session *session);
bool owners_check_order(const struct owners *o);

#endif
