#ifndef SERVER_EXPORT_PDF_H
#define SERVER_EXPORT_PDF_H

/* PDF from a page of HTML, by WeasyPrint in a process of its own: a Python with WeasyPrint (Debian: package weasyprint)
 * is given html_to_pdf.py, which is embedded here, and the page on its standard input.
 *
 * WeasyPrint is not needed to build or run anything else. Each conversion is a process with limits on time and memory
 * (child.h) that can fetch nothing and is gone when pdf_make returns. */
#include <stdbool.h>
#include <stddef.h>
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "server/export/child.h"

struct pdf_config {
    const char *python; /* path of the interpreter; borrowed until pdf_destroy */
    unsigned seconds;   /* for one conversion */
    size_t memory;      /* bytes of address space for one conversion */
    bool errors;        /* pdf_failure.line is wanted: it may tell what is in a note */
};
#define PDF_PYTHON_DEFAULT                                                                                             \
    "/usr/bin/python3" /* Debian's, which finds Debian's WeasyPrint; others stand first in PATH */
#define PDF_BYTES_MAX ((size_t)256 << 20)

struct pdf;

/* Why a conversion failed, for people. Both may be empty. */
struct pdf_failure {
    char reason[80];       /* "it took more than 20 s", "it ended with exit code 1" */
    char line[CHILD_LINE]; /* the last line of what it complained of, in printable ASCII */
};

int pdf_create(const struct pdf_config *config, struct pdf **out) MUST_CHECK;
/* Ends the conversions under way, and every later one, with RC_STATE. Any thread. NULL is fine. */
void pdf_stop(struct pdf *pdf);
/* None may be under way. NULL is fine. */
void pdf_destroy(struct pdf *pdf);
/* Appends the PDF of a page. Blocks for as long as `seconds`; any thread, several at once.
 * RC_UNSUPPORTED: there is no Python, or no WeasyPrint for it. RC_LIMIT: it takes more time or memory than allowed.
 * RC_IO: it failed otherwise. RC_STATE: stopped. RC_NOMEM. On failure `out` has its former length, and `failure`,
 * unless NULL, says more of RC_LIMIT and RC_IO. */
int pdf_make(struct pdf *pdf, struct span html, struct buf *out, struct pdf_failure *failure) MUST_CHECK;

#endif
