/*
 * test_nomem.c - whichever allocation fails, a page (map and all) answers TF_NOMEM and leaks
 * nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocfail.h"
#include "sample.h"

static enum tf_status make_html(void *ctx)
{
    const struct sample *s = ctx;
    struct tf_buf out = TF_BUF_INIT(TF_REPORT_MAX_BYTES);
    enum tf_status status = tf_report_html(&s->report, &out);
    tf_buf_release(&out);
    return status;
}

static void a_page(void **state)
{
    (void)state;
    struct sample s;
    sample_two_circles(&s, (struct tf_latlng){30, 30}, "one", "two", "us");
    assert_true(allocfail_each(make_html, &s, 2000) > 20);
    sample_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_page)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
