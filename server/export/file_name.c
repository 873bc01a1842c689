#include "server/export/file_name.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include "server/base/utf8.h"

#define FIRST_SLOTS 64

/* ---- One name ------------------------------------------------------------------------------------- */

/* ZWNJ and ZWJ shape words and join emoji. */
static bool is_joiner(utf8proc_int32_t c)
{
    return c == 0x200c || c == 0x200d;
}

static bool is_unsafe(utf8proc_int32_t c)
{
    if (c < 0x80) {
        return c < 0x20 || c == 0x7f || strchr("\\/:*?\"<>|", (int)c) != NULL;
    }
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_CF:
        return !is_joiner(c);
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_ZS:
        return true;
    default:
        return false;
    }
}

/* Nothing of the kind begins a name: "..", ".hidden", "-rf". */
static bool may_begin(utf8proc_int32_t c)
{
    return c != '.' && c != '-' && c != ' ' && !is_joiner(c);
}

static void put_safe(struct buf *out, struct span title)
{
    size_t begin = out->len;
    bool space = false;

    for (size_t at = 0; at < title.len;) {
        utf8proc_int32_t c = 0;
        utf8proc_ssize_t len = utf8proc_iterate(title.data + at, (utf8proc_ssize_t)(title.len - at), &c);

        if (len <= 0 || out->len - begin + (size_t)len + 1 > FILE_NAME_MAX) {
            break;
        }
        if (c == ' ' || is_unsafe(c)) {
            space = true;
        } else if (out->len > begin || may_begin(c)) {
            if (space && out->len > begin) {
                buf_put_u8(out, ' ');
            }
            space = false;
            buf_put(out, title.data + at, (size_t)len);
        }
        at += (size_t)len;
    }
    while (out->len > begin && out->data[out->len - 1] == '.') {
        out->len--;
        while (out->len > begin && out->data[out->len - 1] == ' ') {
            out->len--;
        }
    }
}

/* "con", "nul.x", "COM1": Windows opens a device, whatever follows the first dot. */
static bool is_device(struct span name)
{
    static const char *const devices[] = {"con", "prn", "aux", "nul"};
    const uint8_t *dot = name.len ? memchr(name.data, '.', name.len) : NULL;
    char word[5] = "";

    name.len = dot ? (size_t)(dot - name.data) : name.len;
    if (name.len < 3 || name.len > 4) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        word[i] = (char)(name.data[i] >= 'A' && name.data[i] <= 'Z' ? name.data[i] | 0x20 : name.data[i]);
    }
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        if (strcmp(word, devices[i]) == 0) {
            return true;
        }
    }
    return name.len == 4 && (strncmp(word, "com", 3) == 0 || strncmp(word, "lpt", 3) == 0) && word[3] >= '0' &&
           word[3] <= '9';
}

void file_name_put(struct buf *out, struct span title, const char *fallback)
{
    size_t begin = out->len;

    if (text_is_utf8(title)) {
        put_safe(out, title);
    }
    if (out->len == begin) {
        buf_put_str(out, fallback);
    } else if (is_device(buf_slice(out, begin, out->len - begin)) && buf_reserve(out, 1) == RC_OK) {
        memmove(out->data + begin + 1, out->data + begin, out->len - begin);
        out->data[begin] = '_';
        out->len++;
    }
}

/* ---- Names that are apart --------------------------------------------------------------------------- */

/* FNV-1a of the name in composed, case-folded form; never 0. 0 only without memory. */
static uint64_t hash_of(struct span name)
{
    utf8proc_uint8_t *folded = NULL;
    utf8proc_ssize_t len = utf8proc_map(name.data, (utf8proc_ssize_t)name.len, &folded,
                                        (utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD));
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    if (len < 0) {
        return 0;
    }
    for (utf8proc_ssize_t i = 0; i < len; i++) {
        hash = (hash ^ folded[i]) * UINT64_C(0x100000001b3);
    }
    free(folded);
    return hash ? hash : 1;
}

/* The slot of that hash, or the free one where it belongs. */
static struct file_name_slot *find(const struct file_names *names, uint64_t hash)
{
    size_t i = hash & (names->cap - 1);

    while (names->slot[i].hash != 0 && names->slot[i].hash != hash) {
        i = (i + 1) & (names->cap - 1);
    }
    return &names->slot[i];
}

/* Room for one more, at most half full. */
static int make_room(struct file_names *names)
{
    struct file_names grown = {.cap = names->cap ? names->cap * 2 : FIRST_SLOTS, .count = names->count};

    if (names->count < names->cap / 2) {
        return RC_OK;
    }
    grown.slot = calloc(grown.cap, sizeof *grown.slot);
    if (!grown.slot) {
        return RC_NOMEM;
    }
    for (size_t i = 0; i < names->cap; i++) {
        if (names->slot[i].hash != 0) {
            *find(&grown, names->slot[i].hash) = names->slot[i];
        }
    }
    free(names->slot);
    *names = grown;
    return RC_OK;
}

/* RC_EXISTS: it was given out before; *out is its slot. */
static int claim(struct file_names *names, struct span name, struct file_name_slot **out)
{
    uint64_t hash = hash_of(name);
    int rc = hash == 0 ? RC_NOMEM : make_room(names);

    if (rc != RC_OK) {
        return rc;
    }
    *out = find(names, hash);
    if ((*out)->hash == hash) {
        return RC_EXISTS;
    }
    **out = (struct file_name_slot){hash, 2};
    names->count++;
    return RC_OK;
}

int file_names_claim(struct file_names *names, struct buf *name)
{
    struct file_name_slot *slot;
    size_t len = name->len;
    uint64_t number = 0, hash;
    int rc = name->rc ? name->rc : claim(names, buf_span(name), &slot);

    if (rc != RC_EXISTS) {
        return rc;
    }
    hash = slot->hash;
    for (number = slot->next; rc == RC_EXISTS; number++) {
        name->len = len;
        buf_printf(name, " (%llu)", (unsigned long long)number);
        rc = name->rc ? name->rc : claim(names, buf_span(name), &slot);
    }
    if (rc != RC_OK) {
        name->len = len;
        return rc;
    }
    find(names, hash)->next = number;
    return RC_OK;
}

void file_names_finish(struct file_names *names)
{
    free(names->slot);
    *names = (struct file_names){0};
}
