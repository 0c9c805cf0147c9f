/*
 * doctor.c - `tafadi doctor`: the walk through the checks; port, clock and databases.
 */
#include "cli/doctor.h"

#include "cli/command.h"
#include "cli/output.h"
#include "store/pool.h"
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

/* Clocks that differ by more make tokens and times wrong (F3548: 5 s). */
#define MAX_CLOCK_DIFFERENCE_US INT64_C(5000000)
/* This program did not exist before: 2026-01-01. */
#define EARLIEST_S INT64_C(1767225600)

void doctor_say(struct doctor *d, enum finding finding, const char *message, const char *a,
                const char *b)
{
    static const char *const words[] = {TF_TEXT("good"), TF_TEXT("note"), TF_TEXT("wrong")};
    d->bad += finding == FINDING_BAD;
    tf_buf_text(&d->out, TR(words[finding]));
    tf_buf_text(&d->out, ": ");
    say_fill(&d->out, message, a ? a : "", b ? b : "", NULL);
    tf_buf_char(&d->out, '\n');
}

static int try_to_listen(const struct addrinfo *at)
{
    int fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, 0), yes = 1;
    if (fd < 0)
        return errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    int error = bind(fd, at->ai_addr, at->ai_addrlen) ? errno : 0;
    close(fd);
    return error;
}

static void check_port(struct doctor *d)
{
    char address[128], port[16], both[160];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *at = NULL;
    if (!serve_split_listen(d->config->listen, address, port))
        return; /* the flag's reader has seen it */
    snprintf(both, sizeof both, "%s:%s", address, port);
    int wrong = getaddrinfo(address, port, &hints, &at);
    int error = wrong ? 0 : try_to_listen(at);
    if (wrong)
        doctor_say(d, FINDING_BAD,
                   TR("%1 cannot be listened on (%2): give a numeric address of this machine to "
                      "--listen"),
                   both, gai_strerror(wrong));
    else if (error == EADDRINUSE && d->running)
        doctor_say(d, FINDING_GOOD, TR("%1 is in use, and a node is running"), both, NULL);
    else if (error)
        doctor_say(d, FINDING_BAD,
                   TR("%1 cannot be listened on (%2): stop what uses it, or choose another "
                      "--listen"),
                   both, strerror(error));
    else
        doctor_say(d, FINDING_GOOD, TR("%1 is free to listen on"), both, NULL);
    if (at)
        freeaddrinfo(at);
}

/* Tokens for anybody stay on this machine; secrets and tokens cross no network in the open. */
static void check_issuing(struct doctor *d)
{
    char address[128], port[16];
    const struct serve_config *c = d->config;
    if ((!c->dummy_oauth && !c->token_endpoint) || !serve_split_listen(c->listen, address, port) ||
        serve_is_loopback(address))
        return;
    if (c->dummy_oauth)
        doctor_say(d, FINDING_BAD, TR("--dummy-oauth needs a loopback address to --listen"), NULL,
                   NULL);
    if (c->token_endpoint && !c->certificate)
        doctor_say(d, FINDING_BAD, TR("--token-endpoint needs --certificate or a loopback address"),
                   NULL, NULL);
}

static void check_clock(struct doctor *d)
{
    struct timex state = {.modes = 0};
    if ((int64_t)time(NULL) < EARLIEST_S)
        doctor_say(d, FINDING_BAD,
                   TR("the clock is before 2026: set it, and keep it right with NTP"), NULL, NULL);
    else if (adjtimex(&state) == TIME_ERROR || state.status & STA_UNSYNC)
        doctor_say(d, FINDING_NOTE,
                   TR("the system does not say that its clock is synchronized: run an NTP client; "
                      "clocks may differ by 5 s at most"),
                   NULL, NULL);
    else
        doctor_say(d, FINDING_GOOD, TR("the clock is synchronized"), NULL, NULL);
}

static void check_database(struct doctor *d, const char *flag, const char *dsn, const char *majors)
{
    struct pool_probe probe;
    struct timespec now;
    char why[256] = "";
    enum tf_status rc = pool_probe(dsn, &probe, why);
    if (rc) {
        doctor_say(d, FINDING_BAD,
                   TR("%1 does not answer (%2): check the connection string, the network, and that "
                      "the database is there"),
                   flag, why[0] ? why : tf_status_text(rc));
        return;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t apart = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 - probe.now_us;
    if (llabs(apart) > MAX_CLOCK_DIFFERENCE_US)
        doctor_say(d, FINDING_BAD,
                   TR("the clock of %1 and ours differ by more than 5 s: synchronize both"), flag,
                   NULL);
    if (!probe.schema[0])
        doctor_say(d, FINDING_GOOD, TR("%1 answers and is empty: the first start makes the schema"),
                   flag, NULL);
    else if (probe.schema[0] == 'v' && probe.schema[1] && strchr(majors, probe.schema[1]))
        doctor_say(d, FINDING_GOOD, TR("%1 answers with schema %2"), flag, probe.schema);
    else
        doctor_say(d, FINDING_BAD,
                   TR("%1 has schema %2, of a major version that this program does not know: take "
                      "the program that fits the pool"),
                   flag, probe.schema);
}

static void check_databases(struct doctor *d)
{
    const struct serve_config *c = d->config;
    bool whole = c->scd_database && c->rid_database && c->aux_database;
    if (serve_is_cluster(c) && !whole)
        doctor_say(d, FINDING_BAD,
                   TR("--scd-database, --rid-database and --aux-database go together"), NULL, NULL);
    if (c->scd_database)
        check_database(d, "--scd-database", c->scd_database, "13");
    if (c->rid_database)
        check_database(d, "--rid-database", c->rid_database, "14");
    if (c->aux_database)
        check_database(d, "--aux-database", c->aux_database, "1");
}

int doctor_run(const struct serve_config *config)
{
    struct doctor d = {.config = config, .out = TF_BUF_INIT(1 << 20)};
    bool cluster = serve_is_cluster(config);
    int code = EXIT_ERROR;
    if (!state_name(config->state_dir, d.dir))
        return EXIT_ERROR;
    doctor_folder(&d);
    doctor_issuer(&d);
    doctor_keys(&d);
    if (!cluster)
        doctor_data(&d);
    doctor_disk(&d);
    doctor_certificate(&d);
    doctor_tiles(&d);
    doctor_party(&d);
    check_port(&d);
    check_issuing(&d);
    check_clock(&d);
    check_databases(&d);
    if (output_print(&d.out) && d.bad == 0)
        code = EXIT_NONE;
    tf_buf_release(&d.out);
    return code;
}
