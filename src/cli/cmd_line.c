/*
 * cmd_line.c - `tafadi line`: its commands, and those that look at lines.
 */
#include "cli/line_work.h"

#include "cli/line_text.h"
#include "cli/output.h"
#include "cli/readers.h"
#include "cli/word_readers.h"
#include "desk/print.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct flag role_flag[] = {
    {"role", 0, "ROLE", &role_reader, offsetof(struct line_args, role),
     TF_TEXT("in which role (head-of-cell)")},
};
LINE_TABLES(role_tables, role_flag);

/* What a list of JSON is closed with, or a table. */
static bool close_list(struct line_work *w, const char *end)
{
    if (!w->args->party.json)
        return table_print(&w->table, output_has_colour(), false, w->out) == TF_OK;
    tf_buf_text(w->out, end);
    return true;
}

static void begin_list(struct line_work *w, const char *begin)
{
    tf_buf_clear(w->out);
    table_release(&w->table);
    if (w->args->party.json)
        tf_buf_text(w->out, begin);
}

static const char *state_word(enum line_state state)
{
    static const char *const words[] = {TF_TEXT("proposed"), TF_TEXT("open"), TF_TEXT("degraded"),
                                        TF_TEXT("suspended"), TF_TEXT("closed")};
    return words[state];
}

/* In the list: the state, and whose turn it is where that depends on the side. */
static const char *turn_words(const struct line_info *info)
{
    bool is_own = info->own == STANCE_SUSPENDED, is_other = info->other == STANCE_SUSPENDED;
    if (info->state == LINE_PROPOSED)
        return info->own == STANCE_OPEN ? TF_TEXT("proposed by us") : TF_TEXT("proposed by them");
    if (info->state == LINE_SUSPENDED && is_own != is_other)
        return is_own ? TF_TEXT("suspended by us") : TF_TEXT("suspended by them");
    return state_word(info->state);
}

/* --- open, list -------------------------------------------------------------------------- */

static enum tf_status open_run(struct party_act *act, const struct line_context *c)
{
    struct line_work *w = (struct line_work *)act;
    char id[LINE_ID_SIZE];
    enum tf_status rc = line_open(c, w->words->items[0],
                                  w->args->role ? w->args->role : "head-of-cell", id, &act->fault);
    return rc ? rc : line_find(c, id, &w->info);
}

static void print_state(struct line_work *w)
{
    if (w->args->party.json) {
        desk_visit_line(w->out, &w->info);
        tf_buf_char(w->out, '\n');
        return;
    }
    say_fill(w->out, TR("The line to %1 is %2."), w->info.peer, say_tr(state_word(w->info.state)),
             NULL);
    tf_buf_char(w->out, '\n');
}

static bool open(struct line_work *w, struct party_state *state)
{
    w->act.run = open_run;
    if (!line_work_do(w, state))
        return false;
    print_state(w);
    return true;
}

static bool list_one(void *ctx, const struct line_info *info)
{
    struct line_work *w = ctx;
    if (w->args->party.json)
        return desk_visit_line(w->out, info);
    table_cell(&w->table, TABLE_BOLD, info->peer);
    table_cell(&w->table, info->state == LINE_OPEN ? TABLE_PLAIN : TABLE_YELLOW,
               say_tr(turn_words(info)));
    table_cell(&w->table, info->open_alarms ? TABLE_RED : TABLE_PLAIN,
               say_count((size_t)info->open_alarms).s);
    table_cell(&w->table, TABLE_PLAIN, say_count((size_t)info->waiting).s);
    line_work_time(w, info->heard_us);
    table_cell(&w->table, TABLE_PLAIN, info->id);
    return true;
}

static void head(struct line_work *w, const char *const *titles, size_t count)
{
    w->table.columns = count;
    for (size_t i = 0; !w->args->party.json && i < count; i++)
        table_cell(&w->table, TABLE_BOLD, say_tr(titles[i]));
}

static enum tf_status list_run(struct party_act *act, const struct line_context *c)
{
    static const char *const titles[] = {TF_TEXT("Party"),   TF_TEXT("State"), TF_TEXT("Alarms"),
                                         TF_TEXT("Waiting"), TF_TEXT("Heard"), TF_TEXT("Line")};
    struct line_work *w = (struct line_work *)act;
    begin_list(w, "{\"lines\":[");
    head(w, titles, sizeof titles / sizeof *titles);
    return line_each(c, list_one, w);
}

static bool list(struct line_work *w, struct party_state *state)
{
    w->act.run = list_run;
    return line_work_do(w, state) && close_list(w, "]}\n");
}

/* --- show: what was said --------------------------------------------------------------------- */

static bool show_one(void *ctx, const struct line_message *m)
{
    struct line_work *w = ctx;
    struct tf_buf text = TF_BUF_INIT(65536);
    char number[24];
    if (ops_reading_message(&w->reading, m))
        return false;
    if (w->args->party.json)
        return desk_visit_message(w->out, m);
    snprintf(number, sizeof number, "%s%lld", m->is_own ? ">" : "<", (long long)m->seq);
    line_text_gist(&text, m);
    table_cell(&w->table, TABLE_BOLD, number);
    line_work_time(w, m->sent_us);
    table_cell(&w->table, TABLE_PLAIN, m->type);
    table_cell(&w->table, TABLE_PLAIN, m->role);
    table_cell(&w->table, TABLE_PLAIN, line_text_standing(m));
    table_cell(&w->table, TABLE_PLAIN, text.data ? text.data : "");
    tf_buf_release(&text);
    return true;
}

/* The latest of each side. */
static enum tf_status show_run(struct party_act *act, const struct line_context *c)
{
    struct line_work *w = (struct line_work *)act;
    int64_t limit = (int64_t)(w->args->limit < 1000 ? w->args->limit : 1000);
    enum tf_status rc = line_work_find(w, c);
    if (rc)
        return rc;
    w->reading = (struct ops_site_reading){.c = c, .purpose = "messages"};
    begin_list(w, "");
    w->table.columns = 6;
    if (w->args->party.json) {
        tf_buf_text(w->out, "{\"line\":");
        desk_visit_line(w->out, &w->info);
        tf_buf_text(w->out, ",\"messages\":[");
    }
    for (int own = 1; own >= 0 && !rc; own--) {
        int64_t last = own ? w->info.own_seq : w->info.peer_seq;
        rc = line_each_message(c, w->info.id, own, last > limit ? last - limit : 0, (size_t)limit,
                               show_one, w);
    }
    enum tf_status kept = ops_reading_end(&w->reading);
    return rc ? rc : kept;
}

static bool show(struct line_work *w, struct party_state *state)
{
    w->act.run = show_run;
    if (!line_work_do(w, state))
        return false;
    if (!w->args->party.json)
        print_state(w);
    return close_list(w, "]}\n");
}

/* --- alarms --------------------------------------------------------------------------------------
 */

static bool alarm_one(void *ctx, const struct line_alarm *alarm)
{
    struct line_work *w = ctx;
    char number[24], about[24] = "", line[9];
    /* A deadline's text says what the columns say. */
    bool is_deadline = strcmp(alarm->kind, "delivery") == 0 || strcmp(alarm->kind, "seen") == 0 ||
                       strcmp(alarm->kind, "answer") == 0;
    if (w->args->party.json)
        return desk_visit_alarm(w->out, alarm);
    snprintf(number, sizeof number, "%lld", (long long)alarm->id);
    if (alarm->seq)
        snprintf(about, sizeof about, "%s%lld", alarm->is_own ? ">" : "<", (long long)alarm->seq);
    table_cell(&w->table, TABLE_BOLD, number);
    line_work_time(w, alarm->at_us);
    snprintf(line, sizeof line, "%.8s", alarm->line); /* enough to name it by */
    table_cell(&w->table, TABLE_PLAIN, line);
    table_cell(&w->table, alarm->cleared_us ? TABLE_PLAIN : TABLE_RED,
               line_text_alarm(alarm->kind));
    table_cell(&w->table, TABLE_PLAIN, about);
    table_cell(&w->table, TABLE_PLAIN, alarm->role ? alarm->role : "");
    table_cell(&w->table, TABLE_PLAIN, is_deadline ? "" : alarm->text);
    return true;
}

static enum tf_status alarms_run(struct party_act *act, const struct line_context *c)
{
    struct line_work *w = (struct line_work *)act;
    enum tf_status rc = w->words->count ? line_work_find(w, c) : TF_OK;
    if (rc)
        return rc;
    begin_list(w, "{\"alarms\":[");
    w->table.columns = 7;
    return line_each_alarm(c, w->words->count ? w->info.id : NULL, w->args->cleared, alarm_one, w);
}

static bool alarms(struct line_work *w, struct party_state *state)
{
    w->act.run = alarms_run;
    return line_work_do(w, state) && close_list(w, "]}\n");
}

static enum tf_status clear_run(struct party_act *act, const struct line_context *c)
{
    return line_clear_alarm(c, ((struct line_work *)act)->seq, &act->fault);
}

static bool clear(struct line_work *w, struct party_state *state)
{
    w->act.run = clear_run;
    return line_work_number(w->words->items[0], &w->seq) && line_work_do(w, state);
}

/* --- history, watch ------------------------------------------------------------------------------
 */

static bool event_one(void *ctx, int64_t id, int64_t at_us, const char *kind, const char *json)
{
    struct line_work *w = ctx;
    char at[TF_TIME_TEXT_SIZE];
    tf_time_format(at_us * 1000, at);
    if (w->args->party.json)
        tf_buf_printf(w->out, "{\"id\":%lld,\"at\":\"%s\",\"kind\":\"%s\",\"data\":", (long long)id,
                      at, kind);
    else
        tf_buf_printf(w->out, "%s  %-10s  ", at, kind);
    if (w->args->party.json)
        tf_buf_text(w->out, json);
    else
        say_safe(w->out, json);
    tf_buf_text(w->out, w->args->party.json ? "}\n" : "\n");
    w->last = id;
    return tf_buf_status(w->out) == TF_OK;
}

static enum tf_status history_run(struct party_act *act, const struct line_context *c)
{
    struct line_work *w = (struct line_work *)act;
    int64_t last, limit = (int64_t)w->args->limit;
    enum tf_status rc = party_last_event(c, &last);
    if (rc)
        return rc;
    tf_buf_clear(w->out);
    w->last = w->after >= 0 ? w->after : last > limit ? last - limit : 0;
    return line_each_event(c, w->last, 1000, event_one, w);
}

/* The participation in one line. */
static bool stage_one(void *ctx, const struct line_change *change)
{
    struct line_work *w = ctx;
    if (w->args->party.json)
        return desk_visit_stage(w->out, change);
    line_work_time(w, change->at_us);
    table_cell(&w->table, TABLE_PLAIN, change->act);
    table_cell(&w->table, TABLE_PLAIN, change->is_own ? ">" : "<");
    table_cell(&w->table, TABLE_BOLD, say_tr(state_word(change->after)));
    table_cell(&w->table, TABLE_PLAIN, change->reason);
    return true;
}

static enum tf_status stages_run(struct party_act *act, const struct line_context *c)
{
    struct line_work *w = (struct line_work *)act;
    enum tf_status rc = line_work_find(w, c);
    if (rc)
        return rc;
    begin_list(w, "{\"changes\":[");
    w->table.columns = 5;
    return line_each_change(c, w->info.id, 0, 1000, stage_one, w);
}

static bool history(struct line_work *w, struct party_state *state)
{
    w->act.run = w->words->count ? stages_run : history_run;
    w->after = -1;
    return line_work_do(w, state) && (w->words->count == 0 || close_list(w, "]}\n"));
}

/* Until somebody ends it. */
static bool watch(struct line_work *w, struct party_state *state)
{
    const struct timespec pause = {.tv_nsec = 300000000};
    w->act.run = history_run;
    w->after = -1;
    while (line_work_do(w, state)) {
        w->after = w->last;
        if (w->out->len > 0 && !output_print(w->out))
            return false;
        tf_buf_clear(w->out);
        nanosleep(&pause, NULL);
    }
    return false;
}

/* --- the commands ------------------------------------------------------------------------------
 */

#define LIMIT_FLAG                                                                                 \
    {                                                                                              \
        "limit", 'n', "N", &count_reader, offsetof(struct line_args, limit),                       \
            TF_TEXT("how many at most (20)")                                                       \
    }
static const struct flag limit_flags[] = {LIMIT_FLAG};
static const struct flag alarm_flags[] = {
    {"cleared", 0, NULL, NULL, offsetof(struct line_args, cleared),
     TF_TEXT("those that are over, too")},
};
LINE_TABLES(limit_tables, limit_flags);
LINE_TABLES(alarm_tables, alarm_flags);

LINE_COMMAND("open", open, 1, 1, role_tables, "PARTY",
             TF_TEXT("Opens the line to a party, or agrees to open it."));
LINE_COMMAND("list", list, 0, 0, line_plain_tables, "",
             TF_TEXT("Lists the lines, their state, alarms and what waits for our word."));
LINE_COMMAND("show", show, 1, 1, limit_tables, "LINE",
             TF_TEXT("Shows a line and what was said on it: > by us, < by them."));
LINE_COMMAND("alarms", alarms, 0, 1, alarm_tables, "[LINE]", TF_TEXT("Lists the alarms."));
LINE_COMMAND("clear", clear, 1, 1, line_plain_tables, "ALARM",
             TF_TEXT("Clears an alarm that nothing else ends."));
LINE_COMMAND("history", history, 0, 1, limit_tables, "[LINE]",
             TF_TEXT("Shows what happened last on all lines, or who took part in one, and when."));
LINE_COMMAND("watch", watch, 0, 0, limit_tables, "",
             TF_TEXT("Shows what happens on all lines, as it happens, until Ctrl-C."));

static const struct command *const children[] = {
    &command_line_open,   &command_line_list,   &command_line_show,    &command_line_say,
    &command_line_text,   &command_line_phrase, &command_line_phrases, &command_line_notice,
    &command_line_danger, &command_line_ack,    &command_line_answer,  &command_line_suspend,
    &command_line_resume, &command_line_end,    &command_line_memo,    &command_line_drill,
    &command_line_alarms, &command_line_clear,  &command_line_history, &command_line_watch,
    &command_line_export, &command_line_import, &command_line_post,    NULL};
static const struct flag_table own_tables[] = {COMMON_TABLE, {.count = 0}};
const struct command command_line = {
    .name = "line",
    .summary = TF_TEXT("Speaks with another party over a line that is signed and receipted."),
    .synopsis = "COMMAND ...",
    .tables = own_tables,
    .run = command_run_child,
    .children = children,
};
