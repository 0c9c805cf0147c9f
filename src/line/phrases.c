/*
 * phrases.c - quick phrases: said in one language, read in another. None of them approves
 * anything.
 */
#include "line/fields.h"
#include "line/message.h"

#include <string.h>

static const struct phrase phrases[] = {
    /* Contact. */
    {"p01",
     "Are you receiving our messages?",
     "هل تصلكم رسائلنا؟",
     "Получаете ли вы наши сообщения?",
     {NULL}},
    {"p02",
     "We are receiving your messages.",
     "رسائلكم تصلنا.",
     "Ваши сообщения получаем.",
     {NULL}},
    {"p03",
     "Repeat your last message.",
     "أعيدوا رسالتكم الأخيرة.",
     "Повторите ваше последнее сообщение.",
     {NULL}},
    {"p04",
     "Wait. We will answer at %1.",
     "انتظروا. سنجيب في الساعة %1.",
     "Ждите. Ответим в %1.",
     {"time"}},
    {"p05",
     "Received. This is not an approval.",
     "استلمنا رسالتكم. هذا لا يعني الموافقة.",
     "Получено. Это не является согласием.",
     {NULL}},
    {"p06",
     "We do not understand. Say it in other words.",
     "لم نفهم. عبروا عن ذلك بكلمات أخرى.",
     "Не поняли. Скажите другими словами.",
     {NULL}},
    {"p07",
     "We refer to message %1.",
     "نشير إلى الرسالة رقم %1.",
     "Ссылаемся на сообщение № %1.",
     {"n"}},
    {"p08",
     "Correction: the right value is %1.",
     "تصحيح: القيمة الصحيحة هي %1.",
     "Поправка: верное значение %1.",
     {"value"}},
    {"p09",
     "Call us on frequency %1.",
     "اتصلوا بنا على التردد %1.",
     "Вызовите нас на частоте %1.",
     {"frequency"}},
    {"p10",
     "Call us by telephone: %1.",
     "اتصلوا بنا على الهاتف: %1.",
     "Позвоните нам по телефону: %1.",
     {"number"}},
    /* Position. */
    {"p11", "Confirm the position.", "أكدوا الموقع.", "Подтвердите координаты.", {NULL}},
    {"p12",
     "Our position is %1, %2.",
     "إحداثيات موقعنا: %1، %2.",
     "Наши координаты: %1, %2.",
     {"lat", "lng"}},
    {"p13",
     "Your aircraft is approaching our area of activity.",
     "طائرتكم تقترب من منطقة نشاطنا.",
     "Ваше воздушное судно приближается к району наших действий.",
     {NULL}},
    {"p14",
     "Your aircraft is inside our area of activity.",
     "طائرتكم داخل منطقة نشاطنا.",
     "Ваше воздушное судно находится в районе наших действий.",
     {NULL}},
    {"p15",
     "There is an unknown aircraft at %1, %2, altitude %3 m.",
     "توجد طائرة مجهولة عند الإحداثيات %1، %2 على ارتفاع %3 م.",
     "Неизвестное воздушное судно: координаты %1, %2, высота %3 м.",
     {"lat", "lng", "altitude"}},
    {"p16",
     "Is the aircraft at %1, %2 yours?",
     "هل الطائرة عند الإحداثيات %1، %2 تابعة لكم؟",
     "Ваше ли воздушное судно в точке %1, %2?",
     {"lat", "lng"}},
    {"p17", "The aircraft is ours.", "الطائرة تابعة لنا.", "Это наше воздушное судно.", {NULL}},
    {"p18",
     "The aircraft is not ours.",
     "الطائرة ليست تابعة لنا.",
     "Это не наше воздушное судно.",
     {NULL}},
    {"p19",
     "We have lost contact with our aircraft. Its last position was %1, %2 at %3.",
     "فقدنا الاتصال بطائرتنا. آخر موقع معروف لها: %1، %2 في الساعة %3.",
     "Связь с нашим воздушным судном потеряна. Последние координаты %1, %2, время %3.",
     {"lat", "lng", "time"}},
    {"p20",
     "Contact with our aircraft is restored.",
     "استعدنا الاتصال بطائرتنا.",
     "Связь с нашим воздушным судном восстановлена.",
     {NULL}},
    /* Activity. */
    {"p21", "We begin at %1.", "نبدأ في الساعة %1.", "Начинаем в %1.", {"time"}},
    {"p22", "We have begun.", "لقد بدأنا.", "Мы начали.", {NULL}},
    {"p23", "We have finished.", "لقد انتهينا.", "Мы закончили.", {NULL}},
    {"p24", "We finish at %1.", "ننتهي في الساعة %1.", "Заканчиваем в %1.", {"time"}},
    {"p25",
     "We are delayed. Minutes of delay: %1.",
     "نحن متأخرون. مدة التأخير بالدقائق: %1.",
     "Задерживаемся. Задержка в минутах: %1.",
     {"minutes"}},
    {"p26",
     "Our activity in area %1 is cancelled.",
     "ألغينا نشاطنا في المنطقة %1.",
     "Наши действия в районе %1 отменены.",
     {"area"}},
    {"p27",
     "Our activity in area %1 continues until %2.",
     "يستمر نشاطنا في المنطقة %1 حتى الساعة %2.",
     "Наши действия в районе %1 продолжаются до %2.",
     {"area", "time"}},
    {"p28",
     "Our altitude is between %1 and %2 m.",
     "ارتفاعنا بين %1 و %2 م.",
     "Наша высота от %1 до %2 м.",
     {"lower", "upper"}},
    {"p29",
     "Tell us the times and altitudes of your activity in area %1.",
     "أبلغونا بأوقات نشاطكم في المنطقة %1 وارتفاعاته.",
     "Сообщите время и высоты ваших действий в районе %1.",
     {"area"}},
    /* Safety. */
    {"p30",
     "Stop activity in area %1 at once.",
     "أوقفوا النشاط في المنطقة %1 فورا.",
     "Немедленно прекратите действия в районе %1.",
     {"area"}},
    {"p31",
     "We have stopped activity in area %1.",
     "أوقفنا النشاط في المنطقة %1.",
     "Мы прекратили действия в районе %1.",
     {"area"}},
    {"p32",
     "Keep clear of area %1 until %2.",
     "ابقوا خارج المنطقة %1 حتى الساعة %2.",
     "Не входите в район %1 до %2.",
     {"area", "time"}},
    {"p33",
     "There are people on the ground in area %1.",
     "يوجد أشخاص على الأرض في المنطقة %1.",
     "В районе %1 на земле находятся люди.",
     {"area"}},
    {"p34",
     "A medical evacuation is under way in area %1.",
     "تجري عملية إخلاء طبي في المنطقة %1.",
     "В районе %1 идет медицинская эвакуация.",
     {"area"}},
    {"p35",
     "A search and rescue is under way at %1, %2.",
     "تجري عملية بحث وإنقاذ عند الإحداثيات %1، %2.",
     "Идут поисково-спасательные работы: координаты %1, %2.",
     {"lat", "lng"}},
    {"p36",
     "A humanitarian convoy is in area %1 until %2.",
     "توجد قافلة إنسانية في المنطقة %1 حتى الساعة %2.",
     "В районе %1 до %2 находится гуманитарная колонна.",
     {"area", "time"}},
    {"p37",
     "Our aircraft is in distress at %1, %2.",
     "طائرتنا في حالة استغاثة عند الإحداثيات %1، %2.",
     "Наше воздушное судно терпит бедствие: координаты %1, %2.",
     {"lat", "lng"}},
    {"p38",
     "Our aircraft has come down at %1, %2. We ask for help.",
     "سقطت طائرتنا عند الإحداثيات %1، %2. نطلب المساعدة.",
     "Наше воздушное судно упало: координаты %1, %2. Просим помощи.",
     {"lat", "lng"}},
    {"p39",
     "Satellite navigation is disturbed in area %1.",
     "الملاحة بالأقمار الصناعية مشوشة في المنطقة %1.",
     "В районе %1 нарушена спутниковая навигация.",
     {"area"}},
    {"p40", "The danger is over.", "زال الخطر.", "Опасность миновала.", {NULL}},
    /* Answers. */
    {"p41",
     "We see a conflict in area %1 at %2.",
     "نرى تعارضا في المنطقة %1 في الساعة %2.",
     "Видим конфликт в районе %1 в %2.",
     {"area", "time"}},
    {"p42",
     "We object. The reason follows.",
     "نحن نعترض. وسنبين السبب.",
     "Возражаем. Причина будет сообщена.",
     {NULL}},
    {"p43",
     "We propose another time: from %1 to %2.",
     "نقترح وقتا آخر: من %1 إلى %2.",
     "Предлагаем другое время: с %1 до %2.",
     {"from", "to"}},
    {"p44",
     "We propose another altitude: from %1 to %2 m.",
     "نقترح ارتفاعا آخر: من %1 إلى %2 م.",
     "Предлагаем другую высоту: от %1 до %2 м.",
     {"lower", "upper"}},
    {"p45",
     "We cannot answer now. Our answer will come by %1.",
     "لا نستطيع الإجابة الآن. سيصلكم ردنا قبل الساعة %1.",
     "Сейчас ответить не можем. Ответ будет до %1.",
     {"time"}},
    {"p46",
     "We have passed your message to a higher level.",
     "رفعنا رسالتكم إلى المستوى الأعلى.",
     "Ваше сообщение передано вышестоящему руководству.",
     {NULL}},
    {"p47",
     "We will suspend this line at %1. Safety messages still pass.",
     "سنعلق هذا الخط في الساعة %1. رسائل السلامة تبقى متاحة.",
     "В %1 приостановим эту линию. Сообщения о безопасности проходят и дальше.",
     {"time"}},
    {"p48", "This is an exercise.", "هذا تمرين.", "Это учение.", {NULL}},
};

const struct phrase *phrase_list(size_t *count)
{
    *count = sizeof phrases / sizeof phrases[0];
    return phrases;
}

const struct phrase *phrase_named(const char *id)
{
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
        if (strcmp(phrases[i].id, id) == 0)
            return &phrases[i];
    return NULL;
}

/* Between isolates (U+2068, U+2069) where the sentence runs from right to left, so that "-3.5"
 * keeps its order. */
static enum tf_status put_argument(const char *name, const json_t *args, bool isolates,
                                   struct tf_buf *out)
{
    struct tf_json root = tf_json_root(args);
    struct tf_json at = tf_json_get(&root, name);
    char number[32];
    const char *text = tf_json_as_text(&at, number);
    if (!text)
        return TF_MISSING;
    tf_buf_text(out, isolates ? "\xE2\x81\xA8" : "");
    tf_buf_text(out, text);
    tf_buf_text(out, isolates ? "\xE2\x81\xA9" : "");
    return TF_OK;
}

enum tf_status phrase_text(const struct phrase *phrase, const char *language, const json_t *args,
                           struct tf_buf *out)
{
    bool is_arabic = strcmp(language, "ar") == 0, is_russian = strcmp(language, "ru") == 0;
    const char *text = is_arabic ? phrase->arabic : is_russian ? phrase->russian : phrase->english;
    enum tf_status rc = TF_OK;
    while (!rc && *text) {
        size_t plain = strcspn(text, "%");
        tf_buf_append(out, text, plain);
        text += plain;
        if (*text == '%') {
            rc = put_argument(phrase->args[text[1] - '1'], args, is_arabic, out);
            text += 2;
        }
    }
    return rc ? rc : tf_buf_status(out);
}
