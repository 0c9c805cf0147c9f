/*
 * cmd_token.c - `tafadi token`: a bearer token from the built-in issuer.
 */
#include "cli/command.h"

#include "api/oauth.h"
#include "cli/output.h"
#include "cli/readers.h"
#include "cli/state.h"
#include "http/token.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct token_args {
    struct common_args common;
    const char *sub, *aud, *scope, *state_dir;
    int64_t lifetime_ns;
    bool hash;
};

static const struct flag token_flags[] = {
    {"sub", 0, "NAME", &text_reader, offsetof(struct token_args, sub),
     TF_TEXT("whom the token is for: the owner of what it writes")},
    {"aud", 0, "HOST", &text_reader, offsetof(struct token_args, aud),
     TF_TEXT("the server's host name (localhost)")},
    {"scope", 0, "WORDS", &text_reader, offsetof(struct token_args, scope),
     TF_TEXT("what it permits: scopes with spaces between them")},
    {"lifetime", 0, "TIME", &duration_reader, offsetof(struct token_args, lifetime_ns),
     TF_TEXT("how long it is valid, up to 1 h (1 h)")},
    {"state-dir", 0, "DIR", &text_reader, offsetof(struct token_args, state_dir),
     TF_TEXT("the node's state directory, where the issuer's key is")},
    {"hash", 0, NULL, NULL, offsetof(struct token_args, hash),
     TF_TEXT("print a line for serve's --clients instead; the secret is read from standard input")},
};
static const struct flag_table token_tables[] = {
    FLAG_TABLE(TF_TEXT("Token"), token_flags, 0), COMMON_TABLE, {.count = 0}};

static int print_token(const struct token_args *args)
{
    struct tf_buf private_pem = TF_BUF_INIT(65536), public_pem = TF_BUF_INIT(65536);
    struct tf_buf out = TF_BUF_INIT(65536);
    char dir[STATE_PATH_SIZE], jti[33];
    unsigned char random[16];
    int code = EXIT_ERROR;
    if (sodium_init() < 0 || !state_open(args->state_dir, dir) ||
        !state_issuer(dir, &private_pem, &public_pem))
        goto out;
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(jti, sizeof jti, random, sizeof random);
    struct token_request request = {.issuer = "tafadi",
                                    .sub = args->sub,
                                    .aud = args->aud ? args->aud : "localhost",
                                    .scope = args->scope,
                                    .now_s = (int64_t)time(NULL),
                                    .lifetime_s = args->lifetime_ns / TF_SECOND_NS,
                                    .jti = jti};
    if (token_issue(&request, private_pem.data, &out)) {
        say_complain(TR("the token could not be signed with the key in %1"), dir, NULL);
        goto out;
    }
    tf_buf_char(&out, '\n');
    if (output_print(&out))
        code = EXIT_NONE;
out:
    if (private_pem.data)
        sodium_memzero(private_pem.data, private_pem.len);
    tf_buf_release(&private_pem);
    tf_buf_release(&public_pem);
    tf_buf_release(&out);
    return code;
}

/* The first line of standard input; false after a complaint. */
static bool read_secret(char *out, size_t size)
{
    if (fgets(out, (int)size, stdin))
        out[strcspn(out, "\r\n")] = '\0';
    else
        out[0] = '\0';
    if (strlen(out) >= 12)
        return true;
    say_complain(TR("the secret on standard input must have 12 characters at least"), NULL);
    return false;
}

static int print_client(const struct token_args *args)
{
    struct tf_buf out = TF_BUF_INIT(65536);
    char secret[256], hash[128];
    int code = EXIT_ERROR;
    if (strpbrk(args->sub, " \t\r\n#") || strpbrk(args->scope, "\t\r\n")) {
        say_complain(TR("the name of a client must not have spaces in it"), NULL);
        return EXIT_ERROR;
    }
    if (sodium_init() >= 0 && read_secret(secret, sizeof secret) &&
        oauth_hash(secret, hash) == TF_OK) {
        tf_buf_printf(&out, "%s %s %s\n", args->sub, hash, args->scope);
        if (output_print(&out))
            code = EXIT_NONE;
    }
    sodium_memzero(secret, sizeof secret);
    tf_buf_release(&out);
    return code;
}

static int run_token(const struct command *self, int argc, char **argv)
{
    struct token_args args = {.lifetime_ns = TF_HOUR_NS};
    struct words rest = {0};
    int code;
    if (!command_parse(self, &args, argc, argv, &rest, &code))
        goto out;
    if (!args.sub || !args.scope || rest.count > 0) {
        say_complain(TR("--sub and --scope are needed"), NULL);
        code = command_usage_error(self);
    } else if (args.lifetime_ns < TF_SECOND_NS || args.lifetime_ns > TF_HOUR_NS) {
        say_complain(TR("--lifetime must be between 1 s and 1 h"), NULL);
        code = command_usage_error(self);
    } else {
        code = args.hash ? print_client(&args) : print_token(&args);
    }
out:
    words_release(&rest);
    return code;
}

const struct command command_token = {
    .name = "token",
    .summary = TF_TEXT("Issues a bearer token for a node that trusts the built-in issuer."),
    .synopsis = "--sub NAME --scope WORDS [--aud HOST]",
    .tables = token_tables,
    .run = run_token,
};
