/*
 * line_memo.c - `tafadi line memo`: memoranda proposed, signed, compared.
 */
#include "cli/line_work.h"

#include "cli/input.h"
#include "cli/output.h"
#include "cli/readers.h"
#include "cli/word_readers.h"
#include "desk/print.h"
#include <stdio.h>
#include <string.h>

/* The document that a beginning of its hash names; "" names the one in force, or the latest. */
struct wanted {
    const char *name;
    size_t found;
    bool is_exact;
    char hash[2 * KEY_HASH_SIZE + 1];
    struct tf_buf document;
};

static bool find_one(void *ctx, const struct line_memo *memo)
{
    struct wanted *wanted = ctx;
    char hash[2 * KEY_HASH_SIZE + 1];
    key_hex(memo->hash, KEY_HASH_SIZE, hash);
    bool fits = wanted->name[0] ? strncmp(hash, wanted->name, strlen(wanted->name)) == 0
                                : !wanted->is_exact;
    if (!fits)
        return true;
    wanted->found = wanted->name[0] ? wanted->found + 1 : 1;
    wanted->is_exact = memo->in_force;
    memcpy(wanted->hash, hash, sizeof hash);
    tf_buf_clear(&wanted->document);
    tf_buf_append(&wanted->document, memo->document, memo->len);
    return true;
}

static enum tf_status find(struct line_work *w, const struct line_context *c, const char *name,
                           struct wanted *wanted)
{
    *wanted = (struct wanted){.name = name, .document = TF_BUF_INIT(MEMO_MAX + 1)};
    enum tf_status rc = line_each_memo(c, w->info.id, find_one, wanted);
    if (!rc && wanted->found != 1)
        rc = tf_fault_set(&w->act.fault, TF_NOT_FOUND, TF_NO_INDEX, "",
                          TF_TEXT("no memorandum, or more than one, begins with \"%1\""), name,
                          NULL, NULL);
    return rc;
}

/* A word of other than hexadecimal digits names a file with a draft. */
static enum tf_status find_or_read(struct line_work *w, const struct line_context *c,
                                   const char *name, struct wanted *wanted)
{
    if (strspn(name, "0123456789abcdef") == strlen(name))
        return find(w, c, name, wanted);
    *wanted = (struct wanted){.name = name, .document = TF_BUF_INIT(MEMO_MAX + 1)};
    return input_bytes(name, &wanted->document)
               ? TF_OK
               : tf_fault_set(
                     &w->act.fault, TF_NOT_FOUND, TF_NO_INDEX, "",
                     TF_TEXT("%1 is no hash of a memorandum, and no file that can be read"), name,
                     NULL, NULL);
}

/* --- template, show --------------------------------------------------------------------------- */

static enum tf_status template_run(struct party_act *act, const struct line_context *c)
{
    struct line_work *w = (struct line_work *)act;
    enum tf_status rc = line_work_find(w, c);
    tf_buf_clear(w->out);
    return rc ? rc : line_memo_template(c, w->info.id, w->args->days, w->out);
}

static bool list_one(void *ctx, const struct line_memo *memo)
{
    struct line_work *w = ctx;
    char hash[2 * KEY_HASH_SIZE + 1], number[24];
    if (w->args->party.json)
        return desk_visit_memo(w->out, memo);
    key_hex(memo->hash, KEY_HASH_SIZE, hash);
    snprintf(number, sizeof number, "%lld", (long long)memo->number);
    hash[16] = '\0';
    table_cell(&w->table, TABLE_BOLD, number);
    table_cell(&w->table, TABLE_PLAIN, hash);
    table_cell(&w->table, TABLE_PLAIN, memo->is_own ? TR("ours") : TR("theirs"));
    table_cell(&w->table, TABLE_PLAIN,
               memo->in_force                          ? TR("in force")
               : memo->own_signed && memo->peer_signed ? TR("signed by both")
               : memo->own_declined                    ? TR("declined by us")
               : memo->peer_declined                   ? TR("declined by them")
               : memo->own_signed                      ? TR("signed by us")
                                                       : TR("signed by them"));
    return true;
}

static enum tf_status list_run(struct party_act *act, const struct line_context *c)
{
    struct line_work *w = (struct line_work *)act;
    enum tf_status rc = line_work_find(w, c);
    tf_buf_clear(w->out);
    table_release(&w->table);
    w->table.columns = 4;
    if (w->args->party.json)
        tf_buf_text(w->out, "{\"memoranda\":[");
    return rc ? rc : line_each_memo(c, w->info.id, list_one, w);
}

static bool list(struct line_work *w, struct party_state *state)
{
    w->act.run = list_run;
    if (!line_work_do(w, state))
        return false;
    if (!w->args->party.json)
        return table_print(&w->table, output_has_colour(), false, w->out) == TF_OK;
    tf_buf_text(w->out, "]}\n");
    return true;
}

/* The exact bytes that were signed. */
static enum tf_status show_run(struct party_act *act, const struct line_context *c)
{
    struct line_work *w = (struct line_work *)act;
    struct wanted wanted;
    enum tf_status rc = line_work_find(w, c);
    if (rc)
        return rc;
    rc = find(w, c, w->words->count > 2 ? w->words->items[2] : "", &wanted);
    tf_buf_clear(w->out);
    if (!rc)
        tf_buf_append(w->out, wanted.document.data, wanted.document.len);
    tf_buf_release(&wanted.document);
    return rc;
}

/* --- diff --------------------------------------------------------------------------------------
 */

static bool diff_one(void *ctx, const struct memo_change *change)
{
    struct line_work *w = ctx;
    if (w->args->party.json)
        return desk_visit_change(w->out, change);
    struct tf_buf path = TF_BUF_INIT(65536);
    say_fill(&path, say_tr(change->label), change->arg[0], change->arg[1], NULL);
    say_safe(w->out, path.data);
    tf_buf_release(&path);
    tf_buf_text(w->out, ": ");
    say_safe(w->out, change->before ? change->before : "-");
    tf_buf_text(w->out, " \u2192 ");
    say_safe(w->out, change->after ? change->after : "-");
    tf_buf_char(w->out, '\n');
    return true;
}

static enum tf_status compare(struct line_work *w, const struct wanted two[2])
{
    struct memorandum memo[2];
    int read = 0;
    enum tf_status rc = TF_OK;
    for (; read < 2 && !rc; read++)
        rc = memo_read(two[read].document.data, two[read].document.len, &memo[read], &w->act.fault);
    if (rc)
        read--;
    tf_buf_clear(w->out);
    tf_buf_text(w->out, w->args->party.json ? "{\"changes\":[" : "");
    if (!rc)
        rc = memo_diff(&memo[0], &memo[1], diff_one, w);
    tf_buf_text(w->out, w->args->party.json ? "]}\n" : "");
    while (read > 0)
        memo_release(&memo[--read]);
    return rc;
}

static enum tf_status diff_run(struct party_act *act, const struct line_context *c)
{
    struct line_work *w = (struct line_work *)act;
    struct wanted two[2] = {{.document = TF_BUF_INIT(1)}, {.document = TF_BUF_INIT(1)}};
    enum tf_status rc = line_work_find(w, c);
    if (!rc)
        rc = find_or_read(w, c, w->words->count > 3 ? w->words->items[2] : "", &two[0]);
    if (!rc)
        rc = find_or_read(w, c, w->words->items[w->words->count - 1], &two[1]);
    if (!rc)
        rc = compare(w, two);
    for (int i = 0; i < 2; i++)
        tf_buf_release(&two[i].document);
    return rc;
}

/* --- propose, accept, decline
 * --------------------------------------------------------------------- */

static enum tf_status say(struct line_work *w, const struct line_context *c, const char *type)
{
    const char *role = w->args->role ? w->args->role : "head-of-cell";
    struct line_draft draft = {.type = type, .role = role, .body = w->body};
    enum tf_status rc = line_say(c, w->info.id, &draft, &w->seq, &w->act.fault);
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)w->seq);
    tf_buf_clear(w->out);
    if (!rc && w->args->party.json)
        tf_buf_printf(w->out, "{\"seq\":%s}\n", number);
    else if (!rc)
        say_fill(w->out,
                 TR("Said to %1 as number %2; it is delivered as soon as they can be reached."),
                 w->info.peer, number, NULL);
    tf_buf_text(w->out, w->args->party.json || rc ? "" : "\n");
    return rc;
}

static enum tf_status sign_run(struct party_act *act, const struct line_context *c)
{
    struct line_work *w = (struct line_work *)act;
    struct wanted wanted;
    enum tf_status rc = line_work_find(w, c);
    if (rc)
        return rc;
    rc = find(w, c, w->words->items[2], &wanted);
    if (!rc &&
        (json_object_set_new(w->body, "document", json_string(wanted.hash)) ||
         (w->args->reason && json_object_set_new(w->body, "reason", json_string(w->args->reason)))))
        rc = TF_NOMEM;
    tf_buf_release(&wanted.document);
    return rc ? rc : say(w, c, w->type);
}

static enum tf_status propose_run(struct party_act *act, const struct line_context *c)
{
    struct line_work *w = (struct line_work *)act;
    struct wanted wanted;
    enum tf_status rc = line_work_find(w, c);
    if (rc || !w->args->counters)
        return rc ? rc : say(w, c, "memo.propose");
    rc = find(w, c, w->args->counters, &wanted);
    if (!rc && json_object_set_new(w->body, "counters", json_string(wanted.hash)))
        rc = TF_NOMEM;
    tf_buf_release(&wanted.document);
    return rc ? rc : say(w, c, "memo.propose");
}

static bool propose(struct line_work *w, struct party_state *state)
{
    struct tf_buf text = TF_BUF_INIT(MEMO_MAX + 1);
    bool good = input_bytes(w->words->items[2], &text);
    if (good && json_object_set_new(w->body, "document",
                                    json_stringn(text.data ? text.data : "", text.len))) {
        say_complain(TR("\"%1\" is not text in UTF-8"), w->words->items[2], NULL);
        good = false;
    }
    tf_buf_release(&text);
    w->act.run = propose_run;
    return good && line_work_do(w, state);
}

static bool do_run(struct line_work *w, struct party_state *state,
                   enum tf_status (*run)(struct party_act *act, const struct line_context *c))
{
    w->act.run = run;
    return line_work_do(w, state);
}

static bool verb(struct line_work *w, struct party_state *state, const char *name)
{
    size_t words = w->words->count;
    if (strcmp(name, "template") == 0 && words == 2)
        return do_run(w, state, template_run);
    if (strcmp(name, "list") == 0 && words == 2)
        return list(w, state);
    if (strcmp(name, "show") == 0 && words <= 3)
        return do_run(w, state, show_run);
    if (strcmp(name, "diff") == 0 && words >= 3)
        return do_run(w, state, diff_run);
    if (strcmp(name, "propose") == 0 && words == 3)
        return propose(w, state);
    w->type = strcmp(name, "accept") == 0 ? "memo.accept" : "memo.decline";
    if ((strcmp(name, "accept") == 0 || strcmp(name, "decline") == 0) && words == 3)
        return do_run(w, state, sign_run);
    say_complain(TR("which of template, list, show, diff, propose, accept, decline? \"tafadi line "
                    "memo --help\" says more"),
                 NULL);
    return false;
}

/* The verb comes first on the command line; the rest of the code has the line first. */
static bool memo(struct line_work *w, struct party_state *state)
{
    const char *name = w->words->items[0];
    w->words->items[0] = w->words->items[1];
    w->words->items[1] = name;
    w->body = json_object();
    return w->body && verb(w, state, name);
}

static const struct flag memo_flags[] = {
    {"days", 0, "N", &count_reader, offsetof(struct line_args, days),
     TF_TEXT("template: how long it is valid (365)")},
    {"counters", 0, "HASH", &text_reader, offsetof(struct line_args, counters),
     TF_TEXT("propose: the other side's proposal that this one declines and answers")},
    {"reason", 0, "TEXT", &text_reader, offsetof(struct line_args, reason),
     TF_TEXT("decline: why")},
    {"role", 0, "ROLE", &role_reader, offsetof(struct line_args, role),
     TF_TEXT("in which role (head-of-cell)")},
};
LINE_TABLES(memo_tables, memo_flags);
LINE_COMMAND("memo", memo, 2, 4, memo_tables,
             "template|list|show|diff|propose|accept|decline LINE [FILE|HASH...]",
             TF_TEXT("Agrees on a memorandum: the rules that both sides sign."));
