/*
 * jdoc.c - the JSON reader: a loop over what may come next, without recursion.
 *
 *     VALUE -- {  --> FIRST_NAME -- "name": --> VALUE
 *           |         (or NAME)  `- } --------> MORE
 *           +- [  --> FIRST_ITEM -- ] --------> MORE
 *           |                    `- as VALUE
 *           `- other ------------------------> MORE -- , --> NAME or VALUE
 *                          of what is around it    `- } ] -> MORE, or END at the root
 *
 * While a container is open its `span` is the index of the one around it.
 */
#include "base/jdoc.h"

#include "base/jrun.h"
#include "base/utf8.h"
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

enum state { VALUE, FIRST_ITEM, FIRST_NAME, NAME, MORE, END };

struct reader {
    const unsigned char *at, *end;
    struct tf_jvalue *values;
    size_t count, capacity;
    char *text; /* where the next string goes; what was read before leaves room enough */
    uint32_t open;
    unsigned depth;
    enum state state;
    enum tf_status status; /* TF_SYNTAX until something worse */
};

/* --- values ----------------------------------------------------------------------- */

static struct tf_jvalue *add(struct reader *r, enum tf_jkind kind)
{
    if (r->count == r->capacity) {
        size_t capacity = r->capacity * 2;
        struct tf_jvalue *wider = realloc(r->values, capacity * sizeof *wider);
        if (!wider) {
            r->status = TF_NOMEM;
            return NULL;
        }
        r->values = wider;
        r->capacity = capacity;
    }
    struct tf_jvalue *v = &r->values[r->count++];
    *v = (struct tf_jvalue){.kind = kind, .span = 1};
    return v;
}

/* What follows a whole value. */
static bool settle(struct reader *r)
{
    r->state = r->open == NONE ? END : MORE;
    return true;
}

static bool open_container(struct reader *r, enum tf_jkind kind)
{
    struct tf_jvalue *v = add(r, kind);
    if (!v)
        return false;
    v->span = r->open;
    r->open = (uint32_t)(r->count - 1);
    r->depth++;
    r->at++;
    r->state = kind == TF_JARRAY ? FIRST_ITEM : FIRST_NAME;
    return true;
}

/* --- names that come twice ------------------------------------------------------------ */

enum { FEW_NAMES = 16 };

static int by_name(const void *a, const void *b)
{
    const struct tf_jvalue *x = *(const struct tf_jvalue *const *)a;
    const struct tf_jvalue *y = *(const struct tf_jvalue *const *)b;
    if (x->count != y->count)
        return x->count < y->count ? -1 : 1;
    return memcmp(x->as.text, y->as.text, x->count);
}

/* Moves on over a member: its name and its value. */
static const struct tf_jvalue *member_after(const struct tf_jvalue *name)
{
    return tf_jdoc_next(name + 1);
}

static bool names_differ(const struct tf_jvalue *object)
{
    const struct tf_jvalue *a = object + 1;
    for (uint32_t i = 0; i < object->count; i++, a = member_after(a)) {
        const struct tf_jvalue *b = object + 1;
        for (uint32_t j = 0; j < i; j++, b = member_after(b))
            if (by_name(&a, &b) == 0)
                return false;
    }
    return true;
}

static bool many_names_differ(struct reader *r, const struct tf_jvalue *object)
{
    const struct tf_jvalue **names = malloc(object->count * sizeof *names);
    const struct tf_jvalue *at = object + 1;
    if (!names) {
        r->status = TF_NOMEM;
        return false;
    }
    for (uint32_t i = 0; i < object->count; i++, at = member_after(at))
        names[i] = at;
    qsort(names, object->count, sizeof *names, by_name);
    bool differ = true;
    for (uint32_t i = 1; i < object->count && differ; i++)
        differ = by_name(&names[i - 1], &names[i]) != 0;
    free(names);
    return differ;
}

static bool close_container(struct reader *r)
{
    struct tf_jvalue *v = &r->values[r->open];
    uint32_t outer = v->span;
    v->span = (uint32_t)r->count - r->open;
    if (v->kind == TF_JOBJECT &&
        !(v->count <= FEW_NAMES ? names_differ(v) : many_names_differ(r, v)))
        return false;
    r->open = outer;
    r->depth--;
    r->at++;
    return settle(r);
}

/* --- strings ------------------------------------------------------------------------- */

static bool hex4(const unsigned char *p, const unsigned char *end, uint32_t *out)
{
    *out = 0;
    if (end - p < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        unsigned char c = p[i];
        uint32_t digit = c >= '0' && c <= '9'   ? c - (uint32_t)'0'
                         : c >= 'a' && c <= 'f' ? c - (uint32_t)'a' + 10
                         : c >= 'A' && c <= 'F' ? c - (uint32_t)'A' + 10
                                                : 16;
        if (digit == 16)
            return false;
        *out = *out << 4 | digit;
    }
    return true;
}

static char *put_utf8(char *to, uint32_t code)
{
    if (code < 0x80) {
        *to++ = (char)code;
    } else if (code < 0x800) {
        *to++ = (char)(0xC0 | code >> 6);
        *to++ = (char)(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        *to++ = (char)(0xE0 | code >> 12);
        *to++ = (char)(0x80 | (code >> 6 & 0x3F));
        *to++ = (char)(0x80 | (code & 0x3F));
    } else {
        *to++ = (char)(0xF0 | code >> 18);
        *to++ = (char)(0x80 | (code >> 12 & 0x3F));
        *to++ = (char)(0x80 | (code >> 6 & 0x3F));
        *to++ = (char)(0x80 | (code & 0x3F));
    }
    return to;
}

/* At the u of an escape: one code point, of one \uXXXX or of a pair of surrogates. */
static bool read_code(struct reader *r)
{
    uint32_t code, low;
    if (!hex4(r->at + 1, r->end, &code) || code == 0 || (code >= 0xDC00 && code <= 0xDFFF))
        return false;
    r->at += 5;
    if (code >= 0xD800 && code <= 0xDBFF) {
        if (r->end - r->at < 6 || r->at[0] != '\\' || r->at[1] != 'u' ||
            !hex4(r->at + 2, r->end, &low) || low < 0xDC00 || low > 0xDFFF)
            return false;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        r->at += 6;
    }
    r->text = put_utf8(r->text, code);
    return true;
}

/* At the backslash. */
static bool read_escape(struct reader *r)
{
    static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    if (++r->at == r->end)
        return false;
    if (*r->at == 'u')
        return read_code(r);
    const char *which = *r->at ? strchr(names, *r->at) : NULL;
    if (!which)
        return false;
    *r->text++ = means[which - names];
    r->at++;
    return true;
}

/* What is neither plain nor the end: an escape, or a character beyond ASCII (or DEL). */
static bool read_special(struct reader *r)
{
    uint32_t code;
    if (*r->at == '\\')
        return read_escape(r);
    size_t len = tf_utf8_decode((const char *)r->at, (size_t)(r->end - r->at), &code);
    if (len == 0 || code < 0x20)
        return false;
    memcpy(r->text, r->at, len);
    r->text += len;
    r->at += len;
    return true;
}

/* At the opening quote. */
static bool read_string(struct reader *r)
{
    struct tf_jvalue *v = add(r, TF_JSTRING);
    char *start = r->text;
    if (!v)
        return false;
    for (r->at++;;) {
        size_t run = tf_jrun(r->at, (size_t)(r->end - r->at));
        memcpy(r->text, r->at, run);
        r->text += run;
        r->at += run;
        if (r->at == r->end)
            return false;
        if (*r->at == '"')
            break;
        if (!read_special(r))
            return false;
    }
    r->at++;
    v->as.text = start;
    v->count = (uint32_t)(r->text - start);
    *r->text++ = '\0'; /* in the room of a quote */
    return true;
}

/* --- numbers ---------------------------------------------------------------------------- */

struct decimal {
    uint64_t digits; /* of the first 18 that count */
    int exponent;    /* value is digits * 10^exponent */
    bool exact;      /* that is all of it */
    bool integer;
};

static size_t digits_at(const unsigned char *p, const unsigned char *end)
{
    size_t n = 0;
    while (p + n < end && p[n] >= '0' && p[n] <= '9')
        n++;
    return n;
}

static void take_digits(struct decimal *d, const unsigned char *p, size_t n, bool fraction)
{
    for (size_t i = 0; i < n; i++) {
        if (d->digits >= UINT64_C(100000000000000000)) {
            d->exact = false;
            return;
        }
        d->digits = d->digits * 10 + (uint64_t)(p[i] - '0');
        d->exponent -= fraction;
    }
}

/* The exponent's digits, from the sign; 0: there are none. */
static size_t take_exponent(struct decimal *d, const unsigned char *p, const unsigned char *end)
{
    bool sign = p < end && (*p == '+' || *p == '-'), minus = sign && *p == '-';
    size_t n = digits_at(p + sign, end);
    int value = 0;
    for (size_t i = 0; i < n && value < 1000; i++)
        value = value * 10 + (p[sign + i] - '0');
    d->exponent += minus ? -value : value;
    return n ? n + sign : 0;
}

/* Length of the number without its sign; 0: it is none. */
static size_t scan_number(const unsigned char *p, const unsigned char *end, struct decimal *d)
{
    const unsigned char *start = p;
    size_t n = digits_at(p, end);
    if (n == 0 || (n > 1 && *p == '0'))
        return 0;
    take_digits(d, p, n, false);
    p += n;
    if (p < end && *p == '.') {
        d->integer = false;
        n = digits_at(++p, end);
        if (n == 0)
            return 0;
        take_digits(d, p, n, true);
        p += n;
    }
    if (p < end && (*p | 0x20) == 'e') {
        d->integer = false;
        n = take_exponent(d, ++p, end);
        if (n == 0)
            return 0;
        p += n;
    }
    return (size_t)(p - start);
}

/* By the C library, in the room of the number's own bytes. */
static bool convert(struct reader *r, size_t len, bool integer, double *out)
{
    memcpy(r->text, r->at, len);
    r->text[len] = '\0';
    if (integer) {
        errno = 0;
        *out = (double)strtoll(r->text, NULL, 10);
        return errno == 0;
    }
    *out = strtod(r->text, NULL);
    return isfinite(*out);
}

/* Digits below 2^53 and a power of ten up to 10^22 are doubles without error, so that one
 * multiplication or division rounds once, as it must (Clinger 1990). */
static bool read_number(struct reader *r)
{
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    struct decimal d = {.exact = true, .integer = true};
    size_t sign = *r->at == '-', len = scan_number(r->at + sign, r->end, &d);
    double value;
    if (len == 0)
        return false;
    bool fits = FLT_EVAL_METHOD == 0 && d.exact && d.digits < UINT64_C(1) << 53 &&
                d.exponent >= -22 && d.exponent <= 22;
    if (fits && d.exponent < 0)
        value = (double)d.digits / tens[-d.exponent];
    else if (fits)
        value = (double)d.digits * tens[d.exponent];
    else if (!convert(r, sign + len, d.integer, &value))
        return false;
    struct tf_jvalue *v = add(r, TF_JNUMBER);
    if (!v)
        return false;
    v->as.number = fits && sign ? -value : value;
    r->at += sign + len;
    return settle(r);
}

/* --- what may come next ------------------------------------------------------------------- */

static bool read_word(struct reader *r, const char *word, enum tf_jkind kind)
{
    size_t len = strlen(word);
    if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0 || !add(r, kind))
        return false;
    r->at += len;
    return settle(r);
}

static bool on_value(struct reader *r)
{
    if (r->depth == TF_JDOC_MAX_DEPTH)
        return false;
    if (r->open != NONE && r->values[r->open].kind == TF_JARRAY)
        r->values[r->open].count++;
    switch (*r->at) {
    case '{':
        return open_container(r, TF_JOBJECT);
    case '[':
        return open_container(r, TF_JARRAY);
    case '"':
        return read_string(r) && settle(r);
    case 't':
        return read_word(r, "true", TF_JTRUE);
    case 'f':
        return read_word(r, "false", TF_JFALSE);
    case 'n':
        return read_word(r, "null", TF_JNULL);
    default:
        return read_number(r);
    }
}

static bool on_first_item(struct reader *r)
{
    return *r->at == ']' ? close_container(r) : on_value(r);
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
        r->at++;
}

static bool on_name(struct reader *r)
{
    if (*r->at != '"' || !read_string(r))
        return false;
    r->values[r->open].count++;
    skip_blanks(r);
    if (r->at == r->end || *r->at != ':')
        return false;
    r->at++;
    r->state = VALUE;
    return true;
}

static bool on_first_name(struct reader *r)
{
    return *r->at == '}' ? close_container(r) : on_name(r);
}

static bool on_more(struct reader *r)
{
    bool array = r->values[r->open].kind == TF_JARRAY;
    if (*r->at == (array ? ']' : '}'))
        return close_container(r);
    if (*r->at != ',')
        return false;
    r->at++;
    r->state = array ? VALUE : NAME;
    return true;
}

static bool read_all(struct reader *r)
{
    static bool (*const moves[])(struct reader *) = {
        [VALUE] = on_value,
        [FIRST_ITEM] = on_first_item,
        [FIRST_NAME] = on_first_name,
        [NAME] = on_name,
        [MORE] = on_more,
    };
    skip_blanks(r);
    if (r->at == r->end || (*r->at != '{' && *r->at != '['))
        return false;
    while (r->state != END) {
        if (r->at == r->end || !moves[r->state](r))
            return false;
        skip_blanks(r);
    }
    return r->at == r->end;
}

/* --- documents -------------------------------------------------------------------------------- */

enum tf_status tf_jdoc_read(const char *bytes, size_t len, struct tf_jdoc *out, size_t *error_at)
{
    const unsigned char *start = (const unsigned char *)bytes;
    *out = (struct tf_jdoc){0};
    *error_at = 0;
    if (len == 0 || len > TF_JDOC_MAX_BYTES)
        return TF_SYNTAX;
    struct reader r = {.at = start,
                       .end = start + len,
                       .capacity = len / 8 + 8,
                       .open = NONE,
                       .status = TF_SYNTAX};
    r.values = malloc(r.capacity * sizeof *r.values);
    char *text = r.text = malloc(len + 1);
    if (r.values && text && read_all(&r)) {
        *out = (struct tf_jdoc){r.values, text};
        return TF_OK;
    }
    enum tf_status rc = r.values && text ? r.status : TF_NOMEM;
    *error_at = (size_t)(r.at - start);
    free(r.values);
    free(text);
    return rc;
}

void tf_jdoc_release(struct tf_jdoc *doc)
{
    free(doc->values);
    free(doc->text);
    *doc = (struct tf_jdoc){0};
}

void tf_jdoc_place(const char *bytes, size_t at, unsigned *line, unsigned *column)
{
    *line = *column = 1;
    for (size_t i = 0; i < at; i++) {
        if (bytes[i] == '\n') {
            ++*line;
            *column = 1;
        } else if (!tf_utf8_continues(bytes[i])) {
            ++*column;
        }
    }
}

const struct tf_jvalue *tf_jdoc_member(const struct tf_jvalue *object, const char *name)
{
    if (!tf_jdoc_is(object, TF_JOBJECT))
        return NULL;
    size_t len = strlen(name);
    const struct tf_jvalue *at = object + 1;
    for (uint32_t i = 0; i < object->count; i++, at = member_after(at))
        if (at->count == len && memcmp(at->as.text, name, len) == 0)
            return at + 1;
    return NULL;
}
