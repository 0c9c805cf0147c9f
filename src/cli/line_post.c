/*
 * line_post.c - posts as files (on a stick, by mail), and a post sent now without a node.
 */
#include "cli/line_work.h"

#include "cli/input.h"
#include "cli/output.h"
#include "cli/readers.h"
#include "desk/print.h"
#include "party/courier.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { ROUNDS_MAX = 1000 };

/* --- export, import ----------------------------------------------------------------------- */

static enum tf_status export_run(struct party_act *act, const struct line_context *c)
{
    struct line_work *w = (struct line_work *)act;
    enum tf_status rc = line_work_find(w, c);
    tf_buf_clear(w->out);
    return rc ? rc : line_collect(c, w->info.id, w->out);
}

static bool export(struct line_work *w, struct party_state *state)
{
    w->act.run = export_run;
    if (!line_work_do(w, state))
        return false;
    if (!w->args->output)
        return true;
    bool good = output_file(w->args->output, w->out);
    tf_buf_clear(w->out);
    return good;
}

struct taking {
    struct party_act act; /* first */
    struct tf_buf text;
    struct line_taken taken;
};

static enum tf_status take_run(struct party_act *act, const struct line_context *c)
{
    struct taking *taking = (struct taking *)act;
    return line_take(c, taking->text.data ? taking->text.data : "", taking->text.len,
                     &taking->taken, &act->fault);
}

static void print_taken(struct line_work *w, const struct line_taken *taken)
{
    if (w->args->party.json) {
        desk_print_taken(w->out, taken);
        tf_buf_char(w->out, '\n');
        return;
    }
    say_fill(w->out,
             TR("New messages: %1. Here already: %2. Too early: %3. Receipts: %4. Refused: %5."),
             say_count(taken->applied).s, say_count(taken->duplicates).s, say_count(taken->early).s,
             say_count(taken->receipts).s, say_count(taken->refused).s, NULL);
    tf_buf_char(w->out, '\n');
}

static bool import(struct line_work *w, struct party_state *state)
{
    bool good = true;
    for (size_t i = 0; good && i < w->words->count; i++) {
        struct taking taking = {.act.run = take_run, .text = TF_BUF_INIT(LINE_POST_MAX + 1)};
        good = input_bytes(w->words->items[i], &taking.text) && party_state_do(state, &taking.act);
        if (good)
            print_taken(w, &taking.taken);
        tf_buf_release(&taking.text);
    }
    return good;
}

/* --- post: now ---------------------------------------------------------------------------------
 */

struct trip {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool is_back;
    long status;
    char why[256];
    struct taking taking;
};

static void on_result(void *ctx, const char *line, long status, const char *answer, size_t len,
                      const char *why)
{
    struct trip *trip = ctx;
    (void)line;
    pthread_mutex_lock(&trip->lock);
    trip->status = status;
    snprintf(trip->why, sizeof trip->why, "%s", why);
    tf_buf_clear(&trip->taking.text);
    tf_buf_append(&trip->taking.text, answer, len);
    trip->is_back = true;
    pthread_cond_signal(&trip->wake);
    pthread_mutex_unlock(&trip->lock);
}

struct address {
    struct party_act act; /* first */
    const char *id;
    struct card card;
    bool found;
};

static bool find_card(void *ctx, const struct card *card, const char *text)
{
    struct address *address = ctx;
    (void)text;
    address->found = strcmp(card->id, address->id) == 0;
    if (address->found)
        address->card = *card;
    return !address->found;
}

static enum tf_status address_run(struct party_act *act, const struct line_context *c)
{
    return line_each_party(c, find_card, act);
}

static bool go(struct line_work *w, struct party_state *state, struct courier *courier,
               const struct card *card, struct trip *trip)
{
    struct courier_post post = {.body = TF_BUF_INIT(LINE_POST_MAX)};
    w->act.run = export_run;
    if (!line_work_do(w, state))
        return false;
    tf_buf_append(&post.body, w->out->data, w->out->len);
    tf_buf_clear(w->out);
    memcpy(post.line, w->info.id, sizeof post.line);
    memcpy(post.tls, card->tls, sizeof post.tls);
    snprintf(post.url, sizeof post.url, "%s/line/v1/post", card->url);
    trip->is_back = false;
    if (tf_buf_status(&post.body) || courier_send(courier, &post)) {
        tf_buf_release(&post.body);
        return false;
    }
    pthread_mutex_lock(&trip->lock);
    while (!trip->is_back)
        pthread_cond_wait(&trip->wake, &trip->lock);
    pthread_mutex_unlock(&trip->lock);
    if (trip->status == 200)
        return party_state_do(state, &trip->taking.act);
    if (trip->status)
        snprintf(trip->why, sizeof trip->why, "HTTP %ld", trip->status);
    say_complain(TR("%1 was not reached, or did not take the post: %2"), card->url, trip->why,
                 NULL);
    return false;
}

static void add(struct line_taken *sum, const struct line_taken *taken)
{
    memcpy(sum->line, taken->line, sizeof sum->line);
    sum->applied += taken->applied;
    sum->duplicates += taken->duplicates;
    sum->early += taken->early;
    sum->receipts += taken->receipts;
    sum->refused += taken->refused;
}

static bool post(struct line_work *w, struct party_state *state)
{
    struct trip trip = {.lock = PTHREAD_MUTEX_INITIALIZER,
                        .wake = PTHREAD_COND_INITIALIZER,
                        .taking = {.act.run = take_run, .text = TF_BUF_INIT(LINE_POST_MAX)}};
    struct address address = {.act.run = address_run};
    struct line_taken sum = {.applied = 0};
    struct courier *courier = NULL;
    w->act.run = export_run; /* finds the line */
    bool good = line_work_do(w, state);
    address.id = w->info.peer;
    good = good && party_state_do(state, &address.act);
    if (good && !(address.found && address.card.url[0])) {
        say_complain(TR("%1 has no address on its card: take the post by file"), w->info.peer,
                     NULL);
        good = false;
    }
    good = good &&
           courier_start(w->args->url_ca, w->args->allow_http, on_result, &trip, &courier) == TF_OK;
    trip.taking.taken.has_more = true;
    for (int i = 0; good && i < ROUNDS_MAX && trip.taking.taken.has_more; i++) {
        good = go(w, state, courier, &address.card, &trip);
        add(&sum, &trip.taking.taken);
    }
    courier_stop(courier);
    if (good)
        print_taken(w, &sum);
    tf_buf_release(&trip.taking.text);
    return good;
}

static const struct flag export_flags[] = {
    {"output", 'o', "FILE", &text_reader, offsetof(struct line_args, output),
     TF_TEXT("write it to a file")},
};
static const struct flag post_flags[] = {
    {"peer-ca", 0, "FILE", &text_reader, offsetof(struct line_args, url_ca),
     TF_TEXT("PEM authorities of parties whose card has no pin (the system's)")},
    {"allow-http-peers", 0, NULL, NULL, offsetof(struct line_args, allow_http),
     TF_TEXT("reach parties without TLS (for development only)")},
};
LINE_TABLES(export_tables, export_flags);
LINE_TABLES(post_tables, post_flags);
LINE_COMMAND("export", export, 1, 1, export_tables, "LINE [-o FILE]",
             TF_TEXT("Writes all that the other side misses into a file, to be carried there."));
LINE_COMMAND("import", import, 1, 1000, line_plain_tables, "FILE...",
             TF_TEXT("Takes what was carried here by file."));
LINE_COMMAND("post", post, 1, 1, post_tables, "LINE",
             TF_TEXT("Sends and fetches now, without a node."));
