#include "tests/support/shared_data.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/files.h"

/* SOURCE_ROOT comes from meson.build: the top of the source tree. */

/* "traces" -> $CAHIER_TRACES; NULL when that is not set. */
static const char *folder_from_environment(const char *folder)
{
    char name[64];
    int len = snprintf(name, sizeof name, "CAHIER_%s", folder);

    for (int i = 0; i < len && i < (int)sizeof name; i++) {
        name[i] = (char)toupper((unsigned char)name[i]);
    }
    return getenv(name);
}

static void put_path(struct buf *path, const char *folder, const char *name)
{
    const char *set = folder_from_environment(folder);

    if (set != NULL && *set != '\0') {
        buf_printf(path, "%s/%s", set, name);
    } else {
        buf_printf(path, "%s/../shared/%s/%s", SOURCE_ROOT, folder, name);
    }
    buf_put_u8(path, '\0');
}

void shared_data_read(const char *folder, const char *name, struct buf *out)
{
    struct buf path = {0};
    int rc;

    put_path(&path, folder, name);
    rc = path.rc != RC_OK ? path.rc : files_read((const char *)path.data, out);
    if (rc == RC_NOTFOUND) {
        printf("SKIP: no %s; the shared data stands beside the sources or where $CAHIER_TRACES and "
               "$CAHIER_FIXTURES say\n",
               (const char *)path.data);
        exit(SHARED_DATA_SKIP);
    }
    if (rc != RC_OK) {
        fprintf(stderr, "cannot read %s/%s: %s\n", folder, name, rc_text(rc));
        exit(1);
    }
    buf_finish(&path);
}

static bool read_u32(struct span *cursor, uint32_t *out)
{
    const uint8_t *p = cursor->data;

    if (cursor->len < 4) {
        return false;
    }
    *out = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    *cursor = span_of(p + 4, cursor->len - 4);
    return true;
}

bool shared_data_count(struct span *cursor, uint32_t *count)
{
    return read_u32(cursor, count);
}

bool shared_data_next(struct span *cursor, struct span *update)
{
    struct span rest = *cursor;
    uint32_t len;

    if (!read_u32(&rest, &len) || len > rest.len) {
        return false;
    }
    *update = span_of(rest.data, len);
    *cursor = span_of(rest.data + len, rest.len - len);
    return true;
}
