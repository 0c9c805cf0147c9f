/*
 * test_routes.c - openapi.json and the tables of routes say the same: paths, methods, bodies,
 * who has to be logged in.
 */
#include "desk/internal.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char *const methods[] = {
    [HTTP_GET] = "get", [HTTP_POST] = "post", [HTTP_PUT] = "put", [HTTP_DELETE] = "delete"};

/* "/a/{id}/b" as "/a/{}/b", "/a/{path}" as "/a/{*}". */
static void normalise(const char *path, char out[256])
{
    size_t n = 0;
    bool inside = false;
    const char *rest = strstr(path, "{path}");
    for (; *path && n < 254; path++) {
        if (!inside || *path == '}')
            out[n++] = *path;
        inside = *path == '{' || (inside && *path != '}');
        if (path == rest)
            out[n++] = '*';
    }
    out[n] = '\0';
}

static json_t *operation_of(json_t *document, const struct desk_route *route)
{
    const char *path;
    json_t *item;
    char plain[256];
    json_object_foreach(json_object_get(document, "paths"), path, item)
    {
        normalise(path, plain);
        if (strcmp(plain, route->pattern) == 0 && json_object_get(item, methods[route->method]))
            return json_object_get(item, methods[route->method]);
    }
    return NULL;
}

static void check_route(json_t *document, const struct desk_route *route)
{
    json_t *operation = operation_of(document, route);
    if (!operation)
        fail_msg("%s %s is not in openapi.json", methods[route->method], route->pattern);
    json_t *security = json_object_get(operation, "security");
    bool is_open = security && json_array_size(security) == 0;
    bool asks = route->roles || strcmp(route->pattern, "/api/v1/password") == 0;
    if (is_open == asks)
        fail_msg("%s: openapi.json says otherwise who has to be logged in", route->pattern);
    json_t *content = json_object_get(json_object_get(operation, "requestBody"), "content");
    bool has_json = json_object_get(content, "application/json");
    if (route->has_json && !has_json)
        fail_msg("%s: openapi.json has no body", route->pattern);
}

static void same_routes(void **state)
{
    (void)state;
    json_error_t error;
    json_t *document = json_load_file(OPENAPI, JSON_REJECT_DUPLICATES, &error), *item, *operation;
    const char *path, *method;
    size_t count = 0, documented = 0;
    assert_non_null(document);
    for (size_t t = 0; t < desk_table_count; t++)
        for (size_t i = 0; i < desk_tables[t]->count; i++, count++)
            check_route(document, &desk_tables[t]->routes[i]);
    json_object_foreach(json_object_get(document, "paths"), path, item)
    {
        json_object_foreach(item, method, operation) documented +=
            strcmp(method, "parameters") != 0;
    }
    assert_int_equal(count, documented);
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_routes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
