#!/usr/bin/env python3
"""Verifies an evidence bundle, written from docs/evidence.md and docs/line.md alone.

usage: check_evidence.py FILE...     prints the verdict of each

Shares nothing with the program but the documents.
"""
import base64
import datetime
import hashlib
import json
import re
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LIMIT = 64 * 1024 * 1024
WHOLE = 9007199254740991
NAME = re.compile(r'[a-z0-9][a-z0-9.-]{0,63}\Z')
WORD = re.compile(r'[a-z0-9][a-z0-9.-]{0,30}\Z')
TIME = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d{1,6})?Z\Z')
KIND = 'application/vnd.tafadi.%s+json'


class Unreadable(Exception):
    """The bundle breaks the format."""


def need(is_so, what):
    if not is_so:
        raise Unreadable(what)


def sha256(data):
    return hashlib.sha256(data).digest()


# --- reading ----------------------------------------------------------------------------------

def no_twice(pairs):
    need(len(dict(pairs)) == len(pairs), 'a key twice')
    return dict(pairs)


def parse(text):
    def constant(name):
        raise Unreadable(name)
    try:
        value = json.loads(text, object_pairs_hook=no_twice, parse_constant=constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error
    need(isinstance(value, (dict, list)), 'not an object')
    return value


def members(value, needed, optional=()):
    need(isinstance(value, dict), 'not an object')
    need(all(value.get(name) is not None for name in value), 'null')
    need(set(needed) <= set(value) <= set(needed) | set(optional), sorted(value))


def whole(value, least, most=WHOLE):
    need(type(value) is int and least <= value <= most, value)
    return value


def text(value):
    need(isinstance(value, str), value)
    return value


def unbase64(value, size=None):
    try:
        data = base64.b64decode(text(value).encode(), validate=True)
    except ValueError as error:
        raise Unreadable('base64') from error
    need(base64.b64encode(data).decode() == value and size in (None, len(data)), 'base64')
    return data


def unhex(value, size):
    need(re.match(r'[0-9a-f]{%d}\Z' % (2 * size), text(value)), value)
    return bytes.fromhex(value)


def name(value):
    need(NAME.match(text(value)), value)
    return value


def time(value):
    need(TIME.match(text(value)), value)
    try:
        datetime.datetime.strptime(value[:19], '%Y-%m-%dT%H:%M:%S')
    except ValueError as error:
        raise Unreadable(value) from error


def items(value, most, least=0):
    need(isinstance(value, list) and least <= len(value) <= most, 'a list')
    return value


class Envelope:
    def __init__(self, value):
        members(value, ['payloadType', 'payload', 'signatures'])
        need(0 < len(text(value['payloadType']).encode()) < 64, 'type')
        self.type = value['payloadType']
        self.payload = unbase64(value['payload'])
        need(len(self.payload) <= 49152, 'payload')
        [signature] = items(value['signatures'], 1, 1)
        members(signature, ['keyid', 'sig'])
        self.keyid = unhex(signature['keyid'], 32)
        self.signature = unbase64(signature['sig'], 64)
        kind = self.type.encode()
        self.pae = b'DSSEv1 %d %s %d %s' % (len(kind), kind, len(self.payload), self.payload)
        self.hash = sha256(self.pae)

    def is_signed(self, kind, key):
        return (self.type == KIND % kind and self.keyid == fingerprint(key)
                and verifies(key, self.signature, self.pae))


def read_head(payload):
    value = parse(payload)
    need(isinstance(value, dict) and whole(value.get('v'), 1) == 1, 'version')
    unhex(value.get('line'), 16)
    need(name(value.get('from')) != name(value.get('to')), 'to itself')
    return value


class Message(Envelope):
    def __init__(self, value):
        super().__init__(value)
        self.value = read_head(self.payload)
        self.line, self.sender, self.to = (self.value[k] for k in ('line', 'from', 'to'))
        self.seq = whole(self.value.get('seq'), 1)
        self.prev = unhex(self.value.get('prev'), 32)
        need((self.seq == 1) == (self.prev == bytes(32)), 'prev')
        time(self.value.get('sent_at'))
        need(WORD.match(text(self.value.get('type'))), 'type')
        need(WORD.match(text(self.value.get('role'))), 'role')
        ack = self.value.get('ack') or {}
        need(isinstance(ack, dict), 'ack')
        for by in ('deliver_by', 'seen_by', 'answer_by'):
            if ack.get(by) is not None:
                time(ack[by])
        need(isinstance(self.value.get('body'), dict), 'body')
        self.body = self.value['body']
        self.receipt = None
        self.is_good = self.is_received = False


class Receipt(Envelope):
    def __init__(self, value):
        super().__init__(value)
        self.value = read_head(self.payload)
        whole(self.value.get('of'), 1)
        unhex(self.value.get('envelope'), 32)
        whole(self.value.get('ledger_index'), 0)
        time(self.value.get('received_at'))


class Note:
    """c2sp.org/signed-note, with the text of c2sp.org/tlog-checkpoint."""

    def __init__(self, note):
        need('\n\n' in text(note) and note.endswith('\n'), 'note')
        body, signatures = note.rsplit('\n\n', 1)
        self.text = (body + '\n').encode()
        self.signatures = []
        for line in signatures[:-1].split('\n'):
            parts = line.split(' ')
            need(len(parts) == 3 and parts[0] == '—' and parts[1] and '+' not in parts[1], line)
            blob = unbase64(parts[2])
            need(len(blob) > 4, line)
            self.signatures.append((parts[1], blob[:4], blob[4:]))
        need(0 < len(self.signatures) <= 64, 'signatures')
        lines = body.split('\n')
        need(len(lines) >= 3 and lines[0] and all(lines), 'checkpoint')
        need(re.match(r'(0|[1-9]\d*)\Z', lines[1]) and int(lines[1]) < 1 << 63, 'size')
        self.origin, self.size, self.root = lines[0], int(lines[1]), unbase64(lines[2], 32)

    def check(self, who, kind, keys):
        """None: unsigned by these keys; False: forged; else True or the time."""
        for key in keys:
            key_id = sha256(who.encode() + b'\n' + bytes([kind]) + key)[:4]
            blobs = [blob for signer, found, blob in self.signatures
                     if (signer, found) == (who, key_id)]
            verdicts = [self.verify(kind, key, blob) for blob in blobs]
            if verdicts:
                return all(verdicts) and verdicts[-1]
        return None

    def verify(self, kind, key, blob):
        if kind == 1:
            return verifies(key, blob, self.text)
        seconds = int.from_bytes(blob[:8], 'big')
        head = b'cosignature/v1\ntime %d\n' % seconds
        return len(blob) == 72 and verifies(key, blob[8:], head + self.text)


# --- cryptography -----------------------------------------------------------------------------

def fingerprint(key):
    return sha256(b'tafadi-fingerprint/v1\n' + key)


def verifies(key, signature, data):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_in(leaf, index, size, proof, root):
    """RFC 9162, 2.1.3.2"""
    if index >= size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = sha256(b'\1' + p + r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha256(b'\1' + r + p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def has_grown(first, first_root, second, second_root, proof):
    """RFC 9162, 2.1.4.2"""
    if not 0 < first < second or not proof:
        return False
    if first & (first - 1) == 0:
        proof = [first_root] + proof
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for c in proof[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = sha256(b'\1' + c + fr), sha256(b'\1' + c + sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = sha256(b'\1' + sr + c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == first_root and sr == second_root


# --- the bundle --------------------------------------------------------------------------------

class Bundle:
    def __init__(self, data):
        self.wrong = []
        need(len(data) <= LIMIT, 'too large')
        head, _, document = data.partition(b'\n')
        match = re.match(rb'tafadi-evidence/v1 ([0-9a-f]{64})\Z', head)
        need(match and document, 'the first line')
        try:
            root = parse(document.decode())
        except UnicodeDecodeError as error:
            raise Unreadable('UTF-8') from error
        self.read(root)
        self.say(sha256(document).hex() == match[1].decode(), 'digest')

    def say(self, is_right, what):
        if not is_right:
            self.wrong.append(what)
        return is_right

    def read(self, root):
        members(root, ['line', 'round', 'parties', 'ranges', 'messages', 'ledgers'], ['forks'])
        unhex(root['line'], 16)
        self.line, self.round = root['line'], whole(root['round'], 1, 1000000)
        self.keys, self.cards = {}, {}
        for party in items(root['parties'], 2, 2):
            members(party, ['id', 'key'], ['card'])
            self.keys[name(party['id'])] = [(1, unbase64(party['key'], 32))]
            if 'card' in party:
                self.cards[party['id']] = text(party['card'])
        need(len(self.keys) == 2, 'the same party')
        self.ranges = {}
        for part in items(root['ranges'], 2):
            members(part, ['from', 'first', 'last'])
            first = whole(part['first'], 1)
            need(self.is_party(part['from']) and part['from'] not in self.ranges, 'range')
            self.ranges[part['from']] = (first, whole(part['last'], first))
        self.messages = []
        for item in items(root['messages'], 20000):
            members(item, ['envelope'], ['receipt'])
            self.messages.append(Message(item['envelope']))
            if 'receipt' in item:
                self.messages[-1].receipt = Receipt(item['receipt'])
        self.forks = [Message(item) for item in items(root.get('forks', []), 64)]
        self.read_ledgers(root['ledgers'])

    def read_ledgers(self, ledgers):
        self.ledgers = {}
        for ledger in items(ledgers, 2):
            members(ledger, ['party', 'origin', 'checkpoints', 'entries'])
            need(self.is_party(ledger['party']) and ledger['party'] not in self.ledgers, 'ledger')
            need(0 < len(text(ledger['origin']).encode()) < 128, 'origin')
            points = []
            for i, point in enumerate(items(ledger['checkpoints'], 64, 1)):
                members(point, ['note', 'proof'] if i else ['note'])
                proof = [unbase64(h, 32) for h in items(point.get('proof', []), 64)]
                points.append((Note(point['note']), proof))
            entries = []
            for entry in items(ledger['entries'], 100000):
                members(entry, ['index', 'entry', 'proof'])
                need(len(text(entry['entry']).encode()) <= 65535, 'entry')
                entries.append((whole(entry['index'], 0), entry['entry'].encode(),
                                parse(entry['entry']),
                                [unbase64(h, 32) for h in items(entry['proof'], 64)]))
            self.ledgers[ledger['party']] = (ledger['origin'], points, entries)

    def is_party(self, value):
        return name(value) in self.keys

    def other(self, party):
        [other] = [p for p in self.keys if p != party]
        return other

    # --- verifying

    def verify(self):
        self.verify_line()
        self.said = {}
        for party in self.keys:
            self.verify_messages(party)
        self.say(all(m.sender in self.keys for m in self.messages), 'of neither party')
        for party, (first, last) in self.ranges.items():
            missing = last - first + 1 - sum(first <= seq <= last for seq in self.said[party])
            self.say(missing == 0, f'{missing} missing of {party}')
        self.verify_forks()
        for message in self.messages:
            if message.receipt and message.sender in self.keys:
                message.is_received = self.say(self.is_receipt(message), 'receipt') \
                    and message.is_good
        for party, card in self.cards.items():
            self.say(self.is_card(party, card), f'card of {party}')
        self.counts = {'entries': 0, 'checkpoints': 0, 'cosignatures': 0}
        for party in self.ledgers:
            self.verify_ledger(party)
        return not self.wrong

    def verify_line(self):
        data = b'tafadi-line/v1\n' + b''.join(
            f'{party} {self.keys[party][0][1].hex()}\n'.encode() for party in sorted(self.keys))
        self.say(sha256(data + b'%d\n' % self.round)[:16].hex() == self.line, 'line')

    def key_at(self, party, seq):
        return [key for first, key in self.keys[party] if first <= seq][-1]

    def is_signed(self, message):
        return self.say(message.line == self.line and message.sender in self.keys
                        and message.to == self.other(message.sender)
                        and message.is_signed('message',
                                              self.key_at(message.sender, message.seq)),
                        f'{message.sender}/{message.seq}')

    def verify_messages(self, party):
        said = self.said[party] = {}
        before = None
        for message in sorted((m for m in self.messages if m.sender == party),
                              key=lambda m: m.seq):
            self.say(message.seq not in said, 'twice')
            said.setdefault(message.seq, message)
            message.is_good = self.is_signed(message)
            if message.is_good and message.value['type'] == 'key.rotate':
                self.follow(party, message)
            if before and before.seq + 1 == message.seq:
                self.say(message.prev == before.hash, 'chain')
            before = message

    def follow(self, party, message):
        try:
            key = unbase64(message.body.get('key'), 32)
            proof = unbase64(message.body.get('proof'), 64)
        except Unreadable:
            self.wrong.append('rotation')
            return
        data = f'tafadi-rotate/v1\n{self.line}\n{message.seq}\n'.encode()
        if self.say(verifies(key, proof, data), 'rotation'):
            self.keys[party].append((message.seq + 1, key))

    def verify_forks(self):
        hashes = [fork.hash for fork in self.forks]
        self.say(len(set(hashes)) == len(hashes), 'fork twice')
        for fork in self.forks:
            said = self.said.get(fork.sender, {})
            same, before = said.get(fork.seq), said.get(fork.seq - 1)
            fork.is_good = self.is_signed(fork) and self.say(
                (same and same.is_good and same.hash != fork.hash) or
                (before and before.is_good and before.hash != fork.prev), 'no contradiction')

    def is_receipt(self, message):
        receipt = message.receipt
        value = receipt.value
        return ((value['line'], value['from'], value['to'], value['of'], value['envelope'])
                == (self.line, message.to, message.sender, message.seq, message.hash.hex())
                and any(receipt.is_signed('receipt', key)
                        for _, key in self.keys[self.other(message.sender)]))

    def is_card(self, party, card):
        body, _, signature = card.rpartition('\n\n')
        rows = [line.split(': ', 1) for line in body.split('\n')[1:]]
        if not card.startswith('tafadi-card/v1\n') or any(len(row) != 2 for row in rows):
            return False
        order = ['id', 'title', 'key', 'ledger', 'url', 'tls', 'made']
        names = [row[0] for row in rows]
        if names != [n for n in order if n in names] or not {'id', 'title', 'key', 'ledger',
                                                             'made'} <= set(names):
            return False
        fields = dict(rows)
        match = re.match('— (\\S+) (\\S+)\n\\Z', signature)
        try:
            key, blob = unbase64(fields['key'], 32), unbase64(match[2] if match else None)
        except Unreadable:
            return False
        self.cards[party] = fields
        return (fields['id'] == match[1] == party
                and key in [k for _, k in self.keys[party]]
                and blob[:4] == sha256(party.encode() + b'\n\1' + key)[:4]
                and verifies(key, blob[4:], (body + '\n').encode()))

    def verify_ledger(self, party):
        origin, points, entries = self.ledgers[party]
        keys = [key for _, key in self.keys[party]]
        other = self.other(party)
        card = self.cards.get(party)
        if isinstance(card, dict):
            self.say(card['ledger'] == origin, 'another ledger')
        before, is_good = None, False
        for note, proof in points:
            cosigned = note.check(other, 4, [key for _, key in self.keys[other]])
            is_good = self.say(note.origin == origin and note.check(origin, 1, keys) is True
                               and cosigned is not False
                               and (before is None or
                                    has_grown(before.size, before.root, note.size, note.root,
                                              proof)), 'checkpoint')
            self.counts['checkpoints'] += is_good
            self.counts['cosignatures'] += bool(is_good and cosigned)
            before = note
        last = -1
        noted = {}
        for index, data, value, proof in entries:
            if not self.say(is_good and is_in(sha256(b'\0' + data), index, before.size, proof,
                                              before.root), 'entry'):
                continue
            self.say(index > last, 'order of entries')
            last = index
            self.counts['entries'] += 1
            noted[index] = self.noted(party, value)
        for message in self.messages:
            if message.is_received and message.to == party:
                index = message.receipt.value['ledger_index']
                self.say(index not in noted or noted[index] is message, 'named entry')

    def noted(self, party, value):
        """The message that an entry notes."""
        if not isinstance(value, dict):
            return None
        copy = value.get('envelope')
        for message in self.messages:
            if not message.is_good or value.get('hash') != message.hash.hex():
                continue
            kinds = ('sent', 'returned') if message.sender == party else ('received',)
            try:
                is_same = (copy['signatures'][0]['sig'] ==
                           base64.b64encode(message.signature).decode()
                           and copy['payload_sha256'] == sha256(message.payload).hex())
            except (KeyError, IndexError, TypeError):
                is_same = False
            return message if is_same and value.get('kind') in kinds else None
        return None


def judge(data):
    """(verdict, counts, what is wrong)"""
    try:
        bundle = Bundle(data)
    except Unreadable as why:
        return 'unreadable', None, [str(why)]
    is_valid = bundle.verify()
    counts = {**bundle.counts, 'messages': sum(m.is_good for m in bundle.messages),
              'received': sum(m.is_received for m in bundle.messages),
              'forks': sum(bool(f.is_good) for f in bundle.forks)}
    return 'valid' if is_valid else 'invalid', counts, bundle.wrong


if __name__ == '__main__':
    for path in sys.argv[1:]:
        with open(path, 'rb') as file:
            print(path, *judge(file.read()))
