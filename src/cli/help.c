/*
 * help.c - --help and the bash completion, written from the tables.
 */
#include "cli/command.h"

#include "cli/readers.h"
#include <string.h>

enum { LINE_COLUMNS = 90, HELP_COLUMN = 30 };

static void pad(struct tf_buf *out, size_t columns)
{
    while (columns-- > 0)
        tf_buf_char(out, ' ');
}

/* `text` broken at spaces, each further line from column `indent` on. */
static void wrap(struct tf_buf *out, const char *text, size_t indent)
{
    size_t at = indent;
    while (*text) {
        size_t len = strcspn(text, " ");
        size_t width = say_width(text, len);
        if (at > indent && at + 1 + width > LINE_COLUMNS) {
            tf_buf_char(out, '\n');
            pad(out, indent);
            at = indent;
        } else if (at > indent) {
            tf_buf_char(out, ' ');
            at++;
        }
        tf_buf_append(out, text, len);
        at += width;
        text += len + (text[len] == ' ');
    }
    tf_buf_char(out, '\n');
}

/* "  left      text", the text on a line of its own if left is too long. */
static void row(struct tf_buf *out, const char *left, size_t column, const char *text)
{
    size_t width = 2 + strlen(left);
    tf_buf_text(out, "  ");
    tf_buf_text(out, left);
    if (width + 2 > column) {
        tf_buf_char(out, '\n');
        width = 0;
    }
    pad(out, column - width);
    wrap(out, text, column);
}

static void flag_row(struct tf_buf *out, const struct flag *flag)
{
    struct tf_buf left = TF_BUF_INIT(256);
    if (flag->letter)
        tf_buf_printf(&left, "-%c, ", flag->letter);
    tf_buf_printf(&left, "--%s", flag->name);
    if (flag->value)
        tf_buf_printf(&left, " %s", flag->value);
    row(out, left.data ? left.data : "", HELP_COLUMN, say_tr(flag->help));
    tf_buf_release(&left);
}

static void tables_help(struct tf_buf *out, const struct flag_table *tables)
{
    for (const struct flag_table *table = tables; table->count; table++) {
        say_fill(out, "\n%1:\n", say_tr(table->title), NULL);
        for (size_t i = 0; i < table->count; i++)
            flag_row(out, &table->flags[i]);
    }
}

static void formats_help(struct tf_buf *out)
{
    say_fill(out, "\n%1:\n", TR("Formats"), NULL);
    struct tf_buf list = TF_BUF_INIT(1024);
    for (int f = TF_FORMAT_AUTO + 1; f < TF_FORMAT_COUNT; f++) {
        const char *word = tf_format_word((enum tf_format)f);
        tf_buf_printf(&list, "%s%s", list.len ? ", " : "", word);
        if (!tf_format_can_write((enum tf_format)f))
            say_fill(&list, " (%1)", TR("reading only"), NULL);
        else if (!tf_format_can_read((enum tf_format)f))
            say_fill(&list, " (%1)", TR("writing only"), NULL);
    }
    tf_buf_text(out, "  ");
    wrap(out, list.data ? list.data : "", 2);
    tf_buf_release(&list);
}

static void codes_help(struct tf_buf *out)
{
    static const struct {
        const char *code, *meaning;
    } codes[] = {
        {"0", TF_TEXT("no conflict, or the work is done")},
        {"1", TF_TEXT("an error: something could not be read or written")},
        {"2", TF_TEXT("wrong use of the command line")},
        {"3", TF_TEXT("conflicts were found, no option exists within the limits, or what was "
                      "verified is not valid")}};
    say_fill(out, "\n%1:\n", TR("Exit codes"), NULL);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        row(out, codes[i].code, 6, say_tr(codes[i].meaning));
}

static bool has_flag(const struct flag_table *tables, const struct flag_reader *reader)
{
    for (const struct flag_table *t = tables; t->count; t++)
        for (size_t i = 0; i < t->count; i++)
            if (t->flags[i].reader == reader)
                return true;
    return false;
}

void help_command(const struct command *command, struct tf_buf *out)
{
    say_fill(out, "%1 ", TR("Usage:"), NULL);
    tf_buf_printf(out, "tafadi %s%s%s\n\n", command->name, *command->synopsis ? " " : "",
                  command->synopsis);
    wrap(out, say_tr(command->summary), 0);
    if (command->children)
        say_fill(out, "\n%1:\n", TR("Commands"), NULL);
    for (size_t i = 0; command->children && command->children[i]; i++)
        row(out, command_verb(command->children[i]), 12, say_tr(command->children[i]->summary));
    tables_help(out, command->tables);
    if (has_flag(command->tables, &format_reader))
        formats_help(out);
    codes_help(out);
}

void help_program(struct tf_buf *out)
{
    static const struct flag_table tables[] = {COMMON_TABLE, {.count = 0}};
    say_fill(out, "%1 ", TR("Usage:"), NULL);
    tf_buf_text(out, "tafadi COMMAND ...\n\n");
    wrap(out,
         TR("Finds conflicts between operations, zones and sites in space and time, and ways "
            "out of them."),
         0);
    say_fill(out, "\n%1:\n", TR("Commands"), NULL);
    for (size_t i = 0; commands[i]; i++)
        if (!commands[i]->hidden)
            row(out, commands[i]->name, 12, say_tr(commands[i]->summary));
    tables_help(out, tables);
    codes_help(out);
    tf_buf_char(out, '\n');
    wrap(out, TR("\"tafadi help COMMAND\" or \"tafadi COMMAND --help\" says more."), 0);
}

/* --- completion ------------------------------------------------------------------ */

static void completion_flags(struct tf_buf *out, const struct command *command)
{
    if (command->children) {
        unsigned words = 2; /* before the next command */
        for (const char *at = command->name; (at = strchr(at, ' ')); at++)
            words++;
        tf_buf_printf(out, "        %s) case ${COMP_WORDS[%u]} in\n", command_verb(command), words);
        for (size_t i = 0; command->children[i]; i++)
            completion_flags(out, command->children[i]);
        tf_buf_text(out, "        esac ;;\n");
        return;
    }
    tf_buf_printf(out, "        %s) flags=\"", command_verb(command));
    const char *space = "";
    for (const struct flag_table *t = command->tables; t->count; t++) {
        for (size_t i = 0; i < t->count; i++) {
            tf_buf_printf(out, "%s--%s", space, t->flags[i].name);
            space = " ";
        }
    }
    tf_buf_text(out, "\" ;;\n");
}

/* What follows a command that follows a command. */
static void completion_children(struct tf_buf *out, const struct command *command)
{
    if (!command->children)
        return;
    tf_buf_printf(out, "        \"%s\") words=\"", command->name);
    for (size_t i = 0; command->children[i]; i++)
        tf_buf_printf(out, "%s%s", i ? " " : "", command_verb(command->children[i]));
    tf_buf_text(out, "\" ;;\n");
}

/* One line "command --name) words" for each flag with a list of words, and one for the
 * commands that follow a command. */
static void completion_choices(struct tf_buf *out, const struct command *command)
{
    if (command->children) {
        tf_buf_printf(out, "        \"%s %s\") words=\"", command->name, command->name);
        for (size_t i = 0; command->children[i]; i++)
            tf_buf_printf(out, "%s%s", i ? " " : "", command_verb(command->children[i]));
        tf_buf_text(out, "\" ;;\n");
        for (size_t i = 0; command->children[i]; i++)
            completion_children(out, command->children[i]);
    }
    for (const struct flag_table *t = command->tables; t->count; t++) {
        for (size_t i = 0; i < t->count; i++) {
            const struct flag *flag = &t->flags[i];
            if (!flag->reader || !flag->reader->choices)
                continue;
            tf_buf_printf(out, "        \"%s --%s\") words=\"", command->name, flag->name);
            for (size_t w = 0; flag->reader->choices[w]; w++)
                tf_buf_printf(out, "%s%s", w ? " " : "", flag->reader->choices[w]);
            tf_buf_text(out, "\" ;;\n");
        }
    }
}

static void completion_commands(struct tf_buf *out)
{
    const char *space = "";
    for (size_t c = 0; commands[c]; c++) {
        if (commands[c]->hidden)
            continue;
        tf_buf_printf(out, "%s%s", space, commands[c]->name);
        space = " ";
    }
}

void help_completion(struct tf_buf *out)
{
    tf_buf_text(out, "# Bash completion of tafadi. Written by `tafadi completion bash`.\n"
                     "_tafadi() {\n"
                     "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                     "    local flags=\"\" words=\"\"\n"
                     "    COMPREPLY=()\n"
                     "    if [[ $COMP_CWORD -eq 1 ]]; then\n"
                     "        COMPREPLY=($(compgen -W \"--help --version ");
    completion_commands(out);
    tf_buf_text(out, "\" -- \"$cur\"))\n"
                     "        return\n"
                     "    fi\n"
                     "    case \"${COMP_WORDS[1]} $prev\" in\n"
                     "        \"help help\") words=\"");
    completion_commands(out);
    tf_buf_text(out, "\" ;;\n");
    for (size_t c = 0; commands[c]; c++)
        if (!commands[c]->hidden)
            completion_choices(out, commands[c]);
    tf_buf_text(out, "    esac\n"
                     "    if [[ -n $words ]]; then\n"
                     "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                     "        return\n"
                     "    fi\n"
                     "    case ${COMP_WORDS[1]} in\n");
    for (size_t c = 0; commands[c]; c++)
        if (!commands[c]->hidden)
            completion_flags(out, commands[c]);
    tf_buf_text(out, "    esac\n"
                     "    if [[ $cur == -* ]]; then\n"
                     "        COMPREPLY=($(compgen -W \"$flags\" -- \"$cur\"))\n"
                     "    fi\n"
                     "}\n"
                     "complete -o default -F _tafadi tafadi\n");
}
