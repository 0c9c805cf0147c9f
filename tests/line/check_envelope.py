#!/usr/bin/env python3
"""Judges what make_samples prints, by docs/line.md alone, with Python's cryptography.

usage: check_envelope.py MAKE_SAMPLES
"""
import base64
import hashlib
import json
import subprocess
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TYPES = {kind: f'application/vnd.tafadi.{kind}+json' for kind in ('message', 'receipt', 'beat')}


def public(seed):
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)).public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def fingerprint(key):
    return hashlib.sha256(b'tafadi-fingerprint/v1\n' + key).digest()


def no_twice(pairs):
    assert len(dict(pairs)) == len(pairs), 'a key twice'
    return dict(pairs)


def check_envelope(sample):
    envelope, key = sample['envelope'], public(sample['seed'])
    assert list(envelope) == ['payloadType', 'payload', 'signatures']
    assert envelope['payloadType'] == TYPES[sample['kind']]
    payload = base64.b64decode(envelope['payload'], validate=True)
    name = envelope['payloadType'].encode()
    pae = b'DSSEv1 %d %s %d %s' % (len(name), name, len(payload), payload)
    assert hashlib.sha256(pae).hexdigest() == sample['hash']
    [signature] = envelope['signatures']
    assert signature['keyid'] == fingerprint(key).hex()
    Ed25519PublicKey.from_public_bytes(key).verify(base64.b64decode(signature['sig']), pae)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(base64.b64decode(signature['sig']),
                                                       pae + b' ')
        raise AssertionError('anything verifies')
    except InvalidSignature:
        pass
    return json.loads(payload, object_pairs_hook=no_twice)


def check_message(sample):
    message = check_envelope(sample)
    assert list(message) == ['v', 'line', 'from', 'to', 'seq', 'prev', 'sent_at', 'type', 'role',
                             'ack', 'body']
    assert message['prev'] == '0' * 64 and message['seq'] == 1
    assert message['sent_at'] == '2026-11-24T02:00:00.123456Z'
    assert message['ack'] == {'seen_by': '2026-11-24T02:05:00.123456Z'}
    assert message['body'] == {'text': 'سلام "x"\n', 'lang': 'ar'}


def check_receipt(sample):
    receipt = check_envelope(sample)
    assert list(receipt) == ['v', 'line', 'from', 'to', 'of', 'envelope', 'ledger_index',
                             'received_at']
    assert receipt['envelope'] == 'ab' + 62 * '0' and receipt['of'] == 17
    assert receipt['received_at'] == '2026-11-24T02:00:00Z'


def check_beat(sample):
    beat = check_envelope(sample)
    assert list(beat) == ['v', 'line', 'from', 'to', 'at', 'have', 'sent', 'receipted']
    assert (beat['have'], beat['sent'], beat['receipted']) == (41, 17, 16)


def check_fingerprint(sample, words):
    digest = fingerprint(public(sample['seed']))
    assert sample['hex'] == digest.hex()
    groups = [int.from_bytes(digest[4 * i:4 * i + 4], 'big') % 100000 for i in range(8)]
    assert sample['digits'] == ' '.join('%05d' % group for group in groups)
    for language, said in words.items():
        assert sample[language] == ' '.join(said[byte] for byte in digest[:16])


def check_card(sample):
    """A signed note (c2sp.org/signed-note), signed under the card's id."""
    key = public(sample['seed'])
    text, signature = sample['text'].rsplit('\n\n', 1)
    text = (text + '\n').encode()
    fields = dict(line.split(': ', 1) for line in text.decode().splitlines()[1:])
    assert text.startswith(b'tafadi-card/v1\n')
    assert list(fields) == ['id', 'title', 'key', 'ledger', 'made']
    assert base64.b64decode(fields['key']) == key and fields['made'] == '1970-01-01T00:00:00Z'
    dash, name, value = signature.rstrip('\n').split(' ')
    assert (dash, name) == ('—', fields['id'])
    raw = base64.b64decode(value, validate=True)
    assert raw[:4] == hashlib.sha256(name.encode() + b'\n\x01' + key).digest()[:4]
    Ed25519PublicKey.from_public_bytes(key).verify(raw[4:], text)


def check_line(sample):
    ids = ('north.example', 'south.example')
    text = b'tafadi-line/v1\n' + b''.join(
        f'{name} {public(seed).hex()}\n'.encode() for name, seed in zip(ids, sample['seeds']))
    text += b'%d\n' % sample['round']
    assert sample['id'] == hashlib.sha256(text).digest()[:16].hex()


def main():
    printed = subprocess.run([sys.argv[1]], check=True, capture_output=True).stdout
    samples = [json.loads(line) for line in printed.decode().splitlines()]
    words = {s['language']: s['list'] for s in samples if s['kind'] == 'words'}
    checks = {'message': check_message, 'receipt': check_receipt, 'beat': check_beat,
              'card': check_card, 'line': check_line,
              'fingerprint': lambda sample: check_fingerprint(sample, words)}
    done = [checks[s['kind']](s) for s in samples if s['kind'] != 'words']
    assert sorted(words) == ['ar', 'en', 'ru'] and len(done) == 9, len(done)
    print(len(done), 'samples are as docs/line.md has them')


main()
