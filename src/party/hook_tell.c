/*
 * hook_tell.c - one event told once: by POST (Standard Webhooks), to a program, by mail.
 *
 * Source: Standard Webhooks 1.0 (headers webhook-id, webhook-timestamp, webhook-signature).
 */
#include "party/hook.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SECRET_MIN = 24 };

void hook_body(const struct hook_event *event, struct tf_buf *out)
{
    char at[TF_TIME_TEXT_SIZE];
    tf_time_format(event->at_us * 1000, at);
    tf_buf_printf(out,
                  "{\"type\":\"line.%s\",\"id\":%lld,\"timestamp\":\"%s\",\"party\":", event->kind,
                  (long long)event->id, at);
    tf_buf_json(out, event->own_id);
    tf_buf_text(out, ",\"data\":");
    tf_buf_append(out, event->json.data ? event->json.data : "{}",
                  event->json.data ? event->json.len : 2);
    tf_buf_char(out, '}');
}

/* --- signatures --------------------------------------------------------------------------- */

bool hook_secret_parse(const char *text, struct hook_config *out)
{
    static const char prefix[] = "whsec_";
    size_t len = strlen(prefix);
    if (strncmp(text, prefix, len) != 0)
        return false;
    return key_unbase64_some(text + len, strlen(text + len), out->secret, sizeof out->secret,
                             &out->secret_len) &&
           out->secret_len >= SECRET_MIN;
}

void hook_sign(const struct hook_config *hook, const char *id, const char *timestamp,
               const char *body, size_t len, struct tf_buf *out)
{
    crypto_auth_hmacsha256_state state;
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    const char *const parts[] = {id, ".", timestamp, "."};
    crypto_auth_hmacsha256_init(&state, hook->secret, hook->secret_len);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        crypto_auth_hmacsha256_update(&state, (const uint8_t *)parts[i], strlen(parts[i]));
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)body, len);
    crypto_auth_hmacsha256_final(&state, mac);
    tf_buf_text(out, "v1,");
    key_base64(mac, sizeof mac, out);
}

/* --- over HTTP ---------------------------------------------------------------------------------
 */

static size_t throw_away(char *bytes, size_t size, size_t count, void *user)
{
    (void)bytes, (void)user;
    return size * count;
}

static int on_progress(void *user, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    return atomic_load((const atomic_bool *)user); /* not 0: ends the transfer */
}

static bool add_header(struct curl_slist **list, const char *name, const char *value)
{
    char line[400];
    snprintf(line, sizeof line, "%s: %s", name, value);
    struct curl_slist *more = curl_slist_append(*list, line);
    if (more)
        *list = more;
    return more;
}

static bool make_headers(const struct hook_config *hook, const struct hook_event *event,
                         const struct tf_buf *body, struct curl_slist **out)
{
    char id[128], timestamp[24];
    struct tf_buf signature = TF_BUF_INIT(256);
    snprintf(id, sizeof id, "evt_%s_%lld", event->own_id, (long long)event->id);
    snprintf(timestamp, sizeof timestamp, "%lld", (long long)time(NULL));
    bool good = add_header(out, "Content-Type", "application/json") &&
                add_header(out, "webhook-id", id) &&
                add_header(out, "webhook-timestamp", timestamp);
    if (good && hook->secret_len) {
        hook_sign(hook, id, timestamp, body->data, body->len, &signature);
        good = tf_buf_status(&signature) == TF_OK &&
               add_header(out, "webhook-signature", signature.data);
    }
    tf_buf_release(&signature);
    return good;
}

static bool set_up(CURL *curl, const struct hooks_config *config, const struct hook_config *hook,
                   const struct tf_buf *body, struct curl_slist *headers)
{
    return curl_easy_setopt(curl, CURLOPT_URL, hook->target) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR,
                            config->allow_http ? "http,https" : "https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)HOOK_TIMEOUT_S) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_USERAGENT, "tafadi") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->data) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len) == CURLE_OK &&
           (!config->ca_file ||
            curl_easy_setopt(curl, CURLOPT_CAINFO, config->ca_file) == CURLE_OK) &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, throw_away) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK;
}

bool hook_post(const struct hooks_config *config, const struct hook_config *hook,
               const struct hook_event *event, const atomic_bool *stopping, char why[HOOK_WHY_SIZE])
{
    struct tf_buf body = TF_BUF_INIT(2 << 20);
    struct curl_slist *headers = NULL;
    long status = 0;
    bool good = false;
    CURL *curl = curl_easy_init();
    snprintf(why, HOOK_WHY_SIZE, "out of memory");
    hook_body(event, &body);
    if (!curl || tf_buf_status(&body) || !make_headers(hook, event, &body, &headers) ||
        !set_up(curl, config, hook, &body, headers) ||
        curl_easy_setopt(curl, CURLOPT_XFERINFODATA, (void *)(uintptr_t)stopping) != CURLE_OK)
        goto out;
    CURLcode rc = curl_easy_perform(curl);
    if (rc == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    good = status >= 200 && status < 300;
    if (rc != CURLE_OK)
        snprintf(why, HOOK_WHY_SIZE, "%s", curl_easy_strerror(rc));
    else if (!good)
        snprintf(why, HOOK_WHY_SIZE, "HTTP status %ld", status);
out:
    curl_slist_free_all(headers);
    if (curl)
        curl_easy_cleanup(curl);
    tf_buf_release(&body);
    return good;
}

/* --- to a program ------------------------------------------------------------------------------
 */

static int64_t monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The program with our end of a pipe as its input, default signals, nothing else inherited. */
static int spawn(char *const argv[], pid_t *pid, int *to)
{
    extern char **environ;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int ends[2];
    if (pipe(ends))
        return errno;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int rc = posix_spawn(pid, argv[0], &actions, &attributes, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    close(ends[0]);
    if (rc)
        close(ends[1]);
    else
        *to = ends[1];
    return rc;
}

/* A program that reads nothing is no failure: what counts is how it ends. */
static void write_all(int fd, const struct tf_buf *text, int64_t until_ms)
{
    size_t done = 0;
    while (done < text->len && monotonic_ms() < until_ms) {
        struct pollfd at = {.fd = fd, .events = POLLOUT};
        if (poll(&at, 1, 200) <= 0)
            continue;
        ssize_t n = write(fd, text->data + done, text->len - done);
        if (n > 0)
            done += (size_t)n;
        else if (errno != EAGAIN && errno != EINTR)
            return;
    }
}

static bool await(pid_t pid, int64_t until_ms, const atomic_bool *stopping, int *status)
{
    const struct timespec moment = {.tv_nsec = 20000000};
    while (waitpid(pid, status, WNOHANG) == 0) {
        if (monotonic_ms() > until_ms || atomic_load(stopping)) {
            kill(pid, SIGKILL);
            waitpid(pid, status, 0);
            return false;
        }
        nanosleep(&moment, NULL);
    }
    return true;
}

static bool feed(char *const argv[], const struct tf_buf *text, const atomic_bool *stopping,
                 char why[HOOK_WHY_SIZE])
{
    pid_t pid;
    int to, status = 0;
    int64_t until_ms = monotonic_ms() + HOOK_TIMEOUT_S * 1000;
    int rc = spawn(argv, &pid, &to);
    if (rc) {
        snprintf(why, HOOK_WHY_SIZE, "%s: %s", argv[0], strerror(rc));
        return false;
    }
    write_all(to, text, until_ms);
    close(to);
    bool ended = await(pid, until_ms, stopping, &status);
    if (ended && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (!ended)
        snprintf(why, HOOK_WHY_SIZE, "%s did not end in time", argv[0]);
    else
        snprintf(why, HOOK_WHY_SIZE, "%s ended with %s %d", argv[0],
                 WIFEXITED(status) ? "status" : "signal",
                 WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    return false;
}

bool hook_run(const struct hook_config *hook, const struct hook_event *event,
              const atomic_bool *stopping, char why[HOOK_WHY_SIZE])
{
    struct tf_buf body = TF_BUF_INIT(2 << 20);
    char program[1024];
    char *const argv[] = {program, NULL};
    snprintf(program, sizeof program, "%s", hook->target);
    hook_body(event, &body);
    tf_buf_char(&body, '\n');
    bool good = tf_buf_status(&body) == TF_OK && feed(argv, &body, stopping, why);
    tf_buf_release(&body);
    return good;
}

/* --- by mail ------------------------------------------------------------------------------------
 */

static const char *text_of(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));
    return text ? text : "";
}

/* Headers hold only what cannot break out of them. */
static void put_word(struct tf_buf *out, const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-");
    tf_buf_append(out, text, len < KEY_NAME_SIZE ? len : KEY_NAME_SIZE);
}

static void print_mail(const struct hook_config *hook, const struct hook_event *event,
                       const json_t *json, struct tf_buf *out)
{
    tf_buf_printf(out, "To: %s\nSubject: [%s] alarm: ", hook->target, event->own_id);
    put_word(out, text_of(json, "alarm"));
    if (*text_of(json, "peer")) {
        tf_buf_text(out, ", line to ");
        put_word(out, text_of(json, "peer"));
    }
    tf_buf_printf(out,
                  "\nAuto-Submitted: auto-generated\n"
                  "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
                  "Content-Transfer-Encoding: 8bit\nMessage-Id: <tafadi.%lld@%s>\n\n",
                  (long long)event->id, event->own_id);
    tf_buf_printf(out, "%s\n\n", text_of(json, "text"));
    if (*text_of(json, "role"))
        tf_buf_printf(out, "For: %s\n", text_of(json, "role"));
    tf_buf_text(out, "Event: ");
    hook_body(event, out);
    tf_buf_text(out, "\n");
}

bool hook_mail(const struct hooks_config *config, const struct hook_config *hook,
               const struct hook_event *event, const atomic_bool *stopping, char why[HOOK_WHY_SIZE])
{
    struct tf_buf mail = TF_BUF_INIT(2 << 20);
    char program[1024], t[] = "-t", i[] = "-i";
    char *const argv[] = {program, t, i, NULL};
    json_t *json = json_loadb(event->json.data ? event->json.data : "", event->json.len, 0, NULL);
    snprintf(program, sizeof program, "%s",
             config->sendmail ? config->sendmail : "/usr/sbin/sendmail");
    print_mail(hook, event, json, &mail);
    /* That one is over is for the screen. */
    bool is_over = strcmp(text_of(json, "change"), "ended") == 0;
    bool good = is_over || (tf_buf_status(&mail) == TF_OK && feed(argv, &mail, stopping, why));
    json_decref(json);
    tf_buf_release(&mail);
    return good;
}
