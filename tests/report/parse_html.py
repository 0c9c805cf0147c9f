#!/usr/bin/env python3
"""Parses the pages that make_sample writes as HTML and checks their structure.

usage: parse_html.py MAKE_SAMPLE

Every element is closed in order, ids are unique, links lead somewhere, tables have
headings with a scope, drawings have a title and a description, headings leave out no level.
"""
import html.parser
import subprocess
import sys

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.faults = [], [], [], []
        self.level = 0
        self.drawing = None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag == "a":
            self.links.append(attrs.get("href", ""))
        if tag in ("script", "iframe", "object", "embed", "img", "link", "base", "form"):
            self.faults.append(f"<{tag}>")
        if any(name.startswith("on") for name in attrs):
            self.faults.append(f"handler in <{tag}>")
        if tag == "th" and attrs.get("scope") not in ("row", "col"):
            self.faults.append("<th> without scope")
        if tag == "svg" and attrs.get("aria-hidden") != "true":
            if attrs.get("role") != "img" or not attrs.get("aria-labelledby"):
                self.faults.append("<svg> without role and label")
            self.links += ["#" + name for name in attrs.get("aria-labelledby", "").split()]
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            if int(tag[1]) > self.level + 1:
                self.faults.append(f"<{tag}> after <h{self.level}>")
            self.level = int(tag[1])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> does not close what is open")


def check(maker, which, lang):
    text = subprocess.run([maker, "html", which, lang], check=True, stdout=subprocess.PIPE).stdout
    page = Page()
    page.feed(text.decode("utf-8"))
    page.close()
    page.faults += [f"<{tag}> is not closed" for tag in page.open]
    page.faults += [f"id {i} twice" for i in {i for i in page.ids if page.ids.count(i) > 1}]
    page.faults += [f"link to {link}, which is not there" for link in page.links
                    if not (link.startswith("#") and link[1:] in set(page.ids))]
    for fault in page.faults[:20]:
        print(f"{which} {lang}: {fault}")
    return not page.faults


if len(sys.argv) != 2:
    sys.exit(__doc__)
results = [check(sys.argv[1], which, lang) for which, lang in
           (("two", "en"), ("two", "ar"), ("empty", "en"), ("pole", "en"), ("dateline", "ar"))]
sys.exit(0 if all(results) else 1)
