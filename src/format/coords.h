/*
 * coords.h - coordinates as people write them.
 *
 * Read, and told apart by their form alone:
 *   decimal   36.5033, 37.2594   36,5033; 37,2594   36.5033N 37.2594E   -12.5 130.8
 *   DMS       363012N0371534E   36°30'12"N 37°15'34"E   36:30:12 N 037:15:34 E
 *             3630N03715E   29:58.917 N 081:59.533 W   N36 30 12 E037 15 34
 *   MGRS      37S DA 12345 67890 (UPS as well)
 *   UTM       37N 412345 4023456, 37 S 412345E 4023456N
 * also with Arabic-Indic and Persian digits, Arabic, Russian and typographic
 * signs, seconds or minutes of 60 (they carry over: ACO files have them). Without letters the
 * order is latitude, longitude. What can be read in two ways is refused.
 */
#ifndef TF_FORMAT_COORDS_H
#define TF_FORMAT_COORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <tafadi/geo.h>

enum tf_coord_form { TF_COORD_DECIMAL, TF_COORD_DMS, TF_COORD_MGRS, TF_COORD_UTM };

struct tf_coord {
    struct tf_latlng at;
    enum tf_coord_form form;
    /* MGRS, UTM: the true point is at most this far from `at` (half a diagonal of the
     * square); else 0. */
    double uncertainty_m;
    /* Decimal, DMS: what one more in the last digit of each angle would be; else 0. */
    double lat_step_deg, lng_step_deg;
    bool carried;   /* minutes or seconds of 60 */
    bool ambiguous; /* UTM "S", read as the band: could have meant the south */
};

/* "decimal", "DMS", "MGRS", "UTM". */
const char *tf_coord_form_word(enum tf_coord_form form);

/* Text of one place, exactly `len` bytes. Refusals: TF_SYNTAX, TF_RANGE; the message
 * names the text. fault->at and field are left to the caller (TF_NO_INDEX, ""). */
TF_MUST_CHECK enum tf_status tf_coord_parse(const char *text, size_t len, struct tf_coord *out,
                                            struct tf_fault *fault);

enum tf_axis { TF_AXIS_LAT, TF_AXIS_LNG };
/* One angle in degrees, decimal or DMS, in any of the spellings above. A comma is a decimal
 * comma. A hemisphere letter of the other axis is refused. */
TF_MUST_CHECK enum tf_status tf_coord_angle(const char *text, size_t len, enum tf_axis axis,
                                            double *out_deg, struct tf_fault *fault);

/* What one more in the angle's last digit would be: 0.01 for 36.50, 1/60 for 36°30'. 0: it is no
 * angle. */
double tf_coord_step_deg(const char *text, size_t len, enum tf_axis axis);

enum { TF_COORD_TEXT_SIZE = 64 };
/* "36.503333, 37.259444" */
void tf_coord_format_decimal(struct tf_latlng p, int decimals, char out[TF_COORD_TEXT_SIZE]);
/* How DMS is spelled. */
enum tf_dms_style {
    TF_DMS_SIGNS,  /* 36°30'12.0"N 37°15'34.0"E */
    TF_DMS_COLONS, /* 36:30:12.0 N 037:15:34.0 E (OpenAir) */
    TF_DMS_PACKED  /* 363012N0371534E (ACO, ICAO) */
};
/* With `decimals` (0..6) of the seconds. Seconds never come out as 60. */
void tf_coord_format_dms(struct tf_latlng p, enum tf_dms_style style, int decimals,
                         char out[TF_COORD_TEXT_SIZE]);

/*
 * Text with the digits, signs and letters above as plain ASCII, zero-terminated;
 * returns its length, or TF_NO_INDEX if it does not fit. Unknown characters come
 * out as '?'. Used by codecs for numbers, too.
 */
size_t tf_coord_ascii(const char *text, size_t len, char *out, size_t size);

#endif
