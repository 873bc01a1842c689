#ifndef STATIC_ASSETS_H
#define STATIC_ASSETS_H

/* The web application, embedded: the files of build.mjs as a table that embed.py writes at build time.
 *
 * Sorted by path, so that a lookup can be a binary search. Paths are those of requests: "/" is the list of notes,
 * "/n/" the page that answers every path below it, the others answer for themselves alone. All storage is static,
 * read only, and may be used from any thread. */
#include <stddef.h>

struct static_asset {
    const char *path;          /* of the request, beginning with '/' */
    const char *type;          /* value of Content-Type */
    const char *etag;          /* strong, with its quotes; changes when the bytes do */
    const char *cache_control; /* for ever when the name carries a hash of the content, else to be asked again */
    const unsigned char *bytes;
    size_t len;
    const unsigned char *gzip; /* the same for Accept-Encoding: gzip; NULL where it would save nothing */
    size_t gzip_len;
    const char *gzip_etag; /* of these bytes: another representation, another tag (RFC 9110, 8.8.3) */
};

extern const struct static_asset static_assets[];
extern const size_t static_assets_count;

/* Value of Content-Security-Policy for every answer of the page: nothing inline, nothing from other servers. */
extern const char static_assets_csp[];

#endif
