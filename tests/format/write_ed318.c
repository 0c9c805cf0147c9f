/*
 * write_ed318.c - prints random zones of every kind as ED-318, for check_ed318.py.
 */
#include "format/format.h"
#include "pictures.h"
#include "random.h"

#include <stdio.h>
#include <string.h>

int main(void)
{
    uint64_t state = random_seed(1);
    struct picture_limits limits = {.zones_only = true};
    struct tf_picture picture = {0};
    struct tf_buf buf = TF_BUF_INIT(64 << 20);
    char longer[901];
    random_picture(&state, 25, &limits, &picture);
    for (size_t i = 0; i + 1 < sizeof longer; i += 2)
        memcpy(longer + i, "\xD8\xB9", 3); /* Arabic letters, two bytes each */
    enum tf_status rc = tf_entity_set_text(&picture.entities[0].name, longer);
    if (!rc)
        rc = tf_format_write(TF_FORMAT_ED318, &picture, &buf, NULL);
    if (!rc)
        fwrite(buf.data, 1, buf.len, stdout);
    tf_buf_release(&buf);
    tf_picture_release(&picture);
    return rc ? 1 : 0;
}
