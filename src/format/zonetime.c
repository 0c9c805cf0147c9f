/*
 * zonetime.c - periods and weekly schedules of ED-269 and ED-318 as intervals.
 *
 *     applicability: {permanent, startDateTime, endDateTime,
 *                     schedule | dailyPeriod: [{day, startTime, endTime,
 *                                               startEvent, endEvent}]}
 */
#include "format/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const int64_t WIDEST_OFFSET_NS = 14 * TF_HOUR_NS;

/* A part of each of some days of the week. */
struct daily {
    unsigned days;             /* bit 0: Monday */
    int64_t from_ns, until_ns; /* after the day's midnight; until may be on the next day */
    int64_t offset_ns;         /* of that midnight, east of UTC */
    bool widened;
};

enum tf_status tf_zone_add_interval(struct tf_zone *zone, int64_t start_ns, int64_t end_ns)
{
    if (zone->interval_count == zone->interval_capacity) {
        size_t capacity = zone->interval_capacity ? 2 * zone->interval_capacity : 8;
        struct tf_zone_interval *list = realloc(zone->intervals, capacity * sizeof *list);
        if (!list)
            return tf_fault_set(zone->fault, TF_NOMEM, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
        zone->intervals = list;
        zone->interval_capacity = capacity;
    }
    zone->intervals[zone->interval_count++] = (struct tf_zone_interval){start_ns, end_ns};
    return TF_OK;
}

/* --- one entry of a schedule --------------------------------------------------------- */

/* "16:00:00Z", "17:00:00.00+02:00", "08:30": the time of day, and its zone (UTC if none). */
static enum tf_status read_time_of_day(const struct tf_json *at, int64_t *out_ns,
                                       int64_t *offset_ns, struct tf_fault *fault)
{
    const char *text;
    enum tf_status rc = tf_json_text(at, &text, fault);
    if (rc)
        return rc;
    char full[64], utc[64];
    size_t len = strlen(text), digits = strspn(text, "0123456789:.");
    if (digits < 5 || len > 30)
        return tf_json_fault(at, TF_TIME, TF_TEXT("%1 is not a time of day as in 16:00:00Z."), text,
                             NULL, fault);
    snprintf(utc, sizeof utc, "2001-01-02T%.*s%s", (int)digits, text, digits == 5 ? ":00" : "");
    snprintf(full, sizeof full, "%.40s%s", utc, len > digits ? text + digits : "Z");
    snprintf(utc + strlen(utc), sizeof utc - strlen(utc), "Z");
    int64_t instant_ns, as_utc_ns, midnight_ns;
    rc = tf_time_parse(full, strlen(full), &instant_ns);
    if (!rc)
        rc = tf_time_parse(utc, strlen(utc), &as_utc_ns);
    if (!rc)
        rc = tf_time_parse("2001-01-02T00:00:00Z", 20, &midnight_ns);
    if (rc)
        return tf_json_fault(at, TF_TIME, TF_TEXT("%1 is not a time of day as in 16:00:00Z."), text,
                             NULL, fault);
    *out_ns = as_utc_ns - midnight_ns;
    *offset_ns = as_utc_ns - instant_ns;
    return TF_OK;
}

static enum tf_status read_days(const struct tf_json *at, unsigned *out, struct tf_fault *fault)
{
    static const char *const words[] = {"MON", "TUE", "WED", "THU", "FRI",
                                        "SAT", "SUN", "ANY", NULL};
    size_t count = json_is_array(at->value) ? tf_json_count(at) : tf_json_there(at) ? 1 : 0;
    enum tf_status rc = TF_OK;
    *out = count ? 0 : 0x7F;
    for (size_t i = 0; !rc && i < count; i++) {
        struct tf_json item = json_is_array(at->value) ? tf_json_item(at, i) : *at;
        int index = 7;
        rc = tf_json_word(&item, words, &index, fault);
        *out |= index == 7 ? 0x7FU : 1U << index;
    }
    return rc;
}

/* Sunrise and the like: any time that the day has anywhere. */
static enum tf_status read_daily(const struct tf_json *at, struct daily *out,
                                 struct tf_fault *fault)
{
    struct tf_json day = tf_json_get(at, "day");
    struct tf_json from = tf_json_get(at, "startTime"), until = tf_json_get(at, "endTime");
    struct tf_json from_event = tf_json_get(at, "startEvent");
    struct tf_json until_event = tf_json_get(at, "endEvent");
    int64_t until_offset_ns = 0;
    *out = (struct daily){.until_ns = TF_DAY_NS};
    enum tf_status rc = tf_json_object(at, fault);
    if (!rc)
        rc = read_days(&day, &out->days, fault);
    if (!rc && tf_json_there(&from))
        rc = read_time_of_day(&from, &out->from_ns, &out->offset_ns, fault);
    if (!rc && tf_json_there(&until))
        rc = read_time_of_day(&until, &out->until_ns, &until_offset_ns, fault);
    if (rc)
        return rc;
    if (!tf_json_there(&from))
        out->offset_ns = until_offset_ns;
    if (out->until_ns >= TF_DAY_NS - TF_MINUTE_NS) /* 23:59 and 23:59:59 mean midnight */
        out->until_ns = TF_DAY_NS;
    if (out->until_ns <= out->from_ns)
        out->until_ns += TF_DAY_NS;
    if (tf_json_there(&from_event))
        out->from_ns = -WIDEST_OFFSET_NS;
    if (tf_json_there(&until_event))
        out->until_ns = TF_DAY_NS + WIDEST_OFFSET_NS;
    out->widened = tf_json_there(&from_event) || tf_json_there(&until_event);
    return TF_OK;
}

/* {day: [], startTime: null, endTime: null} restricts nothing. */
static bool is_always(const struct daily *d)
{
    return d->days == 0x7F && d->from_ns <= 0 && d->until_ns >= TF_DAY_NS;
}

/* --- periods ------------------------------------------------------------------------- */

static enum tf_status expand_daily(struct tf_zone *zone, const struct daily *d, int64_t start_ns,
                                   int64_t end_ns)
{
    enum tf_status rc = TF_OK;
    int64_t first = start_ns / TF_DAY_NS - 3, last = end_ns / TF_DAY_NS + 3;
    for (int64_t day = first; !rc && day <= last; day++) {
        int weekday = (int)(((day + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
        int64_t midnight_ns = day * TF_DAY_NS - d->offset_ns;
        int64_t from_ns = midnight_ns + d->from_ns, until_ns = midnight_ns + d->until_ns;
        from_ns = from_ns > start_ns ? from_ns : start_ns;
        until_ns = until_ns < end_ns ? until_ns : end_ns;
        if ((d->days >> weekday & 1) && from_ns < until_ns)
            rc = tf_zone_add_interval(zone, from_ns, until_ns);
    }
    return rc;
}

/* The schedule within a period, or the period itself if it has none or cannot be cut. */
static enum tf_status add_schedule(struct tf_zone *zone, const struct tf_json *list,
                                   int64_t start_ns, int64_t end_ns)
{
    size_t count = json_is_object(list->value) ? 1 : tf_json_count(list);
    bool bounded = start_ns > -TF_DAY_NS * 40000 && end_ns < TF_DAY_NS * 80000;
    int64_t days = bounded ? (end_ns - start_ns) / TF_DAY_NS + 1 : 0;
    bool cut = bounded && count > 0 && days <= TF_ZONE_MAX_INTERVALS / (int64_t)count;
    size_t before = zone->interval_count;
    cut = cut && before < 4 * (size_t)TF_ZONE_MAX_INTERVALS;
    bool always = count == 0;
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && i < count; i++) {
        struct tf_json item = json_is_object(list->value) ? *list : tf_json_item(list, i);
        struct daily daily;
        rc = read_daily(&item, &daily, zone->fault);
        if (rc)
            return rc;
        always = always || is_always(&daily);
        zone->widened = zone->widened || daily.widened;
        if (cut && !always)
            rc = expand_daily(zone, &daily, start_ns, end_ns);
    }
    if (rc)
        return rc;
    if (!always && cut && zone->interval_count > before)
        return TF_OK;
    zone->widened = zone->widened || !always;
    zone->interval_count = before;
    return tf_zone_add_interval(zone, start_ns, end_ns);
}

static bool is_permanent(const struct tf_json *period)
{
    struct tf_json permanent = tf_json_get(period, "permanent");
    const char *text = json_string_value(permanent.value);
    return json_is_true(permanent.value) || (text && strcasecmp(text, "YES") == 0);
}

static enum tf_status read_end(const struct tf_json *at, int64_t *out, struct tf_fault *fault)
{
    const char *text = json_string_value(at->value);
    bool absent = !tf_json_there(at) || (text && !*text);
    return absent ? TF_OK : tf_json_bound(at, out, fault);
}

static enum tf_status read_period(struct tf_zone *zone, const struct tf_json *at)
{
    struct tf_json start = tf_json_get(at, "startDateTime"), end = tf_json_get(at, "endDateTime");
    struct tf_json schedule =
        tf_json_get_any(at, (const char *const[]){"schedule", "dailyPeriod", NULL});
    int64_t start_ns = TF_TIME_MIN, end_ns = TF_TIME_MAX;
    enum tf_status rc = tf_json_object(at, zone->fault);
    if (!rc)
        rc = read_end(&start, &start_ns, zone->fault);
    if (!rc)
        rc = read_end(&end, &end_ns, zone->fault);
    if (rc)
        return rc;
    if (start_ns >= end_ns)
        return tf_json_fault(&end, TF_TIME, TF_TEXT("The end must be after the start."), NULL, NULL,
                             zone->fault);
    if (is_permanent(at)) {
        start_ns = TF_TIME_MIN;
        end_ns = TF_TIME_MAX;
    }
    return add_schedule(zone, &schedule, start_ns, end_ns);
}

static int by_start(const void *a, const void *b)
{
    const struct tf_zone_interval *x = a, *y = b;
    return (x->start_ns > y->start_ns) - (x->start_ns < y->start_ns);
}

/* Sorts, and joins what overlaps or touches. */
static void join_intervals(struct tf_zone *zone)
{
    size_t kept = 0;
    if (zone->interval_count == 0)
        return;
    qsort(zone->intervals, zone->interval_count, sizeof *zone->intervals, by_start);
    for (size_t i = 1; i < zone->interval_count; i++) {
        struct tf_zone_interval *last = &zone->intervals[kept], next = zone->intervals[i];
        if (next.start_ns > last->end_ns)
            zone->intervals[++kept] = next;
        else if (next.end_ns > last->end_ns)
            last->end_ns = next.end_ns;
    }
    zone->interval_count = kept + 1;
}

enum tf_status tf_zone_periods(struct tf_zone *zone, const struct tf_json *at)
{
    enum tf_status rc = TF_OK;
    if (json_is_object(at->value))
        rc = read_period(zone, at);
    else if (tf_json_there(at))
        rc = tf_json_array(at, zone->fault);
    for (size_t i = 0; !rc && i < tf_json_count(at); i++) {
        struct tf_json item = tf_json_item(at, i);
        rc = read_period(zone, &item);
    }
    join_intervals(zone);
    return rc;
}
