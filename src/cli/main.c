/*
 * main.c - the program `tafadi`: picks a subcommand from the table and runs it.
 */
#include "cli/command.h"

#include "cli/output.h"
#include "cli/readers.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct command *const commands[] = {
    &command_check,      &command_options,
    &command_info,       &command_convert,
    &command_serve,      &command_party,
    &command_account,    &command_line,
    &command_op,         &command_site,
    &command_zone,       &command_policy,
    &command_ledger,     &command_evidence,
    &command_token,      &command_backup,
    &command_restore,    &command_doctor,
    &command_version,    &command_help,
    &command_completion, NULL,
};

const struct flag common_flags[COMMON_FLAG_COUNT] = {
    {"help", 'h', NULL, NULL, offsetof(struct common_args, help), TF_TEXT("show this help")},
    {"version", 0, NULL, NULL, offsetof(struct common_args, version), TF_TEXT("show the version")},
    {"lang", 0, "LANG", &language_reader, offsetof(struct common_args, lang),
     TF_TEXT("language of the output: en, ar or ru (otherwise as LANG says)")},
    {"quiet", 'q', NULL, NULL, offsetof(struct common_args, quiet),
     TF_TEXT("print results and errors only: no warnings, no progress")},
    {"no-color", 0, NULL, NULL, offsetof(struct common_args, no_color),
     TF_TEXT("no colours, even on a terminal (also with NO_COLOR set)")}};

const struct command *command_find(const char *name)
{
    for (size_t i = 0; commands[i]; i++)
        if (!strcmp(commands[i]->name, name))
            return commands[i];
    return NULL;
}

int command_usage_error(const struct command *command)
{
    say_complain(TR("\"tafadi %1 --help\" shows how to use it"), command->name, NULL);
    return EXIT_USAGE;
}

int command_count_error(const struct command *command)
{
    say_complain(TR("what this command takes: tafadi %1 %2"), command->name, command->synopsis,
                 NULL);
    return command_usage_error(command);
}

static int print_text(void (*write)(struct tf_buf *out))
{
    struct tf_buf out = TF_BUF_INIT(1 << 20);
    write(&out);
    bool printed = output_print(&out);
    tf_buf_release(&out);
    return printed ? EXIT_NONE : EXIT_ERROR;
}

static int print_command_help(const struct command *command)
{
    struct tf_buf out = TF_BUF_INIT(1 << 20);
    help_command(command, &out);
    bool printed = output_print(&out);
    tf_buf_release(&out);
    return printed ? EXIT_NONE : EXIT_ERROR;
}

bool command_parse(const struct command *command, void *args, int argc, char **argv,
                   struct words *rest, int *exit_code)
{
    const struct common_args *common = args;
    if (!flags_parse(command->tables, args, argc, argv, rest)) {
        *exit_code = command_usage_error(command);
        return false;
    }
    if (common->help) {
        *exit_code = print_command_help(command);
        return false;
    }
    if (common->version) {
        *exit_code = command_version.run(&command_version, 0, NULL);
        return false;
    }
    return true;
}

const char *command_verb(const struct command *command)
{
    const char *space = strrchr(command->name, ' ');
    return space ? space + 1 : command->name;
}

static const struct command *find_child(const struct command *command, const char *verb)
{
    for (size_t i = 0; command->children[i]; i++)
        if (!strcmp(command_verb(command->children[i]), verb))
            return command->children[i];
    return NULL;
}

int command_run_child(const struct command *command, int argc, char **argv)
{
    struct common_args args = {0};
    int used = 0;
    if (!flags_parse_leading(command->tables, &args, argc, argv, &used))
        return command_usage_error(command);
    if (args.help)
        return print_command_help(command);
    if (args.version)
        return command_version.run(&command_version, 0, NULL);
    const struct command *child = used < argc ? find_child(command, argv[used]) : NULL;
    if (!child && used < argc)
        say_complain(TR("\"tafadi %1\" has no command \"%2\""), command->name, argv[used], NULL);
    if (!child)
        return command_usage_error(command);
    for (; used > 0; used--) /* flags before the command are flags of the command */
        argv[used] = argv[used - 1];
    return child->run(child, argc - 1, argv + 1);
}

/* --- the two commands about the program itself ------------------------------------ */

static const struct flag_table plain_tables[] = {COMMON_TABLE, {.count = 0}};

static int run_help(const struct command *self, int argc, char **argv)
{
    struct common_args args = {0};
    struct words names = {0};
    int code;
    if (!command_parse(self, &args, argc, argv, &names, &code))
        goto out;
    const struct command *about = names.count > 0 ? command_find(names.items[0]) : NULL;
    for (size_t i = 1; about && i < names.count; i++)
        about = about->children ? find_child(about, names.items[i]) : NULL;
    if (names.count == 0) {
        code = print_text(help_program);
    } else if (about) {
        code = print_command_help(about);
    } else {
        say_complain(TR("there is no command \"%1\""), names.items[names.count - 1], NULL);
        code = EXIT_USAGE;
    }
out:
    words_release(&names);
    return code;
}

const struct command command_help = {
    .name = "help",
    .summary = TF_TEXT("Shows how to use the program or one of its commands."),
    .synopsis = "[COMMAND]",
    .tables = plain_tables,
    .run = run_help,
};

static int run_completion(const struct command *self, int argc, char **argv)
{
    struct common_args args = {0};
    struct words names = {0};
    int code;
    if (!command_parse(self, &args, argc, argv, &names, &code))
        goto out;
    if (names.count == 1 && !strcmp(names.items[0], "bash"))
        code = print_text(help_completion);
    else
        code = command_usage_error(self);
out:
    words_release(&names);
    return code;
}

const struct command command_completion = {
    .name = "completion",
    .summary = TF_TEXT("Prints the completion script of a shell."),
    .synopsis = "bash",
    .tables = plain_tables,
    .run = run_completion,
    .hidden = true,
};

/* --- start ------------------------------------------------------------------------- */

/* A program started with a closed stdin, stdout or stderr must not get the
 * number of that stream for a file it opens: results would go into the report.
 * /dev/null, opened the wrong way round, keeps the place taken and the stream failing. */
static void keep_standard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
    static const struct flag_table tables[] = {COMMON_TABLE, {.count = 0}};
    struct common_args args = {0};
    int used = 0;
    keep_standard_streams();
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is a failed write */
    signal(SIGXFSZ, SIG_IGN); /* and so is a file at its limit */
    say_language_from_environment();
    if (argc > 1 && !flags_parse_leading(tables, &args, argc - 1, argv + 1, &used)) {
        say_complain(TR("\"tafadi --help\" shows how to use it"), NULL);
        return EXIT_USAGE;
    }
    int at = 1 + used;
    if (args.version)
        return command_version.run(&command_version, 0, NULL);
    if (args.help)
        return print_text(help_program);
    if (at >= argc) {
        say_complain(TR("which command? \"tafadi --help\" lists them"), NULL);
        return EXIT_USAGE;
    }
    const struct command *command = command_find(argv[at]);
    if (!command) {
        say_complain(TR("there is no command \"%1\"; \"tafadi --help\" lists them"), argv[at],
                     NULL);
        return EXIT_USAGE;
    }
    for (; at > 1; at--) /* flags before the command are flags of the command */
        argv[at] = argv[at - 1];
    return command->run(command, argc - 2, argv + 2);
}
