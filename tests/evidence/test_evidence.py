#!/usr/bin/env python3
"""Evidence bundles, judged by the program and by the checker that was written from the document.

usage: test_evidence.py JUDGE TAFADI MAKE_BUNDLES

Both must agree on good bundles and on each one in which something was flipped, removed, doubled,
or put in another order: with the old digest none is valid, with a new one only what
docs/evidence.md lists, and that never says more than before. TAFADI_SEED repeats a run,
TAFADI_LONG=1 tries all changes.
"""
import copy
import functools
import json
import os
import pathlib
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import unittest

import check_evidence
import world

JUDGE, TAFADI, MAKE_BUNDLES = sys.argv[1:4]
SEED = int(os.environ.get('TAFADI_SEED', '20261124'))
SAMPLE = None if os.environ.get('TAFADI_LONG') else 220

# What may be missing, or in another order: "What can be changed" of the document.
ALLOWED = [re.compile(pattern + r'\Z') for pattern in (
    r'remove messages\[\d+\]\.receipt',
    r'remove parties\[\d\]\.card',
    r'remove forks(\[\d+\])?',
    r'remove ranges\[\d\]',
    r'raise ranges\[\d\]\.first', r'lower ranges\[\d\]\.last',
    r'remove ledgers\[\d\](\.entries\[\d+\])?',
    r'swap (messages|forks|parties|ranges|ledgers)',
    r'flip ledgers\[\d\]\.checkpoints\[\d+\]\.note',  # of the other's cosignature: its name, key id
)]
ONLY_OUTSIDE = re.compile(r'remove messages\[\d+\]\Z')  # of ranges


def at(root, path):
    for step in path:
        root = root[step]
    return root


def name_of(path):
    text = ''.join(f'[{s}]' if isinstance(s, int) else f'.{s}' for s in path)
    return text.lstrip('.')


def walk(value, path=()):
    yield path, value
    for key in (value if isinstance(value, dict) else
                range(len(value)) if isinstance(value, list) else ()):
        yield from walk(value[key], path + (key,))


def flipped(text, rng):
    i = rng.randrange(len(text))
    alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    return text[:i] + rng.choice([c for c in alphabet if c != text[i]]) + text[i + 1:]


def changes(document, rng):
    """(what, changed document), one at a time."""
    todo = []
    for path, value in walk(document):
        where = name_of(path)
        if path:
            todo.append(('remove', where, path))
            todo.append(('null', where, path))
        if path and isinstance(path[-1], int):
            todo.append(('double', where, path))
        if isinstance(value, list) and len(value) > 1:
            todo.append(('swap', where, path))
        if isinstance(value, str) and value:
            todo += [('flip', where, path)] * (1 + len(value) // 60)
        if isinstance(value, int):
            todo += [('raise', where, path), ('lower', where, path)]
        if isinstance(value, dict):
            todo.append(('add', where, path))
    if SAMPLE and len(todo) > SAMPLE:
        todo = rng.sample(todo, SAMPLE)
    for act, where, path in todo:
        changed = copy.deepcopy(document)
        parent, value = at(changed, path[:-1]), at(changed, path)
        if act == 'remove':
            del parent[path[-1]]
        elif act == 'null':
            parent[path[-1]] = None
        elif act == 'double':
            parent.insert(path[-1], copy.deepcopy(value))
        elif act == 'swap':
            value.reverse()
        elif act == 'add':
            value['more'] = 'x'
        else:
            parent[path[-1]] = (flipped(value, rng) if act == 'flip' else
                                value + 1 if act == 'raise' else value - 1)
        yield f'{act} {where}', changed


class Judge:
    """The program, asked in one go."""

    def __init__(self):
        self.cases = []

    def add(self, what, data):
        self.cases.append((what, data))

    def verdicts(self):
        fed = b''.join(b'%d\n%s' % (len(data), data) for _, data in self.cases)
        done = subprocess.run([JUDGE], input=fed, capture_output=True, check=True)
        lines = done.stdout.splitlines()
        assert len(lines) == len(self.cases), done.stderr
        for (what, data), line in zip(self.cases, lines):
            yield what, data, json.loads(line)


def verdict_of(data):
    verdict, counts, _ = check_evidence.judge(data)
    return {'verdict': verdict, **({'counts': counts} if counts else {})}


def without_story(said):
    return {key: value for key, value in said.items() if key in ('verdict', 'counts')}


@functools.cache
def played():
    """Two parties' databases with a story, and what stands where in it."""
    folder = tempfile.TemporaryDirectory()
    path = pathlib.Path(folder.name)
    for name in ('north', 'south'):
        (path / name).mkdir()
    done = subprocess.run([MAKE_BUNDLES, path], capture_output=True, check=True)
    return folder, path, json.loads(done.stdout)


def make(side, *arguments):
    _, path, _ = played()
    return subprocess.run([TAFADI, 'evidence', 'make', '--state-dir', path / side,
                           *map(str, arguments)], capture_output=True, check=False,
                          env={**os.environ, 'LC_ALL': 'C.UTF-8'})


def made_document():
    """Of the program's own making."""
    done = make('north', '--line', 'south.example')
    return json.loads(done.stdout.split(b'\n', 1)[1])


class Bundles(unittest.TestCase):
    def test_good_ones(self):
        judge = Judge()
        for name, document in world.good_worlds().items():
            judge.add(name, world.pack(document))
        for name, data, said in judge.verdicts():
            self.assertEqual(said['verdict'], 'valid', name)
            self.assertEqual(without_story(said), verdict_of(data), name)

    def test_each_change_is_noticed_or_says_less(self):
        for name, document in [*world.good_worlds().items(), ('made', made_document())]:
            rng, judge = random.Random(f'{SEED} {name}'), Judge()
            judge.add('', world.pack(document))
            for what, changed in changes(document, rng):
                judge.add(what, world.pack(changed))
            verdicts = judge.verdicts()
            _, _, good = next(verdicts)
            for what, data, said in verdicts:
                with self.subTest(bundle=name, change=what, seed=SEED):
                    self.assertEqual(without_story(said), verdict_of(data))
                    if said['verdict'] == 'valid':
                        self.judge_valid(what, document, good, said)

    def judge_valid(self, what, document, good, said):
        is_allowed = any(p.match(what) for p in ALLOWED) or (
            ONLY_OUTSIDE.match(what) and not document['ranges'])
        self.assertTrue(is_allowed, 'not noticed')
        if what.startswith('flip'):
            self.assertLess(said['counts']['cosignatures'], good['counts']['cosignatures'])
        for key, count in said['counts'].items():
            self.assertLessEqual(count, good['counts'][key])
        known = {self.without_receipt(step) for step in good['story']}
        fresh = [step for step in said['story'] if self.without_receipt(step) not in known]
        # An entry that noted a message is told by itself when the message is gone; a checkpoint
        # without its cosignature is told as one that has none.
        self.assertTrue(all(step[0] in '34' for step in fresh), fresh)
        received = {step for step in good['story']}
        for step in said['story']:
            if step.split()[2] != '0':
                self.assertIn(step, received)

    @staticmethod
    def without_receipt(step):
        words = step.split(' ')
        return ' '.join(words[:2] + words[3:])

    def test_each_byte_counts(self):
        judge, rng = Judge(), random.Random(SEED)
        documents = world.good_worlds()
        for _ in range(300):
            name = rng.choice(sorted(documents))
            data = bytearray(world.pack(documents[name]))
            i = rng.randrange(len(data))
            data[i] ^= 1 << rng.randrange(8)
            judge.add(f'{name} {i}', bytes(data))
            cut = world.pack(documents[name])[:rng.randrange(len(data))]
            judge.add(f'{name} cut', cut)
        for what, data, said in judge.verdicts():
            with self.subTest(change=what, seed=SEED):
                self.assertIn(said['verdict'], ('invalid', 'unreadable'))
                self.assertIn(check_evidence.judge(data)[0], ('invalid', 'unreadable'))

    def test_other_lies(self):
        """What a party could sign to mislead."""
        lies = {}
        honest = world.World()
        honest.say(world.NORTH, 'text', {'text': 'one', 'lang': 'en'})
        honest.say(world.NORTH, 'text', {'text': 'two', 'lang': 'en'})
        document = honest.document()
        # A receipt made by the sender itself.
        forged = copy.deepcopy(document)
        forged['messages'][0]['receipt'], _ = honest.party[world.NORTH].key.envelope('receipt', {
            'v': 1, 'line': honest.line, 'from': world.SOUTH, 'to': world.NORTH, 'of': 1,
            'envelope': '00' * 32, 'ledger_index': 0, 'received_at': world.when(1)})
        lies['receipt by its sender'] = forged
        # The receipt of another message.
        moved = copy.deepcopy(document)
        first, second = moved['messages']
        first['receipt'], second['receipt'] = second['receipt'], first['receipt']
        lies['receipts exchanged'] = moved
        # A key that was never announced.
        foreign = world.World()
        foreign.party[world.NORTH].keys.append(world.Key('somebody'))
        foreign.say(world.NORTH, 'text', {'text': 'x', 'lang': 'en'})
        lies['unknown key'] = {**document, 'messages': foreign.messages,
                               'ranges': document['ranges'][:0]}
        # A rotation whose new key did not sign.
        taken = world.World()
        taken.say(world.NORTH, 'key.rotate', {'key': world.b64(world.Key('x').public),
                                              'proof': world.b64(bytes(64))})
        lies['a key without its word'] = taken.document()
        # A message from the line before.
        other = world.World(2)
        other.say(world.NORTH, 'text', {'text': 'x', 'lang': 'en'})
        lies['another line'] = {**document, 'messages': other.messages, 'ranges': []}
        # A range with a hole.
        lies['a gap'] = {**document, 'messages': document['messages'][1:]}
        # A chain that was cut and sewn together.
        sewn = world.World()
        sewn.say(world.NORTH, 'text', {'text': 'one', 'lang': 'en'})
        sewn.party[world.NORTH].prev = '11' * 32
        sewn.say(world.NORTH, 'text', {'text': 'two', 'lang': 'en'})
        lies['a broken chain'] = sewn.document()
        # An entry that the receipt does not name.
        crossed = world.World()
        for i in range(3):
            crossed.say(world.NORTH, 'text', {'text': str(i), 'lang': 'en'})
        south = crossed.party[world.SOUTH]
        south.entries[1], south.entries[2] = south.entries[2], south.entries[1]
        lies['entries exchanged'] = {**crossed.document(), 'ledgers': [
            crossed.ledger(world.SOUTH, [4])]}
        # A ledger that was rewritten.
        honest_point = crossed.ledger(world.SOUTH, [3])['checkpoints'][0]
        south.entries[1], south.entries[2] = south.entries[2], south.entries[1]
        rewritten = crossed.ledger(world.SOUTH, [3, 4])
        rewritten['checkpoints'][0] = honest_point
        lies['a ledger rewritten'] = {**crossed.document(), 'ledgers': [rewritten]}
        # A fork that is none.
        lies['no fork'] = {**document, 'forks': [document['messages'][0]['envelope']]}
        judge = Judge()
        for what, lie in lies.items():
            judge.add(what, world.pack(lie))
        for what, data, said in judge.verdicts():
            with self.subTest(lie=what):
                self.assertEqual(said['verdict'], 'invalid')
                self.assertEqual(without_story(said), verdict_of(data))


class Command(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name) / 'x.evidence'
        self.document = world.good_worlds()['ledgers']
        self.path.write_bytes(world.pack(self.document))
        self.keys = {p['id']: p['key'] for p in self.document['parties']}

    def tearDown(self):
        self.folder.cleanup()

    def run_it(self, *arguments, code):
        done = subprocess.run([TAFADI, 'evidence', *map(str, arguments)], capture_output=True,
                              text=True, check=False, env={**os.environ, 'LC_ALL': 'C.UTF-8'})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def fingerprint(self, party):
        return check_evidence.fingerprint(check_evidence.unbase64(self.keys[party])).hex()

    def digits(self, party):
        data = bytes.fromhex(self.fingerprint(party))
        return ' '.join('%05d' % (int.from_bytes(data[i:i + 4], 'big') % 100000)
                        for i in range(0, 32, 4))

    def test_identities(self):
        north, south = world.NORTH, world.SOUTH
        self.assertIn('taken from the bundle itself', self.run_it('verify', self.path, code=0))
        out = self.run_it('verify', self.path, '--fingerprint', f'{north}={self.digits(north)}',
                          '--fingerprint', f'{south}={self.fingerprint(south)}', code=0)
        self.assertTrue(out.startswith('VALID. Everything'), out[:100])
        self.assertNotIn('taken from the bundle itself', out)
        out = self.run_it('verify', self.path, '--fingerprint', f'{north}={self.digits(south)}',
                          code=3)
        self.assertIn('does not have the fingerprint', out)
        self.run_it('verify', self.path, '--fingerprint', f'west.example={self.digits(south)}',
                    code=3)
        later = world.Key(f'{south} 1').fingerprint.hex()  # the key that it changed to
        self.run_it('verify', self.path, '--fingerprint', f'{south}={later}', code=0)
        for bad in ('x', f'{north}=', f'{north}=12', f'={self.digits(north)}',
                    f'{north}={self.digits(north)}1'):
            self.run_it('verify', self.path, '--fingerprint', bad, code=2)

    def test_exit_codes(self):
        self.run_it('verify', code=2)
        self.run_it('frobnicate', code=2)
        self.run_it('verify', self.path.with_name('none'), code=1)
        self.path.write_bytes(b'tafadi-evidence/v1\n{}')
        self.run_it('verify', self.path, code=1)
        data = bytearray(world.pack(self.document))
        data[40] = ord('1') if data[40] == ord('0') else ord('0')
        self.path.write_bytes(data)
        self.assertIn('NOT VALID', self.run_it('verify', self.path, code=3))

    def test_the_story(self):
        out = json.loads(self.run_it('verify', self.path, '--json', code=0))
        self.assertTrue(out['valid'] and out['wrong'] == [])
        said = [s for s in out['story'] if s['kind'] == 'said']
        self.assertEqual(len(said), len(self.document['messages']))
        self.assertEqual([s['at'] for s in said], sorted(s['at'] for s in said))
        answer = next(s for s in said if s['type'] == 'ack.answered')
        self.assertIn('not an approval', answer['says'])
        self.assertEqual((answer['from'], answer['received_at']),
                         (world.SOUTH, '2026-11-24T02:01:31Z'))
        silent = [s for s in said if 'received_at' not in s]
        self.assertEqual([(s['from'], s['seq']) for s in silent], [(world.NORTH, 4)])
        self.assertEqual(len([s for s in out['story'] if s['kind'] == 'agreed']), 1)
        for language, word in (('ar', 'صحيح'), ('ru', 'ПОДЛИННЫЙ')):
            self.assertIn(word, self.run_it('verify', self.path, '--lang', language, code=0))


class Making(unittest.TestCase):
    def setUp(self):
        _, self.path, self.at = played()

    def make_it(self, side, *arguments):
        done = make(side, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b'SHA-256', done.stderr)
        verdict, counts, wrong = check_evidence.judge(done.stdout)
        self.assertEqual((verdict, wrong), ('valid', []))
        return check_evidence.Bundle(done.stdout), counts

    def numbers(self, bundle, party):
        return sorted(m.seq for m in bundle.messages if m.sender == party)

    def test_all(self):
        for side, peer in (('north', world.SOUTH), ('south', world.NORTH)):
            bundle, counts = self.make_it(side, '--line', peer)
            self.assertEqual(set(bundle.cards), {world.NORTH, world.SOUTH})
            self.assertEqual(bundle.ranges[world.SOUTH], (1, self.at['second']))
            self.assertEqual(counts['forks'], side == 'north')
            self.assertGreater(counts['cosignatures'], 0)
            self.assertGreater(counts['entries'], 8)
        self.assertEqual(self.numbers(bundle, world.NORTH),
                         list(range(1, self.at['lost'])))  # the last one never arrived

    def test_choices(self):
        line, notice, seen = (self.at[k] for k in ('line', 'notice', 'seen'))
        whole, _ = self.make_it('north', '--line', line[:8])
        for arguments in (['--about', f'{world.SOUTH}/{seen}'],
                          ['--line', line, '--about', f'{world.NORTH}/{notice}'],
                          ['--line', world.SOUTH, '--about', f'{world.NORTH}/{notice}-{notice}']):
            bundle, _ = self.make_it('north', *arguments)
            self.assertIn(notice, self.numbers(bundle, world.NORTH))
            self.assertIn(seen, self.numbers(bundle, world.SOUTH))
            self.assertLess(len(bundle.messages), len(whole.messages))
        bundle, _ = self.make_it('north', '--line', line, '--near', '43.0,11.5,100m')
        self.assertIn(self.at['second'], self.numbers(bundle, world.SOUTH))
        self.assertNotIn(notice, self.numbers(bundle, world.NORTH))
        bundle, _ = self.make_it('north', '--line', line, '--from', '2026-11-25T02:05:00Z',
                                 '--until', '2026-11-25T02:06:30Z')
        self.assertTrue(bundle.ranges)

    def test_what_is_refused(self):
        line = self.at['line']
        for code, arguments in ((2, []), (2, ['--about', 'x']), (2, ['--about', 'x/0']),
                                (2, ['--about', 'x/3-2']), (2, ['--line', line, '--near', '1,2']),
                                (1, ['--line', 'west.example']),
                                (1, ['--line', line, '--about', f'{world.NORTH}/60']),
                                (1, ['--line', line, '--database', '/nonexistent'])):
            done = make('north', *arguments)
            self.assertEqual((done.returncode, done.stdout), (code, b''), arguments)

    def test_while_somebody_writes(self):
        """A node holds its lock; making reads beside it, and nothing is changed."""
        database = self.path / 'north' / 'party.db'
        writer = sqlite3.connect(database, isolation_level=None)
        writer.execute('BEGIN IMMEDIATE')
        try:
            before = database.read_bytes()
            self.make_it('north', '--line', self.at['line'])
            self.assertEqual(database.read_bytes(), before)
        finally:
            writer.execute('ROLLBACK')
            writer.close()

    def test_round_trip(self):
        target = self.path / 'x.evidence'
        done = make('north', '--line', self.at['line'], '-o', target)
        self.assertEqual((done.returncode, done.stdout), (0, b''), done.stderr)
        done = subprocess.run([TAFADI, 'evidence', 'verify', target, '--json'],
                              capture_output=True, check=True)
        told = json.loads(done.stdout)
        self.assertEqual(told['forks'], 1)
        agreed = [s for s in told['story'] if s['kind'] == 'agreed']
        self.assertTrue(agreed[0]['says'].startswith('Both parties have signed memorandum 1'))


unittest.main(argv=sys.argv[:1])
