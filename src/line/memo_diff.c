/*
 * memo_diff.c - how two memoranda differ, for people who are to sign one of them.
 *
 * Each document becomes a list of rows: what a rule is about (its key), how that is said, and what
 * it says. Rows with the same key are compared; what stands on one side only was added or taken
 * away. So order means nothing where it means nothing, and what is absent is its default.
 */
#include "line/memo_floor.h"

#include "line/fields.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 1024, TEXT_MAX = 262144 };

struct row {
    const char *label;  /* a sentence with %1 and %2 */
    const char *arg[2]; /* borrowed from the memorandum, or a static text */
    const char *item;   /* what tells rows of one label apart, beyond arg; "" */
    char *value;        /* owned */
};
struct rows {
    struct row row[ROWS_MAX];
    size_t count;
    enum tf_status status;
};

static void rows_free(struct rows *rows)
{
    for (size_t i = 0; rows && i < rows->count; i++)
        free(rows->row[i].value);
    free(rows);
}

/* Takes the text out of `value`. */
static void add_item(struct rows *rows, const char *label, const char *arg1, const char *arg2,
                     const char *item, struct tf_buf *value)
{
    if (!rows->status && !value->len)
        tf_buf_append(value, "", 1);
    if (!rows->status)
        rows->status = rows->count < ROWS_MAX ? tf_buf_status(value) : TF_LIMIT;
    if (rows->status) {
        tf_buf_release(value);
        return;
    }
    rows->row[rows->count++] = (struct row){label, {arg1, arg2}, item, value->data};
    *value = (struct tf_buf)TF_BUF_INIT(TEXT_MAX);
}

static void add(struct rows *rows, const char *label, const char *arg1, const char *arg2,
                struct tf_buf *value)
{
    add_item(rows, label, arg1, arg2, "", value);
}

/* --- values ---------------------------------------------------------------------------------- */

static void add_text(struct rows *rows, const char *label, const char *item, const char *text)
{
    struct tf_buf value = TF_BUF_INIT(TEXT_MAX);
    tf_buf_text(&value, text);
    add_item(rows, label, "", "", item, &value);
}

static void add_number(struct rows *rows, const char *label, const char *arg1, const char *arg2,
                       double number, const char *unit)
{
    struct tf_buf value = TF_BUF_INIT(TEXT_MAX);
    tf_buf_double(&value, number);
    tf_buf_text(&value, unit);
    add(rows, label, arg1, arg2, &value);
}

static void add_seconds(struct rows *rows, const char *label, const char *arg1, int64_t seconds)
{
    add_number(rows, label, arg1, "", (double)seconds, " s");
}

static void add_time(struct rows *rows, const char *label, int64_t t_us)
{
    char text[TF_TIME_TEXT_SIZE];
    tf_time_format(t_us * 1000, text);
    add_text(rows, label, "", text);
}

static void put_rings(const struct tf_shape *shape, struct tf_buf *out)
{
    for (size_t r = 0; r < tf_shape_ring_count(shape); r++) {
        struct tf_ring ring = tf_shape_ring(shape, r);
        if (r)
            tf_buf_text(out, " without");
        for (size_t i = 0; i < ring.count; i++) {
            tf_buf_char(out, ' ');
            tf_buf_double(out, ring.vertices[i].lat_deg);
            tf_buf_char(out, ',');
            tf_buf_double(out, ring.vertices[i].lng_deg);
        }
    }
}

static void add_area(struct rows *rows, const struct tf_shape *shape)
{
    struct tf_buf value = TF_BUF_INIT(TEXT_MAX);
    if (!shape) {
        tf_buf_text(&value, "everywhere");
    } else if (tf_shape_kind(shape) == TF_SHAPE_CIRCLE) {
        tf_buf_text(&value, "circle of ");
        tf_buf_double(&value, tf_shape_radius_m(shape));
        tf_buf_text(&value, " m around");
        put_rings(shape, &value);
    } else {
        tf_buf_text(&value, tf_shape_edges(shape) == TF_EDGES_LONLAT
                                ? "polygon, edges straight in longitude and latitude,"
                                : "polygon, edges the shortest lines,");
        put_rings(shape, &value);
    }
    add(rows, TF_TEXT("Area"), "", "", &value);
}

static void add_texts(struct rows *rows, const char *label, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        add_text(rows, label, text, text);
    }
}

/* The floor beyond what no list takes away. */
static void add_floor(struct rows *rows, const struct memorandum *memo)
{
    const json_t *list = json_object_get(memo->document, "safety_floor");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *type = json_string_value(json_array_get(list, i));
        if (memo_adds_to_floor(memo, type))
            add_text(rows, TF_TEXT("Added to the safety floor"), type, type);
    }
}

static void add_other(struct rows *rows, const json_t *other)
{
    json_t *all = (json_t *)other; /* jansson's iterators are not const */
    for (void *i = json_object_iter(all); i; i = json_object_iter_next(all, i)) {
        struct tf_buf value = TF_BUF_INIT(TEXT_MAX);
        if (!rows->status)
            rows->status = fields_put_json(&value, json_object_iter_value(i));
        add(rows, TF_TEXT("Also agreed: %1"), json_object_iter_key(i), "", &value);
    }
}

/* --- rows of a memorandum -------------------------------------------------------------------- */

static void add_head(struct rows *rows, const struct memorandum *memo)
{
    char hex[2 * KEY_HASH_SIZE + 1];
    add_text(rows, TF_TEXT("Line"), "", memo->line);
    add_number(rows, TF_TEXT("Number"), "", "", (double)memo->number, "");
    key_hex(memo->replaces, KEY_HASH_SIZE, hex);
    if (memo->has_replaced)
        add_text(rows, TF_TEXT("Replaces the memorandum with the hash"), "", hex);
    add_time(rows, TF_TEXT("Valid from"), memo->valid_from_us);
    add_time(rows, TF_TEXT("Valid until"), memo->valid_until_us);
    add_area(rows, memo->area);
}

static void add_rules(struct rows *rows, const struct memorandum *memo)
{
    for (size_t i = 0; i < memo->separations; i++) {
        const struct memo_separation *rule = &memo->separation[i];
        bool in_order = strcmp(rule->a, rule->b) <= 0;
        const char *a = in_order ? rule->a : rule->b, *b = in_order ? rule->b : rule->a;
        add_number(rows, TF_TEXT("Separation of %1 and %2: horizontal"), a, b, rule->horizontal_m,
                   " m");
        add_number(rows, TF_TEXT("Separation of %1 and %2: vertical"), a, b, rule->vertical_m,
                   " m");
        add_number(rows, TF_TEXT("Separation of %1 and %2: in time"), a, b, rule->time_s, " s");
    }
    for (size_t i = 0; i < memo->kind_rules; i++) {
        const struct memo_kind_rule *rule = &memo->kinds[i];
        struct tf_buf value = TF_BUF_INIT(TEXT_MAX);
        add_seconds(rows, TF_TEXT("Notice before an operation of kind %1"), rule->kind,
                    rule->notice_s);
        tf_buf_text(&value, memo_disclosure_name(rule->disclosure));
        add(rows, TF_TEXT("What is disclosed of operations of kind %1"), rule->kind, "", &value);
    }
}

static void add_ladder(struct rows *rows, const struct memorandum *memo)
{
    static const char *const steps[MEMO_LADDER_MAX] = {"1", "2", "3", "4", "5", "6", "7", "8"};
    for (size_t i = 0; i < memo->rungs; i++) {
        struct tf_buf value = TF_BUF_INIT(TEXT_MAX);
        tf_buf_printf(&value, "%s, +%lld s", memo->ladder[i].role,
                      (long long)memo->ladder[i].after_s);
        add(rows, TF_TEXT("Escalation, step %1"), steps[i], "", &value);
    }
}

static void add_times(struct rows *rows, const struct memorandum *memo)
{
    add_seconds(rows, TF_TEXT("Delivered within"), "", memo->deliver_s);
    add_seconds(rows, TF_TEXT("Seen within"), "", memo->seen_s);
    add_seconds(rows, TF_TEXT("Answered within"), "", memo->answer_s);
    add_ladder(rows, memo);
    add_text(rows, TF_TEXT("Without an agreement about a case in time"), "",
             memo_default_name(memo->no_agreement));
    add_seconds(rows, TF_TEXT("Heartbeat"), "", memo->heartbeat_s);
    add_seconds(rows, TF_TEXT("Time between line checks"), "", memo->drill_every_s);
}

static struct rows *rows_of(const struct memorandum *memo)
{
    struct rows *rows = calloc(1, sizeof *rows);
    const json_t *document = memo->document;
    const char *notes = json_string_value(json_object_get(document, "notes"));
    if (!rows)
        return NULL;
    add_head(rows, memo);
    add_rules(rows, memo);
    add_times(rows, memo);
    add_texts(rows, TF_TEXT("Language"), json_object_get(document, "languages"));
    add_floor(rows, memo);
    add_texts(rows, TF_TEXT("Frequency"), json_object_get(document, "frequencies"));
    add_texts(rows, TF_TEXT("Phrase"), json_object_get(document, "phrases"));
    if (notes)
        add_text(rows, TF_TEXT("Notes"), "", notes);
    add_other(rows, json_object_get(document, "other"));
    return rows;
}

/* --- comparing ------------------------------------------------------------------------------- */

static const struct row *same_row(const struct rows *rows, const struct row *row)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct row *other = &rows->row[i];
        if (strcmp(other->label, row->label) == 0 && strcmp(other->arg[0], row->arg[0]) == 0 &&
            strcmp(other->arg[1], row->arg[1]) == 0 && strcmp(other->item, row->item) == 0)
            return other;
    }
    return NULL;
}

static bool tell(const struct row *row, const char *before, const char *after,
                 bool (*visit)(void *ctx, const struct memo_change *change), void *ctx)
{
    struct tf_fault words;
    char path[TF_FAULT_FIELD_SIZE + 2 * TF_FAULT_ARG_SIZE];
    tf_fault_set(&words, TF_OK, TF_NO_INDEX, "", row->label, row->arg[0], row->arg[1], NULL);
    tf_fault_text(&words, row->label, path, sizeof path);
    return visit(ctx, &(struct memo_change){.path = path,
                                            .before = before,
                                            .after = after,
                                            .label = row->label,
                                            .arg = {row->arg[0], row->arg[1]}});
}

static void compare(const struct rows *before, const struct rows *after,
                    bool (*visit)(void *ctx, const struct memo_change *change), void *ctx)
{
    bool goes_on = true;
    for (size_t i = 0; goes_on && i < before->count; i++) {
        const struct row *row = &before->row[i], *now = same_row(after, row);
        if (!now || strcmp(now->value, row->value) != 0)
            goes_on = tell(row, row->value, now ? now->value : NULL, visit, ctx);
    }
    for (size_t i = 0; goes_on && i < after->count; i++)
        if (!same_row(before, &after->row[i]))
            goes_on = tell(&after->row[i], NULL, after->row[i].value, visit, ctx);
}

enum tf_status memo_diff(const struct memorandum *before, const struct memorandum *after,
                         bool (*visit)(void *ctx, const struct memo_change *change), void *ctx)
{
    struct rows *a = rows_of(before), *b = rows_of(after);
    enum tf_status rc = !a || !b ? TF_NOMEM : a->status ? a->status : b->status;
    if (!rc)
        compare(a, b, visit, ctx);
    rows_free(a);
    rows_free(b);
    return rc;
}
