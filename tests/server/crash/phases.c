/* Loaded before the server's libraries (LD_PRELOAD), this says what its store is doing, so that a test can count where
 * kills fell, and kills it in the middle of what it is told. It stands between the program and SQLite and changes
 * nothing else.
 *
 * $CAHIER_PHASES names a file of 6 bytes, mapped, which outlives the process:
 *
 *   0 … 2   1 while that phase lasts
 *   3       1 + the phase that the test aims at, 0 for none
 *   4, 5    µs after that phase has begun, little-endian: then the process is killed
 *
 *   phase            from                            to
 *   0 commit         COMMIT is executed              it returns
 *   1 checkpoint     sqlite3_wal_checkpoint_v2       it returns
 *   2 compaction     a snapshot is inserted          the COMMIT of its transaction returns
 *
 * Commits and compactions happen on one thread, checkpoints on another: no byte has two writers. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <sqlite3.h>

enum phase { COMMIT, CHECKPOINT, COMPACTION, PHASES };
enum { AIM = PHASES, DELAY, BYTES = DELAY + 2 };

typedef int (*step_function)(sqlite3_stmt *stmt);
typedef int (*checkpoint_function)(sqlite3 *db, const char *name, int mode, int *frames, int *moved);

static volatile uint8_t *bytes;
static step_function real_step;
static checkpoint_function real_checkpoint;

/* POSIX lets an object pointer from dlsym become a function; ISO C wants it said byte by byte. */
static void find(const char *name, void *function, size_t size)
{
    void *found = dlsym(RTLD_NEXT, name);

    if (found == NULL) {
        abort();
    }
    memcpy(function, &found, size);
}

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("CAHIER_PHASES");
    int fd = path == NULL ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    void *map;

    find("sqlite3_step", &real_step, sizeof(real_step));
    find("sqlite3_wal_checkpoint_v2", &real_checkpoint, sizeof(real_checkpoint));
    if (fd < 0 || ftruncate(fd, BYTES) != 0) {
        abort();
    }
    map = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        abort();
    }
    bytes = map;
    for (unsigned i = 0; i < BYTES; i++) {
        bytes[i] = 0;
    }
    close(fd);
}

static void *die_later(void *arg)
{
    struct timespec delay = {0, 1000L * (bytes[DELAY] | bytes[DELAY + 1] << 8)};

    (void)arg;
    nanosleep(&delay, NULL);
    kill(getpid(), SIGKILL);
    return NULL;
}

static void begin(enum phase phase)
{
    pthread_t thread;

    bytes[phase] = 1;
    if (bytes[AIM] != 1 + phase) {
        return;
    }
    if ((bytes[DELAY] | bytes[DELAY + 1]) == 0 || pthread_create(&thread, NULL, die_later, NULL) != 0) {
        kill(getpid(), SIGKILL);
    }
    bytes[AIM] = 0;
}

int sqlite3_step(sqlite3_stmt *stmt)
{
    const char *sql = sqlite3_sql(stmt);
    int code;

    if (sql != NULL && strncmp(sql, "INSERT INTO snapshots", 21) == 0) {
        begin(COMPACTION);
    }
    if (sql == NULL || strcmp(sql, "COMMIT") != 0) {
        return real_step(stmt);
    }
    begin(COMMIT);
    code = real_step(stmt);
    bytes[COMMIT] = 0;
    bytes[COMPACTION] = 0;
    return code;
}

int sqlite3_wal_checkpoint_v2(sqlite3 *db, const char *name, int mode, int *frames, int *moved)
{
    int code;

    begin(CHECKPOINT);
    code = real_checkpoint(db, name, mode, frames, moved);
    bytes[CHECKPOINT] = 0;
    return code;
}
