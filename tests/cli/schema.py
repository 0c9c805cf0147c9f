"""Checks a value against a JSON schema: the part of the language that ours uses."""

TYPES = {
    'object': lambda v: isinstance(v, dict),
    'array': lambda v: isinstance(v, list),
    'string': lambda v: isinstance(v, str),
    'integer': lambda v: isinstance(v, int) and not isinstance(v, bool),
    'number': lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    'boolean': lambda v: isinstance(v, bool),
    'null': lambda v: v is None,
}
KNOWN = {'$schema', '$defs', '$ref', 'title', 'type', 'const', 'enum', 'required', 'properties',
         'additionalProperties', 'items'}


def faults(value, schema, root=None, path='$'):
    """What is wrong with the value, as a list of sentences."""
    root = root or schema
    unknown = set(schema) - KNOWN
    if unknown:
        return [f'{path}: the schema uses {unknown}']
    if '$ref' in schema:
        return faults(value, root['$defs'][schema['$ref'].rsplit('/', 1)[1]], root, path)
    found = []
    types = schema.get('type', list(TYPES))
    if not any(TYPES[t](value) for t in ([types] if isinstance(types, str) else types)):
        found.append(f'{path}: {value!r} is no {types}')
    if 'const' in schema and value != schema['const']:
        found.append(f'{path}: {value!r} is not {schema["const"]!r}')
    if 'enum' in schema and value not in schema['enum']:
        found.append(f'{path}: {value!r} is none of {schema["enum"]}')
    if isinstance(value, dict):
        properties = schema.get('properties', {})
        found += [f'{path}.{key} is missing' for key in schema.get('required', ()) if key not in value]
        for key, member in value.items():
            if key in properties:
                found += faults(member, properties[key], root, f'{path}.{key}')
            elif schema.get('additionalProperties') is False:
                found.append(f'{path}.{key} is not in the schema')
    if isinstance(value, list) and 'items' in schema:
        for i, item in enumerate(value):
            found += faults(item, schema['items'], root, f'{path}[{i}]')
    return found
