#include "render/direction.h"

#include <stddef.h>
#include <utf8proc.h>

enum direction { NONE, LTR, RTL };

static enum direction of_point(utf8proc_int32_t point)
{
    switch (utf8proc_get_property(point)->bidi_class) {
    case UTF8PROC_BIDI_CLASS_L:
        return LTR;
    case UTF8PROC_BIDI_CLASS_R:
    case UTF8PROC_BIDI_CLASS_AL:
        return RTL;
    default:
        return NONE;
    }
}

/* Of ASCII, where nothing else has a direction. */
static bool is_letter(uint8_t c)
{
    return (unsigned)(c | 0x20) - 'a' < 26;
}

/* Not inlined: it is rare, and large. */
__attribute__((noinline)) static enum direction of_character(struct span text, size_t *len)
{
    utf8proc_int32_t point = 0;
    utf8proc_ssize_t read = utf8proc_iterate(text.data, (utf8proc_ssize_t)text.len, &point);

    *len = read > 0 ? (size_t)read : 1;
    return read > 0 ? of_point(point) : NONE;
}

/* The first letter decides; malformed bytes are passed over. */
static enum direction of_text(struct span text)
{
    enum direction found = NONE;

    while (text.len > 0 && found == NONE) {
        size_t len = 1;

        if (text.data[0] < 128) {
            found = is_letter(text.data[0]) ? LTR : NONE;
        } else {
            found = of_character(text, &len);
        }
        text = span_of(text.data + len, text.len - len);
    }
    return found;
}

bool direction_is_rtl(const struct note_node *block)
{
    const struct note_node *node = block;

    for (unsigned depth = 0; node != NULL && !node->is_inline && depth < DIRECTION_DEPTH; depth++) {
        node = node->first;
    }
    for (; node != NULL && node->is_inline; node = node->next) {
        enum direction found = node->kind == NOTE_TEXT ? of_text(node->text) : NONE;

        if (found != NONE) {
            return found == RTL;
        }
    }
    return false;
}
