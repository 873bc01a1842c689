#include "server/net/listen.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

static void addresses_are_understood_or_refused(void **state)
{
    static const struct {
        const char *address;
        int rc;
        bool loopback;
    } cases[] = {
        {"127.0.0.1:8080", RC_OK, true}, {"127.9.9.9:0", RC_OK, true},     {"[::1]:80", RC_OK, true},
        {"0.0.0.0:80", RC_OK, false},    {"[::]:80", RC_OK, false},        {"10.0.0.1:80", RC_OK, false},
        {"*:80", RC_OK, false},          {"8080", RC_ARG, false},          {":8080", RC_ARG, false},
        {"127.0.0.1", RC_ARG, false},    {"127.0.0.1:", RC_ARG, false},    {"127.0.0.1:65536", RC_ARG, false},
        {"127.0.0.1:-1", RC_ARG, false}, {"127.0.0.1:80x", RC_ARG, false}, {"", RC_ARG, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool loopback = false;

        assert_int_equal(listen_is_loopback(cases[i].address, &loopback), cases[i].rc);
        assert_int_equal(loopback, cases[i].loopback);
    }
}

static void who_connects_is_accepted_with_its_address(void **state)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    char peer[LISTEN_PEER_MAX];
    int listener, fd = -1, other = -1, client = socket(AF_INET, SOCK_STREAM, 0);

    (void)state;
    assert_int_equal(listen_open("127.0.0.1:0", &listener), RC_OK);
    assert_true(listen_port(listener) > 0);
    assert_int_equal(listen_accept(listener, peer, &fd), RC_NOTFOUND);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(listen_port(listener));
    assert_int_equal(connect(client, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(listen_accept(listener, peer, &fd), RC_OK);
    assert_string_equal(peer, "127.0.0.1");
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(listen_accept(listener, peer, &other), RC_NOTFOUND);
    assert_int_equal(other, -1);
    close(fd);
    close(client);
    close(listener);
    assert_int_equal(listen_port(listener), 0);
}

static void an_address_in_use_or_of_others_is_refused(void **state)
{
    char taken[32];
    int listener, fd;

    (void)state;
    assert_int_equal(listen_open("127.0.0.1:0", &listener), RC_OK);
    snprintf(taken, sizeof taken, "127.0.0.1:%u", (unsigned)listen_port(listener));
    assert_int_equal(listen_open(taken, &fd), RC_EXISTS);
    assert_int_equal(listen_open("192.0.2.1:0", &fd), RC_ARG);
    assert_int_equal(listen_open("nonsense", &fd), RC_ARG);
    close(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_understood_or_refused),
        cmocka_unit_test(who_connects_is_accepted_with_its_address),
        cmocka_unit_test(an_address_in_use_or_of_others_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
