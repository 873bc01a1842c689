#include "tests/unit/net/net_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* ---- Rooms ------------------------------------------------------------------------------------------------------- */

void net_journal_note(struct net_journal *j, const char *word)
{
    assert_true(strlen(j->text) + strlen(word) + 2 < sizeof j->text);
    strcat(strcat(j->text, word), " ");
}

static void on_opened(void *rooms, struct conn *c)
{
    struct net_journal *j = rooms;

    assert_null(c->user);
    c->user = j;
    j->conn = c;
    net_journal_note(j, "opened");
}

static void on_message(void *rooms, struct conn *c, struct span bytes)
{
    char word[32];

    assert_ptr_equal(c->user, rooms);
    assert_true(bytes.len > 0);
    snprintf(word, sizeof word, "%.*s", (int)bytes.len, (const char *)bytes.data);
    net_journal_note(rooms, word);
    if (strcmp(word, "x") == 0) {
        conn_close(c, CONN_CLOSE_FORBIDDEN, "so");
    } else if (strcmp(word, "p") == 0) {
        conn_pause(c);
    }
}

static void on_drained(void *rooms, struct conn *c)
{
    assert_ptr_equal(c->user, rooms);
    net_journal_note(rooms, "drained");
}

static void on_closed(void *rooms, struct conn *c)
{
    assert_ptr_equal(c->user, rooms);
    net_journal_note(rooms, "closed");
}

static unsigned on_turn(void *rooms)
{
    struct net_journal *j = rooms;

    if (j->turns) {
        net_journal_note(j, "turn");
    }
    return 0;
}

static void on_tick(void *rooms)
{
    struct net_journal *j = rooms;

    if (j->turns) {
        net_journal_note(j, "tick");
    }
}

const struct conn_events net_journal_events = {on_opened, on_message, on_drained, on_closed, on_turn, on_tick};

void net_journal_expect(struct net_journal *j, const char *words)
{
    assert_string_equal(j->text, words);
    j->text[0] = '\0';
}

/* ---- A loop and a server ----------------------------------------------------------------------------------------- */

static void nothing(void *context)
{
    (void)context;
}

static void no_signal(void *context, int sig)
{
    (void)context;
    (void)sig;
}

const struct net_loop_hooks net_rig_quiet = {nothing, nothing, nothing, no_signal};

void net_rig_refuse(void *context, unsigned status, struct http_response *out)
{
    (void)context;
    (void)status;
    (void)out;
}

bool net_rig_no_upgrade(void *context, int fd, const struct http_request *r, struct span key, struct span early)
{
    (void)context;
    (void)fd;
    (void)r;
    (void)key;
    (void)early;
    return false;
}

/* ---- Messages ---------------------------------------------------------------------------------------------------- */

int net_rig_send(struct conn *c, size_t len, enum outq_kind kind)
{
    uint8_t *bytes = calloc(1, len);
    struct span part = span_of(bytes, len);
    struct frame *f;
    int rc;

    assert_non_null(bytes);
    assert_int_equal(frame_create(&part, 1, &f), RC_OK);
    rc = conn_send(c, f, kind);
    frame_unref(f);
    free(bytes);
    return rc;
}
