#include "bench/editors/scenario.h"

#include <string.h>

/* What all of a kind have in common: people at work in other notes. */
#define HOSTILE(what) .kind = SCENARIO_FAULT, .notes = 20, .editors = 5, .rate = 5, .seconds = 8, .vandal = (what)

static const struct scenario scenarios[] = {
    {.name = "class",
     .about = "1 note, 30 editors, 5 keys a second each",
     .kind = SCENARIO_STEADY,
     .notes = 1,
     .editors = 30,
     .rate = 5,
     .seconds = 10},
    {.name = "school",
     .about = "200 notes, 5 editors each, 2 keys a second each",
     .kind = SCENARIO_STEADY,
     .notes = 200,
     .editors = 5,
     .rate = 2,
     .seconds = 10},
    {.name = "acks-2000",
     .about = "200 notes, 5 editors each, 2,000 keys a second in all, acknowledged",
     .kind = SCENARIO_STEADY,
     .notes = 200,
     .editors = 5,
     .rate = 2,
     .seconds = 10,
     .acks = true},
    {.name = "acks-20000",
     .about = "200 notes, 5 editors each, 20,000 keys a second in all, acknowledged",
     .kind = SCENARIO_STEADY,
     .notes = 200,
     .editors = 5,
     .rate = 20,
     .seconds = 10,
     .acks = true},
    {.name = "class-most",
     .about = "1 note, 100 editors, faster and faster",
     .kind = SCENARIO_MOST,
     .notes = 1,
     .editors = 100,
     .rate = 2,
     .seconds = 2},
    {.name = "school-most",
     .about = "200 notes, 5 editors each, faster and faster",
     .kind = SCENARIO_MOST,
     .notes = 200,
     .editors = 5,
     .rate = 2,
     .seconds = 2},
    {.name = "join",
     .about = "500 editors open one note of 267 KB at once",
     .kind = SCENARIO_JOIN,
     .notes = 1,
     .editors = 500,
     .rate = 0,
     .seconds = 2,
     .fill = 148000},
    {.name = "reconnect",
     .about = "200 notes, 5 editors each: all lines are cut, all return at once",
     .kind = SCENARIO_RECONNECT,
     .notes = 200,
     .editors = 5,
     .rate = 2,
     .seconds = 5},
    {.name = "idle",
     .about = "5,000 connections to 10 notes that do nothing",
     .kind = SCENARIO_IDLE,
     .notes = 10,
     .editors = 500,
     .rate = 0,
     .seconds = 3},
    {.name = "notes",
     .about = "2,000 notes of 2,000 letters, one editor each",
     .kind = SCENARIO_IDLE,
     .notes = 2000,
     .editors = 1,
     .rate = 0,
     .seconds = 3,
     .pause = 8,
     .fill = 2000},
    {.name = "notes-10000",
     .about = "10,000 notes of 2,000 letters, one editor each",
     .kind = SCENARIO_IDLE,
     .notes = 10000,
     .editors = 1,
     .rate = 0,
     .seconds = 3,
     .pause = 8,
     .fill = 2000},
    {.name = "slow",
     .about = "1 note, 40 editors who rewrite 10,000 letters 5 times a second each; 10 stop reading",
     .kind = SCENARIO_SLOW,
     .notes = 1,
     .editors = 40,
     .rate = 5,
     .seconds = 8,
     .deaf = 10,
     .piece = 10000},
    {.name = "stopped",
     .about =
         "1 note, 30 editors who rewrite 10,000 letters 5 times a second each; the process of 10 readers is stopped",
     .kind = SCENARIO_FAULT,
     .notes = 1,
     .editors = 30,
     .rate = 5,
     .seconds = 8,
     .piece = 10000,
     .vandal = VANDAL_STOPPED},
    {.name = "half-open",
     .about = "20 notes, 5 editors each, 5 keys a second each, while 200 connections stop half way in",
     .kind = SCENARIO_FAULT,
     .notes = 20,
     .editors = 5,
     .rate = 5,
     .seconds = 8,
     .vandal = VANDAL_HALF_OPEN},
    {.name = "flood",
     .about = "20 notes, 5 editors each, 5 keys a second each, while 8 connections flood another note",
     .kind = SCENARIO_FAULT,
     .notes = 20,
     .editors = 5,
     .rate = 5,
     .seconds = 8,
     .vandal = VANDAL_FLOOD},
    {.name = "garbage",
     .about = "20 notes, 5 editors each, 5 keys a second each, while others send bytes without sense",
     .kind = SCENARIO_FAULT,
     .notes = 20,
     .editors = 5,
     .rate = 5,
     .seconds = 8,
     .vandal = VANDAL_GARBAGE},
    {.name = "hostile-authors",
     .about = "20 notes, 5 editors each, while others send 10,000 authors' letters at one place, at once",
     HOSTILE(VANDAL_AUTHORS)},
    {.name = "hostile-letters",
     .about = "20 notes, 5 editors each, while others send 10,000 authors' letters at one place, one by one",
     HOSTILE(VANDAL_LETTERS)},
    {.name = "hostile-gaps",
     .about = "20 notes, 5 editors each, while others send updates with 2,000 gaps",
     HOSTILE(VANDAL_GAPS)},
    {.name = "hostile-claim",
     .about = "20 notes, 5 editors each, while others delete 10^6 characters that these editors have yet to write",
     HOSTILE(VANDAL_CLAIM)},
    {.name = "hostile-state",
     .about = "20 notes, 5 editors each, while others say their name in 60 KB",
     HOSTILE(VANDAL_STATE)},
    {.name = "hostile-size",
     .about = "20 notes, 5 editors each, while others send messages of 17 MiB, and 1 MiB before they say who they are",
     HOSTILE(VANDAL_SIZE)},
    {.name = "hostile-bomb",
     .about = "20 notes, 5 editors each, while others post 31 bytes that stand for 2^31 characters",
     HOSTILE(VANDAL_BOMB)},
    {.name = "large-notes",
     .about = "20 notes, 5 editors each, while others read a note of 90,000 structs again and again",
     HOSTILE(VANDAL_READERS)},
    {.name = "slow-disk",
     .about = "20 notes, 5 editors each, 5 keys a second each, on a disk that takes 50 ms longer for each commit",
     .kind = SCENARIO_SLOW_DISK,
     .notes = 20,
     .editors = 5,
     .rate = 5,
     .seconds = 8,
     .delay_ms = 50,
     .acks = true},
    {.name = "full-disk",
     .about = "20 notes, 5 editors each, 5 keys a second each, on a disk that is full and then has room again",
     .kind = SCENARIO_FULL_DISK,
     .notes = 20,
     .editors = 5,
     .rate = 5,
     .seconds = 8},
    {.name = "restart",
     .about = "200 notes, 5 editors each: kill -9 while they type, 1,000,000 rows in the log",
     .kind = SCENARIO_RESTART,
     .notes = 200,
     .editors = 5,
     .rate = 2,
     .seconds = 6,
     .rows = 1000000},
    {.name = "soak",
     .about = "60 notes, 5 editors each: all come, rewrite 20 letters 5 times a second and leave, again and again",
     .kind = SCENARIO_SOAK,
     .notes = 60,
     .editors = 5,
     .rate = 5,
     .seconds = 60,
     .piece = 20,
     .serve = "--idle-seconds=1"},
};

size_t scenario_count(void)
{
    return sizeof(scenarios) / sizeof(*scenarios);
}

const struct scenario *scenario_at(size_t index)
{
    return &scenarios[index];
}

const struct scenario *scenario_find(const char *name)
{
    for (size_t i = 0; i < scenario_count(); i++) {
        if (strcmp(scenarios[i].name, name) == 0) {
            return &scenarios[i];
        }
    }
    return NULL;
}

bool scenario_is_of(const struct scenario *s, const char *group)
{
    size_t len = strlen(group);

    return strncmp(s->name, group, len) == 0 && s->name[len] == '-';
}

bool scenario_needs_disk(const struct scenario *s)
{
    return s->kind == SCENARIO_SLOW_DISK || s->kind == SCENARIO_FULL_DISK;
}

bool scenario_is_ours(const struct scenario *s)
{
    return scenario_needs_disk(s) || s->kind == SCENARIO_RESTART || s->vandal == VANDAL_BOMB;
}

bool scenario_needs_answers(const struct scenario *s)
{
    return s->kind == SCENARIO_JOIN || s->kind == SCENARIO_FAULT || s->kind == SCENARIO_SOAK || s->fill > 0;
}
