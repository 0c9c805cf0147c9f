/*
 * declared.c - what was declared over lines, both ways, as lists.
 */
#include "ops/declaration.h"
#include "ops/internal.h"
#include "ops/reading.h"

static const char *const levels[] = {"nothing", "existence", "window", "cells", "full"};

/* The body is kept without its version. */
static enum tf_status shown(struct ops_site_reading *reading, const struct ops_declaration *d)
{
    json_t *body = json_loadb(d->body, d->body_len, 0, NULL);
    bool bad = body && json_object_set_new(body, "version", json_integer(d->version));
    enum tf_status rc = bad ? TF_NOMEM : ops_reading_body(reading, d->line, body);
    json_decref(body);
    return rc;
}

enum tf_status
ops_declaration_each(struct ops *ops, const struct line_context *c, const char *line,
                     bool with_withdrawn, const char *purpose,
                     bool (*visit)(void *ctx, const struct ops_declaration *declaration), void *ctx)
{
    static const char text[] =
        "SELECT line, is_own, id, class, own_id, version, seq, at_us, disclosure, breach_s,"
        " is_withdrawn, body FROM ops_declared WHERE ($1 = '' OR line = $1)"
        " AND is_withdrawn <= $2 ORDER BY line, is_own, at_us, id LIMIT 10000";
    struct ops_site_reading reading = {.c = c, .purpose = purpose};
    struct sql_rows rows = {0};
    enum tf_status rc = ops_enter(ops, c);
    if (!rc)
        rc = ops_lines_follow(ops, c);
    if (!rc)
        rc =
            sql_query(c->sql, text,
                      SQL_ARGS(sql_text(line ? line : ""), sql_int(with_withdrawn ? 1 : 0)), &rows);
    for (size_t i = 0; !rc && i < rows.count; i++) {
        const struct sql_value *v = sql_at(&rows, i, 0);
        struct ops_declaration d = {.line = v[0].bytes,
                                    .is_own = v[1].number != 0,
                                    .id = v[2].bytes,
                                    .own_id = v[4].bytes,
                                    .version = v[5].number,
                                    .seq = v[6].number,
                                    .at_us = v[7].number,
                                    .notice_breach_s = v[9].number,
                                    .is_withdrawn = v[10].number != 0,
                                    .body = v[11].bytes,
                                    .body_len = v[11].len};
        for (int level = 0; level <= MEMO_FULL; level++)
            if (strcmp(levels[level], v[8].bytes) == 0)
                d.disclosure = (enum memo_disclosure)level;
        if (ops_class_from_word(v[3].bytes, &d.class))
            rc = TF_SYNTAX;
        for (size_t l = 0; l < ops->line_count && !d.is_own; l++)
            if (strcmp(ops->lines[l].id, d.line) == 0)
                d.growth_m = ops->lines[l].growth_m;
        d.is_old = d.growth_m > 0;
        if (!rc && purpose && d.class == OPS_SITE)
            rc = shown(&reading, &d);
        if (!rc && !visit(ctx, &d))
            break;
    }
    sql_rows_release(&rows);
    enum tf_status kept = ops_reading_end(&reading);
    return rc ? rc : kept;
}

void ops_print_declaration(struct tf_buf *out, const struct ops_declaration *d)
{
    tf_put_open(out, NULL, '{');
    tf_put_text(out, "line", d->line);
    tf_put_flag(out, "own", d->is_own);
    tf_put_text(out, "id", d->id);
    tf_put_text(out, "own_id", d->is_own ? d->own_id : NULL);
    tf_put_text(out, "class", ops_class_word(d->class));
    tf_put_int(out, "version", d->version);
    tf_put_int(out, "seq", d->seq);
    tf_put_time_us(out, "at", d->at_us);
    tf_put_text(out, "disclosure", levels[d->disclosure]);
    tf_put_int(out, "notice_breach_s", d->notice_breach_s);
    tf_put_flag(out, "withdrawn", d->is_withdrawn);
    tf_put_flag(out, "old", d->is_old);
    tf_put_double(out, "growth_m", d->growth_m);
    tf_put_json(out, "body", d->body, d->body_len);
    tf_buf_char(out, '}');
}
