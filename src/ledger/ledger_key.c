/*
 * ledger_key.c - one key after the other signs the log's checkpoints: the entry that hands it
 * over is signed by both, so that who trusts either can go from it to the other.
 *
 *     {"kind":"ledger.key","at":"...","from":"<base64>","to":"<base64>",
 *      "by_from":"<base64>","by_to":"<base64>"}
 *
 * What both sign: "tafadi-ledger-key/v1\n<origin>\n<index>\n<from>\n<to>\n". There is one
 * spelling only: a reader prints it again and compares.
 */
#include "ledger/internal.h"

#include <inttypes.h>
#include <tafadi/time.h>

#define KIND "{\"kind\":\"ledger.key\","
enum { ENTRY_MAX = 1024, STATEMENT_MAX = 1024 };

bool ledger_is_rotation(const void *entry, size_t len)
{
    return len >= sizeof KIND - 1 && memcmp(entry, KIND, sizeof KIND - 1) == 0;
}

enum tf_status ledger_key_at(struct sql *sql, uint64_t size, struct key_public *out)
{
    struct sql_rows rows;
    enum tf_status rc = sql_query(
        sql, "SELECT public FROM ledger_key WHERE first <= $1 ORDER BY first DESC LIMIT 1",
        SQL_ARGS(sql_int((int64_t)size)), &rows);
    if (rc)
        return rc;
    if (rows.count == 1 && sql_at(&rows, 0, 0)->len == KEY_PUBLIC_SIZE)
        memcpy(out->bytes, sql_at(&rows, 0, 0)->bytes, KEY_PUBLIC_SIZE);
    else
        rc = TF_SYNTAX;
    sql_rows_release(&rows);
    return rc;
}

enum tf_status ledger_public(struct ledger *ledger, struct key_public *out)
{
    return ledger_key_at(ledger->sql, INT64_MAX, out);
}

static enum tf_status state(const char *origin, uint64_t index, const struct key_public *from,
                            const struct key_public *to, struct tf_buf *out)
{
    tf_buf_printf(out, "tafadi-ledger-key/v1\n%s\n%" PRIu64 "\n", origin, index);
    key_base64(from->bytes, KEY_PUBLIC_SIZE, out);
    tf_buf_char(out, '\n');
    key_base64(to->bytes, KEY_PUBLIC_SIZE, out);
    tf_buf_char(out, '\n');
    return tf_buf_status(out);
}

static void put(struct tf_buf *out, const char *name, const uint8_t *bytes, size_t len)
{
    tf_buf_printf(out, ",\"%s\":\"", name);
    key_base64(bytes, len, out);
    tf_buf_char(out, '"');
}

struct rotation {
    const char *at;
    size_t at_len;
    struct key_public from, to;
    uint8_t by_from[KEY_SIGNATURE_SIZE], by_to[KEY_SIGNATURE_SIZE];
};

static enum tf_status print(const struct rotation *r, struct tf_buf *out)
{
    tf_buf_text(out, KIND "\"at\":\"");
    tf_buf_append(out, r->at, r->at_len);
    tf_buf_char(out, '"');
    put(out, "from", r->from.bytes, KEY_PUBLIC_SIZE);
    put(out, "to", r->to.bytes, KEY_PUBLIC_SIZE);
    put(out, "by_from", r->by_from, KEY_SIGNATURE_SIZE);
    put(out, "by_to", r->by_to, KEY_SIGNATURE_SIZE);
    tf_buf_char(out, '}');
    return tf_buf_status(out);
}

/* --- writing -----------------------------------------------------------------------------------
 */

static enum tf_status append(struct ledger *ledger, struct rotation *r, const struct key_secret *to,
                             uint64_t index)
{
    struct tf_buf text = TF_BUF_INIT(STATEMENT_MAX), entry = TF_BUF_INIT(ENTRY_MAX);
    uint64_t at;
    enum tf_status rc = state(ledger->as.name, index, &r->from, &r->to, &text);
    if (!rc) {
        key_sign(ledger->key, text.data, text.len, r->by_from);
        key_sign(to, text.data, text.len, r->by_to);
        rc = print(r, &entry);
    }
    if (!rc)
        rc = ledger_append(ledger, entry.data, entry.len, &at);
    if (!rc && at != index)
        rc = TF_BUSY; /* another node's entry came between: all of it again */
    if (!rc)
        rc = sql_exec(ledger->sql, "INSERT INTO ledger_key (first, public) VALUES ($1, $2)",
                      SQL_ARGS(sql_int((int64_t)index + 1), sql_blob(r->to.bytes, KEY_PUBLIC_SIZE)),
                      NULL);
    tf_buf_release(&text);
    tf_buf_release(&entry);
    return rc;
}

enum tf_status ledger_rotate(struct ledger *ledger, const struct key_secret *to, int64_t now_us)
{
    char at[TF_TIME_TEXT_SIZE];
    uint64_t index;
    if (!ledger->key)
        return TF_SYNTAX;
    struct rotation r = {.from = ledger->public, .to = key_public_of(to), .at = at};
    tf_time_format(now_us * 1000, at);
    r.at_len = strlen(at);
    enum tf_status rc = ledger_count(ledger->sql, &index);
    return rc ? rc : append(ledger, &r, to, index);
}

/* --- reading -------------------------------------------------------------------------------------
 */

/* Takes `,"name":"` and the value before the next quote; base64 of exactly `size` bytes. */
static bool take(const char **at, const char *end, const char *name, uint8_t *out, size_t size)
{
    char key[16];
    struct tf_buf expected = TF_BUF_INIT(sizeof key * 2);
    tf_buf_printf(&expected, ",\"%s\":\"", name);
    bool good = !tf_buf_status(&expected) && (size_t)(end - *at) > expected.len &&
                memcmp(*at, expected.data, expected.len) == 0;
    if (good)
        *at += expected.len;
    tf_buf_release(&expected);
    const char *quote = good ? memchr(*at, '"', (size_t)(end - *at)) : NULL;
    if (!quote || !key_unbase64(*at, (size_t)(quote - *at), out, size))
        return false;
    *at = quote + 1;
    return true;
}

static bool parse(const char *entry, size_t len, struct rotation *r)
{
    static const char before[] = KIND "\"at\":\"";
    const char *at = entry + sizeof before - 1, *end = entry + len;
    if (len < sizeof before || memcmp(entry, before, sizeof before - 1) != 0)
        return false;
    const char *quote = memchr(at, '"', (size_t)(end - at));
    if (!quote)
        return false;
    r->at = at;
    r->at_len = (size_t)(quote - at);
    at = quote + 1;
    return take(&at, end, "from", r->from.bytes, KEY_PUBLIC_SIZE) &&
           take(&at, end, "to", r->to.bytes, KEY_PUBLIC_SIZE) &&
           take(&at, end, "by_from", r->by_from, KEY_SIGNATURE_SIZE) &&
           take(&at, end, "by_to", r->by_to, KEY_SIGNATURE_SIZE) && end - at == 1 && *at == '}';
}

enum tf_status ledger_read_rotation(const char *origin, uint64_t index,
                                    const struct key_public *from, const char *entry, size_t len,
                                    struct key_public *to)
{
    struct tf_buf text = TF_BUF_INIT(STATEMENT_MAX);
    struct rotation r;
    if (!parse(entry, len, &r) || memcmp(r.from.bytes, from->bytes, KEY_PUBLIC_SIZE) != 0)
        return TF_SYNTAX;
    enum tf_status rc = state(origin, index, &r.from, &r.to, &text);
    if (!rc && (!key_verify(&r.from, text.data, text.len, r.by_from) ||
                !key_verify(&r.to, text.data, text.len, r.by_to)))
        rc = TF_SYNTAX;
    tf_buf_release(&text);
    if (!rc)
        *to = r.to;
    return rc;
}
