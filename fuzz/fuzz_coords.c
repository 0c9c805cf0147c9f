/*
 * fuzz_coords.c - any bytes as a coordinate: an answer, and a valid place if it is one.
 */
#include "format/coords.h"
#include "format/grid.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct tf_coord c, again;
    struct tf_fault fault;
    double deg, size_m;
    char out[TF_COORD_TEXT_SIZE], mgrs[TF_MGRS_SIZE];
    if (!tf_coord_parse(text, size, &c, &fault)) {
        if (!tf_latlng_is_valid(c.at))
            abort();
        for (int style = 0; style < 3; style++) {
            tf_coord_format_dms(c.at, (enum tf_dms_style)style, 3, out);
            if (tf_coord_parse(out, strlen(out), &again, &fault))
                abort();
        }
        tf_mgrs_format(c.at, 5, mgrs);
        if (tf_mgrs_parse(mgrs, strlen(mgrs), &again.at, &size_m))
            abort();
    }
    if (!tf_coord_angle(text, size, TF_AXIS_LAT, &deg, &fault) && !(deg >= -90 && deg <= 90))
        abort();
    return 0;
}
