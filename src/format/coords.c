/*
 * coords.c - one place or one angle from text, and back.
 *
 * The text first becomes ASCII (ascii.c). A place is then a grid reference, or
 * two angles: cut at the hemisphere letter, or at the separator, or at the
 * middle of the numbers. An angle is one to three numbers with signs between.
 */
#include "format/coords.h"

#include "format/grid.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 96, NUMBERS_MAX = 3, DIGITS_MAX = 32 };

/* A run of ASCII text. */
struct span {
    const char *at, *end;
};

static const char *const form_words[] = {"decimal", "DMS", "MGRS", "UTM"};

const char *tf_coord_form_word(enum tf_coord_form form)
{
    return form_words[form];
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_hemisphere(char c)
{
    return c && strchr("NSEW", upper(c));
}

static struct span trim(struct span s)
{
    while (s.at < s.end && *s.at == ' ')
        s.at++;
    while (s.end > s.at && s.end[-1] == ' ')
        s.end--;
    return s;
}

/* --- one angle ------------------------------------------------------------------ */

struct angle {
    double number[NUMBERS_MAX];
    int count;
    int digits[NUMBERS_MAX]; /* before the decimal sign */
    bool has_fraction[NUMBERS_MAX];
    int decimals;                       /* of the last number */
    bool negative, has_sign, has_signs; /* has_signs: degree, minute or second signs */
    char hemisphere;                    /* 0: none */
};

/* Digits with an optional decimal sign; copies, so that strtod sees no more. */
static bool read_number(struct span *s, struct angle *a)
{
    char copy[DIGITS_MAX + 1];
    int n = 0, digits = 0;
    bool fraction = false;
    for (; s->at < s->end; s->at++) {
        bool point = (*s->at == '.' || *s->at == ',') && !fraction && n > 0;
        if (!is_digit(*s->at) && !point)
            break;
        if (n == DIGITS_MAX)
            return false;
        copy[n++] = point ? '.' : *s->at;
        fraction |= point;
        digits += !fraction;
    }
    if (digits == 0 || a->count == NUMBERS_MAX)
        return false;
    copy[n] = '\0';
    a->number[a->count] = strtod(copy, NULL);
    a->digits[a->count] = digits;
    a->has_fraction[a->count] = fraction;
    a->decimals = fraction ? n - digits - 1 : 0;
    a->count++;
    return true;
}

/* The sign after number `count`: one of d ' " : - or spaces. False: it does not belong. */
static bool read_unit(struct span *s, struct angle *a)
{
    static const char own[] = "d'\"";
    while (s->at < s->end && *s->at == ' ')
        s->at++;
    if (s->at == s->end || is_digit(*s->at) || is_hemisphere(*s->at))
        return true;
    const char *sign = strchr(own, *s->at == 'D' ? 'd' : *s->at);
    bool fits =
        sign ? sign - own == a->count - 1 : (*s->at == ':' || *s->at == '-') && a->count < 3;
    a->has_signs |= sign != NULL;
    s->at++;
    while (s->at < s->end && *s->at == ' ')
        s->at++;
    bool dangling = !sign && (s->at == s->end || !is_digit(*s->at));
    return fits && !dangling;
}

static void read_hemisphere(struct span *s, struct angle *a)
{
    *s = trim(*s);
    if (s->at < s->end && is_hemisphere(*s->at)) {
        a->hemisphere = upper(*s->at);
        s->at++;
    } else if (s->at < s->end && is_hemisphere(s->end[-1])) {
        a->hemisphere = upper(s->end[-1]);
        s->end--;
    }
    *s = trim(*s);
}

static bool read_angle(struct span s, struct angle *a)
{
    *a = (struct angle){0};
    read_hemisphere(&s, a);
    if (s.at < s.end && (*s.at == '-' || *s.at == '+')) {
        a->has_sign = true;
        a->negative = *s.at == '-';
        s.at++;
    }
    if (a->has_sign && a->hemisphere)
        return false;
    while (s.at < s.end)
        if (!read_number(&s, a) || !read_unit(&s, a))
            return false;
    for (int i = 0; i + 1 < a->count; i++)
        if (a->has_fraction[i])
            return false;
    return a->count > 0;
}

/* "363012N", "0371534.5E", "3630N": degrees, minutes and seconds without signs. */
static bool unpack(struct angle *a, bool lng)
{
    int degree_digits = lng ? 3 : 2;
    bool packed = a->count == 1 && a->hemisphere && !a->has_signs && a->digits[0] > degree_digits;
    if (!packed)
        return true;
    bool seconds = a->digits[0] == degree_digits + 4;
    if (!seconds && a->digits[0] != degree_digits + 2)
        return false;
    double value = a->number[0], unit = seconds ? 10000 : 100;
    bool fraction = a->has_fraction[0];
    a->number[0] = floor(value / unit);
    double rest = value - a->number[0] * unit;
    a->count = seconds ? 3 : 2;
    a->number[1] = seconds ? floor(rest / 100) : rest;
    a->number[2] = seconds ? rest - a->number[1] * 100 : 0;
    a->has_fraction[0] = false;
    a->has_fraction[a->count - 1] = fraction;
    return true;
}

/* Value in degrees. Minutes and seconds up to 60 inclusive carry over. */
static enum tf_status value_of(const struct angle *a, bool lng, double *deg, bool *carried)
{
    double minutes = a->count > 1 ? a->number[1] : 0, seconds = a->count > 2 ? a->number[2] : 0;
    if (minutes > 60 || seconds > 60)
        return TF_RANGE;
    *carried |= minutes == 60 || seconds == 60;
    double value = a->number[0] + (minutes * 60 + seconds) / 3600;
    if (value > (lng ? 180 : 90))
        return TF_RANGE;
    bool minus = a->negative || a->hemisphere == 'S' || a->hemisphere == 'W';
    *deg = minus && value != 0 ? -value : value;
    return TF_OK;
}

static double step_of(const struct angle *a)
{
    static const double units[] = {1, 60, 3600};
    return pow(10, -a->decimals) / units[a->count - 1];
}

static enum tf_status fail(struct tf_fault *fault, enum tf_status code, const char *message,
                           const char *text)
{
    return tf_fault_set(fault, code, TF_NO_INDEX, "", message, text, NULL, NULL);
}

static enum tf_status angle_value(struct span s, bool lng, double *deg, double *step_deg,
                                  bool *carried, bool *dms, struct tf_fault *fault,
                                  const char *text)
{
    struct angle a;
    if (!read_angle(s, &a) || !unpack(&a, lng))
        return fail(fault, TF_SYNTAX,
                    TF_TEXT("\"%1\" is not a coordinate. Write degrees as 36.5033 or 36:30:12 N."),
                    text);
    bool lng_letter = a.hemisphere == 'E' || a.hemisphere == 'W';
    if (a.hemisphere && lng_letter != lng)
        return fail(fault, TF_SYNTAX,
                    TF_TEXT("The hemisphere letter in \"%1\" does not belong to this coordinate. "
                            "Latitude takes N or S, longitude E or W."),
                    text);
    if (value_of(&a, lng, deg, carried))
        return fail(fault, TF_RANGE,
                    TF_TEXT("\"%1\" is out of range. Latitude is at most 90, longitude 180 "
                            "degrees, minutes and seconds 60."),
                    text);
    *dms |= a.count > 1;
    *step_deg = step_of(&a);
    return TF_OK;
}

/* A printable copy for messages; cut to what a fault can hold by tf_fault_set. */
static enum tf_status to_ascii(const char *text, size_t len, char ascii[TEXT_MAX], struct span *out,
                               struct tf_fault *fault)
{
    char shown[TF_FAULT_ARG_SIZE];
    size_t n = tf_coord_ascii(text, len, ascii, TEXT_MAX);
    if (n == TF_NO_INDEX) {
        size_t keep = len < sizeof shown - 1 ? len : sizeof shown - 1;
        memcpy(shown, text, keep);
        shown[keep] = '\0';
        return fail(fault, TF_SYNTAX, TF_TEXT("The coordinate beginning \"%1\" is too long."),
                    shown);
    }
    *out = trim((struct span){ascii, ascii + n});
    return TF_OK;
}

enum tf_status tf_coord_angle(const char *text, size_t len, enum tf_axis axis, double *out_deg,
                              struct tf_fault *fault)
{
    char ascii[TEXT_MAX];
    struct span s;
    bool carried = false, dms = false;
    double step_deg;
    enum tf_status rc = to_ascii(text, len, ascii, &s, fault);
    if (rc)
        return rc;
    return angle_value(s, axis == TF_AXIS_LNG, out_deg, &step_deg, &carried, &dms, fault, ascii);
}

double tf_coord_step_deg(const char *text, size_t len, enum tf_axis axis)
{
    char ascii[TEXT_MAX];
    struct span s;
    bool carried = false, dms = false;
    double deg, step_deg = 0;
    if (to_ascii(text, len, ascii, &s, NULL) ||
        angle_value(s, axis == TF_AXIS_LNG, &deg, &step_deg, &carried, &dms, NULL, ascii))
        return 0;
    return step_deg;
}

/* --- two angles ----------------------------------------------------------------- */

/* What commas between digits mean; see cut(). */
struct commas {
    int loose, tight; /* beside a space; directly between digits */
    bool point, blank, semicolon;
};

static struct commas count_commas(struct span s)
{
    struct commas c = {0};
    for (const char *p = s.at; p < s.end; p++) {
        bool left = p > s.at && is_digit(p[-1]), right = p + 1 < s.end && is_digit(p[1]);
        c.tight += *p == ',' && left && right;
        c.loose += *p == ',' && !(left && right);
        c.point |= *p == '.';
        c.semicolon |= *p == ';' || *p == '/';
        bool between = p > s.at && p[-1] != ' ' && p[-1] != ',';
        c.blank |= *p == ' ' && between;
    }
    return c;
}

/* Where the first of two hemisphere letters ends its angle; NULL if there are not two. */
static const char *cut_at_letters(struct span s)
{
    const char *first = NULL, *second = NULL;
    for (const char *p = s.at; p < s.end; p++) {
        if (!is_hemisphere(*p))
            continue;
        if (second)
            return NULL;
        *(first ? &second : &first) = p;
    }
    if (!second)
        return NULL;
    return first == s.at ? second : first + 1;
}

/* Between the numbers, if there are 2, 4 or 6. */
static const char *cut_at_middle(struct span s)
{
    const char *starts[2 * NUMBERS_MAX];
    int count = 0;
    bool inside = false;
    for (const char *p = s.at; p < s.end; p++) {
        bool part = *p != ' ' && *p != ':' && *p != 'd' && *p != '\'' && *p != '"';
        if (part && !inside) {
            if (count == 2 * NUMBERS_MAX)
                return NULL;
            starts[count++] = p;
        }
        inside = part;
    }
    return count >= 2 && count % 2 == 0 ? starts[count / 2] : NULL;
}

/* The `nth` tight comma, or the first character of `set`. */
static const char *find_separator(struct span s, const char *set, int nth)
{
    for (const char *p = s.at; p < s.end; p++)
        if (*p && strchr(set, *p) && --nth == 0)
            return p;
    return NULL;
}

static const char *find_loose_comma(struct span s)
{
    for (const char *p = s.at; p < s.end; p++)
        if (*p == ',' && !(p > s.at && is_digit(p[-1]) && p + 1 < s.end && is_digit(p[1])))
            return p;
    return NULL;
}

/*
 * The end of the first angle. A separator beside a space wins; then semicolon or slash;
 * then letters; a comma between digits separates if there are decimal points
 * ("36.5,37.2") or nothing else could ("36,37"; of three, "36,5,37,2", the middle one).
 */
static const char *cut(struct span s)
{
    struct commas c = count_commas(s);
    if (c.semicolon)
        return find_separator(s, ";/", 1);
    if (c.loose > 0)
        return c.loose == 1 ? find_loose_comma(s) : NULL;
    const char *letters = cut_at_letters(s);
    if (letters)
        return letters;
    if (c.tight > 0 && (c.point || !c.blank)) {
        bool usable = c.tight == 1 || (c.tight == 3 && !c.point);
        return usable ? find_separator(s, ",", c.tight == 3 ? 2 : 1) : NULL;
    }
    return cut_at_middle(s);
}

static bool has_lng_letter(struct span s)
{
    for (const char *p = s.at; p < s.end; p++)
        if (upper(*p) == 'E' || upper(*p) == 'W')
            return true;
    return false;
}

static bool has_letter(struct span s)
{
    for (const char *p = s.at; p < s.end; p++)
        if (is_hemisphere(*p))
            return true;
    return false;
}

static enum tf_status parse_angles(struct span s, const char *text, struct tf_coord *out,
                                   struct tf_fault *fault)
{
    const char *at = cut(s);
    if (!at)
        return fail(fault, TF_SYNTAX,
                    TF_TEXT("\"%1\" is not a coordinate pair. Write it as \"36.5033, 37.2594\", "
                            "\"363012N0371534E\" or in MGRS."),
                    text);
    struct span first = trim((struct span){s.at, at});
    struct span second = trim((struct span){at + (strchr(",;/", *at) != NULL), s.end});
    if (second.at < second.end && (*second.at == ',' || *second.at == ';'))
        second.at++;
    second = trim(second);
    if (has_letter(first) != has_letter(second))
        return fail(fault, TF_SYNTAX,
                    TF_TEXT("\"%1\" has a hemisphere letter on one coordinate only. Give both or "
                            "none."),
                    text);
    bool swapped = has_lng_letter(first);
    bool dms = false;
    struct tf_coord c = {.form = TF_COORD_DECIMAL};
    enum tf_status rc = angle_value(swapped ? second : first, false, &c.at.lat_deg, &c.lat_step_deg,
                                    &c.carried, &dms, fault, text);
    if (!rc)
        rc = angle_value(swapped ? first : second, true, &c.at.lng_deg, &c.lng_step_deg, &c.carried,
                         &dms, fault, text);
    if (rc)
        return rc;
    c.form = dms ? TF_COORD_DMS : TF_COORD_DECIMAL;
    *out = c;
    return TF_OK;
}

/* --- grids ------------------------------------------------------------------------ */

/* A run of 1..15 digits, then perhaps one of `letters` or "m". */
static bool read_metres(struct span *s, char letter, double *out)
{
    *s = trim(*s);
    struct angle a = {0};
    if (!read_number(s, &a) || a.digits[0] > 8)
        return false;
    *out = a.number[0];
    *s = trim(*s);
    while (s->at < s->end && (upper(*s->at) == 'M' || upper(*s->at) == letter || *s->at == ','))
        *s = trim((struct span){s->at + 1, s->end});
    return true;
}

/* "37N 412345 4023456": zone, band or hemisphere, easting, northing. */
static bool read_utm(struct span s, struct tf_grid_point *g, char *letter)
{
    int zone = 0, digits = 0;
    for (; s.at < s.end && is_digit(*s.at) && digits < 3; s.at++, digits++)
        zone = zone * 10 + (*s.at - '0');
    s = trim(s);
    if (digits == 0 || digits > 2 || zone < 1 || zone > 60 || s.at == s.end)
        return false;
    double south_deg, north_deg;
    *letter = upper(*s.at++);
    if (!tf_grid_band(*letter, &south_deg, &north_deg))
        return false;
    *g = (struct tf_grid_point){.zone = zone, .north = south_deg >= 0};
    return read_metres(&s, 'E', &g->easting_m) && read_metres(&s, 'N', &g->northing_m) &&
           s.at == s.end;
}

static bool in_band(const struct tf_grid_point *g, char letter, struct tf_latlng *p)
{
    double south_deg, north_deg;
    return tf_grid_band(letter, &south_deg, &north_deg) && !tf_grid_to_latlng(g, p) &&
           p->lat_deg >= south_deg - 0.001 && p->lat_deg <= north_deg + 0.001;
}

/* A letter S is the band (32..40 N) if the northing fits, else the hemisphere; N is both
 * the band 0..8 N and the northern hemisphere, which agree. */
static enum tf_status parse_utm(const struct tf_grid_point *grid, char letter, const char *text,
                                struct tf_coord *out, struct tf_fault *fault)
{
    struct tf_grid_point g = *grid;
    struct tf_coord c = {.form = TF_COORD_UTM, .uncertainty_m = 0.71};
    bool ok = in_band(&g, letter, &c.at);
    c.ambiguous = ok && letter == 'S';
    if (!ok && (letter == 'S' || letter == 'N')) {
        g.north = letter == 'N';
        ok = !tf_grid_to_latlng(&g, &c.at);
    }
    if (!ok || g.easting_m < 100000 || g.easting_m > 900000)
        return fail(fault, TF_RANGE,
                    TF_TEXT("The UTM coordinate \"%1\" is not within its zone and band. Check "
                            "the letter, the easting and the northing."),
                    text);
    *out = c;
    return TF_OK;
}

/* A hemisphere letter alone between digits would make "3630N03715E" a grid reference:
 * MGRS has three letters in a row (or two words of letters), angles never do. */
static int letters_in_row(struct span s)
{
    int run = 0, most = 0;
    for (const char *p = s.at; p < s.end; p++) {
        bool letter = upper(*p) >= 'A' && upper(*p) <= 'Z';
        run = letter ? run + 1 : *p == ' ' ? run : 0;
        most = run > most ? run : most;
    }
    return most;
}

enum tf_status tf_coord_parse(const char *text, size_t len, struct tf_coord *out,
                              struct tf_fault *fault)
{
    char ascii[TEXT_MAX], letter;
    struct span s;
    struct tf_grid_point grid;
    enum tf_status rc = to_ascii(text, len, ascii, &s, fault);
    if (rc)
        return rc;
    if (s.at == s.end)
        return fail(fault, TF_MISSING, TF_TEXT("The coordinate is empty. Fill it in."), "");
    if (letters_in_row(s) == 3) {
        double size_m = 0;
        struct tf_coord c = {.form = TF_COORD_MGRS};
        if (tf_mgrs_parse(s.at, (size_t)(s.end - s.at), &c.at, &size_m))
            return fail(fault, TF_SYNTAX,
                        TF_TEXT("\"%1\" is not a valid MGRS reference. Check zone, band and "
                                "square letters, and that it has as many digits east as north."),
                        ascii);
        c.uncertainty_m = size_m * 0.7072;
        *out = c;
        return TF_OK;
    }
    if (read_utm(s, &grid, &letter))
        return parse_utm(&grid, letter, ascii, out, fault);
    return parse_angles(s, ascii, out, fault);
}

/* --- writing ---------------------------------------------------------------------- */

void tf_coord_format_decimal(struct tf_latlng p, int decimals, char out[TF_COORD_TEXT_SIZE])
{
    snprintf(out, TF_COORD_TEXT_SIZE, "%.*f, %.*f", decimals, p.lat_deg, decimals, p.lng_deg);
}

/* Degrees, minutes and seconds after rounding to `decimals`, so that 60 never shows. */
struct dms {
    int degrees, minutes;
    double seconds;
};

static struct dms split_dms(double deg, int decimals)
{
    double unit = pow(10, decimals);
    double total = round(fabs(deg) * 3600 * unit);
    struct dms d = {.degrees = (int)floor(total / (3600 * unit))};
    total -= d.degrees * 3600 * unit;
    d.minutes = (int)floor(total / (60 * unit));
    d.seconds = (total - d.minutes * 60 * unit) / unit;
    return d;
}

void tf_coord_format_dms(struct tf_latlng p, enum tf_dms_style style, int decimals,
                         char out[TF_COORD_TEXT_SIZE])
{
    decimals = decimals < 0 ? 0 : decimals > 6 ? 6 : decimals;
    struct dms a = split_dms(p.lat_deg, decimals), b = split_dms(p.lng_deg, decimals);
    char ns = p.lat_deg < 0 ? 'S' : 'N', ew = p.lng_deg < 0 ? 'W' : 'E';
    int width = decimals ? decimals + 3 : 2;
    switch (style) {
    case TF_DMS_SIGNS:
        snprintf(out, TF_COORD_TEXT_SIZE, "%d\xC2\xB0%02d'%0*.*f\"%c %d\xC2\xB0%02d'%0*.*f\"%c",
                 a.degrees, a.minutes, width, decimals, a.seconds, ns, b.degrees, b.minutes, width,
                 decimals, b.seconds, ew);
        break;
    case TF_DMS_COLONS:
        snprintf(out, TF_COORD_TEXT_SIZE, "%02d:%02d:%0*.*f %c %03d:%02d:%0*.*f %c", a.degrees,
                 a.minutes, width, decimals, a.seconds, ns, b.degrees, b.minutes, width, decimals,
                 b.seconds, ew);
        break;
    case TF_DMS_PACKED:
        snprintf(out, TF_COORD_TEXT_SIZE, "%02d%02d%0*.*f%c%03d%02d%0*.*f%c", a.degrees, a.minutes,
                 width, decimals, a.seconds, ns, b.degrees, b.minutes, width, decimals, b.seconds,
                 ew);
        break;
    }
}
