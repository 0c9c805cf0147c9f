/*
 * command.h - the subcommands of the program, one table row each.
 */
#ifndef TF_CLI_COMMAND_H
#define TF_CLI_COMMAND_H

#include "cli/flags.h"
#include "cli/say.h"

/* Exit codes; docs/check.md and the man pages promise them. */
enum { EXIT_NONE = 0, EXIT_ERROR = 1, EXIT_USAGE = 2, EXIT_CONFLICTS = 3 };

/* Flags that every command has; the first part of every command's struct. */
struct common_args {
    bool help, version, quiet, no_color;
    const char *lang;
};

struct command {
    const char *name;
    const char *summary;             /* TF_TEXT, one line */
    const char *synopsis;            /* what follows "tafadi NAME" */
    const struct flag_table *tables; /* ends with count 0 */
    int (*run)(const struct command *command, int argc, char **argv); /* argv after the name */
    bool hidden; /* not in the list of commands */
    /* Commands of which the name begins with this one's, "line say" under "line"; NULL-terminated;
     * `run` is command_run_child then. NULL: none. */
    const struct command *const *children;
};

/* Runs the child that argv[0] names. */
int command_run_child(const struct command *command, int argc, char **argv);
/* The last word of a child's name. */
const char *command_verb(const struct command *command);

extern const struct command *const commands[]; /* NULL-terminated, main.c */
extern const struct command command_check, command_options, command_convert, command_info,
    command_version, command_help, command_completion, command_serve, command_token, command_backup,
    command_restore, command_doctor, command_ledger, command_evidence, command_party,
    command_account, command_line, command_op, command_site, command_zone, command_policy;

#define COMMON_TABLE FLAG_TABLE(TF_TEXT("Common flags"), common_flags, 0)
enum { COMMON_FLAG_COUNT = 5 };
extern const struct flag common_flags[COMMON_FLAG_COUNT];

const struct command *command_find(const char *name); /* NULL: none */

/*
 * Parses a command's flags. True: go on. False: finished, with *exit_code (after --help,
 * --version or a complaint).
 */
bool command_parse(const struct command *command, void *args, int argc, char **argv,
                   struct words *rest, int *exit_code);
/* After a usage error that the command found itself: names the help, returns EXIT_USAGE. */
int command_usage_error(const struct command *command);
/* The same after too few or too many words: shows which there are. */
int command_count_error(const struct command *command);

void help_program(struct tf_buf *out);                                /* tafadi --help */
void help_command(const struct command *command, struct tf_buf *out); /* CMD --help */
void help_completion(struct tf_buf *out);                             /* the bash script */

#endif
