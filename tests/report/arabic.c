/*
 * arabic.c - a few translations into Arabic, enough to see a page in that direction.
 */
#include "sample.h"

#include <string.h>

static const struct {
    const char *english, *arabic;
} words[] = {
    {"Map", "خريطة"},
    {"Conflicts", "التعارضات"},
    {"Summary", "الخلاصة"},
    {"Options", "الخيارات"},
    {"Deconfliction report", "تقرير تفادي التعارض"},
    {"Made at %1", "أُعدّ في %1"},
    {"Who", "من"},
    {"When", "متى"},
    {"Where", "أين"},
    {"How close", "مدى القرب"},
    {"from %1", "من %1"},
    {"until %1", "حتى %1"},
    {"from %1 until %2", "من %1 حتى %2"},
    {"zone", "منطقة"},
    {"protected site", "موقع محمي"},
    {"rotorcraft", "مروحية"},
    {"crewed aircraft", "طائرة مأهولة"},
    {"Altitude over time", "الارتفاع عبر الزمن"},
    {"Times by party", "الأوقات حسب الطرف"},
    {"protected site and its radius", "موقع محمي ونصف قطره"},
    {"closest approach, with the number of the conflict", "أقرب مسافة مع رقم التعارض"},
    {"They overlap plainly in space and time.", "يتداخلان بوضوح في المكان والزمان."},
    {"Altitude comparison uncertain: the limits have different references.",
     "مقارنة الارتفاع غير مؤكدة: للحدود مراجع مختلفة."},
    {"horizontally overlapping; at least %1 is required", "تداخل أفقي؛ المطلوب %1 على الأقل"},
    {"vertically overlapping by %1; at least %2 is required",
     "تداخل رأسي بمقدار %1؛ المطلوب %2 على الأقل"},
    {"The first begins at %1: number %2, %3 and %4.", "يبدأ الأول في %1: رقم %2، %3 و%4."},
    {"%1 km", "%1 كم"},
    {"%1 m", "%1 م"},
};

const char *sample_arabic(const char *english)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].english, english) == 0)
            return words[i].arabic;
    return english;
}
