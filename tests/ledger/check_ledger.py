"""An independent checker of exported ledgers and proof files, written from the specifications
c2sp.org/{signed-note,tlog-checkpoint,tlog-tiles,tlog-cosignature,tlog-proof}, RFC 6962 and
docs/ledger.md, with Python's cryptography for Ed25519.

usage: check_ledger.py tree DIR --key VKEY|FILE [--witness VKEY|FILE]
       check_ledger.py proof FILE --key VKEY|FILE [--witness VKEY|FILE]

Says what it found and exits with 0, or says what is wrong and exits with 1.
"""
import argparse
import base64
import hashlib
import json
import os
import re
import struct
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519, COSIGNATURE = 1, 4


class Wrong(Exception):
    pass


def need(condition, what):
    if not condition:
        raise Wrong(what)


def unbase64(text):
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Wrong(f'not base64: {text!r}') from error
    need(base64.b64encode(raw).decode() == text, f'not canonical base64: {text!r}')
    return raw


def sha256(*parts):
    return hashlib.sha256(b''.join(parts)).digest()


# --- signed notes ---------------------------------------------------------------------------

class Key:
    def __init__(self, vkey):
        name, ident, blob = vkey.strip().split('+', 2)
        raw = unbase64(blob)
        self.name, self.kind, self.raw = name, raw[0], raw[1:]
        self.ident = bytes.fromhex(ident)
        need(self.kind in (ED25519, COSIGNATURE), f'{name}: unknown kind of key')
        need(self.ident == sha256(name.encode(), b'\n', raw)[:4], f'{name}: the id is not right')

    def verifies(self, signature, message):
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
            return True
        except InvalidSignature:
            return False

    def check(self, blob, text):
        """Whether the blob (after the key id) signs the text; a cosignature gives its time."""
        if self.kind == ED25519:
            need(len(blob) == 64 and self.verifies(blob, text), f'{self.name}: forged')
            return None
        need(len(blob) == 72, f'{self.name}: a cosignature of another length')
        time = struct.unpack('>Q', blob[:8])[0]
        message = f'cosignature/v1\ntime {time}\n'.encode() + text
        need(self.verifies(blob[8:], message), f'{self.name}: forged')
        return time


def read_note(raw):
    """The text, and (name, key id, blob) of each signature."""
    at = raw.rfind(b'\n\n')
    need(at >= 0 and raw.endswith(b'\n'), 'not a signed note')
    text, signatures = raw[:at + 1], []
    for line in raw[at + 2:].decode().split('\n')[:-1]:
        match = re.fullmatch('— ([^ +]+) ([A-Za-z0-9+/=]+)', line)
        need(match, f'not a signature: {line!r}')
        blob = unbase64(match[2])
        signatures.append((match[1], blob[:4], blob[4:]))
    need(signatures, 'no signatures')
    return text, signatures


def verify_note(raw, key):
    text, signatures = read_note(raw)
    mine = [blob for name, ident, blob in signatures if name == key.name and ident == key.ident]
    need(mine, f'not signed by {key.name}')
    return text, [key.check(blob, text) for blob in mine]


def read_checkpoint(raw, key):
    text, _ = verify_note(raw, key)
    lines = text.decode().split('\n')
    need(len(lines) >= 4 and lines[-1] == '', 'a checkpoint has three lines at least')
    need(lines[0] == key.name, f'a checkpoint of {lines[0]}')
    need(re.fullmatch('0|[1-9][0-9]*', lines[1]), 'a size is a decimal number')
    root = unbase64(lines[2])
    need(len(root) == 32, 'a root has 32 bytes')
    return int(lines[1]), root


# --- trees ------------------------------------------------------------------------------------

def leaf_hash(entry):
    return sha256(b'\0', entry)


def node_hash(left, right):
    return sha256(b'\1', left, right)


def tree_hash(hashes):
    """MTH of RFC 6962 §2.1, of hashes that are complete subtrees of one size."""
    if not hashes:
        return sha256()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(tree_hash(hashes[:split]), tree_hash(hashes[split:]))


def root_from_inclusion(leaf, index, size, proof):
    """RFC 9162 §2.1.3.2."""
    need(index < size, 'the index is beyond the size')
    fn, sn, value = index, size - 1, leaf
    for other in proof:
        need(sn > 0, 'the proof is too long')
        if fn & 1 or fn == sn:
            value = node_hash(other, value)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            value = node_hash(value, other)
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0, 'the proof is too short')
    return value


# --- tiles ------------------------------------------------------------------------------------

def tile_path(level, number, width):
    groups = []
    rest = number
    while True:
        groups.insert(0, f'{rest % 1000:03}')
        rest //= 1000
        if rest == 0:
            break
    path = '/'.join(['x' + g for g in groups[:-1]] + groups[-1:])
    kind = 'entries' if level < 0 else str(level)
    return f'tile/{kind}/{path}' + (f'.p/{width}' if width < 256 else '')


def tiles_of(level, size):
    """(number, width) of all tiles of a level."""
    count = size >> (8 * max(level, 0))
    for number in range((count + 255) // 256):
        yield number, min(256, count - number * 256)


class Tree:
    def __init__(self, folder):
        self.folder, self.seen = folder, set()

    def read(self, path):
        self.seen.add(path)
        try:
            with open(os.path.join(self.folder, path), 'rb') as f:
                return f.read()
        except OSError as error:
            raise Wrong(f'{path} is not there') from error

    def entries(self, size):
        result = []
        for number, width in tiles_of(-1, size):
            path = tile_path(-1, number, width)
            raw, at = self.read(path), 0
            for _ in range(width):
                need(at + 2 <= len(raw), f'{path} is too short')
                length = struct.unpack_from('>H', raw, at)[0]
                need(at + 2 + length <= len(raw), f'{path} is too short')
                result.append(raw[at + 2:at + 2 + length])
                at += 2 + length
            need(at == len(raw), f'{path} is too long')
        return result

    def check_level(self, level, size, hashes):
        """The stored tiles hold these hashes; returns those of the next level."""
        above = []
        for number, width in tiles_of(level, size):
            path = tile_path(level, number, width)
            mine = hashes[number * 256:number * 256 + width]
            need(self.read(path) == b''.join(mine), f'{path} differs from the entries')
            if width == 256:
                above.append(tree_hash(mine))
        return above

    def check_nothing_else(self):
        for folder, _, names in os.walk(os.path.join(self.folder, 'tile')):
            for name in names:
                path = os.path.relpath(os.path.join(folder, name), self.folder)
                need(path in self.seen, f'{path} is more than there should be')


def check_handovers(entries, origin, last):
    """docs/ledger.md: each change of keys is signed by both; the last leads to the key."""
    current, count = None, 0
    for index, entry in enumerate(entries):
        if not entry.startswith(b'{"kind":"ledger.key",'):
            continue
        fields = json.loads(entry)
        need(current in (None, fields['from']), f'entry {index}: handed over by another key')
        statement = (f'tafadi-ledger-key/v1\n{origin}\n{index}\n{fields["from"]}\n'
                     f'{fields["to"]}\n').encode()
        for who in 'from', 'to':
            key = Ed25519PublicKey.from_public_bytes(unbase64(fields[who]))
            try:
                key.verify(unbase64(fields['by_' + who]), statement)
            except InvalidSignature as error:
                raise Wrong(f'entry {index}: not signed by both keys') from error
        current, count = fields['to'], count + 1
    need(current is None or unbase64(current) == last, 'the last key handed to is not the log\'s')
    return count


def check_tree(folder, key, witness):
    tree = Tree(folder)
    note = tree.read('checkpoint')
    size, root = read_checkpoint(note, key)
    entries = tree.entries(size)
    hashes = [leaf_hash(entry) for entry in entries]
    need(tree_hash(hashes) == root, 'the entries do not have the root that was signed')
    level = 0
    while size >> (8 * level):
        hashes = tree.check_level(level, size, hashes)
        level += 1
    tree.check_nothing_else()
    for entry in entries:
        fields = json.loads(entry)
        need(list(fields)[:2] == ['kind', 'at'], f'an entry begins otherwise: {entry[:60]!r}')
    handovers = check_handovers(entries, key.name, key.raw)
    return f'{size} entries, {handovers} changes of keys' + times(note, witness)


def times(note, witness):
    if not witness:
        return ''
    _, seen = verify_note(note, witness)
    return f', cosigned by {witness.name} at {seen[0]}'


def check_proof(path, key, witness):
    with open(path, 'rb') as f:
        raw = f.read()
    head, note = raw.split(b'\n\n', 1)
    lines = head.decode().split('\n')
    need(lines.pop(0) == 'c2sp.org/tlog-proof@v1', 'not a proof')
    need(lines[0].startswith('extra '), 'the entry is not in it')
    entry = unbase64(lines.pop(0)[6:])
    match = re.fullmatch('index (0|[1-9][0-9]*)', lines.pop(0))
    need(match, 'no index')
    proof = [unbase64(line) for line in lines]
    size, root = read_checkpoint(note, key)
    found = root_from_inclusion(leaf_hash(entry), int(match[1]), size, proof)
    need(found == root, 'the entry is not in the log')
    return f'entry {match[1]} of {size}' + times(note, witness)


def read_key(text):
    if os.path.exists(text):
        with open(text, encoding='utf-8') as f:
            text = f.read()
    return Key(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('what', choices=['tree', 'proof'])
    parser.add_argument('path')
    parser.add_argument('--key', required=True)
    parser.add_argument('--witness')
    args = parser.parse_args()
    check = check_tree if args.what == 'tree' else check_proof
    try:
        print(check(args.path, read_key(args.key), args.witness and read_key(args.witness)))
    except Wrong as error:
        sys.exit(f'{args.path}: {error}')


if __name__ == '__main__':
    main()
