#include "bench/editors/html_text.h"

void html_put(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '<':
            buf_put_str(out, "&lt;");
            break;
        case '>':
            buf_put_str(out, "&gt;");
            break;
        case '&':
            buf_put_str(out, "&amp;");
            break;
        case '"':
            buf_put_str(out, "&quot;");
            break;
        default:
            buf_put_u8(out, (uint8_t)*text);
        }
    }
}
