/*
 * time.c - RFC 3339 text and civil dates of instants in nanoseconds.
 *
 * Day numbers follow the proleptic Gregorian calendar in eras of 400 years that
 * begin on 1 March, so that the leap day comes last.
 */
#include <string.h>
#include <tafadi/time.h>

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Days since 1970-01-01. */
static int64_t days_from_date(int year, int month, int day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = floor_div(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void date_from_days(int64_t days, struct tf_civil *out)
{
    int64_t z = days + 719468;
    int64_t era = floor_div(z, 146097);
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    out->day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    out->month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    out->year = (int)(year_of_era + era * 400 + (out->month <= 2));
    out->weekday = (int)(((days + 3) % 7 + 7) % 7);
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

enum tf_status tf_time_from_civil(const struct tf_civil *c, int64_t *out_ns)
{
    if (c->year < 1 || c->year > 9999 || c->month < 1 || c->month > 12 || c->day < 1 ||
        c->day > days_in_month(c->year, c->month) || c->hour < 0 || c->hour > 23 || c->minute < 0 ||
        c->minute > 59 || c->second < 0 || c->second > 60 || c->nanosecond < 0 ||
        c->nanosecond >= TF_SECOND_NS)
        return TF_RANGE;
    int64_t seconds = days_from_date(c->year, c->month, c->day) * 86400 + c->hour * 3600 +
                      c->minute * 60 + c->second;
    int64_t fraction = c->second == 60 ? 0 : c->nanosecond;
    if (seconds < 0) { /* from above, so that the first instants fit as well */
        seconds++;
        fraction -= TF_SECOND_NS;
    }
    int64_t ns;
    if (__builtin_mul_overflow(seconds, TF_SECOND_NS, &ns) ||
        __builtin_add_overflow(ns, fraction, &ns) || ns == TF_TIME_MIN || ns == TF_TIME_MAX)
        return TF_RANGE;
    *out_ns = ns;
    return TF_OK;
}

void tf_time_to_civil(int64_t t_ns, struct tf_civil *out)
{
    int64_t seconds = floor_div(t_ns, TF_SECOND_NS);
    int64_t days = floor_div(seconds, 86400);
    int64_t rest = seconds - days * 86400;
    date_from_days(days, out);
    out->hour = (int)(rest / 3600);
    out->minute = (int)(rest / 60 % 60);
    out->second = (int)(rest % 60);
    int64_t below = t_ns % TF_SECOND_NS;
    out->nanosecond = (int32_t)(below < 0 ? below + TF_SECOND_NS : below);
}

/* Reads exactly `digits` decimal digits at *p; advances. */
static bool number(const char **p, const char *end, int digits, int *out)
{
    int value = 0;
    for (int i = 0; i < digits; i++, (*p)++) {
        if (*p >= end || **p < '0' || **p > '9')
            return false;
        value = value * 10 + (**p - '0');
    }
    *out = value;
    return true;
}

static bool one_of(const char **p, const char *end, const char *set)
{
    if (*p >= end || !**p || !strchr(set, **p))
        return false;
    (*p)++;
    return true;
}

/* The optional ".digits"; digits beyond the ninth are cut. */
static bool fraction(const char **p, const char *end, int32_t *ns)
{
    *ns = 0;
    if (!one_of(p, end, "."))
        return true;
    int count = 0;
    for (; *p < end && **p >= '0' && **p <= '9'; (*p)++, count++)
        if (count < 9)
            *ns = *ns * 10 + (**p - '0');
    for (int i = count; i < 9; i++)
        *ns *= 10;
    return count > 0;
}

static bool zone_offset(const char **p, const char *end, int *offset_minutes)
{
    *offset_minutes = 0;
    if (one_of(p, end, "Zz"))
        return true;
    if (*p >= end || (**p != '+' && **p != '-'))
        return false;
    int sign = **p == '-' ? -1 : 1, hour, minute;
    (*p)++;
    if (!number(p, end, 2, &hour) || !one_of(p, end, ":") || !number(p, end, 2, &minute) ||
        hour > 23 || minute > 59)
        return false;
    *offset_minutes = sign * (hour * 60 + minute);
    return true;
}

enum tf_status tf_time_parse(const char *text, size_t len, int64_t *out_ns)
{
    const char *p = text, *end = text + len;
    struct tf_civil c = {0};
    int offset_minutes;
    if (!number(&p, end, 4, &c.year) || !one_of(&p, end, "-") || !number(&p, end, 2, &c.month) ||
        !one_of(&p, end, "-") || !number(&p, end, 2, &c.day) || !one_of(&p, end, "Tt ") ||
        !number(&p, end, 2, &c.hour) || !one_of(&p, end, ":") || !number(&p, end, 2, &c.minute) ||
        !one_of(&p, end, ":") || !number(&p, end, 2, &c.second) ||
        !fraction(&p, end, &c.nanosecond) || !zone_offset(&p, end, &offset_minutes) || p != end)
        return TF_SYNTAX;
    int64_t ns;
    enum tf_status rc = tf_time_from_civil(&c, &ns);
    if (rc)
        return rc;
    if (__builtin_sub_overflow(ns, offset_minutes * TF_MINUTE_NS, &ns) || ns == TF_TIME_MIN ||
        ns == TF_TIME_MAX)
        return TF_RANGE;
    *out_ns = ns;
    return TF_OK;
}

/* Writes `count` decimal digits and what follows them; returns where to go on. */
static char *put_digits(char *to, int value, int count, char after)
{
    for (int i = count - 1; i >= 0; i--, value /= 10)
        to[i] = (char)('0' + value % 10);
    to[count] = after;
    return to + count + 1;
}

void tf_time_format(int64_t t_ns, char *out)
{
    if (t_ns == TF_TIME_MIN || t_ns == TF_TIME_MAX) {
        memcpy(out, "-", 2);
        return;
    }
    struct tf_civil c;
    tf_time_to_civil(t_ns, &c);
    char *at = put_digits(out, c.year, 4, '-');
    at = put_digits(at, c.month, 2, '-');
    at = put_digits(at, c.day, 2, 'T');
    at = put_digits(at, c.hour, 2, ':');
    at = put_digits(at, c.minute, 2, ':');
    at = put_digits(at, c.second, 2, c.nanosecond ? '.' : 'Z');
    if (c.nanosecond == 0)
        *at = '\0';
    else if (c.nanosecond % 1000000 == 0)
        *put_digits(at, c.nanosecond / 1000000, 3, 'Z') = '\0';
    else if (c.nanosecond % 1000 == 0)
        *put_digits(at, c.nanosecond / 1000, 6, 'Z') = '\0';
    else
        *put_digits(at, c.nanosecond, 9, 'Z') = '\0';
}

int64_t tf_time_add(int64_t t_ns, int64_t d_ns)
{
    if (t_ns == TF_TIME_MIN || t_ns == TF_TIME_MAX)
        return t_ns;
    int64_t sum;
    if (__builtin_add_overflow(t_ns, d_ns, &sum))
        return d_ns > 0 ? TF_TIME_MAX : TF_TIME_MIN;
    return sum;
}
