#ifndef SERVER_STORE_BACKEND_H
#define SERVER_STORE_BACKEND_H

/* What a back end of the store is: the part behind store.h. Private to this folder.
 *
 *   store.c         checks arguments, queues calls, delivers answers             loop thread
 *   group_commit.c  groups calls, keeps and retries appends, changes state       store thread
 *   db_calls.c      carries out calls on the notes of a database (db_notes.h)    store thread
 *   a back end      opens the database, has the thread, looks after the disk
 *
 * The memory back end has no thread of its own: there all of them run on the loop. */
#include "server/store/db_notes.h"
#include "server/store/group_commit.h"
#include "server/store/lane.h"
#include "server/store/store.h"

struct store_backend {
    /* Store thread. Begins a transaction on the notes. A code means that it has failed, as it may later: it is rolled
     * back then, and each of its calls undone. */
    int (*begin)(struct store *s);
    /* Answers a load, stat or list: calls_read. */
    void (*read)(struct store *s, struct call *c);
    /* Is writing possible again? After a failure only. */
    int (*probe)(struct store *s);
    /* Gives back disk space, once after the disk was found full. False: there was none to give. */
    bool (*relieve)(struct store *s);

    /* Loop thread. */
    void (*submitted)(struct store *s);                        /* somebody waits for a queued call, or closes */
    void (*drain)(struct store *s);                            /* answers will be taken next; may be NULL */
    void (*measure)(struct store *s, struct store_stats *out); /* sizes of files */
    void (*destroy)(struct store *s);                          /* all is answered: join, free the whole */
};

struct store {
    const struct store_backend *backend;
    struct store_host host;
    struct lane lane;
    struct committer committer; /* store thread, as is */
    struct db_notes notes;

    /* Loop only. */
    enum store_state seen; /* state and its cause, as of the last drain */
    int seen_error;
    size_t queued, queued_bytes, queue_limit;
    struct call *first_append, *last_append; /* not answered yet */
    uint64_t appends, hurried;               /* numbers of the last one made, and of the last one waited for */
    bool closing;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

/* For back ends: the common part. queue_limit 0: the default. RC_NOMEM. */
int store_init(struct store *s, const struct store_backend *backend, const struct store_host *host,
               size_t queue_limit) MUST_CHECK;
void store_finish(struct store *s);
/* Puts what is known of the notes into the stats: before answers go out, so that they agree. Store thread. */
void store_publish(struct store *s);
/* One line to the host's log. */
void store_log(const struct store *s, const char *event, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
