/*
 * serve_party.c - starting and stopping the party, its desk and its hooks; its metrics.
 */
#include "cli/serve_party.h"

#include "cli/command.h"
#include "cli/party_init.h"
#include "cli/party_tls.h"
#include "cli/serve_check.h"
#include "cli/version.h"
#include "desk/tiles.h"
#include "party/hooks.h"
#include "party/witnesses.h"
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct serve_party {
    const struct serve_config *config;
    char database[STATE_PATH_SIZE], holder[96];
    struct key_secret *key;
    struct card card;
    struct desk *desk;
    struct party *party;
    struct hook_config hook[HOOKS_MAX];
    struct hooks_config hooks_config;
    _Atomic(struct hooks *) hooks;
    struct witness_config witness[WITNESSES_MAX];
    struct witnesses *witnesses;
    const char *looked_at; /* the setting that was gathered last */
};

/* --- hooks ------------------------------------------------------------------------------- */

static bool add_hook(struct serve_party *p, enum hook_kind kind, const char *target)
{
    struct hook_config *hook = &p->hook[p->hooks_config.count];
    char secret[256] = "";
    if (p->hooks_config.count == HOOKS_MAX) {
        say_complain(TR("too many webhooks"), NULL);
        return false;
    }
    *hook = (struct hook_config){.kind = kind, .target = target};
    const char *file = kind == HOOK_WEB ? p->config->webhook_secret : NULL;
    bool good =
        !file || (party_first_line(file, secret, sizeof secret) && hook_secret_parse(secret, hook));
    sodium_memzero(secret, sizeof secret);
    if (!good)
        say_complain(TR("--webhook-secret: the first line must be whsec_ and base64 of 24 to 64 "
                        "bytes"),
                     NULL);
    p->hooks_config.count += good;
    return good;
}

/* An address that goes into a header. */
static bool is_mail(const char *address)
{
    bool good = strchr(address, '@') && address[0] != '-';
    for (const char *c = address; *c; c++)
        good = good && *c > ' ' && *c < 0x7F;
    if (!good)
        say_complain(TR("--alarm-mail %1: this is no address"), address, NULL);
    return good;
}

static bool gather_hooks(struct serve_party *p)
{
    const struct serve_config *config = p->config;
    p->hooks_config = (struct hooks_config){.patience = HOOK_PATIENCE,
                                            .hooks = p->hook,
                                            .ca_file = config->peer_ca,
                                            .allow_http = config->allow_http_peers,
                                            .sendmail = config->sendmail};
    bool good = true;
    for (size_t i = 0; good && i < config->webhooks.count; i++) {
        p->looked_at = config->webhooks.items[i];
        good = serve_check_web("webhook", p->looked_at, config->allow_http_peers) &&
               add_hook(p, HOOK_WEB, p->looked_at);
    }
    for (size_t i = 0; good && i < config->alarm_mails.count; i++) {
        p->looked_at = config->alarm_mails.items[i];
        good = is_mail(p->looked_at) && add_hook(p, HOOK_MAIL, p->looked_at);
    }
    if (good && config->alarm_command) {
        p->looked_at = config->alarm_command;
        good = access(config->alarm_command, X_OK) == 0;
        if (!good)
            say_complain(TR("--alarm-command %1: this is no program"), config->alarm_command, NULL);
        good = good && add_hook(p, HOOK_COMMAND, config->alarm_command);
    }
    return good;
}

static void on_changed(void *ctx)
{
    struct serve_party *p = ctx;
    struct hooks *hooks = atomic_load(&p->hooks);
    desk_changed(p->desk);
    if (hooks)
        hooks_wake(hooks);
}

/* --- witnesses ------------------------------------------------------------------------------ */

/* A witness that is a party: its card is enough. */
static bool read_witness_card(const char *path, struct note_key *out)
{
    struct tf_buf text = TF_BUF_INIT(CARD_TEXT_MAX + 1);
    struct card card;
    bool good = state_read(path, &text) &&
                card_read(text.data ? text.data : "", text.len, &card, NULL) == TF_OK &&
                note_key_make(card.id, NOTE_COSIGNATURE, &card.key, out);
    tf_buf_release(&text);
    return good;
}

static bool read_witness(const struct serve_config *config, const char *text,
                         struct witness_config *out)
{
    size_t len = strcspn(text, " ");
    const char *key = text + len + strspn(text + len, " ");
    bool good = len < sizeof out->url && *key;
    if (good) {
        memcpy(out->url, text, len);
        out->url[len] = '\0';
        good = strncmp(text, "https://", 8) == 0 ||
               (config->allow_http_peers && strncmp(text, "http://", 7) == 0);
    }
    good = good &&
           (note_key_read(key, &out->key) == TF_OK ? out->key.type == NOTE_COSIGNATURE
                                                   : read_witness_card(key, &out->key)) &&
           !strpbrk(out->key.name, "\"\\"); /* it is a label of metrics */
    if (!good)
        say_complain(TR("--witness %1: it must be an https:// address, a space, and a key for "
                        "cosignatures (name+id+key) or a file with a card"),
                     text, NULL);
    return good;
}

static bool gather_witnesses(struct serve_party *p)
{
    const struct words *list = &p->config->witnesses;
    bool good = list->count <= WITNESSES_MAX;
    if (!good)
        say_complain(TR("too many witnesses"), NULL);
    for (size_t i = 0; good && i < list->count; i++) {
        p->looked_at = list->items[i];
        good = read_witness(p->config, p->looked_at, &p->witness[i]);
    }
    return good;
}

/* --- the map ---------------------------------------------------------------------------------- */

bool serve_party_tiles(const char *path, char why[SERVE_TILES_WHY_SIZE])
{
    struct tiles tiles;
    struct tf_fault fault;
    if (tiles_open(path, &tiles, &fault)) {
        tf_fault_text(&fault, TR(fault.message), why, SERVE_TILES_WHY_SIZE);
        return false;
    }
    tiles_close(&tiles);
    return true;
}

static bool check_tiles(const char *path)
{
    char why[SERVE_TILES_WHY_SIZE];
    bool good = !path || serve_party_tiles(path, why);
    if (!good)
        say_complain(TR("--map-tiles %1: %2"), path, why, NULL);
    return good;
}

/* --- before anything starts ------------------------------------------------------------------- */

static bool check_public_url(const char *url)
{
    bool good = !url || card_is_url(url);
    if (!good)
        say_complain(TR("--%1 %2: it must be http(s)://host:port without a path"), "public-url",
                     url, NULL);
    return good;
}

bool serve_party_check(const struct serve_config *config, const char **value)
{
    struct serve_party *p = calloc(1, sizeof *p);
    bool good = p && sodium_init() >= 0;
    if (!good)
        say_complain(TR("out of memory"), NULL);
    *value = config->public_url;
    good = good && check_public_url(config->public_url);
    if (good) {
        p->config = config;
        good = gather_hooks(p) && gather_witnesses(p);
        *value = p->looked_at;
        sodium_memzero(p, sizeof *p); /* secrets of hooks */
    }
    free(p);
    return good;
}

/* --- start ------------------------------------------------------------------------------------ */

/* A URL that is configured goes onto the card. */
static bool settle_card(struct serve_party *p, const char *dir)
{
    const char *url = p->config->public_url;
    struct timespec now;
    if (!party_read_card(dir, &p->card))
        return false;
    struct key_public own = key_public_of(p->key);
    if (memcmp(own.bytes, p->card.key.bytes, sizeof own.bytes) != 0) {
        say_complain(TR("party.card and party.key in %1 do not fit each other"), dir, NULL);
        return false;
    }
    if (!url || strcmp(url, p->card.url) == 0)
        return true;
    snprintf(p->card.url, sizeof p->card.url, "%s", url);
    clock_gettime(CLOCK_REALTIME, &now);
    p->card.made_ns = (int64_t)now.tv_sec * 1000000000;
    return party_write_card(dir, &p->card, p->key);
}

/* Each start is a holder of its own: a node that was killed cannot be taken for the new one. */
static void name_holder(struct serve_party *p)
{
    char host[64] = "";
    gethostname(host, sizeof host - 1);
    snprintf(p->holder, sizeof p->holder, "%s-%08x", host, randombytes_random());
}

static bool start_party(struct serve_party *p)
{
    char why[SQL_WHY_SIZE] = "";
    struct party_config config = {.database = p->database,
                                  .key = p->key,
                                  .card = p->card,
                                  .version = TAFADI_VERSION,
                                  .holder = p->holder,
                                  .ca_file = p->config->peer_ca,
                                  .allow_http = p->config->allow_http_peers,
                                  .changed = on_changed,
                                  .ctx = p};
    enum tf_status rc = party_start(&config, &p->party, why);
    if (rc)
        say_complain(TR("the party's database: %1"), why[0] ? why : tf_status_text(rc), NULL);
    return rc == TF_OK;
}

static bool start(struct serve_party *p, const char *dir, bool is_tls)
{
    struct desk_config desk = {.version = TAFADI_VERSION,
                               .is_tls = is_tls,
                               .map_tiles = p->config->map_tiles,
                               .translate = say_translated};
    struct hooks *hooks = NULL;
    if (sodium_init() < 0 || !check_tiles(p->config->map_tiles) || !gather_hooks(p) ||
        !gather_witnesses(p) || !party_database_name(dir, p->config->party_database, p->database) ||
        !party_read_key(dir, p->config->passphrase_file, &p->key) || !settle_card(p, dir))
        return false;
    name_holder(p);
    if (desk_new(&desk, &p->desk)) {
        say_complain(TR("out of memory"), NULL);
        return false;
    }
    if (!start_party(p))
        return false;
    desk_set_party(p->desk, p->party);
    if (hooks_start(p->party, &p->hooks_config, &hooks) ||
        witnesses_start(p->party, p->witness, p->config->witnesses.count, p->config->peer_ca,
                        p->config->allow_http_peers, &p->witnesses)) {
        hooks_stop(hooks);
        say_complain(TR("out of memory"), NULL);
        return false;
    }
    atomic_store(&p->hooks, hooks);
    return true;
}

bool serve_party_start(const struct serve_config *config, const char *dir, bool is_tls,
                       struct serve_party **out)
{
    *out = NULL;
    if (!party_is_there(dir)) {
        if (config->party_database || config->public_url || config->map_tiles)
            say_complain(TR("there is no party in %1 yet: tafadi party init makes one"), dir, NULL);
        return true;
    }
    struct serve_party *p = calloc(1, sizeof *p);
    if (!p) {
        say_complain(TR("out of memory"), NULL);
        return false;
    }
    p->config = config;
    if (!start(p, dir, is_tls)) {
        serve_party_stop(p);
        return false;
    }
    *out = p;
    return true;
}

void serve_party_stop(struct serve_party *p)
{
    if (!p)
        return;
    hooks_stop(atomic_exchange(&p->hooks, NULL));
    witnesses_stop(p->witnesses);
    party_stop(p->party);
    desk_free(p->desk);
    key_free(p->key);
    free(p);
}

struct desk *serve_party_desk(struct serve_party *p)
{
    return p->desk;
}

struct party *serve_party_of(struct serve_party *p)
{
    return p->party;
}

const char *serve_party_id(const struct serve_party *p)
{
    return p->card.id;
}

const char *serve_party_database(const struct serve_party *p)
{
    return p->database;
}

bool serve_party_tls(const char *dir, char certificate[], char key[])
{
    struct card card;
    return party_is_there(dir) && party_read_card(dir, &card) && card.tls[0] &&
           state_path(dir, "party.crt", certificate) && state_path(dir, "party.tls", key);
}

/* --- how it goes ------------------------------------------------------------------------------ */

bool serve_party_is_ready(struct serve_party *p)
{
    struct party_metrics m;
    party_metrics(p->party, &m);
    return m.is_ready;
}

static void print_lines(const struct party_survey *s, struct tf_buf *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    for (int i = 0; i < LINE_STATE_COUNT; i++)
        tf_buf_printf(out, "tafadi_lines{state=\"%s\"} %llu\n", line_state_name((enum line_state)i),
                      (unsigned long long)s->lines[i]);
    tf_buf_printf(out,
                  "tafadi_alarms_open %llu\ntafadi_messages_waiting %llu\n"
                  "tafadi_ledger_entries %llu\n",
                  (unsigned long long)s->alarms, (unsigned long long)s->waiting,
                  (unsigned long long)s->ledger_size);
    for (size_t i = 0; i < s->shown; i++) {
        const char *peer = s->line[i].peer;
        tf_buf_printf(out, "tafadi_line_undelivered{peer=\"%s\"} %lld\n", peer,
                      (long long)s->line[i].undelivered);
        if (s->line[i].heard_us)
            tf_buf_printf(out, "tafadi_line_heard_age_seconds{peer=\"%s\"} %g\n", peer,
                          (double)now.tv_sec - (double)s->line[i].heard_us * 1e-6);
    }
}

static void print_hooks(struct hooks *hooks, struct tf_buf *out)
{
    struct hook_metrics m[HOOKS_MAX];
    size_t count = hooks ? hooks_metrics(hooks, m) : 0;
    for (size_t i = 0; i < count; i++)
        tf_buf_printf(out,
                      "tafadi_hook_told_total{hook=\"%zu\",kind=\"%s\"} %llu\n"
                      "tafadi_hook_failed_total{hook=\"%zu\",kind=\"%s\"} %llu\n"
                      "tafadi_hook_left_out_total{hook=\"%zu\",kind=\"%s\"} %llu\n",
                      i, m[i].kind, (unsigned long long)m[i].told, i, m[i].kind,
                      (unsigned long long)m[i].failed, i, m[i].kind,
                      (unsigned long long)m[i].left_out);
}

static void print_witnesses(struct witnesses *witnesses, struct tf_buf *out)
{
    struct witness_metrics m[WITNESSES_MAX];
    size_t count = witnesses ? witnesses_metrics(witnesses, m) : 0;
    for (size_t i = 0; i < count; i++)
        tf_buf_printf(out,
                      "tafadi_witness_size{witness=\"%s\"} %llu\n"
                      "tafadi_witness_failed_total{witness=\"%s\"} %llu\n",
                      m[i].name, (unsigned long long)m[i].size, m[i].name,
                      (unsigned long long)m[i].failed);
}

void serve_party_metrics(struct serve_party *p, struct tf_buf *out)
{
    struct party_metrics m;
    struct party_survey s;
    party_metrics(p->party, &m);
    party_survey(p->party, &s);
    const struct {
        const char *name;
        uint64_t value;
    } plain[] = {{"tafadi_party_queue_depth", m.queue},
                 {"tafadi_party_batches_total", m.batches},
                 {"tafadi_party_commands_total", m.commands},
                 {"tafadi_party_failed_batches_total", m.failed_batches},
                 {"tafadi_party_transaction_retries_total", m.lost_batches},
                 {"tafadi_posts_sent_total", m.posts},
                 {"tafadi_posts_failed_total", m.posts_failed}};
    tf_buf_text(out, "# TYPE tafadi_lines gauge\n# TYPE tafadi_alarms_open gauge\n"
                     "# TYPE tafadi_ledger_entries counter\n");
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        tf_buf_printf(out, "%s %llu\n", plain[i].name, (unsigned long long)plain[i].value);
    print_lines(&s, out);
    print_hooks(atomic_load(&p->hooks), out);
    print_witnesses(p->witnesses, out);
}
