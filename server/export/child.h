#ifndef SERVER_EXPORT_CHILD_H
#define SERVER_EXPORT_CHILD_H

/* A program run for what it makes of some bytes: standard input in, standard output out, within limits that it cannot
 * leave.
 *
 *     limits ──► RLIMIT_AS, _CPU, _FSIZE 0, _CORE 0, _NOFILE; a process group of its own
 *     poll loop: input ─► child ─► output, until the output ends, time is over, or `stop` hangs up
 *     then the whole group is killed and the child reaped: nothing of it is left when child_run returns
 *
 * The child inherits no descriptor but its pipes' ends and an environment of four variables. Standard error goes to
 * /dev/null, since it might tell what is in a note; or its last line is kept, for who may know. Limits are set right
 * after its start, before it is sent any input.
 *
 * child_run blocks: it is for worker threads and command lines. Several may run at once. SIGPIPE must be ignored. */
#include <stdbool.h>
#include <stddef.h>
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/base/span.h"

struct child_limits {
    unsigned seconds; /* of time; as much processor time as well */
    size_t memory;    /* bytes of address space */
    size_t output;    /* bytes */
    bool errors;      /* standard error is read, too: child_end.line */
};

enum child_cause {
    CHILD_LOST,      /* it could not be run, was stopped, or the system failed */
    CHILD_EXITED,    /* by itself: `number` is its exit code */
    CHILD_SIGNALLED, /* by the signal `number` */
    CHILD_TIME,      /* it was killed, since it took more than the seconds it has; */
    CHILD_PROCESSOR, /* since it took as much of processor time; */
    CHILD_OUTPUT     /* since it wrote too much */
};
#define CHILD_LINE 200

/* How a child ended. */
struct child_end {
    enum child_cause cause;
    int number;
    char line[CHILD_LINE]; /* the end of the last line on its standard error, in printable ASCII; "" when there is none
                            */
};

/* `argv[0]` is the program's path; the list ends with NULL. `stop`: a descriptor that hangs up when the child shall be
 * killed; -1 for none. Appends what it wrote to `out`; *end tells how it ended, on failure as well.
 * RC_NOTFOUND: there is no such program, or it cannot be run. RC_LIMIT: out of time, or too much output. RC_STATE:
 * stopped. RC_IO: it was killed by a signal, or the system failed. RC_NOMEM. On failure `out` has its former length. */
int child_run(const char *const *argv, const struct child_limits *limits, int stop, struct span input, struct buf *out,
              struct child_end *end) MUST_CHECK;

#endif
