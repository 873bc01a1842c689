#include "render/md_class.h"
#include <utf8proc.h>

static enum md_class class_of_ascii(uint8_t c)
{
    if (md_class_is_word(c)) {
        return MD_LETTER;
    }
    if (c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r') {
        return MD_SPACE;
    }
    return c > ' ' && c < 127 ? MD_PUNCTUATION : MD_LETTER;
}

static enum md_class class_of(utf8proc_int32_t point)
{
    switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_ZS:
        return MD_SPACE;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
        return MD_PUNCTUATION;
    case UTF8PROC_CATEGORY_SM:
    case UTF8PROC_CATEGORY_SC:
    case UTF8PROC_CATEGORY_SK:
    case UTF8PROC_CATEGORY_SO:
    case UTF8PROC_CATEGORY_CN: /* newer Unicode may know better */
        return MD_SYMBOL;
    default:
        return MD_LETTER;
    }
}

/* Of a character beyond ASCII, or none. Not inlined: it is rare, and large. */
__attribute__((noinline)) static enum md_class class_beyond_ascii(struct span text)
{
    utf8proc_int32_t point = 0;

    if (text.len == 0) {
        return MD_SPACE;
    }
    return utf8proc_iterate(text.data, (utf8proc_ssize_t)text.len, &point) > 0 ? class_of(point) : MD_SYMBOL;
}

/* The last character, or as many bytes as it could have. */
__attribute__((noinline)) static struct span last_character(struct span text)
{
    size_t from = text.len;

    while (from > 0 && text.len - from < 4) {
        from--;
        if ((text.data[from] & 0xc0) != 0x80) {
            break;
        }
    }
    return span_of(text.data + from, text.len - from);
}

inline enum md_class md_class_first(struct span text)
{
    return text.len > 0 && text.data[0] < 128 ? class_of_ascii(text.data[0]) : class_beyond_ascii(text);
}

inline enum md_class md_class_last(struct span text)
{
    if (text.len > 0 && text.data[text.len - 1] < 128) {
        return class_of_ascii(text.data[text.len - 1]);
    }
    return md_class_first(last_character(text));
}
