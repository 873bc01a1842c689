#ifndef SERVER_STORE_BACKEND_H
#define SERVER_STORE_BACKEND_H

/* What a back end of the store is: the part behind store.h. Private to this folder.
 *
 *   store.c         checks arguments, queues calls, delivers answers             loop thread
 *   group_commit.c  groups calls, keeps and retries appends, changes state       store thread
 *   a back end      reads and writes                                             store thread
 *
 * The memory back end has no thread of its own: there all three run on the loop. */
#include "server/store/group_commit.h"
#include "server/store/lane.h"
#include "server/store/store.h"

struct store_backend {
    /* Store thread. A code from begin, write or commit means that the transaction failed whole:
     * rollback is called next, then index_undo was applied for each of its calls. What only
     * concerns one call (RC_NOTFOUND, RC_EXISTS, RC_STATE, RC_CORRUPT) goes to call->rc. */
    int (*begin)(struct store *s);
    int (*write)(struct store *s, struct call *c);
    int (*commit)(struct store *s);
    void (*rollback)(struct store *s);
    /* Takes back one call's changes to what is in memory, last call first. */
    void (*undo)(struct store *s, struct call *c);
    /* The transaction that held the call has committed. */
    void (*settle)(struct store *s, struct call *c);
    /* Answers a load, stat or list: sets call->rc and the rest. */
    void (*read)(struct store *s, struct call *c);
    /* Puts the back end's part into s->lane.stats: before answers go out, so that they agree. */
    void (*publish)(struct store *s);
    /* Is writing possible again? After a failure only. */
    int (*probe)(struct store *s);
    /* Gives back disk space, once after the disk was found full. False: there was none to give. */
    bool (*relieve)(struct store *s);

    /* Loop thread. */
    void (*submitted)(struct store *s);                        /* a call was queued, or closing asked for */
    void (*drain)(struct store *s);                            /* answers will be taken next; may be NULL */
    void (*measure)(struct store *s, struct store_stats *out); /* sizes of files */
    void (*destroy)(struct store *s);                          /* all is answered: join, free the whole */
};

struct store {
    const struct store_backend *backend;
    struct store_host host;
    struct lane lane;
    struct committer committer; /* store thread */

    /* Loop only. */
    enum store_state seen; /* state and its cause, as of the last drain */
    int seen_error;
    size_t queued, queued_bytes, queue_limit;
    struct call *first_append, *last_append; /* not answered yet */
    bool closing;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

/* For back ends: the common part. queue_limit 0: the default. RC_NOMEM. */
int store_init(struct store *s, const struct store_backend *backend, const struct store_host *host,
               size_t queue_limit) MUST_CHECK;
void store_finish(struct store *s);
/* One line to the host's log. */
void store_log(const struct store *s, const char *event, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
