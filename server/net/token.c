#include "server/net/token.h"

#include "server/net/name.h"

#define SCHEME "bearer "

struct span token_of_header(const struct http_head *head)
{
    struct span value = http_head_get(head, "authorization");
    size_t len = sizeof SCHEME - 1;

    if (value.len > len && http_equal(span_of(value.data, len), SCHEME)) {
        return span_of(value.data + len, value.len - len);
    }
    return span_of(NULL, 0);
}

void token_of_request(const struct http_head *head, struct buf *out)
{
    struct buf token = {0};
    int rc = net_query_get(head->query, "token", &token);

    buf_put_span(out, rc == RC_OK && token.len > 0 ? buf_span(&token) : token_of_header(head));
    buf_finish(&token);
}
