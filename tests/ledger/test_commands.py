"""`tafadi ledger` on ledgers that make_log writes; what it exports and proves is verified by
check_ledger.py, which shares no code with it.

usage: test_commands.py TAFADI MAKE_LOG
"""
import json
import os
import shutil
import subprocess
import sqlite3
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TAFADI, MAKE_LOG = sys.argv[1:3]
ENV = dict(os.environ, LC_ALL='C.UTF-8', TAFADI_STATE_DIR='/nonexistent')


def run(*args):
    return subprocess.run([TAFADI, 'ledger', *args], env=ENV, text=True, capture_output=True,
                          check=False, timeout=60)


def checker(*args):
    return subprocess.run([sys.executable, os.path.join(HERE, 'check_ledger.py'), *args],
                          text=True, capture_output=True, check=False, timeout=120)


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.dir)

    def path(self, name):
        return os.path.join(self.dir, name)

    def make(self, count, *mode):
        subprocess.run([MAKE_LOG, self.dir, str(count), *mode], check=True, timeout=60)

    def ok(self, *args):
        result = run(*args, '--state-dir', self.dir)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def fails(self, code, words, *args):
        result = run(*args)
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertIn(words, result.stderr)
        return result

    def change(self, statement, *values):
        with sqlite3.connect(self.path('party.db')) as db:
            self.assertGreater(db.execute(statement, values).rowcount, 0)
        db.close()


class Whole(Case):
    def test_sizes(self):
        for count in 1, 2, 255, 256, 257, 700:
            with self.subTest(count=count):
                shutil.rmtree(self.dir)
                os.mkdir(self.dir)
                self.make(count)
                found = json.loads(self.ok('verify', '--json'))
                self.assertEqual(found, {'valid': True, 'origin': 'north.example/ledger',
                                         'size': count, 'signed': count, 'cosignatures': 1,
                                         'cosigned': count})
                self.ok('export', self.path('out'))
                result = checker('tree', self.path('out'), '--key', self.path('out/vkey'),
                                 '--witness', self.path('witness.vkey'))
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertIn(f'{count} entries', result.stdout)
                with open(self.path('out/checkpoint'), encoding='utf-8') as f:
                    self.assertEqual(self.ok('checkpoint'), f.read())

    def test_past_the_second_level(self):
        self.make(65900)
        self.assertIn('65900 entries', self.ok('verify'))
        self.ok('export', self.path('out'))
        self.assertTrue(os.path.exists(self.path('out/tile/1/000')))
        self.assertTrue(os.path.exists(self.path('out/tile/2/000.p/1')))
        result = checker('tree', self.path('out'), '--key', self.path('out/vkey'))
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_empty(self):
        self.make(0)
        self.assertIn('0 entries', self.ok('verify'))
        self.fails(1, 'no checkpoint', 'checkpoint', '--state-dir', self.dir)
        self.fails(1, 'no checkpoint', 'export', self.path('out'), '--state-dir', self.dir)

    def test_keys_one_after_the_other(self):
        self.make(700, 'rotate')
        self.ok('verify')  # by the key that is there now
        self.ok('verify', '--key', self.path('first.key'))
        self.ok('export', self.path('out'))
        result = checker('tree', self.path('out'), '--key', self.path('out/vkey'))
        self.assertIn('701 entries, 1 changes of keys', result.stdout, result.stderr)

    def test_of_a_running_node(self):
        with subprocess.Popen([MAKE_LOG, self.dir, '300', 'live'], stdout=subprocess.PIPE) as node:
            try:
                node.stdout.readline()
                sizes = [json.loads(self.ok('verify', '--json'))['size'] for _ in range(5)]
                self.ok('export', self.path('out'))
            finally:
                node.kill()
        self.assertEqual(sizes, sorted(sizes))
        self.assertGreater(sizes[-1], 300)
        result = checker('tree', self.path('out'), '--key', self.path('out/vkey'))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.ok('verify')  # it was killed


class Wrong(Case):
    """What somebody did to the database is found, and named by its place."""

    def refused(self, words):
        result = self.fails(3, words, 'verify', '--state-dir', self.dir)
        self.assertEqual(result.stdout, '')
        found = json.loads(run('verify', '--json', '--state-dir', self.dir).stdout)
        self.assertFalse(found['valid'])
        self.assertIn(words, found['why'])

    def test_entry_changed(self):
        self.make(700)
        self.change('UPDATE ledger_entry SET bytes = ? WHERE idx = 300',
                    b'{"kind":"sent","at":"2026-11-24T02:05:00Z","n":301}')
        self.refused('the checkpoint of size 400')

    def test_entry_changed_with_its_tile_alone(self):
        self.make(256)
        self.change('DELETE FROM ledger_checkpoint')
        self.change('UPDATE ledger_entry SET bytes = ? WHERE idx = 77', b'{}')
        self.refused('entry 77')

    def test_entry_removed(self):
        self.make(700)
        self.change('DELETE FROM ledger_entry WHERE idx = 12')
        self.refused('an entry is missing: 12')

    def test_end_removed(self):
        self.make(700)
        self.change('DELETE FROM ledger_entry WHERE idx >= 650')
        self.refused('signed at size 700')

    def test_tile(self):
        self.make(700)
        self.change('UPDATE ledger_tile SET root = zeroblob(32) WHERE id = 1')
        self.refused('entry 256')
        self.change('DELETE FROM ledger_tile WHERE id = 1')
        self.refused('a tile is missing: from entry 256')

    def test_signature(self):
        self.make(300)
        with sqlite3.connect(self.path('party.db')) as db:
            note = db.execute('SELECT note FROM ledger_checkpoint WHERE size = 200').fetchone()[0]
        db.close()
        wrong = note[:-20] + ('A' if note[-20] != 'A' else 'B') + note[-19:]
        self.change('UPDATE ledger_checkpoint SET note = ? WHERE size = 200', wrong)
        self.refused('the checkpoint of size 200')

    def test_cosignature(self):
        self.make(300)
        self.change('UPDATE ledger_cosignature SET public = zeroblob(32)')
        self.refused('a cosignature does not verify')

    def test_another_key(self):
        self.make(300)
        os.mkdir(self.path('other'))
        subprocess.run([MAKE_LOG, self.path('other'), '10', 'rotate'], check=True)
        self.fails(3, 'never signed by the key', 'verify', '--state-dir', self.dir, '--key',
                   self.path('other/party.key'))

    def test_handover_not_by_both(self):
        self.make(20, 'rotate')
        with sqlite3.connect(self.path('party.db')) as db:
            index, entry = db.execute('SELECT idx, bytes FROM ledger_entry WHERE CAST(bytes AS'
                                      ' TEXT) LIKE \'{"kind":"ledger.key"%\'').fetchone()
        db.close()
        at = entry.rindex(b'"by_to":"') + 12
        wrong = entry[:at] + (b'A' if entry[at:at + 1] != b'A' else b'B') + entry[at + 1:]
        self.change('UPDATE ledger_entry SET bytes = ? WHERE idx = ?', wrong, index)
        self.refused('a change of keys is not signed by both')

    def test_exported_tree(self):
        """The checker itself does find what is wrong."""
        self.make(700)
        self.ok('export', self.path('out'))
        for name, words in (('tile/entries/001', 'root'), ('tile/0/000', 'differs'),
                            ('tile/1/000.p/2', 'differs'), ('checkpoint', '')):
            with open(self.path('out/' + name), 'r+b') as f:
                raw = f.read()
                f.seek(40)
                f.write(bytes([raw[40] ^ 1]))
            result = checker('tree', self.path('out'), '--key', self.path('out/vkey'))
            self.assertEqual(result.returncode, 1, name)
            self.assertIn(words, result.stderr)
            with open(self.path('out/' + name), 'wb') as f:
                f.write(raw)
        os.remove(self.path('out/tile/0/002.p/188'))
        result = checker('tree', self.path('out'), '--key', self.path('out/vkey'))
        self.assertIn('not there', result.stderr)


class Proofs(Case):
    def test_made_and_checked(self):
        self.make(300)
        self.ok('export', self.path('out'))
        vkey = self.path('out/vkey')
        for index in 0, 7, 255, 256, 299:
            proof = self.path('p')
            self.ok('prove', str(index), '-o', proof)
            result = run('prove', '--verify', proof, '--key', vkey)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(result.stdout, self.ok('show', str(index)))
            result = checker('proof', proof, '--key', vkey, '--witness', self.path('witness.vkey'))
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn(f'entry {index} of 300, cosigned by south.example', result.stdout)
        self.fails(1, 'covers the entry 300', 'prove', '300', '--state-dir', self.dir)
        self.fails(2, 'not an entry', 'prove', 'x', '--state-dir', self.dir)

    def test_any_byte_changed(self):
        self.make(300)
        self.ok('export', self.path('out'))
        self.ok('prove', '99', '-o', self.path('p'))
        with open(self.path('p'), 'rb') as f:
            raw = f.read()
        for at in range(0, raw.rindex('— south'.encode()), 41):
            with open(self.path('bad'), 'wb') as f:
                f.write(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1:])
            result = run('prove', '--verify', self.path('bad'), '--key', self.path('out/vkey'))
            self.assertEqual(result.returncode, 3, f'byte {at}: {result.stderr}')
        self.fails(2, '--key', 'prove', '--verify', self.path('p'))


class Audit(Case):
    def test_json(self):
        self.make(150)
        lines = [json.loads(line) for line in self.ok('audit', '--json').splitlines()]
        self.assertEqual([line['index'] for line in lines], list(range(150)))
        self.assertEqual(lines[4]['entry']['n'], 4)
        later = self.ok('audit', '--json', '--since', '2026-11-24T02:02:00Z').splitlines()
        self.assertEqual([json.loads(line)['index'] for line in later], list(range(120, 150)))
        kinds = self.ok('audit', '--json', '--kind', 'received').splitlines()
        self.assertEqual([json.loads(line)['index'] for line in kinds], list(range(0, 150, 3)))

    def test_for_people(self):
        self.make(3)
        self.change('UPDATE ledger_entry SET bytes = ? WHERE idx = 1',
                    '{"kind":"x\\u001b[31m","at":"t","hash":"'.encode() + b'0123456789abcdef' * 4 +
                    b'","list":[1]}')
        self.change('UPDATE ledger_entry SET bytes = ? WHERE idx = 2', b'\xff')
        lines = self.ok('audit').splitlines()
        self.assertEqual(lines[0].split(), ['0', '2026-11-24T02:00:00Z', 'received', 'n=0',
                                            'who=ضابط', '0'])
        self.assertNotIn('\x1b', lines[1])
        self.assertIn('list=[...]', lines[1])
        self.assertNotIn('0123456789abcdef0123', lines[1])
        self.assertEqual(len(lines), 3)


class Refused(Case):
    def test_nothing_there(self):
        self.fails(1, 'no such database', 'show', '1', '--state-dir', self.dir)
        self.assertFalse(os.path.exists(self.path('party.db')))
        self.fails(1, '--key', 'verify', '--database', self.path('x'), '--state-dir', self.dir)
        self.fails(2, 'one of these', 'frobnicate')
        self.fails(2, 'one of these', 'show')
        with sqlite3.connect(self.path('party.db')) as db:
            db.execute('CREATE TABLE x (y)')
        db.close()
        self.fails(1, "another program's", 'show', '1', '--state-dir', self.dir)

    def test_keys(self):
        self.make(1)
        with open(self.path('bad'), 'w', encoding='utf-8') as f:
            f.write('no key\n')
        self.fails(1, 'neither', 'verify', '--state-dir', self.dir, '--key', self.path('bad'))
        self.fails(1, '', 'verify', '--state-dir', self.dir, '--key', self.path('none'))


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
