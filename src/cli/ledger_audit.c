/*
 * ledger_audit.c - `tafadi ledger audit`: entries as lines, for people or for programs.
 */
#include "cli/ledger.h"

#include "base/jdoc.h"
#include "cli/output.h"
#include "cli/readers.h"
#include <inttypes.h>
#include <string.h>

enum { FLUSH = 1 << 16, KIND_COLUMNS = 20, TIME_COLUMNS = 27, VALUE_COLUMNS = 48 };

struct audit {
    const struct ledger_args *args;
    struct tf_buf out;
    bool failed; /* to print */
};

/* "kind" comes first and "at" second; what has another form is shown in any case. */
static bool is_asked(const struct audit *audit, const struct tf_jvalue *kind,
                     const struct tf_jvalue *at)
{
    int64_t at_ns;
    if (audit->args->kind && (!kind || strcmp(kind->as.text, audit->args->kind) != 0))
        return false;
    return !at || tf_time_parse(at->as.text, at->count, &at_ns) != TF_OK ||
           at_ns >= audit->args->since_ns;
}

static void pad(struct tf_buf *out, const struct tf_jvalue *value, size_t columns)
{
    const char *text = value ? value->as.text : "?";
    size_t len = value ? value->count : 1, width = say_width(text, len);
    say_line(out, text, len, columns);
    for (; width < columns; width++)
        tf_buf_char(out, ' ');
    tf_buf_text(out, "  ");
}

/* A member's value in a few words; a hash by its beginning. */
static void put_value(struct tf_buf *out, const struct tf_jvalue *value)
{
    static const char *const words[TF_JKIND_COUNT] = {[TF_JNULL] = "null",
                                                      [TF_JFALSE] = "false",
                                                      [TF_JTRUE] = "true",
                                                      [TF_JARRAY] = "[...]",
                                                      [TF_JOBJECT] = "{...}"};
    if (value->kind == TF_JSTRING) {
        bool is_hash = value->count == 64 && strspn(value->as.text, "0123456789abcdef") == 64;
        say_line(out, value->as.text, value->count, is_hash ? 12 : VALUE_COLUMNS);
    } else if (value->kind == TF_JNUMBER) {
        tf_buf_double(out, value->as.number);
    } else {
        tf_buf_text(out, words[value->kind]);
    }
}

static const struct tf_jvalue *text_member(const struct tf_jvalue *name, const char *is)
{
    return name && strcmp(name->as.text, is) == 0 && name[1].kind == TF_JSTRING ? &name[1] : NULL;
}

static void put_row(struct tf_buf *out, uint64_t index, const struct tf_jvalue *root,
                    const struct tf_jvalue *kind, const struct tf_jvalue *at)
{
    const struct tf_jvalue *name = root + 1;
    tf_buf_printf(out, "%8" PRIu64 "  ", index);
    pad(out, at, TIME_COLUMNS);
    pad(out, kind, KIND_COLUMNS);
    for (uint32_t i = 0; i < root->count; i++, name += 1 + name[1].span) {
        if (name + 1 == kind || name + 1 == at)
            continue;
        say_safe(out, name->as.text);
        tf_buf_char(out, '=');
        put_value(out, &name[1]);
        tf_buf_char(out, ' ');
    }
    while (out->len > 0 && out->data[out->len - 1] == ' ')
        out->len--;
    tf_buf_char(out, '\n');
}

static void put_entry(struct audit *audit, uint64_t index, const char *entry, size_t len,
                      const struct tf_jdoc *doc)
{
    static const struct tf_jvalue nothing = {.kind = TF_JOBJECT};
    const struct tf_jvalue *root = doc->values ? doc->values : &nothing;
    const struct tf_jvalue *first = root->count > 0 ? root + 1 : NULL;
    const struct tf_jvalue *kind = text_member(first, "kind");
    const struct tf_jvalue *at =
        root->count > 1 ? text_member(first + 1 + first[1].span, "at") : NULL;
    if (!is_asked(audit, kind, at))
        return;
    if (!audit->args->json) {
        put_row(&audit->out, index, root, kind, at);
        return;
    }
    tf_buf_printf(&audit->out, "{\"index\":%" PRIu64 ",\"entry\":", index);
    if (doc->values)
        tf_buf_append(&audit->out, entry, len);
    else
        tf_buf_text(&audit->out, "null");
    tf_buf_text(&audit->out, "}\n");
}

static bool visit(void *ctx, uint64_t index, const char *entry, size_t len)
{
    struct audit *audit = ctx;
    struct tf_jdoc doc = {0};
    size_t error_at;
    enum tf_status rc = tf_jdoc_read(entry, len, &doc, &error_at);
    if (!rc && doc.values[0].kind != TF_JOBJECT)
        tf_jdoc_release(&doc);
    if (rc == TF_NOMEM)
        audit->failed = true;
    else
        put_entry(audit, index, entry, len, &doc);
    tf_jdoc_release(&doc);
    if (audit->out.len >= FLUSH) {
        audit->failed = audit->failed || !output_print(&audit->out);
        tf_buf_clear(&audit->out);
    }
    return !audit->failed;
}

int ledger_run_audit(const struct ledger_args *args)
{
    struct ledger_source source;
    struct audit audit = {.args = args, .out = TF_BUF_INIT(OUTPUT_MAX)};
    if (!ledger_source_open(args, false, &source))
        return EXIT_ERROR;
    enum tf_status rc = ledger_each(source.ledger, 0, UINT64_MAX, visit, &audit);
    int code = rc ? ledger_complain(&source, rc) : EXIT_NONE;
    if (audit.failed || !output_print(&audit.out))
        code = EXIT_ERROR;
    tf_buf_release(&audit.out);
    ledger_source_close(&source);
    return code;
}
