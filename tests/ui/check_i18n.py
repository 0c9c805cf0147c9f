#!/usr/bin/env python3
"""The screen's catalogues: every text that is used is there, in all languages, with all plural
forms and the same places; nothing is left in English; nothing is there that nobody uses."""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
UI = ROOT / 'ui'
FORMS = {
    'en': {'one', 'other'},
    'ar': {'zero', 'one', 'two', 'few', 'many', 'other'},
    'ru': {'one', 'few', 'many', 'other'},
}
SCRIPT = {'ar': re.compile('[\u0600-\u06ff]'), 'ru': re.compile('[\u0400-\u04ff]')}
# Names, notations and what somebody types or sees in these letters in every language.
LATIN = {'UTC', 'MGRS', 'JSON', 'WGS84', 'GeoJSON', 'KML', 'CSV', 'tafadi', 'tafadi-card/v1', 'ledger',
         'verify', 'N', 'E', 'm', 'FL', 'AMSL', 'AGL', 'ID', 'KMZ', 'GPX', 'OpenAir', 'ED-269', 'ED-318', 'CoT', 'WebGL', 'GND', 'FL100', 'DSS', 'Natural', 'Earth'}
# Keys that are put together: a prefix in the source, in backquotes.
PREFIX = re.compile(r"`([a-z]+(?:\.[a-z]+)*\.)\$\{")
USED = re.compile(r"'([a-z][a-z-]*(?:\.[a-z_-]+)+|loading)'")
PLACE = re.compile(r'\{(\w+)\}')


def forms_of(value):
    return value if isinstance(value, dict) else {'other': value}


def check_texts(language, catalogue, english, wrong):
    for key, value in catalogue.items():
        if key not in english:
            continue
        if isinstance(value, dict) != isinstance(english[key], dict):
            wrong.append(f'{language}: {key}: plural forms here or in English only')
        if isinstance(value, dict) and set(value) != FORMS[language]:
            wrong.append(f'{language}: {key}: forms {sorted(value)}, not {sorted(FORMS[language])}')
        wanted = set(PLACE.findall(forms_of(english[key])['other']))
        for form, text in forms_of(value).items():
            places = set(PLACE.findall(text))
            may_lack = {'n'} if form in ('zero', 'one', 'two') else set()
            if not places <= wanted or not wanted - may_lack <= places:
                wrong.append(f'{language}: {key} ({form}): places {sorted(places)}, not {sorted(wanted)}')
            if not text.strip():
                wrong.append(f'{language}: {key}: empty')
            if language in SCRIPT:
                check_script(language, key, text, wrong)


def check_script(language, key, text, wrong):
    words = re.findall(r"[A-Za-z][A-Za-z0-9/-]*", PLACE.sub('', text))
    foreign = [w for w in words if w not in LATIN]
    if foreign:
        wrong.append(f'{language}: {key}: left in English: {" ".join(foreign)}')
    if not SCRIPT[language].search(text) and re.search('[A-Za-z]', PLACE.sub('', text)) and not words:
        wrong.append(f'{language}: {key}: not translated')


def main():
    catalogues = {name: json.loads((UI / 'i18n' / f'{name}.json').read_text(encoding='utf-8')) for name in FORMS}
    english, wrong = catalogues['en'], []
    for name, catalogue in catalogues.items():
        for key in sorted(set(english) ^ set(catalogue)):
            wrong.append(f'{name}: {key}: {"missing" if key in english else "not in English"}')
        check_texts(name, catalogue, english, wrong)
    source = '\n'.join(p.read_text(encoding='utf-8') for p in sorted((UI / 'js').rglob('*.js')))
    prefixes = set(PREFIX.findall(source)) | {'alarm.'}
    families = {k.split('.')[0] for k in english}
    used = {key for key in USED.findall(source) if key.split('.')[0] in families}
    reached = lambda key: key in used or any(key.startswith(p) for p in prefixes)
    called = set(re.findall(r"\bt\('([^']+)'", source))
    for key in sorted(called - set(english)):
        wrong.append(f'en: {key}: used, but not in the catalogue')
    for key in sorted(k for k in english if not reached(k)):
        wrong.append(f'en: {key}: in the catalogue, but not used')
    for text in wrong:
        print(text)
    print(f'{len(english)} texts, {len(wrong)} wrong')
    return bool(wrong)


if __name__ == '__main__':
    sys.exit(main())
