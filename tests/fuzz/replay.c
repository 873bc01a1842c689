/* Runs a fuzz target on a corpus: the program's arguments are files, or folders whose files are taken in the order of
 * their names. Says how many inputs ran; none is a failure. The fuzzer itself is not needed for this. */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include "tests/fuzz/target.h"
#include "tests/support/bytes.h"
#include "tests/support/files.h"

static int run_file(const char *path)
{
    struct buf content = {0};
    struct span input;
    int rc = files_read(path, &content);

    if (rc != RC_OK) {
        (void)fprintf(stderr, "%s: %s\n", path, rc_text(rc));
        buf_finish(&content);
        return -1;
    }
    (void)fprintf(stderr, "%s\n", path); /* the last line before a crash names the input */
    input = bytes_copy(content.data, content.len);
    (void)LLVMFuzzerTestOneInput(input.data, input.len);
    bytes_free(input);
    buf_finish(&content);
    return 1;
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* How many inputs ran, or -1. */
static int run_path(const char *path);

static int run_folder(const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, visible, alphasort);
    int ran = count < 0 ? -1 : 0;

    for (int i = 0; i < count; i++) {
        struct buf name = {0};
        int one;

        buf_printf(&name, "%s/%s%c", path, entries[i]->d_name, '\0');
        one = name.rc == RC_OK ? run_path((const char *)name.data) : -1;
        ran = one < 0 || ran < 0 ? -1 : ran + one;
        buf_finish(&name);
        free(entries[i]);
    }
    if (count >= 0) {
        free(entries);
    }
    return ran;
}

static int run_path(const char *path)
{
    struct stat info;

    if (stat(path, &info) != 0) {
        perror(path);
        return -1;
    }
    return S_ISDIR(info.st_mode) ? run_folder(path) : run_file(path);
}

int main(int argc, char **argv)
{
    int total = 0;

    for (int i = 1; i < argc; i++) {
        int ran = run_path(argv[i]);

        if (ran < 0) {
            return EXIT_FAILURE;
        }
        total += ran;
    }
    printf("%d inputs\n", total);
    return total > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
