#!/usr/bin/env python3
"""The screen's modules: what one imports from another by name is there, and exported. A browser finds out
only when the page that needs it is opened."""
import pathlib
import re
import sys

JS = pathlib.Path(__file__).resolve().parent.parent.parent / 'ui' / 'js'
STATIC = re.compile(r"^(?:import|export)\s+([^;'\"]*?)\s*from\s*'([^']+)'|^import\s*'([^']+)'", re.M)
DYNAMIC = re.compile(r"\bimport\('([^']+)'\)(?:\s*\.then\(\s*\(\{([^}]*)\}\))?")
EXPORTED = re.compile(r'^export\s+(?:async\s+)?(?:function\*?|const|let|class)\s+([\w$]+)', re.M)
LISTED = re.compile(r'^export\s*\{([^}]*)\}', re.M)


def names_in(braces):
    """[(name there, name here)] of "a, b as c" or "a, b: c"."""
    pairs = [re.split(r'\s+as\s+|\s*:\s*', one.strip()) for one in braces.split(',') if one.strip()]
    return [(pair[0], pair[-1]) for pair in pairs]


def exports_of(text):
    return set(EXPORTED.findall(text)) | {
        here for braces in LISTED.findall(text) for _, here in names_in(braces)}


def imports_of(text):
    """(module, names) of each import; other packages' and whole modules come without names."""
    for what, module, bare in STATIC.findall(text):
        braces = re.search(r'\{([^}]*)\}', what)
        yield module or bare, [there for there, _ in names_in(braces[1])] if braces else []
    for module, braces in DYNAMIC.findall(text):
        yield module, [there for there, _ in names_in(braces)]


def main():
    texts = {file: file.read_text(encoding='utf-8') for file in sorted(JS.rglob('*.js'))}
    exported = {file: exports_of(text) for file, text in texts.items()}
    wrong, count = [], 0
    for file, text in texts.items():
        for module, names in imports_of(text):
            if not module.startswith('.'):
                continue
            target = (file.parent / module).resolve()
            count += max(1, len(names))
            missing = [name for name in names if name not in exported.get(target, ())]
            if target not in texts:
                wrong.append(f'{file.relative_to(JS)}: there is no {module}')
            elif missing:
                wrong.append(f'{file.relative_to(JS)}: {module} does not export {", ".join(missing)}')
    for line in wrong:
        print(line)
    print(f'{count} imports of {len(texts)} modules, {len(wrong)} wrong')
    return 1 if wrong or count < len(texts) else 0


sys.exit(main())
