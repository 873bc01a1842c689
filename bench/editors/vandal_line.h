#ifndef BENCH_EDITORS_VANDAL_LINE_H
#define BENCH_EDITORS_VANDAL_LINE_H

/* The vandal's connections: plain sockets that block, with a time limit, so that it can break every rule. */
#include <stdbool.h>
#include "bench/editors/crowd.h"
#include "bench/editors/vandal.h"

struct vandal {
    const struct crowd *crowd;  /* as it was when the vandal was let loose */
    struct vandal_deeds *deeds; /* shared with who let it loose */
    struct rng rng;
    unsigned notes; /* made so far */
    char name[96], path[CROWD_PATH_MOST];
};

/* The next connections go to a note that nobody has. */
void vandal_new_note(struct vandal *v);
/* … or to this one of the crowd's. */
void vandal_aim(struct vandal *v, const struct note *n);
/* A socket connected to the server; negative: there is none. */
int vandal_open(struct vandal *v);
/* The same, through the handshake and, where the protocol asks for it, with a token. */
int vandal_enter(struct vandal *v);
/* The same without the token. */
int vandal_enter_unknown(struct vandal *v);
void vandal_put_handshake(struct vandal *v, struct buf *out);
/* These give false when the server hung up or takes no more. */
bool vandal_send(struct vandal *v, int fd, struct span bytes);
bool vandal_send_message(struct vandal *v, int fd, struct span message);
bool vandal_send_update(struct vandal *v, int fd, struct span update);
/* What the server says is taken, so that it is not slow reading that stops the vandal. */
bool vandal_drain(int fd);
/* The server has answered something: its first bytes are appended. */
bool vandal_wait(int fd, struct buf *answer);
/* The note's address, where messages carry one. */
void vandal_put_address(const struct vandal *v, struct buf *out);

#endif
