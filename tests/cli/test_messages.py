#!/usr/bin/env python3
"""Every message is translated: none missing, none fuzzy, the same places in each."""
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FORMS = {'ar': 6, 'ru': 3}
PLACE = re.compile(r'%[1-9]')
# Words that a program reads, not a person: they must survive translation.
FLAG = re.compile(r'--[a-z][a-z-]+')


def entries(path):
    """{msgid: (fuzzy, [msgstr...], msgid_plural)} of a catalogue, without its header."""
    found = {}
    for block in re.split(r'\n\s*\n', path.read_text(encoding='utf-8')):
        fields, name, fuzzy = {}, None, False
        for line in block.splitlines():
            if line.startswith('#'):
                fuzzy |= line.startswith('#,') and 'fuzzy' in line
                continue
            match = re.match(r'(msgid|msgid_plural|msgstr|msgstr\[\d\]) "(.*)"$', line)
            if match:
                name = match.group(1)
                fields[name] = match.group(2)
            elif name and line.startswith('"'):
                fields[name] += line[1:-1]
        if fields.get('msgid'):
            texts = [fields[k] for k in sorted(fields) if k.startswith('msgstr')]
            found[fields['msgid']] = (fuzzy, texts, fields.get('msgid_plural'))
    return found


def faults_of(english, plural, translation, forms):
    fuzzy, texts, _ = translation
    if fuzzy:
        yield 'is fuzzy'
    if len(texts) != (forms if plural else 1):
        yield f'has {len(texts)} forms'
    if not all(texts):
        yield 'is not translated'
        return
    places = set(PLACE.findall(plural or english))
    for text in texts:
        got = set(PLACE.findall(text))
        # "two conflicts" is one word in Arabic: a plural form may leave the number out.
        if got - places or (not plural and got != places):
            yield f'has the places {sorted(got)}, not {sorted(places)}'
        if set(FLAG.findall(english)) != set(FLAG.findall(text)):
            yield f'has other flags: {text}'


def main():
    with tempfile.TemporaryDirectory() as folder:
        pot = pathlib.Path(folder) / 'tafadi.pot'
        subprocess.run([ROOT / 'scripts' / 'update-po', '--pot', pot], check=True)
        messages = entries(pot)
    faults, checked = [], 0
    for language, forms in FORMS.items():
        catalogue = entries(ROOT / 'po' / f'{language}.po')
        for english, (_, _, plural) in messages.items():
            checked += 1
            if english not in catalogue:
                faults.append(f'{language}: {english}: is missing; run scripts/update-po')
                continue
            for fault in faults_of(english, plural, catalogue[english], forms):
                faults.append(f'{language}: {english}: {fault}')
    print('\n'.join(faults))
    print(f'{checked} translations, {len(faults)} wrong')
    return 1 if faults or checked < 300 else 0


if __name__ == '__main__':
    sys.exit(main())
