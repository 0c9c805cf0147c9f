"""Two parties with a line between them, made in Python: what they say, and bundles of it.

Everything comes from seeds, so that a bundle is the same in every run.
"""
import base64
import datetime
import hashlib
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NORTH, SOUTH = 'north.example', 'south.example'
START = datetime.datetime(2026, 11, 24, 2, tzinfo=datetime.timezone.utc)


def sha256(data):
    return hashlib.sha256(data).digest()


def b64(data):
    return base64.b64encode(data).decode()


def when(seconds):
    return (START + datetime.timedelta(seconds=seconds)).strftime('%Y-%m-%dT%H:%M:%SZ')


class Key:
    def __init__(self, seed):
        self.secret = Ed25519PrivateKey.from_private_bytes(sha256(seed.encode()))
        self.public = self.secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.fingerprint = sha256(b'tafadi-fingerprint/v1\n' + self.public)

    def envelope(self, kind, value):
        payload = json.dumps(value, ensure_ascii=False, separators=(',', ':')).encode()
        name = f'application/vnd.tafadi.{kind}+json'.encode()
        pae = b'DSSEv1 %d %s %d %s' % (len(name), name, len(payload), payload)
        return {'payloadType': name.decode(), 'payload': b64(payload),
                'signatures': [{'keyid': self.fingerprint.hex(),
                                'sig': b64(self.secret.sign(pae))}]}, sha256(pae)

    def note_line(self, name, kind, blob):
        key_id = sha256(name.encode() + b'\n' + bytes([kind]) + self.public)[:4]
        return f'— {name} {b64(key_id + blob)}\n'


def root_of(leaves):
    if not leaves:
        return sha256(b'')
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b'\1' + root_of(leaves[:k]) + root_of(leaves[k:]))


def path(m, leaves):
    """RFC 9162, 2.1.3.1"""
    if len(leaves) == 1:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return path(m, leaves[:k]) + [root_of(leaves[k:])] if m < k else \
        path(m - k, leaves[k:]) + [root_of(leaves[:k])]


def growth(m, leaves, is_whole=True):
    """RFC 9162, 2.1.4.1"""
    n = len(leaves)
    if m == n:
        return [] if is_whole else [root_of(leaves)]
    k = 1 << (n - 1).bit_length() - 1
    if m <= k:
        return growth(m, leaves[:k], is_whole) + [root_of(leaves[k:])]
    return growth(m - k, leaves[k:], False) + [root_of(leaves[:k])]


class Party:
    def __init__(self, name):
        self.name, self.keys, self.prev, self.seq = name, [Key(name)], '0' * 64, 0
        self.entries = ['{"kind":"start","at":"%s"}' % when(0)]

    @property
    def key(self):
        return self.keys[-1]

    def card(self):
        text = (f'tafadi-card/v1\nid: {self.name}\ntitle: Cell {self.name[:5]}\n'
                f'key: {b64(self.key.public)}\nledger: {self.name}/ledger\nmade: {when(0)}\n')
        return text + '\n' + self.key.note_line(self.name, 1, self.key.secret.sign(text.encode()))

    def log(self, kind, at, envelope, hash_):
        copy = {'payloadType': envelope['payloadType'],
                'payload_sha256': sha256(base64.b64decode(envelope['payload'])).hex(),
                'signatures': envelope['signatures']}
        self.entries.append(json.dumps({'kind': kind, 'at': when(at), 'hash': hash_.hex(),
                                        'envelope': copy}))
        return len(self.entries) - 1

    def checkpoint(self, size, witness=None, at=0, extra=''):
        leaves = [sha256(b'\0' + entry.encode()) for entry in self.entries[:size]]
        origin = f'{self.name}/ledger'
        text = f'{origin}\n{size}\n{b64(root_of(leaves))}\n'
        note = text + '\n' + self.key.note_line(origin, 1, self.key.secret.sign(text.encode()))
        if witness:
            seconds = int((START + datetime.timedelta(seconds=at)).timestamp())
            head = f'cosignature/v1\ntime {seconds}\n{text}'.encode()
            note += witness.key.note_line(witness.name, 4, seconds.to_bytes(8, 'big') +
                                          witness.key.secret.sign(head))
        return note + extra


class World:
    """A line on which things are said; `messages` is what a bundle has of it."""

    def __init__(self, round_=1):
        self.round = round_
        self.party = {NORTH: Party(NORTH), SOUTH: Party(SOUTH)}
        data = b'tafadi-line/v1\n' + b''.join(
            f'{p.name} {p.key.public.hex()}\n'.encode() for p in self.party.values())
        self.line = sha256(data + b'%d\n' % round_)[:16].hex()
        self.messages, self.clock = [], 0

    def make(self, sender, kind, body, seq=None, prev=None):
        to = SOUTH if sender == NORTH else NORTH
        party = self.party[sender]
        value = {'v': 1, 'line': self.line, 'from': sender, 'to': to, 'seq': seq or party.seq,
                 'prev': prev or party.prev, 'sent_at': when(self.clock), 'type': kind,
                 'role': 'duty-officer', 'ack': {'seen_by': when(self.clock + 300)}, 'body': body}
        return party.key.envelope('message', value)

    def say(self, sender, kind, body, is_received=True):
        party, to = self.party[sender], self.party[SOUTH if sender == NORTH else NORTH]
        party.seq += 1
        self.clock += 10
        envelope, hash_ = self.make(sender, kind, body)
        party.prev = hash_.hex()
        party.log('sent', self.clock, envelope, hash_)
        item = {'envelope': envelope}
        if is_received:
            index = to.log('received', self.clock + 1, envelope, hash_)
            item['receipt'], receipt_hash = to.key.envelope('receipt', {
                'v': 1, 'line': self.line, 'from': to.name, 'to': sender, 'of': party.seq,
                'envelope': hash_.hex(), 'ledger_index': index,
                'received_at': when(self.clock + 1)})
            party.log('receipt', self.clock + 2, item['receipt'], receipt_hash)
        self.messages.append(item)

    def rotate(self, sender):
        party = self.party[sender]
        key = Key(f'{sender} {len(party.keys)}')
        proof = key.secret.sign(f'tafadi-rotate/v1\n{self.line}\n{party.seq + 1}\n'.encode())
        self.say(sender, 'key.rotate', {'key': b64(key.public), 'proof': b64(proof)})
        party.keys.append(key)

    def memorandum(self):
        return json.dumps({'format': 'tafadi-memorandum/v1', 'line': self.line, 'number': 1,
                           'replaces': None, 'valid_from': when(0), 'valid_until': when(86400)})

    def ledger(self, owner, sizes, entries=None):
        party = self.party[owner]
        witness = self.party[SOUTH if owner == NORTH else NORTH]
        leaves = [sha256(b'\0' + entry.encode()) for entry in party.entries]
        points = []
        for before, size in zip([0, *sizes], sizes):
            point = {'note': party.checkpoint(size, witness, self.clock)}
            if before:
                point['proof'] = [b64(h) for h in growth(before, leaves[:size])]
            points.append(point)
        rows = range(sizes[-1]) if entries is None else entries
        return {'party': owner, 'origin': f'{owner}/ledger', 'checkpoints': points,
                'entries': [{'index': i, 'entry': party.entries[i],
                             'proof': [b64(h) for h in path(i, leaves[:sizes[-1]])]}
                            for i in rows]}

    def document(self):
        counts = {name: party.seq for name, party in self.party.items()}
        return {'line': self.line, 'round': self.round,
                'parties': [{'id': p.name, 'key': b64(p.keys[0].public), 'card': p.card()}
                            for p in self.party.values()],
                'ranges': [{'from': name, 'first': 1, 'last': count}
                           for name, count in counts.items() if count],
                'messages': self.messages, 'ledgers': []}


VOLUME = {'volume': {'outline_circle': {'center': {'lat': 40.5, 'lng': 11.5},
                                        'radius': {'value': 500, 'units': 'M'}},
                     'altitude_lower': {'value': 0, 'reference': 'W84', 'units': 'M'},
                     'altitude_upper': {'value': 300, 'reference': 'W84', 'units': 'M'}},
          'time_start': {'value': when(3600), 'format': 'RFC3339'},
          'time_end': {'value': when(7200), 'format': 'RFC3339'}}
READBACK = {'lat_deg': 40.5, 'lng_deg': 11.5, 'start': when(3600), 'end': when(7200)}


def pack(document):
    """A bundle's bytes, with the right digest."""
    data = json.dumps(document, ensure_ascii=False, separators=(',', ':')).encode()
    return b'tafadi-evidence/v1 ' + sha256(data).hex().encode() + b'\n' + data


def good_worlds():
    """name: document of good bundles."""
    world = World()
    world.say(NORTH, 'line.open', {'round': 1})
    world.say(SOUTH, 'line.open', {'round': 1})
    world.say(NORTH, 'memo.propose', {'document': world.memorandum()})
    world.say(SOUTH, 'memo.accept', {'document': sha256(world.memorandum().encode()).hex()})
    world.say(NORTH, 'notice', {'volume': VOLUME, 'kind': 'uncrewed', 'text': 'survey',
                                'lang': 'en'})
    world.say(SOUTH, 'ack.seen', {'of': 3, 'readback': READBACK})
    world.rotate(SOUTH)
    world.say(SOUTH, 'ack.forwarded', {'of': 3, 'to': ['tower', 'range-control']})
    world.say(SOUTH, 'ack.answered', {'of': 3, 'assessment': 'conflict', 'reason': 'نطير هناك'})
    world.say(NORTH, 'text', {'text': 'two\nlines', 'lang': 'en'}, is_received=False)
    world.say(NORTH, 'x.new', {'anything': [1, 2.5, None]})
    plain = world.document()
    ledgers = {**plain, 'ledgers': [world.ledger(NORTH, [3, 8, 15]),
                                    world.ledger(SOUTH, [12])]}
    one = {**plain, 'ranges': [], 'messages': plain['messages'][4:7]}
    fork, _ = world.make(NORTH, 'text', {'text': 'one line', 'lang': 'en'}, seq=4,
                         prev=sha256(b'').hex())
    forked = {**ledgers, 'forks': [fork]}
    later = World(2)
    for i in range(20):
        later.say(NORTH, 'text', {'text': f'message {i}', 'lang': 'en'})
        if i % 7 == 3:
            later.rotate(NORTH)
    empty = {**World(3).document(), 'ranges': []}
    return {'plain': plain, 'ledgers': ledgers, 'one': one, 'forked': forked,
            'rotations': later.document(), 'empty': empty}
