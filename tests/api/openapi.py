"""Bodies against our own OpenAPI document: every answer of the API tests goes through here."""
import json
import pathlib
import re

import jsonschema

PATH = pathlib.Path(__file__).resolve().parent.parent.parent / 'src' / 'api' / 'openapi.json'
DOCUMENT = json.loads(PATH.read_text(encoding='utf-8'))
VALIDATORS = {}


def strict(schema):
    """The same, refusing members that the document does not name: then it is complete, too."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    if isinstance(schema.get('properties'), dict) and schema.get('type') == 'object':
        made.setdefault('additionalProperties', False)
    return made


def components():
    made = strict(DOCUMENT['components'])
    # Joined schemas would refuse each other's members; what a report has in it is free.
    for name in ('Error', 'Report'):
        made['schemas'][name].pop('additionalProperties')
    for part in made['schemas']['ConflictError']['allOf']:
        part.pop('additionalProperties', None)
    return made


COMPONENTS = components()


def patterns():
    for path, methods in DOCUMENT['paths'].items():
        # What is written out wins over what is a parameter.
        yield path.count('{'), re.compile(re.sub(r'\\\{\w+\\\}', '[^/]*', re.escape(path))), methods


PATTERNS = sorted(patterns(), key=lambda row: row[0])


def find(method, target):
    """The operation of a request, None if the document has none."""
    path = target.split('?')[0]
    for _, pattern, methods in PATTERNS:
        if pattern.fullmatch(path) and method.lower() in methods:
            return methods[method.lower()]
    return None


def resolve(answer):
    return COMPONENTS['responses'][answer['$ref'].rsplit('/', 1)[1]] if '$ref' in answer else answer


def validator(schema):
    key = json.dumps(schema, sort_keys=True)
    if key not in VALIDATORS:
        VALIDATORS[key] = jsonschema.Draft202012Validator({**strict(schema),
                                                           'components': COMPONENTS})
    return VALIDATORS[key]


def check(method, target, status, content_type, body):
    """Raises AssertionError if the answer is not as the document says."""
    operation = find('GET' if method == 'HEAD' else method, target)
    if operation is None:
        assert status >= 400, f'{method} {target} is not in openapi.json, but answers {status}'
        return
    responses = operation['responses']
    assert status >= 400 or str(status) in responses, f'{method} {target}: {status} is not listed'
    content = resolve(responses.get(str(status), responses['default']))['content']
    media = content_type.split(';')[0]
    assert media in content or status >= 400, f'{method} {target}: {media} is not listed'
    if media == 'application/json' and media in content and method != 'HEAD':
        for error in validator(content[media]['schema']).iter_errors(body):
            raise AssertionError(f'{method} {target}: {status}: {list(error.path)}: '
                                 f'{error.message[:300]}')


def without_nulls(value):
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def check_request(method, target, body):
    """A body that was taken must be one that the document permits; it may hold more."""
    content = find(method, target).get('requestBody', {'content': {}})['content']
    if 'application/json' not in content:
        return
    schema = {**content['application/json']['schema'], 'components': DOCUMENT['components']}
    for error in jsonschema.Draft202012Validator(schema).iter_errors(without_nulls(body)):
        raise AssertionError(f'{method} {target} took a body that openapi.json does not: '
                             f'{list(error.path)}: {error.message[:300]}')
