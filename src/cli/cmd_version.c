/*
 * cmd_version.c - `tafadi version`: the version, and what it is built with.
 */
#include "cli/command.h"

#include "cli/output.h"
#include "cli/version.h"
#include "screen/screen.h"
#include <stdio.h>
#include <zlib.h>

static const struct flag_table version_tables[] = {COMMON_TABLE, {.count = 0}};

static int print_version(void)
{
    struct tf_buf out = TF_BUF_INIT(1 << 16);
    tf_buf_text(&out, "tafadi " TAFADI_VERSION "\n");
    say_fill(&out, TR("built: %1, %2"), TAFADI_BUILD_TYPE, TAFADI_COMPILER, NULL);
    tf_buf_char(&out, '\n');
    say_fill(&out, TR("libraries: %1"), TAFADI_LIBRARIES ", zlib ", NULL);
    tf_buf_text(&out, zlibVersion());
    tf_buf_char(&out, '\n');
    char kilobytes[24];
    snprintf(kilobytes, sizeof kilobytes, "%zu", screen_size() / 1000);
    say_fill(&out,
             screen_is_built() ? TR("screen: built in, %1 kB")
                               : TR("screen: not built in (it needs Node.js at build time)"),
             kilobytes, NULL);
    tf_buf_char(&out, '\n');
    bool printed = output_print(&out);
    tf_buf_release(&out);
    return printed ? EXIT_NONE : EXIT_ERROR;
}

static int run_version(const struct command *self, int argc, char **argv)
{
    struct common_args args = {0};
    struct words rest = {0};
    int code;
    /* --version is a way to say `version`: nothing else is parsed then. */
    if (argc == 0)
        return print_version();
    if (!command_parse(self, &args, argc, argv, &rest, &code))
        goto out;
    code = rest.count == 0 ? print_version() : command_usage_error(self);
out:
    words_release(&rest);
    return code;
}

const struct command command_version = {
    .name = "version",
    .summary = TF_TEXT("Shows the version and the libraries that it is built with."),
    .synopsis = "",
    .tables = version_tables,
    .run = run_version,
};
