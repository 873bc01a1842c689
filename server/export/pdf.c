#define _GNU_SOURCE /* pipe2 */
#include "server/export/pdf.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "server/base/log.h"
#include "server/export/child.h"
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

int pdf_make(struct pdf *pdf, struct span html, struct buf *out)
{
    const char *argv[] = {pdf->config.python, "-I", "-B", "-c", pdf_script, NULL};
    struct child_limits limits = {pdf->config.seconds, pdf->config.memory, PDF_BYTES_MAX};
    size_t before = out->len;
    int code = 0, rc = child_run(argv, &limits, pdf->stop, html, out, &code);

    if (rc == RC_OK) {
        rc = rc_of_exit(code);
    } else if (rc == RC_NOTFOUND) {
        rc = RC_UNSUPPORTED;
    }
    if (rc == RC_OK && !is_whole(buf_slice(out, before, out->len - before))) {
        rc = RC_IO;
    }
    if (rc != RC_OK) {
        out->len = before;
        log_event(LOG_LEVEL_WARN, "pdf.failed", "error=%s exit=%d bytes=%zu", rc_name(rc), code, html.len);
    }
    return rc;
}
