#include "server/settings.h"

#include <stddef.h>
#include "server/export/pdf.h"

#define AT(member) offsetof(struct settings, member)
#define KIB        UINT64_C(1024)
#define MIB        (KIB * 1024)
#define GIB        (MIB * 1024)

static const struct config_row rows[] = {
    {"listen", CONFIG_TEXT, AT(listen), "127.0.0.1:8080", 1, 0, "ADDR:PORT",
     "where to listen; several with commas between"},
    {"data", CONFIG_TEXT, AT(data), "cahier.db", 1, 0, "FILE", "the data file; made when it is not there"},
    {"open", CONFIG_FLAG, AT(open), "false", 0, 0, NULL,
     "no accounts: whoever reaches the port may read and edit every note"},
    {"i-know", CONFIG_FLAG, AT(i_know), "false", 0, 0, NULL, "allow --open on an address that others can reach"},
    {"origin", CONFIG_TEXT, AT(origin), "", 0, 0, "URL",
     "pages of other sites that may connect, like https://school.example; several with commas between"},
    {"log-level", CONFIG_TEXT, AT(log_level), "info", 1, 0, "LEVEL", "debug, info, warn, error or silent"},
    {"message-limit", CONFIG_SIZE, AT(message_limit), "16M", 64 * KIB, 64 * MIB, "BYTES", "largest message or request"},
    {"message-memory", CONFIG_SIZE, AT(message_memory), "256M", MIB, 64 * GIB, "BYTES",
     "memory for large messages and requests while they arrive or wait, of all connections together"},
    {"note-limit", CONFIG_SIZE, AT(note_limit), "10M", KIB, GIB, "UNITS", "largest text of a note, in UTF-16 units"},
    {"note-memory", CONFIG_SIZE, AT(note_memory), "256M", MIB, 64 * GIB, "BYTES", "most memory that one note may take"},
    {"note-members", CONFIG_NUMBER, AT(note_members), "1000", 1, 100000, "N", "connections to one note"},
    {"connections", CONFIG_NUMBER, AT(connections), "10000", 1, 1000000, "N", "connections in all"},
    {"connections-per-address", CONFIG_NUMBER, AT(per_address), "5000", 1, 1000000, "N",
     "… from one address, so that nobody takes them all; loopback, where a proxy may be, is not counted"},
    {"messages-per-second", CONFIG_NUMBER, AT(messages_per_second), "500", 1, 1000000, "N",
     "messages from one connection; above, it is not read for a while"},
    {"awareness-limit", CONFIG_SIZE, AT(awareness_limit), "4k", 256, 64 * KIB, "BYTES",
     "what one editor may say of itself: name, cursor"},
    {"auth-seconds", CONFIG_NUMBER, AT(auth_seconds), "10", 1, 600, "N", "time that a connection has to say who it is"},
    {"auth-bytes", CONFIG_SIZE, AT(auth_bytes), "64k", KIB, 16 * MIB, "BYTES", "what it may send until then"},
    {"queue-soft", CONFIG_SIZE, AT(queue_soft), "128k", 64 * KIB, GIB, "BYTES",
     "what may wait for a slow reader; what comes beyond is merged into one message for later"},
    {"queue-hard", CONFIG_SIZE, AT(queue_hard), "32M", 128 * KIB, GIB, "BYTES", "… before it is disconnected"},
    {"workers", CONFIG_NUMBER, AT(workers), "2", 1, 64, "N", "threads for exports of large notes"},
    {"pdf-python", CONFIG_TEXT, AT(pdf_python), PDF_PYTHON_DEFAULT, 1, 0, "FILE",
     "the Python that has WeasyPrint, which makes PDF"},
    {"pdf-jobs", CONFIG_NUMBER, AT(pdf_jobs), "2", 1, 64, "N", "PDF made at once, each by a process of its own"},
    {"pdf-seconds", CONFIG_NUMBER, AT(pdf_seconds), "60", 1, 3600, "N", "time that one PDF may take"},
    {"pdf-memory", CONFIG_SIZE, AT(pdf_memory), "1G", 64 * MIB, 64 * GIB, "BYTES", "memory that one PDF may take"},
    {"idle-seconds", CONFIG_NUMBER, AT(idle_seconds), "30", 1, 86400, "N",
     "time that a note stays loaded after the last editor"},
    {"reserve", CONFIG_SIZE, AT(reserve), "16M", 0, GIB, "BYTES", "disk space kept back for when the disk is full"},
};
#define ROWS (sizeof rows / sizeof *rows)

int settings_load(const struct config_sources *from, struct settings *out, char *error)
{
    return config_load(rows, ROWS, from, out, error);
}

void settings_finish(struct settings *s)
{
    config_finish(rows, ROWS, s);
}

void settings_help(FILE *out)
{
    config_help(rows, ROWS, out);
}
