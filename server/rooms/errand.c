#include "server/rooms/errand.h"
#include <stddef.h>
#include "server/rooms/registry.h"
#include "server/rooms/room.h"

static void run(struct worker_job *job)
{
    struct errand *e = (struct errand *)(void *)job;

    e->run(e);
}

static void come_back(struct completion *c)
{
    struct errand *e = (struct errand *)(void *)((char *)c - offsetof(struct worker_job, completion));
    struct room *room = e->room;

    registry_touch(room->rooms);
    room->errands--;
    room->rooms->errands--;
    e->done(e);
}

int errand_start(struct room *room, struct errand *e)
{
    int rc;

    if (room->rooms->ended) {
        return RC_STATE;
    }
    e->room = room;
    e->job.run = run;
    e->job.completion.done = come_back;
    rc = worker_submit(room->rooms->config.workers, &e->job);
    if (rc == RC_OK) {
        room->errands++;
        room->rooms->errands++;
    }
    return rc;
}
