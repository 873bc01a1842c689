#include "server/api/router.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

static void handle(struct api *api, struct http_exchange *x, struct span id)
{
    (void)api;
    (void)x;
    (void)id;
}

static const struct route routes[] = {
    {HTTP_GET, "/", handle, "", "", "", "", "", "", ""},
    {HTTP_GET, "/a", handle, "listA", "All \"a\"", "200 400", "application/json=NoteList", "", "limit! cursor",
     "If-None-Match"},
    {HTTP_POST, "/a", handle, "createA", "One more", "201", "application/json", "application/json", "", ""},
    {HTTP_GET, "/a/{id}", handle, "getA", "One", "200 304 404", "text/html text/plain", "", "", ""},
    {HTTP_DELETE, "/a/{id}/b", handle, "dropB", "Less", "204", "", "", "", ""},
};
#define ROUTES (sizeof routes / sizeof *routes)

static void a_path_leads_to_its_route_or_to_a_reason(void **state)
{
    static const struct {
        enum http_method method;
        const char *path;
        int rc;
        int route;
        const char *id, *allow;
    } cases[] = {
        {HTTP_GET, "/", RC_OK, 0, "", ""},
        {HTTP_GET, "/a", RC_OK, 1, "", ""},
        {HTTP_HEAD, "/a", RC_OK, 1, "", ""},
        {HTTP_POST, "/a", RC_OK, 2, "", "GET, HEAD"},
        {HTTP_PUT, "/a", RC_UNSUPPORTED, 0, "", "GET, HEAD, POST"},
        {HTTP_OTHER, "/a", RC_UNSUPPORTED, 0, "", "GET, HEAD, POST"},
        {HTTP_GET, "/a/x%20y", RC_OK, 3, "x y", ""},
        {HTTP_GET, "/a/x%2Fb", RC_OK, 3, "x/b", ""},
        {HTTP_DELETE, "/a/b/b", RC_OK, 4, "b", ""},
        {HTTP_GET, "/a/x/b", RC_UNSUPPORTED, 0, "", "DELETE"},
        {HTTP_GET, "/a/", RC_FORMAT, 0, "", ""},
        {HTTP_GET, "/a/%", RC_FORMAT, 0, "", ""},
        {HTTP_GET, "/a/%00", RC_FORMAT, 0, "", ""},
        {HTTP_GET, "/b", RC_NOTFOUND, 0, "", ""},
        {HTTP_GET, "/A", RC_NOTFOUND, 0, "", ""},
        {HTTP_GET, "/a/x/c", RC_NOTFOUND, 0, "", ""},
        {HTTP_GET, "/a/x/b/", RC_NOTFOUND, 0, "", ""},
        {HTTP_GET, "//a", RC_NOTFOUND, 0, "", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct route *found = NULL;
        struct buf id = {0}, allow = {0};
        int rc = router_find(routes, ROUTES, cases[i].method, span_str(cases[i].path), &found, &id, &allow);

        if (rc != cases[i].rc) {
            fail_msg("%s -> %d", cases[i].path, rc);
        }
        assert_ptr_equal(found, rc == RC_OK ? &routes[cases[i].route] : NULL);
        assert_true(span_equal(buf_span(&id), span_str(cases[i].id)));
        assert_true(span_equal(buf_span(&allow), span_str(cases[i].allow)));
        buf_finish(&id);
        buf_finish(&allow);
    }
}

/* Where "/a/b" leads from `at`. */
static const json_t *at_path(const json_t *at, const char *path)
{
    char word[64];
    int len;

    while (sscanf(path, ">%63[^>]%n", word, &len) == 1) {
        at = json_is_array(at) ? json_array_get(at, strtoul(word, NULL, 10)) : json_object_get(at, word);
        path += len;
    }
    return at;
}

/* Of "listA": its answer refers to a schema that is there, "limit!" must be given and is a number. */
static void expect_list_described(const json_t *root)
{
    const json_t *get = at_path(root, ">paths>/a>get");
    const char *schema = json_string_value(at_path(get, ">responses>200>content>application/json>schema>$ref"));
    const json_t *limit = at_path(get, ">parameters>0"), *cursor = at_path(get, ">parameters>1");

    assert_string_equal(schema, "#/components/schemas/NoteList");
    assert_non_null(at_path(root, ">components>schemas>NoteList>properties>notes>items"));
    assert_non_null(at_path(root, ">components>schemas>Problem"));
    assert_string_equal(json_string_value(at_path(limit, ">name")), "limit");
    assert_true(json_is_true(at_path(limit, ">required")));
    assert_string_equal(json_string_value(at_path(limit, ">schema>type")), "integer");
    assert_true(json_is_false(at_path(cursor, ">required")));
    assert_string_equal(json_string_value(at_path(cursor, ">schema>type")), "string");
}

static void the_description_has_every_named_route(void **state)
{
    struct buf text = {0};
    json_t *root, *paths;

    (void)state;
    router_describe(routes, ROUTES, "1.2.3", &text);
    root = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "openapi")), "3.1.0");
    paths = json_object_get(root, "paths");
    assert_int_equal(json_object_size(paths), 3);
    for (size_t i = 1; i < ROUTES; i++) {
        static const char *const methods[] = {"get", "head", "post", "put", "patch", "delete"};
        const json_t *operation = json_object_get(json_object_get(paths, routes[i].pattern), methods[routes[i].method]);

        assert_string_equal(json_string_value(json_object_get(operation, "operationId")), routes[i].name);
        assert_string_equal(json_string_value(json_object_get(operation, "summary")), routes[i].summary);
        assert_true(json_object_size(json_object_get(operation, "responses")) > 1);
        assert_non_null(json_object_get(json_object_get(operation, "responses"), "default"));
        assert_int_equal(json_object_get(operation, "requestBody") != NULL, *routes[i].body != '\0');
    }
    assert_int_equal(
        json_array_size(json_object_get(json_object_get(json_object_get(paths, "/a"), "get"), "parameters")), 3);
    expect_list_described(root);
    json_decref(root);
    buf_finish(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_leads_to_its_route_or_to_a_reason),
        cmocka_unit_test(the_description_has_every_named_route),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
