/* Where the shared data is looked for, what happens without it, and lists of updates. */
#include "tests/support/shared_data.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/bytes.h"
#include "tests/support/files.h"

static void the_environment_names_the_folder(void **state)
{
    char *dir = files_create_dir();
    struct buf path = {0}, out = {0};

    (void)state;
    assert_non_null(dir);
    buf_printf(&path, "%s/some.bin", dir);
    buf_put_u8(&path, '\0');
    assert_int_equal(files_write((const char *)path.data, span_str("data")), RC_OK);
    setenv("CAHIER_FIXTURES", dir, 1);
    shared_data_read("fixtures", "some.bin", &out);
    assert_true(span_equal(buf_span(&out), span_str("data")));
    unsetenv("CAHIER_FIXTURES");
    buf_finish(&path);
    buf_finish(&out);
    files_remove_dir(dir);
}

static void without_the_data_a_test_is_skipped(void **state)
{
    struct buf out = {0};
    int status = 0;
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        setenv("CAHIER_TRACES", "/nonexistent", 1);
        shared_data_read("traces", "none.gz", &out);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), SHARED_DATA_SKIP);
}

static void lists_of_updates_are_read_to_their_end(void **state)
{
    static const struct {
        const char *what, *hex;
        bool has_count;
        unsigned count, read;
    } cases[] = {
        {"nothing", "", false, 0, 0},
        {"half a count", "0100", false, 0, 0},
        {"no updates", "00000000", true, 0, 0},
        {"two updates", "02000000 01000000 aa 00000000", true, 2, 2},
        {"a length cut off", "01000000 010000", true, 1, 0},
        {"an update cut off", "01000000 02000000 aa", true, 1, 0},
        {"a length beyond all memory", "01000000 ffffffff aa", true, 1, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span bytes = bytes_from_hex(cases[i].hex), cursor = bytes, update;
        uint32_t count = 0;
        unsigned read = 0;

        print_message("%s\n", cases[i].what);
        assert_int_equal(shared_data_count(&cursor, &count), cases[i].has_count);
        assert_int_equal(count, cases[i].count);
        while (cases[i].has_count && shared_data_next(&cursor, &update)) {
            read++;
        }
        assert_int_equal(read, cases[i].read);
        bytes_free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_environment_names_the_folder),
        cmocka_unit_test(without_the_data_a_test_is_skipped),
        cmocka_unit_test(lists_of_updates_are_read_to_their_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
