#!/usr/bin/env python3
"""Writes compiled catalogues (.mo) as C tables: embed.py OUT.c LANG=FILE.mo...

The plural rule of a .mo header is a C expression already, so it is compiled as one.
"""
import gettext
import re
import sys


def c_string(text):
    out = []
    for byte in text.encode("utf-8"):
        char = chr(byte)
        if char in '"\\?':
            out.append("\\" + char)
        elif 32 <= byte < 127:
            out.append(char)
        else:
            out.append("\\%03o" % byte)
    return '"%s"' % "".join(out)


def entries(path):
    """(english, [forms]) of every message, sorted as strcmp sorts."""
    with open(path, "rb") as f:
        catalogue = gettext.GNUTranslations(f)._catalog
    plain, plural = {}, {}
    for key, text in catalogue.items():
        if isinstance(key, tuple):
            plural.setdefault(key[0], {})[key[1]] = text
        elif key:
            plain[key] = text
    rows = [(key, [text]) for key, text in plain.items() if key not in plural]
    rows += [(key, [forms[i] for i in sorted(forms)]) for key, forms in plural.items()]
    return sorted(rows, key=lambda row: row[0].encode("utf-8"))


def plural_rule(path):
    with open(path, "rb") as f:
        header = gettext.GNUTranslations(f).info().get("plural-forms", "")
    match = re.fullmatch(r"nplurals=[1-6]; plural=([n0-9 ?:()<>=!%&|]+);?", header.strip())
    if not match:
        sys.exit("%s: the header has no usable Plural-Forms" % path)
    return match.group(1)


def main():
    out = ['/* Written by po/embed.py. */', '#include "cli/catalogues.h"', ""]
    rows = []
    for argument in sys.argv[2:]:
        language, path = argument.split("=", 1)
        out.append("static unsigned plural_%s(unsigned long n)\n{\n    return (unsigned)(%s);\n}"
                   % (language, plural_rule(path)))
        out.append("static const struct catalogue_entry entries_%s[] = {" % language)
        for english, forms in entries(path):
            out.append("    {%s, {%s}}," % (c_string(english), ", ".join(map(c_string, forms))))
        out.append("};")
        rows.append('    {"%s", plural_%s, entries_%s, sizeof entries_%s / sizeof *entries_%s},'
                    % ((language,) * 5))
    out += ["const struct catalogue catalogues[] = {"] + rows + ["};"]
    out.append("const size_t catalogue_count = sizeof catalogues / sizeof *catalogues;")
    with open(sys.argv[1], "w", encoding="ascii") as f:
        f.write("\n".join(out) + "\n")


main()
