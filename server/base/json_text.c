#include "server/base/json_text.h"

static void put_escape(struct buf *out, uint8_t c)
{
    static const char letter[] = "\bb\ff\nn\rr\tt\"\"\\\\";

    for (size_t i = 0; i + 1 < sizeof letter - 1; i += 2) {
        if (c == (uint8_t)letter[i]) {
            buf_put_u8(out, '\\');
            buf_put_u8(out, (uint8_t)letter[i + 1]);
            return;
        }
    }
    buf_printf(out, "\\u%04x", c);
}

void json_put_string(struct buf *out, struct span utf8)
{
    size_t from = 0;

    buf_put_u8(out, '"');
    for (size_t i = 0; i < utf8.len; i++) {
        uint8_t c = utf8.data[i];

        if (c < 0x20 || c == '"' || c == '\\') {
            buf_put(out, utf8.data + from, i - from);
            put_escape(out, c);
            from = i + 1;
        }
    }
    if (from < utf8.len) {
        buf_put(out, utf8.data + from, utf8.len - from);
    }
    buf_put_u8(out, '"');
}
