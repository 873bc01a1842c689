#include "server/rooms/reading.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "tests/unit/rooms/rig_fixture.h"

#define PIECE 30000 /* short enough to be applied on the loop */

/* What somebody read by HTTP. */
struct copy {
    struct buf state;
    unsigned looked, made;
    int rc;
    bool wanted;
};

static bool look(void *ctx, int rc, const struct crdt_doc *doc)
{
    struct copy *c = ctx;

    assert_int_equal(doc != NULL, rc == RC_OK);
    c->looked++;
    c->rc = rc;
    return rc == RC_OK && c->wanted;
}

static int encode(void *ctx, const struct crdt_doc *doc)
{
    return crdt_encode_state(doc, CRDT_V1, span_of(NULL, 0), &((struct copy *)ctx)->state);
}

static void made(void *ctx, int rc)
{
    struct copy *c = ctx;

    c->made++;
    c->rc = rc;
}

static const struct rooms_reader reader = {look, encode, made};

static void read_note(struct copy *c, const char *note)
{
    assert_int_equal(rooms_read(rig.rooms, span_str(note), &reader, c), RC_OK);
}

static void write_large(struct guest *g)
{
    char text[PIECE + 1];

    memset(text, 'x', PIECE);
    text[PIECE] = 0;
    for (uint64_t written = 0; written < READING_LARGE; written += PIECE) {
        guest_type(g, text);
    }
    rig_run(&rig);
}

static void who_opens_a_large_note_keeps_no_other_waiting(void **state)
{
    struct guest writer, comer, other, friend;

    (void)state;
    guest_open(&writer, &rig, CONN_YWEBSOCKET, "large", "", 1);
    write_large(&writer);
    guest_open(&other, &rig, CONN_YWEBSOCKET, "other", "", 2);
    guest_open(&friend, &rig, CONN_YWEBSOCKET, "other", "", 3);
    rig.hold = true; /* a worker has the document */
    guest_open(&comer, &rig, CONN_HOCUSPOCUS, "large", "", 4);
    guest_type(&writer, "later");
    guest_type(&other, "now");
    rig_run(&rig);
    assert_int_equal(comer.step2, 0);
    assert_true(guest_agrees(&other, &friend));
    rig.hold = false;
    rig_run(&rig);
    assert_int_equal(comer.step2, 1);
    assert_true(guest_agrees(&comer, &writer));
    assert_true(guest_agrees_with_server(&writer, "large"));
    guest_finish(&writer);
    guest_finish(&comer);
    guest_finish(&other);
    guest_finish(&friend);
}

/* The answer is made once, whoever comes while it is made. */
static void a_class_opens_a_large_note(void **state)
{
    struct guest writer, comer[10];

    (void)state;
    guest_open(&writer, &rig, CONN_YWEBSOCKET, "large", "", 1);
    write_large(&writer);
    rig.hold = true;
    for (unsigned i = 0; i < 10; i++) {
        guest_open(&comer[i], &rig, i % 2 == 0 ? CONN_YWEBSOCKET : CONN_HOCUSPOCUS, "large", "", 2 + i);
    }
    guest_disconnect(&comer[0]); /* the one for whom it is made */
    guest_type(&writer, "and on");
    rig.hold = false;
    rig_run(&rig);
    for (unsigned i = 1; i < 10; i++) {
        assert_int_equal(comer[i].step2, 1);
        assert_true(guest_agrees(&comer[i], &writer));
    }
    for (unsigned i = 0; i < 10; i++) {
        guest_finish(&comer[i]);
    }
    guest_finish(&writer);
}

static void a_small_note_is_read_at_once(void **state)
{
    struct copy c = {.wanted = true}, glance = {0}, nothing = {.wanted = true};
    struct guest g;

    (void)state;
    guest_open(&g, &rig, CONN_YWEBSOCKET, "small", "", 1);
    guest_type(&g, "a few words");
    rig_run(&rig);
    rig.hold = true;
    read_note(&c, "small");
    assert_int_equal(c.made, 1);
    assert_int_equal(c.rc, RC_OK);
    assert_true(c.state.len > 10);
    read_note(&glance, "small");
    assert_int_equal(glance.looked, 1);
    assert_int_equal(glance.made, 0);
    rig.hold = false;
    read_note(&nothing, "nothing");
    rig_run(&rig);
    assert_int_equal(nothing.rc, RC_NOTFOUND);
    assert_int_equal(nothing.made, 0);
    buf_finish(&c.state);
    guest_finish(&g);
}

/* … as it was when its turn came; edits wait for it, and come behind it. */
static void a_large_note_is_read_on_a_worker(void **state)
{
    struct copy first = {.wanted = true}, second = {.wanted = true};
    struct buf before = {0}, after = {0};
    struct guest g;

    (void)state;
    guest_open(&g, &rig, CONN_HOCUSPOCUS, "large", "", 1);
    write_large(&g);
    rig_state(&rig, "large", &before);
    rig.hold = true;
    read_note(&first, "large");
    guest_type(&g, "more");
    rig_run(&rig);
    read_note(&second, "large");
    assert_int_equal(first.looked, 1);
    assert_int_equal(first.made + second.looked, 0);
    rig.hold = false;
    rig_run(&rig);
    assert_int_equal(first.made, 1);
    assert_true(span_equal(buf_span(&first.state), buf_span(&before)));
    assert_int_equal(second.made, 1);
    assert_true(guest_agrees_with_server(&g, "large"));
    rig_state(&rig, "large", &after);
    assert_true(after.len > before.len);
    buf_finish(&first.state);
    buf_finish(&second.state);
    buf_finish(&before);
    buf_finish(&after);
    guest_finish(&g);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        T(who_opens_a_large_note_keeps_no_other_waiting),
        T(a_class_opens_a_large_note),
        T(a_small_note_is_read_at_once),
        T(a_large_note_is_read_on_a_worker),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
