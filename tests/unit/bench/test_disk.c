/* A child writes and synchronises a file on a disk that is good, full, slow and good again. */
#define _GNU_SOURCE /* prctl's PR_SET_PDEATHSIG is not POSIX */
#include "bench/editors/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench/editors/nanotime.h"
#include "tests/support/files.h"

#define SLOW_MS 40

/* What the child found: errno of the write, and how long the synchronisation took. */
struct found {
    int error;
    uint64_t took;
};

struct rig {
    struct disk *disk;
    char *folder;
    int line; /* to the child: a byte asks for a write, a struct found comes back */
    pid_t child;
};

static struct found write_once(int fd)
{
    struct found f = {0};
    uint64_t before;

    f.error = pwrite(fd, "text", 4, 0) == 4 ? 0 : errno;
    before = nanotime();
    (void)fdatasync(fd);
    f.took = nanotime() - before;
    return f;
}

static void be_child(const struct rig *r, int line)
{
    char path[512], byte;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)snprintf(path, sizeof(path), "%s/file", r->folder);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (!disk_enter(r->disk)) {
        _exit(1);
    }
    while (recv(line, &byte, 1, 0) == 1) {
        struct found f = write_once(fd);
        (void)send(line, &f, sizeof(f), 0);
    }
    _exit(0);
}

static void start(struct rig *r)
{
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    (void)fflush(NULL);
    r->child = fork();
    assert_true(r->child >= 0);
    if (r->child == 0) {
        (void)close(pair[0]);
        be_child(r, pair[1]);
    }
    (void)close(pair[1]);
    r->line = pair[0];
    assert_int_equal(disk_attach(r->disk), RC_OK);
}

static void stop(struct rig *r, int signal)
{
    if (signal != 0) {
        (void)kill(r->child, signal);
    }
    (void)close(r->line);
    assert_int_equal(waitpid(r->child, NULL, 0), r->child);
}

static struct found ask(const struct rig *r)
{
    struct found f = {.error = -1};

    assert_int_equal(send(r->line, "?", 1, 0), 1);
    assert_int_equal(recv(r->line, &f, sizeof(f), 0), sizeof(f));
    return f;
}

static void a_disk_is_as_it_was_set(void **state)
{
    struct rig *r = *state;

    start(r);
    assert_int_equal(ask(r).error, 0);
    disk_set(r->disk, DISK_FULL, 0);
    assert_int_equal(ask(r).error, ENOSPC);
    assert_int_equal(ask(r).error, ENOSPC);
    disk_set(r->disk, DISK_SLOW, SLOW_MS);
    struct found slow = ask(r);
    assert_int_equal(slow.error, 0);
    assert_true(slow.took >= SLOW_MS * NANO_MS);
    disk_set(r->disk, DISK_GOOD, 0);
    assert_int_equal(ask(r).error, 0);
    struct disk_counts c = disk_count(r->disk);
    print_message("%llu writes, %llu synchronisations\n", (unsigned long long)c.writes, (unsigned long long)c.syncs);
    assert_true(c.writes == 5 && c.syncs == 5 && c.refused == 2 && c.delayed == 1);
    stop(r, 0);
}

static void a_killed_server_comes_back_to_the_same_disk(void **state)
{
    struct rig *r = *state;

    disk_set(r->disk, DISK_FULL, 0);
    start(r);
    assert_int_equal(ask(r).error, ENOSPC);
    stop(r, SIGKILL);
    start(r);
    assert_int_equal(ask(r).error, ENOSPC);
    stop(r, 0);
}

static int set_up(void **state)
{
    static struct rig rig;

    rig = (struct rig){.folder = files_create_dir()};
    *state = &rig;
    return rig.folder != NULL && disk_create(&rig.disk) == RC_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct rig *r = *state;

    disk_destroy(r->disk);
    files_remove_dir(r->folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_disk_is_as_it_was_set, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_killed_server_comes_back_to_the_same_disk, set_up, tear_down),
    };
    struct disk *probe;

    if (disk_create(&probe) == RC_UNSUPPORTED) {
        puts("this system lets nobody be asked about calls (seccomp)");
        return 77;
    }
    disk_destroy(probe);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
