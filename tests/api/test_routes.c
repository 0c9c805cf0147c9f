/*
 * test_routes.c - openapi.json and the tables of routes say the same: paths, methods, scopes.
 */
#include "api/api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static const struct api_routes *const tables[] = {&api_f3548_routes, &api_f3411_routes,
                                                  &api_aux_routes, &api_oauth_routes};
static const char *const methods[] = {
    [HTTP_GET] = "get", [HTTP_POST] = "post", [HTTP_PUT] = "put", [HTTP_DELETE] = "delete"};

/* "/a/{id}/b" as "/a/{}/b". */
static void normalise(const char *path, char out[256])
{
    size_t n = 0;
    bool inside = false;
    for (; *path && n < 255; path++) {
        if (!inside || *path == '}')
            out[n++] = *path;
        inside = *path == '{' || (inside && *path != '}');
    }
    out[n] = '\0';
}

static json_t *operation_of(json_t *document, const struct api_route *route)
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

/* The scopes of the document, joined like a row's. */
static bool has_rule(json_t *security, const char *scope)
{
    size_t i;
    json_t *rule;
    json_array_foreach(security, i, rule)
    {
        const char *word = json_string_value(json_array_get(json_object_get(rule, "token"), 0));
        if (word && strcmp(word, scope) == 0)
            return true;
    }
    return false;
}

static size_t check_route(json_t *document, const struct api_route *route)
{
    json_t *operation = operation_of(document, route);
    size_t count = 0;
    if (!operation)
        fail_msg("%s %s is not in openapi.json", methods[route->method], route->pattern);
    json_t *security = json_object_get(operation, "security");
    for (; count < API_SCOPES && route->scopes[count]; count++)
        if (!has_rule(security, route->scopes[count]))
            fail_msg("%s: the scope %s is not in openapi.json", route->pattern,
                     route->scopes[count]);
    if (json_array_size(security) != count)
        fail_msg("%s: openapi.json has other scopes, too", route->pattern);
    return 1;
}

static size_t count_operations(json_t *document)
{
    const char *path, *method;
    json_t *item, *operation;
    size_t count = 0;
    json_object_foreach(json_object_get(document, "paths"), path, item)
    {
        json_object_foreach(item, method, operation) count++;
    }
    return count;
}

static void same_routes(void **state)
{
    (void)state;
    json_error_t error;
    json_t *document = json_load_file(OPENAPI, JSON_REJECT_DUPLICATES, &error);
    size_t count = 0;
    assert_non_null(document);
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (size_t i = 0; i < tables[t]->count; i++)
            count += check_route(document, &tables[t]->routes[i]);
    assert_true(count > 50);
    assert_int_equal(count, count_operations(document));
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_routes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
