/*
 * diff.c - what differs between two JSON values, by paths.
 */
#include "ops/internal.h"

#include <stdio.h>
#include <stdlib.h>

enum { DIFF_DEPTH = 6, DIFF_MAX = 200, PATH_SIZE = 256, VALUE_MAX = 2048 };

struct differ {
    struct tf_buf *out;
    size_t count;
    char path[PATH_SIZE];
};

static void put_value(struct tf_buf *out, const char *name, const json_t *value)
{
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    bool fits = text && strlen(text) <= VALUE_MAX;
    tf_put_json(out, name, fits ? text : "null", fits ? strlen(text) : 4);
    free(text);
}

static void report(struct differ *d, const json_t *before, const json_t *after)
{
    if (d->count++ >= DIFF_MAX)
        return;
    tf_put_open(d->out, NULL, '{');
    tf_put_text(d->out, "path", d->path);
    put_value(d->out, "before", before);
    put_value(d->out, "after", after);
    tf_buf_char(d->out, '}');
}

static void compare(struct differ *d, const json_t *before, const json_t *after, unsigned depth);

static void compare_member(struct differ *d, const char *key, const json_t *before,
                           const json_t *after, unsigned depth)
{
    size_t len = strlen(d->path);
    snprintf(d->path + len, sizeof d->path - len, "%s%s", len ? "." : "", key);
    compare(d, before, after, depth + 1);
    d->path[len] = '\0';
}

/* Recursion is bounded: at DIFF_DEPTH values are compared whole. */
static void compare(struct differ *d, const json_t *before, const json_t *after, unsigned depth)
{
    const char *key;
    json_t *value;
    if (before && after && json_equal(before, after))
        return;
    if (depth >= DIFF_DEPTH || !json_is_object(before) || !json_is_object(after)) {
        report(d, before, after);
        return;
    }
    json_object_foreach((json_t *)before, key, value)
        compare_member(d, key, value, json_object_get(after, key), depth);
    json_object_foreach((json_t *)after, key, value) if (!json_object_get(before, key))
        compare_member(d, key, NULL, value, depth);
}

void ops_diff(struct tf_buf *out, const json_t *before, const json_t *after)
{
    struct differ d = {.out = out};
    tf_buf_char(out, '[');
    compare(&d, before, after, 0);
    tf_buf_char(out, ']');
}

/* --- versions of a record ------------------------------------------------------------------ */

struct versions {
    const char *etag;
    json_t *before, *now;
    bool failed;
};

static json_t *content_of(const struct ops_record *record)
{
    json_t *content = json_object();
    json_t *feature = json_loadb(record->feature, record->feature_len, 0, NULL);
    json_t *extra = json_loadb(record->extra, record->extra_len, 0, NULL);
    json_t *decisions = json_loadb(record->decisions, record->decisions_len, 0, NULL);
    int bad = json_object_set_new(content, "state", json_string(ops_state_word(record->state)));
    bad |= json_object_set_new(content, "feature", feature);
    bad |= json_object_set_new(content, "extra", extra);
    bad |= json_object_set_new(content, "decisions", decisions);
    if (!bad)
        return content;
    json_decref(content);
    return NULL;
}

static bool take_version(void *ctx, const struct ops_record *record)
{
    struct versions *v = ctx;
    json_decref(v->now);
    v->now = content_of(record);
    if (strcmp(record->etag, v->etag) == 0)
        v->before = json_incref(v->now);
    v->failed = !v->now;
    return v->now != NULL;
}

enum tf_status ops_changed_since(struct ops *ops, const struct line_context *c,
                                 enum ops_class class, const char *id, const char *etag,
                                 struct tf_buf *out)
{
    struct versions v = {.etag = etag};
    enum tf_status rc = ops_history(ops, c, "", class, id, take_version, &v);
    if (!rc && v.failed)
        rc = TF_NOMEM;
    if (!rc && !v.before)
        rc = TF_NOT_FOUND;
    if (!rc)
        ops_diff(out, v.before, v.now);
    json_decref(v.before);
    json_decref(v.now);
    return rc;
}
