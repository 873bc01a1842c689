#define _GNU_SOURCE /* pipe2, sigabbrev_np */
#include "server/export/pdf.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "server/base/log.h"
#include "server/export/pdf_script.h"

/* Exit codes of html_to_pdf.py. */
#define EXIT_MISSING 3
#define EXIT_MEMORY  4

struct pdf {
    struct pdf_config config;
    int stop;         /* what conversions watch: hangs up when … */
    atomic_int alive; /* … this end is closed; -1 then */
};

int pdf_create(const struct pdf_config *config, struct pdf **out)
{
    struct pdf *pdf = calloc(1, sizeof *pdf);
    int ends[2];

    if (!pdf) {
        return RC_NOMEM;
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        free(pdf);
        return RC_IO;
    }
    pdf->config = *config;
    pdf->stop = ends[0];
    atomic_init(&pdf->alive, ends[1]);
    *out = pdf;
    return RC_OK;
}

void pdf_stop(struct pdf *pdf)
{
    int end = pdf ? atomic_exchange(&pdf->alive, -1) : -1;

    if (end >= 0) {
        close(end);
    }
}

void pdf_destroy(struct pdf *pdf)
{
    if (pdf) {
        pdf_stop(pdf);
        close(pdf->stop);
    }
    free(pdf);
}

static int rc_of_exit(int code)
{
    return code == 0 ? RC_OK : code == EXIT_MISSING ? RC_UNSUPPORTED : code == EXIT_MEMORY ? RC_LIMIT : RC_IO;
}

/* Begins and ends as a PDF does (ISO 32000-1, 7.5.2 and 7.5.5): nothing is missing at the end. */
static bool is_whole(struct span pdf)
{
    static const char begins[] = "%PDF-", ends[] = "%%EOF";
    size_t begin = sizeof begins - 1, end = sizeof ends - 1;

    while (pdf.len > 0 && (pdf.data[pdf.len - 1] == '\n' || pdf.data[pdf.len - 1] == '\r')) {
        pdf.len--;
    }
    return pdf.len > begin + end && memcmp(pdf.data, begins, begin) == 0 &&
           memcmp(pdf.data + pdf.len - end, ends, end) == 0;
}

static void explain_exit(const struct pdf *pdf, int code, char *reason, size_t room)
{
    if (code == 0) {
        (void)snprintf(reason, room, "what it wrote is no whole PDF");
    } else if (code == EXIT_MEMORY) {
        (void)snprintf(reason, room, "it needs more than %zu MB of memory", pdf->config.memory >> 20);
    } else {
        (void)snprintf(reason, room, "it ended with exit code %d", code);
    }
}

static void explain_signal(int number, char *reason, size_t room)
{
    const char *name = sigabbrev_np(number);

    (void)snprintf(reason, room, "it was ended by signal %d%s%s%s", number, name ? " (SIG" : "", name ? name : "",
                   name ? ")" : "");
}

static void explain(const struct pdf *pdf, const struct child_end *end, struct pdf_failure *failure)
{
    char *reason = failure->reason;
    size_t room = sizeof failure->reason;

    memcpy(failure->line, end->line, sizeof failure->line);
    switch (end->cause) {
    case CHILD_EXITED:
        explain_exit(pdf, end->number, reason, room);
        break;
    case CHILD_SIGNALLED:
        explain_signal(end->number, reason, room);
        break;
    case CHILD_TIME:
        (void)snprintf(reason, room, "it took more than %u s", pdf->config.seconds);
        break;
    case CHILD_PROCESSOR:
        (void)snprintf(reason, room, "it took more than %u s of processor time", pdf->config.seconds);
        break;
    case CHILD_OUTPUT:
        (void)snprintf(reason, room, "it wrote more than %zu MB", PDF_BYTES_MAX >> 20);
        break;
    case CHILD_LOST:
        (void)snprintf(reason, room, "the system could not run it");
        break;
    }
}

int pdf_make(struct pdf *pdf, struct span html, struct buf *out, struct pdf_failure *failure)
{
    const char *argv[] = {pdf->config.python, "-I", "-B", "-c", pdf_script, NULL};
    struct child_limits limits = {pdf->config.seconds, pdf->config.memory, PDF_BYTES_MAX, pdf->config.errors};
    size_t before = out->len;
    struct child_end end;
    int rc = child_run(argv, &limits, pdf->stop, html, out, &end);

    if (rc == RC_OK) {
        rc = rc_of_exit(end.number);
    } else if (rc == RC_NOTFOUND) {
        rc = RC_UNSUPPORTED;
    }
    if (rc == RC_OK && !is_whole(buf_slice(out, before, out->len - before))) {
        rc = RC_IO;
    }
    if (rc != RC_OK) {
        out->len = before;
        log_event(LOG_LEVEL_WARN, "pdf.failed", "error=%s exit=%d signal=%d bytes=%zu", rc_name(rc),
                  end.cause == CHILD_EXITED ? end.number : 0, end.cause == CHILD_SIGNALLED ? end.number : 0, html.len);
    }
    if (failure && (rc == RC_IO || rc == RC_LIMIT)) {
        explain(pdf, &end, failure);
    }
    return rc;
}
