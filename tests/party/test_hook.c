/*
 * test_hook.c - the signature of a webhook: the example of the Standard Webhooks specification's
 * reference libraries; secrets that are none.
 */
#include "party/hook.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void the_published_example(void **state)
{
    (void)state;
    struct hook_config hook = {.kind = HOOK_WEB};
    struct tf_buf out = TF_BUF_INIT(256);
    static const char body[] = "{\"test\": 2432232314}";
    assert_true(hook_secret_parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &hook));
    hook_sign(&hook, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body, strlen(body), &out);
    assert_string_equal(out.data, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    tf_buf_release(&out);
}

static void secrets_that_are_none(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "whsec_",
                                        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                                        "whsec_MfKQ",
                                        "whsec_MfKQ9r8GKYqrTwjUPD8",
                                        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw ",
                                        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-w"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct hook_config hook = {.kind = HOOK_WEB};
        assert_false(hook_secret_parse(texts[i], &hook));
    }
}

static void a_body_is_json_with_the_event_in_it(void **state)
{
    (void)state;
    struct hook_event event = {
        .id = 7, .at_us = 1000000, .kind = "alarm", .own_id = "n.example", .json = TF_BUF_INIT(64)};
    struct tf_buf out = TF_BUF_INIT(1024);
    tf_buf_text(&event.json, "{\"a\":1}");
    hook_body(&event, &out);
    assert_string_equal(out.data,
                        "{\"type\":\"line.alarm\",\"id\":7,\"timestamp\":\"1970-01-01T00:00:01Z\","
                        "\"party\":\"n.example\",\"data\":{\"a\":1}}");
    tf_buf_release(&out);
    tf_buf_release(&event.json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_example),
        cmocka_unit_test(secrets_that_are_none),
        cmocka_unit_test(a_body_is_json_with_the_event_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
