/* Loaded before the server's libraries (LD_PRELOAD), this says what its store is doing, so that a test can kill it in
 * the middle of that and count where kills fell. It stands between the program and SQLite and changes nothing.
 *
 *   $CAHIER_PHASES   a file of PHASES bytes, mapped: byte i is 1 while phase i lasts. It outlives the process.
 *   descriptor 3     gets a byte 'A' + i when phase i begins, if somebody reads fast enough.
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
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <sqlite3.h>

#define WAKE_FD 3

enum phase { COMMIT, CHECKPOINT, COMPACTION, PHASES };

typedef int (*step_function)(sqlite3_stmt *stmt);
typedef int (*checkpoint_function)(sqlite3 *db, const char *name, int mode, int *frames, int *moved);

static volatile uint8_t *lasts;
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
    if (fd < 0 || ftruncate(fd, PHASES) != 0) {
        abort();
    }
    map = mmap(NULL, PHASES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        abort();
    }
    lasts = map;
    for (unsigned i = 0; i < PHASES; i++) {
        lasts[i] = 0;
    }
    close(fd);
}

static void begin(enum phase phase)
{
    const char byte = (char)('A' + phase);
    ssize_t sent;

    lasts[phase] = 1;
    sent = send(WAKE_FD, &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)sent; /* nobody has to read */
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
    lasts[COMMIT] = 0;
    lasts[COMPACTION] = 0;
    return code;
}

int sqlite3_wal_checkpoint_v2(sqlite3 *db, const char *name, int mode, int *frames, int *moved)
{
    int code;

    begin(CHECKPOINT);
    code = real_checkpoint(db, name, mode, frames, moved);
    lasts[CHECKPOINT] = 0;
    return code;
}
