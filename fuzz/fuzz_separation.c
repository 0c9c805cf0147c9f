/*
 * fuzz_separation.c - separation tables from any bytes: what is accepted is a
 * symmetric table of finite minima that are not negative; what is refused says
 * why and where, and leaves the table alone.
 */
#include "cli/separation.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_table(const struct tf_separation_table *table)
{
    for (int a = 0; a < TF_KIND_COUNT; a++) {
        for (int b = 0; b < TF_KIND_COUNT; b++) {
            const struct tf_separation *p = &table->pair[a][b], *q = &table->pair[b][a];
            require(isfinite(p->horizontal_m) && p->horizontal_m >= 0);
            require(isfinite(p->vertical_m) && p->vertical_m >= 0 && p->time_ns >= 0);
            require(p->horizontal_m == q->horizontal_m && p->vertical_m == q->vertical_m &&
                    p->time_ns == q->time_ns);
            require(table->compared[a][b] == table->compared[b][a]);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tf_separation_table table, before;
    struct tf_fault fault = {0};
    size_t line = 0;
    memset(&table, 0x5A, sizeof table);
    before = table;
    if (separation_parse((const char *)data, size, &table, &line, &fault) == TF_OK)
        check_table(&table);
    else
        require(fault.message && line > 0 && !memcmp(&table, &before, sizeof table));
    return 0;
}
