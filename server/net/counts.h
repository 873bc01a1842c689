#ifndef SERVER_NET_COUNTS_H
#define SERVER_NET_COUNTS_H

/* What the transports have counted since the start: for metrics, logs and tests. */
#include <stdint.h>

/* Of every transport on sockets (channel.h). */
struct channel_counts {
    uint64_t opened, messages_in, bytes_in, frames_out, bytes_out;
    uint64_t closed_slow, closed_silent;
};

/* WebSockets (lws.h). */
struct ws_counts {
    struct channel_counts channel;
    uint64_t refused, writes, closed_too_big, closed_bad_frame, closed_full;
};

/* Event streams (sse.h). */
struct sse_counts {
    struct channel_counts channel;
    uint64_t resumed, posts, expired;
};

#endif
