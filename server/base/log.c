#include "server/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024

/* Written once at start, before threads, and then only read. */
static enum log_level lowest = LOG_LEVEL_INFO;
static int log_fd = STDERR_FILENO;

static const char *const level_words[] = {"debug", "info", "warn", "error", "silent"};

void log_set_level(enum log_level level)
{
    lowest = level;
}

enum log_level log_get_level(void)
{
    return lowest;
}

void log_set_fd(int fd)
{
    log_fd = fd;
}

bool log_level_of(const char *word, enum log_level *out)
{
    for (size_t i = 0; i < sizeof level_words / sizeof *level_words; i++) {
        if (strcmp(word, level_words[i]) == 0) {
            *out = (enum log_level)i;
            return true;
        }
    }
    return false;
}

/* Bytes that snprintf wrote into `room`, whatever it wanted to write. */
static size_t written(int wanted, size_t room)
{
    if (wanted < 0) {
        return 0;
    }
    return (size_t)wanted < room ? (size_t)wanted : room - 1;
}

static size_t put_time(char *to, size_t room)
{
    struct timespec ts = {0};
    struct tm tm;
    size_t len;

    clock_gettime(CLOCK_REALTIME, &ts);
    if (!gmtime_r(&ts.tv_sec, &tm)) {
        return 0;
    }
    len = strftime(to, room, "%Y-%m-%dT%H:%M:%S", &tm);
    return len + written(snprintf(to + len, room - len, ".%03ldZ", ts.tv_nsec / 1000000), room - len);
}

void log_event(enum log_level level, const char *event, const char *pairs, ...)
{
    char line[LINE_MAX_BYTES];
    size_t len, from;
    ssize_t ignored;

    if (level < lowest || level >= LOG_LEVEL_SILENT) {
        return;
    }
    len = put_time(line, sizeof line);
    len += written(snprintf(line + len, sizeof line - len, " %s %s", level_words[level], event), sizeof line - len);
    from = len;
    if (pairs) {
        va_list args;

        line[len++] = ' ';
        va_start(args, pairs);
        len += written(vsnprintf(line + len, sizeof line - len, pairs, args), sizeof line - len);
        va_end(args);
    }
    for (size_t i = from; i < len; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f) {
            line[i] = '?';
        }
    }
    line[len++] = '\n'; /* in place of the terminator */
    ignored = write(log_fd, line, len);
    (void)ignored; /* nowhere left to say it */
}
