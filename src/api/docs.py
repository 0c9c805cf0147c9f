#!/usr/bin/env python3
"""Makes the page of /docs from the OpenAPI document: docs.py openapi.json OUT.html

One static file: no scripts, no network, nothing but what the document says.
"""
import html
import json
import sys

STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
code, .path { font-family: ui-monospace, monospace; overflow-wrap: anywhere }
details { border: 1px solid #8886; border-radius: .4rem; margin: .4rem 0; padding: .3rem .7rem }
summary { cursor: pointer } details > :last-child { margin-bottom: .4rem }
.method { display: inline-block; min-width: 4.5rem; font-weight: 600 }
table { border-collapse: collapse; width: 100% }
td, th { border-top: 1px solid #8884; padding: .2rem .6rem .2rem 0; text-align: start;
  vertical-align: top }
"""


def text(value):
    return html.escape(str(value))


def code(value):
    return f'<code>{text(value)}</code>'


def kind(schema):
    """A schema in a few words, with links to the named ones."""
    if '$ref' in schema:
        name = schema['$ref'].rsplit('/', 1)[1]
        return f'<a href="#{name}">{text(name)}</a>'
    if 'allOf' in schema:
        return ' and '.join(kind(part) for part in schema['allOf'])
    if schema.get('type') == 'array':
        return 'list of ' + kind(schema['items'])
    if 'enum' in schema:
        return ' or '.join(code(word) for word in schema['enum'])
    if schema.get('type') == 'object' and 'properties' in schema:
        inner = ', '.join(f'{code(name)}: {kind(part)}'
                          for name, part in schema['properties'].items())
        return '{ ' + inner + ' }'
    return text(schema.get('type', 'anything'))


def rows(head, lines):
    if not lines:
        return ''
    body = ''.join('<tr>' + ''.join(f'<td>{cell}</td>' for cell in line) + '</tr>'
                   for line in lines)
    return ('<table><tr>' + ''.join(f'<th scope="col">{text(h)}</th>' for h in head) + '</tr>'
            + body + '</table>')


def body_of(content):
    return ', '.join(kind(part['schema']) for part in content.values())


def answers(responses, shared):
    for status, answer in responses.items():
        yield status, shared[answer['$ref'].rsplit('/', 1)[1]] if '$ref' in answer else answer


def operation(method, path, op, shared):
    scopes = [scope for rule in op['security'] for scope in rule['token']]
    parts = [f'<p>Scope: {" or ".join(map(code, scopes))}</p>' if scopes
             else '<p>Needs no token.</p>']
    parts.append(rows(('Parameter', 'Where', ''), [
        (code(p['name']), text(p['in']),
         text(p.get('description', '')) + ('' if p['required'] else ' (may be left out)'))
        for p in op.get('parameters', [])]))
    if 'requestBody' in op:
        parts.append(f'<p>Body: {body_of(op["requestBody"]["content"])}</p>')
    parts.append(rows(('Status', '', 'Body'), [
        (code(status), text(answer['description']), body_of(answer['content']))
        for status, answer in answers(op['responses'], shared)]))
    return (f'<details><summary><span class="method">{method.upper()}</span> '
            f'<span class="path">{text(path)}</span><br>{text(op["summary"])}</summary>'
            + ''.join(parts) + '</details>')


def schema_section(name, schema):
    required = schema.get('required', [])
    lines = [(code(field), kind(part), text(part.get('description', ''))
              + ('' if field in required else ' (may be left out)'))
             for field, part in schema.get('properties', {}).items()]
    about = text(schema.get('description', ''))
    return (f'<h3 id="{name}">{text(name)}</h3>' + (f'<p>{about}</p>' if about else '')
            + (rows(('Field', '', ''), lines) or f'<p>{kind(schema)}</p>'))


def page(document):
    info, groups = document['info'], {}
    for path, methods in document['paths'].items():
        for method, op in methods.items():
            groups.setdefault(op['tags'][0], []).append(
                operation(method, path, op, document['components']['responses']))
    sections = ''.join(f'<h2>{text(tag)}</h2>' + ''.join(ops) for tag, ops in groups.items())
    schemas = ''.join(schema_section(name, schema)
                      for name, schema in document['components']['schemas'].items())
    return (f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{text(info["title"])}'
            '</title><meta name="viewport" content="width=device-width">'
            f'<style>{STYLE}</style></head><body><h1>{text(info["title"])}</h1>'
            f'<p>{text(info["summary"])}</p><p>{text(info["description"])} '
            'For programs: <a href="openapi.json">openapi.json</a>.</p>'
            f'{sections}<h2>Bodies</h2>{schemas}</body></html>\n')


def main():
    with open(sys.argv[1], encoding='utf-8') as source:
        document = json.load(source)
    with open(sys.argv[2], 'w', encoding='utf-8') as out:
        out.write(page(document))


main()
