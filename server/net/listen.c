#include "server/net/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Cuts "host:port" or "[host]:port" in two. */
static int split_address(const char *address, char *host, size_t room, const char **port)
{
    const char *colon = strrchr(address, ':');
    size_t len;

    if (!colon || colon == address || !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
        strtoul(colon + 1, NULL, 10) > 65535) {
        return RC_ARG;
    }
    len = (size_t)(colon - address);
    if (address[0] == '[' && colon[-1] == ']') {
        address++;
        len -= 2;
    }
    if (len == 0 || len >= room) {
        return RC_ARG;
    }
    memcpy(host, address, len);
    host[len] = '\0';
    *port = colon + 1;
    return RC_OK;
}

static int resolve(const char *address, struct addrinfo **out)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    const char *port;
    char host[256];

    if (split_address(address, host, sizeof host, &port) != RC_OK) {
        return RC_ARG;
    }
    return getaddrinfo(strcmp(host, "*") == 0 ? NULL : host, port, &hints, out) == 0 ? RC_OK : RC_ARG;
}

int listen_is_loopback(const char *address, bool *out)
{
    struct addrinfo *list;
    bool loopback = true;
    int rc = resolve(address, &list);

    if (rc != RC_OK) {
        return rc;
    }
    for (struct addrinfo *a = list; a; a = a->ai_next) {
        if (a->ai_family == AF_INET) {
            const struct sockaddr_in *in = (const void *)a->ai_addr;

            loopback &= ntohl(in->sin_addr.s_addr) >> 24 == 127;
        } else {
            const struct sockaddr_in6 *in6 = (const void *)a->ai_addr;

            loopback &= a->ai_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
        }
    }
    freeaddrinfo(list);
    *out = loopback;
    return RC_OK;
}

static int make_async(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
        return RC_IO;
    }
    return RC_OK;
}

/* As many may wait to be accepted as the system allows: a whole school returns at once after a restart, and whoever
 * finds the queue full tries again a second later. */
static int listen_on(const struct addrinfo *a, int *out)
{
    int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol), one = 1, error;

    if (fd < 0) {
        return RC_IO;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (make_async(fd) == RC_OK && bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0) {
        *out = fd;
        return RC_OK;
    }
    error = errno;
    close(fd);
    return error == EADDRINUSE ? RC_EXISTS : error == EACCES ? RC_DENIED : error == EADDRNOTAVAIL ? RC_ARG : RC_IO;
}

int listen_open(const char *address, int *fd)
{
    struct addrinfo *list;
    int rc = resolve(address, &list);

    if (rc == RC_OK) {
        rc = listen_on(list, fd);
        freeaddrinfo(list);
    }
    return rc;
}

uint16_t listen_port(int fd)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof address;

    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
        return 0;
    }
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)(void *)&address)->sin6_port
                                               : ((struct sockaddr_in *)(void *)&address)->sin_port);
}

int listen_accept(int listener, char peer[LISTEN_PEER_MAX], int *fd)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    int accepted = accept(listener, (struct sockaddr *)&address, &len);

    if (accepted < 0) {
        return errno == EMFILE || errno == ENFILE ? RC_LIMIT : RC_NOTFOUND;
    }
    if (make_async(accepted) != RC_OK) {
        close(accepted);
        return RC_IO;
    }
    if (getnameinfo((struct sockaddr *)&address, len, peer, LISTEN_PEER_MAX, NULL, 0, NI_NUMERICHOST) != 0) {
        peer[0] = '\0';
    }
    *fd = accepted;
    return RC_OK;
}
