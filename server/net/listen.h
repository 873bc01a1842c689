#ifndef SERVER_NET_LISTEN_H
#define SERVER_NET_LISTEN_H

/* Addresses to listen on, and the connections that come in there.
 *
 * An address is "127.0.0.1:8080", "[::1]:0", "localhost:8080", "*:80". Descriptors do not block and are not inherited.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/rc.h"

#define LISTEN_PEER_MAX 64 /* bytes of a numeric address, with its zero */

/* Listens on the first of the name's addresses; the others are the same machine. The caller closes *fd. RC_ARG: no such
 * address; RC_EXISTS: in use; RC_DENIED: not permitted; RC_IO. */
int listen_open(const char *address, int *fd) MUST_CHECK;
/* The port of a listening descriptor, for port 0; 0 when there is none. */
uint16_t listen_port(int fd);
/* The next connection, the caller's to close, and its numeric address; "" when that is not known. RC_NOTFOUND: none
 * waits. RC_LIMIT: this process has no descriptor left (errno says which limit). RC_IO: that one is lost, there may be
 * more. */
int listen_accept(int listener, char peer[LISTEN_PEER_MAX], int *fd) MUST_CHECK;

/* Whether an address to listen on is a loopback one; RC_ARG when it is no address. */
int listen_is_loopback(const char *address, bool *out) MUST_CHECK;

#endif
