/*
 * line_phrase.c - quick phrases: said by their number, read by each side in its own language.
 */
#include "cli/line_work.h"

#include "cli/line_text.h"
#include "cli/output.h"
#include "cli/readers.h"
#include "cli/word_readers.h"
#include "line/message.h"
#include <stdio.h>
#include <string.h>

/* --- the list ----------------------------------------------------------------------------- */

/* The places of a sentence by the names of what goes there: "We begin at TIME." */
static json_t *names_as_args(const struct phrase *phrase)
{
    json_t *args = json_object();
    for (size_t i = 0; args && i < 3 && phrase->args[i]; i++) {
        char name[32];
        snprintf(name, sizeof name, "<%s>", phrase->args[i]);
        if (json_object_set_new(args, phrase->args[i], json_string(name))) {
            json_decref(args);
            args = NULL;
        }
    }
    return args;
}

static bool print_phrase(const struct phrase *phrase, struct tf_buf *out)
{
    struct tf_buf text = TF_BUF_INIT(65536);
    json_t *args = names_as_args(phrase);
    tf_buf_printf(out, "%s  ", phrase->id);
    bool good = args && phrase_text(phrase, say_language(), args, &text) == TF_OK;
    line_text_plain(out, good ? text.data : "");
    tf_buf_char(out, '\n');
    tf_buf_release(&text);
    json_decref(args);
    return good;
}

struct list_args {
    struct common_args common;
};
static const struct flag_table list_tables[] = {COMMON_TABLE, {.count = 0}};

static int run_list(const struct command *self, int argc, char **argv)
{
    struct list_args args = {0};
    struct words rest = {0};
    struct tf_buf out = TF_BUF_INIT(1 << 20);
    size_t count;
    const struct phrase *list = phrase_list(&count);
    bool good = true;
    int code;
    if (command_parse(self, &args, argc, argv, &rest, &code)) {
        for (size_t i = 0; good && i < count; i++)
            good = print_phrase(&list[i], &out);
        if (rest.count > 0)
            code = command_count_error(self);
        else
            code = good && output_print(&out) ? EXIT_NONE : EXIT_ERROR;
    }
    tf_buf_release(&out);
    words_release(&rest);
    return code;
}

/* --- saying one --------------------------------------------------------------------------- */

/* NAME=VALUE, a name of the phrase's. */
static bool put_arg(const struct phrase *phrase, const char *word, json_t *args)
{
    const char *equals = strchr(word, '=');
    for (size_t i = 0; equals && i < 3 && phrase->args[i]; i++) {
        size_t len = strlen(phrase->args[i]);
        if (len == (size_t)(equals - word) && memcmp(word, phrase->args[i], len) == 0)
            return json_object_set_new(args, phrase->args[i], json_string(equals + 1)) == 0;
    }
    say_complain(TR("\"%1\" is no NAME=VALUE of this phrase: tafadi line phrases shows the names"),
                 word, NULL);
    return false;
}

static bool phrase(struct line_work *w, struct party_state *state)
{
    const struct phrase *known = phrase_named(w->words->items[1]);
    json_t *args = json_object();
    bool good = known && args;
    if (!known)
        say_complain(TR("there is no phrase \"%1\": tafadi line phrases lists them"),
                     w->words->items[1], NULL);
    for (size_t i = 2; good && i < w->words->count; i++)
        good = put_arg(known, w->words->items[i], args);
    for (size_t i = 0; good && i < 3 && known->args[i]; i++)
        if (!json_object_get(args, known->args[i])) {
            say_complain(TR("%1=VALUE is needed in this phrase"), known->args[i], NULL);
            good = false;
        }
    w->body = good ? json_pack("{s:s,s:O}", "phrase", known->id, "args", args) : NULL;
    json_decref(args);
    return w->body && line_work_say(w, state, "phrase", "duty-officer");
}

static const struct flag phrase_flags[] = {
    {"role", 0, "ROLE", &role_reader, offsetof(struct line_args, role),
     TF_TEXT("in which role (duty-officer)")},
};
LINE_TABLES(phrase_tables, phrase_flags);
LINE_COMMAND("phrase", phrase, 2, 5, phrase_tables, "LINE PHRASE [NAME=VALUE...]",
             TF_TEXT("Says a quick phrase, which each side reads in its own language."));
const struct command command_line_phrases = {
    .name = "line phrases",
    .summary = TF_TEXT("Lists the quick phrases, with the names of what goes into them."),
    .synopsis = "[--lang LANG]",
    .tables = list_tables,
    .run = run_list,
};
