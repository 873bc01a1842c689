#ifndef SERVER_BASE_LOG_H
#define SERVER_BASE_LOG_H

/* The log: one line an event on stderr, `time level event key=value …` (logfmt).
 *
 *     log_event(LOG_LEVEL_INFO, "room.loaded", "room=%llu bytes=%zu ms=%.1f", …);
 *     2026-01-31T08:15:30.123Z info room.loaded room=17 bytes=2048 ms=0.8
 *
 * Never note text, note names, names of people, tokens or addresses of pages: number rooms and connections instead. A
 * value that may hold spaces stands in double quotes. Control characters become '?', so that one event is one line. Any
 * thread; a line is written by one system call. */
#include <stdbool.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR, LOG_LEVEL_SILENT };

/* Lines below `level` are left out; LOG_LEVEL_INFO at first. Call it before threads start. */
void log_set_level(enum log_level level);
enum log_level log_get_level(void);
/* Where lines go; 2 (stderr) at first. The descriptor stays the caller's. */
void log_set_fd(int fd);
/* "debug", "info", "warn", "error", "silent"; false for other words. */
bool log_level_of(const char *word, enum log_level *out);
/* `pairs` is a printf format of key=value pairs, NULL for none. Lines end after 1 KiB. */
void log_event(enum log_level level, const char *event, const char *pairs, ...) __attribute__((format(printf, 3, 4)));

#endif
