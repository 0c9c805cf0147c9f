"""The flight intents of the public conformance suite (TAFADI_DATA/flight-intents/standard): the part of
YAML that they are written in, and what a flight is made of."""
import copy
import datetime
import os
import re


def scalar(text):
    text = text.strip()
    if text.startswith('{'):
        return {key.strip(): scalar(value) for key, value in
                (part.split(':', 1) for part in text.strip('{}').split(','))}
    if re.fullmatch(r'-?\d+', text):
        return int(text)
    try:
        return float(text)
    except ValueError:
        return text or None


def lines_of(text):
    for line in text.splitlines():
        line = re.sub(r'(^|\s)#.*', '', line).rstrip()
        if line.strip():
            yield len(line) - len(line.lstrip()), line.strip()


def block(lines, indent):
    """The mapping or list that begins with lines[0], at `indent`; takes its lines."""
    result = [] if lines[0][1].startswith('- ') else {}
    while lines and lines[0][0] == indent:
        _, text = lines.pop(0)
        if isinstance(result, list):
            inner = indent + 2
            if text[2:].startswith('{'):
                result.append(scalar(text[2:]))
                continue
            lines.insert(0, (inner, text[2:]))
            result.append(block(lines, inner))
            continue
        key, value = text.split(':', 1)
        deeper = lines and (lines[0][0] > indent or
                            (lines[0][0] == indent and lines[0][1].startswith('- ')))
        result[key] = block(lines, lines[0][0]) if not value.strip() and deeper else scalar(value)
    return result


def merge(base, change):
    """`change` over `base`; a list item by item, and whole if its name begins with "+"."""
    if isinstance(change, dict) and isinstance(base, dict):
        made = dict(base)
        for key, value in change.items():
            if key.startswith('+'):
                made[key[1:]] = value
            else:
                made[key] = merge(base.get(key), value)
        return made
    if isinstance(change, list) and isinstance(base, list) and len(change) == len(base):
        return [merge(one, other) for one, other in zip(base, change)]
    return copy.deepcopy(change)


def plain(value):
    """Without the marks of what replaces."""
    if isinstance(value, dict):
        return {key.lstrip('+'): plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


class Intents:
    def __init__(self, folder, name):
        with open(os.path.join(folder, name), encoding='utf-8') as file:
            lines = list(lines_of(file.read()))
        self.raw = block(lines, 0)['intents']

    def tree(self, name):
        one = self.raw[name]
        return plain(one['full'] if 'full' in one else
                     merge(self.tree(one['delta']['source']), one['delta']['mutation']))

    def flight(self, name):
        """Keyword arguments of Uss.plan(), as of now."""
        tree = self.tree(name)
        basic = tree['basic_information']
        return {'volumes': [self.volume(area) for area in basic['area']],
                'priority': tree['astm_f3548_21']['priority'], 'usage': basic['usage_state'],
                'uas': basic['uas_state']}

    def volume(self, area):
        now = datetime.datetime.now(datetime.timezone.utc)
        start = now + span(area['start_time']['offset_from']['offset']) \
            if 'offset' in area['start_time']['offset_from'] else now
        end = start + span(area['duration']) if area.get('duration') else \
            now + span(area['end_time']['offset_from']['offset'])
        time = [{'value': t.strftime('%Y-%m-%dT%H:%M:%S.%fZ'), 'format': 'RFC3339'}
                for t in (start, end)]
        return {'volume': {name: area[name] for name in
                           ('outline_polygon', 'altitude_lower', 'altitude_upper')},
                'time_start': time[0], 'time_end': time[1]}


def span(text):
    sign, number, unit = re.fullmatch(r'(-?)(\d+)([smhd])', text).groups()
    seconds = int(number) * {'s': 1, 'm': 60, 'h': 3600, 'd': 86400}[unit]
    return datetime.timedelta(seconds=-seconds if sign else seconds)
