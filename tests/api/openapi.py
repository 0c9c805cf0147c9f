"""Bodies against our own OpenAPI documents: every answer of the API tests goes through here."""
import json
import pathlib
import re

import jsonschema

SOURCES = pathlib.Path(__file__).resolve().parent.parent.parent / 'src'


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


def without_nulls(value):
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


class Document:
    """One document, and what it says of requests and answers."""

    def __init__(self, path, free=(), joined=()):
        """`free`: schemas whose objects may have more; `joined`: those made of parts."""
        self.document = json.loads(path.read_text(encoding='utf-8'))
        self.components = strict(self.document['components'])
        for name in free:
            self.components['schemas'][name].pop('additionalProperties')
        for name in joined:  # joined schemas would refuse each other's members
            for part in self.components['schemas'][name]['allOf']:
                part.pop('additionalProperties', None)
        self.validators = {}
        # What is written out wins over what is a parameter; `path` takes all that is left.
        self.patterns = sorted(
            (((path.count('{'), -len(path)),
              re.compile(re.sub(r'\\\{\w+\\\}', '[^/]*', re.escape(path).replace(r'\{path\}', '.+'))),
              methods) for path, methods in self.document['paths'].items()), key=lambda row: row[0])

    def find(self, method, target):
        """The operation of a request, None if the document has none."""
        path = target.split('?')[0]
        for _, pattern, methods in self.patterns:
            if pattern.fullmatch(path) and method.lower() in methods:
                return methods[method.lower()]
        return None

    def resolve(self, answer):
        if '$ref' not in answer:
            return answer
        return self.components['responses'][answer['$ref'].rsplit('/', 1)[1]]

    def validator(self, schema):
        key = json.dumps(schema, sort_keys=True)
        if key not in self.validators:
            self.validators[key] = jsonschema.Draft202012Validator(
                {**strict(schema), 'components': self.components})
        return self.validators[key]

    def check(self, method, target, status, content_type, body):
        """Raises AssertionError if the answer is not as the document says."""
        operation = self.find('GET' if method == 'HEAD' else method, target)
        if operation is None:
            assert status >= 400, f'{method} {target} is not in openapi.json, but answers {status}'
            return
        responses = operation['responses']
        assert status >= 400 or str(status) in responses, f'{method} {target}: {status} is not listed'
        content = self.resolve(responses.get(str(status), responses['default']))['content']
        media = content_type.split(';')[0]
        assert media in content or status >= 400, f'{method} {target}: {media} is not listed'
        if media == 'application/json' and media in content and method != 'HEAD':
            for error in self.validator(content[media]['schema']).iter_errors(body):
                raise AssertionError(f'{method} {target}: {status}: {list(error.path)}: '
                                     f'{error.message[:300]}')

    def check_request(self, method, target, body):
        """A body that was taken must be one that the document permits; it may hold more."""
        content = self.find(method, target).get('requestBody', {'content': {}})['content']
        if 'application/json' not in content:
            return
        schema = {**content['application/json']['schema'],
                  'components': self.document['components']}
        for error in jsonschema.Draft202012Validator(schema).iter_errors(without_nulls(body)):
            raise AssertionError(f'{method} {target} took a body that openapi.json does not: '
                                 f'{list(error.path)}: {error.message[:300]}')


DSS = Document(SOURCES / 'api' / 'openapi.json', free=('Error', 'Report'), joined=('ConflictError',))
DESK = Document(SOURCES / 'desk' / 'openapi.json')
DOCUMENT, find = DSS.document, DSS.find
check, check_request = DSS.check, DSS.check_request
