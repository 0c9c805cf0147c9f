#!/usr/bin/env python3
"""Wrong values of flags: test_usage.py PATH-OF-TAFADI. Each is a usage error (2) whose message
names the flag, and nothing is begun; from a configuration file it names file, line and key, too."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

TAFADI = None

# Of `serve`: the flag at fault, and what is given.
SERVE = (
    ('listen', '--listen', 'x'),
    ('listen', '--listen', '127.0.0.1:65536'),
    ('listen', '--listen', '127.0.0.1:'),
    ('listen', '--listen', 'host.example:80'),
    ('threads', '--threads', '0'),
    ('threads', '--threads', 'many'),
    ('grace', '--grace', 'soon'),
    ('database-connections', '--database-connections', '-1'),
    ('pool-lock', '--pool-lock', 'none of these'),
    ('pool-index', '--pool-index', 'often'),
    ('scd-database', '--scd-database', 'host=127.0.0.1'),
    ('scd-database', '--scd-database', 'nonsense', '--rid-database', 'host=127.0.0.1', '--aux-database',
     'host=127.0.0.1'),
    ('rid-database', '--scd-database', 'host=127.0.0.1', '--rid-database', 'nonsense', '--aux-database',
     'host=127.0.0.1'),
    ('public-endpoint', '--public-endpoint', 'here'),
    ('certificate', '--certificate', 'x.pem'),
    ('clients', '--clients', 'x'),
    ('dummy-oauth', '--dummy-oauth', '--listen', '0.0.0.0:0'),
    ('token-endpoint', '--token-endpoint', '--clients', 'x', '--listen', '0.0.0.0:0'),
    ('jwks', '--jwks', 'ftp://127.0.0.1/x'),
    ('jwks', '--jwks', 'http://192.0.2.1/x'),
    ('public-url', '--public-url', 'north.example'),
    ('public-url', '--public-url', 'https://north.example/path/'),
    ('public-url', '--public-url', 'https://' + 'n' * 300),
    ('witness', '--witness', 'https://witness.example'),
    ('witness', '--witness', 'http://witness.example a+b+c'),
    ('webhook', '--webhook', 'http://hook.example'),
    ('webhook-secret', '--webhook', 'https://hook.example', '--webhook-secret', '/dev/null'),
    ('alarm-mail', '--alarm-mail', 'nobody'),
    ('alarm-mail', '--alarm-mail', 'a b@c.example'),
    ('alarm-command', '--alarm-command', '/nowhere/at/all'),
    ('uss-base-url', '--uss-base-url', 'http://uss.example'),
    ('uss-base-url', '--uss-base-url', 'uss.example'),
    ('dss-url', '--uss-base-url', 'https://uss.example', '--dss-url', 'https://dss.example?x'),
    ('uss-base-url', '--dss-url', 'https://dss.example'),
    ('dss-token-client', '--uss-base-url', 'https://uss.example', '--dss-token-url', 'https://t.example'),
    ('uss-operations', '--uss-base-url', 'https://uss.example', '--uss-operations', 'some'),
)

VOLUME = ('--start', '2027-01-01T00:00:00Z', '--end', '2027-01-01T01:00:00Z')
# Of commands that need no party: the flag, then the command.
PLAIN = (
    ('separation', 'check', 'sites.csv', '--separation', '5'),
    ('kind', 'check', 'sites.csv', '--kind', 'bird'),
    ('area', 'check', 'sites.csv', '--area', '1,2,3'),
    ('as', 'check', 'sites.csv', '--as', 'things'),
    ('from', 'check', 'sites.csv', '--from', 'noon'),
    ('move', 'options', 'sites.csv', '--for', 's1', '--move', 'away'),
    ('to', 'convert', 'sites.csv', 'out', '--to', 'doc'),
    ('lang', 'version', '--lang', 'xx'),
    ('lifetime', 'token', '--state-dir', 'new', '--sub', 'a', '--scope', 'utm.x', '--lifetime', '3h'),
    ('id', 'party', 'init', '--state-dir', 'new', '--id', 'A B', '--title', 'x'),
    ('title', 'party', 'init', '--state-dir', 'new', '--id', 'a.example', '--title', 'x' * 128),
    ('title', 'party', 'init', '--state-dir', 'new', '--id', 'a.example', '--title', 'a\nb'),
    ('url', 'party', 'init', '--state-dir', 'new', '--id', 'a.example', '--title', 'x', '--url', 'x'),
    ('admin', 'party', 'init', '--state-dir', 'new', '--id', 'a.example', '--title', 'x', '--admin',
     'a b'),
    ('fingerprint', 'evidence', 'verify', 'sites.csv', '--fingerprint', 'x'),
)
# Of commands on a party's data.
PARTY = (
    ('title', 'party', 'set', '--title', 'x' * 128),
    ('url', 'party', 'set', '--url', 'x'),
    ('roles', 'account', 'add', 'b', '--roles', 'king'),
    ('roles', 'account', 'token', 'admin', '--roles', 'king'),
    ('lifetime', 'account', 'token', 'admin', '--roles', 'viewer', '--lifetime', 'long'),
    ('role', 'op', 'add', '--role', 'The King', '--at', '36.2014,37.1342', *VOLUME),
    ('lower', 'op', 'add', '--lower', 'low', '--at', '36.2014,37.1342', *VOLUME),
    ('upper', 'op', 'add', '--upper', 'high', '--at', '36.2014,37.1342', *VOLUME),
    ('at', 'op', 'add', '--at', 'there', *VOLUME),
    ('priority', 'op', 'add', '--priority', '101', '--at', '36.2014,37.1342', *VOLUME),
    ('disclosure', 'op', 'add', '--disclosure', 'all', '--at', '36.2014,37.1342', *VOLUME),
    ('state', 'op', 'list', '--state', 'flying'),
    ('days', 'op', 'repeat', 'x', '--count', '2', '--days', 'someday'),
    ('if-version', 'policy', 'set', 'policy.json', '--if-version', 'x'),
    ('about', 'evidence', 'make', '--about', 'x'),
    ('type', 'line', 'text', 'south.example', 'hello', '--type', 'song'),
    ('type', 'line', 'danger', 'south.example', 'x', '--type', 'fun'),
    ('at', 'line', 'danger', 'south.example', 'x', '--at', 'there'),
    ('role', 'line', 'text', 'south.example', 'x', '--role', 'The King'),
    ('kind', 'line', 'notice', 'south.example', '--kind', 'bird', '--at', '1,1'),
    ('assessment', 'line', 'answer', 'south.example', '1', '--assessment', 'maybe'),
)


class Usage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix='tafadi-test-')
        cls.addClassCleanup(shutil.rmtree, cls.dir, ignore_errors=True)
        folder = pathlib.Path(cls.dir)
        (folder / 'sites.csv').write_text('id,lat,lon\ns1,36.20145,37.13425\n', encoding='ascii')
        (folder / 'policy.json').write_text('{}', encoding='ascii')
        done = cls.tafadi('party', 'init', '--state-dir', 'party', '--id', 'north.example', '--title', 'N')
        assert done.returncode == 0, done.stderr

    @classmethod
    def tafadi(cls, *args, env=None):
        return subprocess.run([TAFADI, *args], capture_output=True, text=True, timeout=120, check=False,
                              cwd=cls.dir, env={**os.environ, 'LANG': 'C', **(env or {})})

    def refused(self, flag, *args, env=None):
        done = self.tafadi(*args, env=env)
        self.assertEqual(done.returncode, 2, (args, done.stdout, done.stderr))
        self.assertIn(f'--{flag}', done.stderr, args)
        self.assertEqual(done.stdout, '', args)
        return done.stderr

    def test_serve(self):
        for flag, *args in SERVE:
            with self.subTest(args=args):
                self.refused(flag, 'serve', '--state-dir', 'new', *args)
                self.assertFalse(os.path.exists(self.dir + '/new'))

    def test_serve_by_its_file(self):
        path = self.dir + '/tafadi.ini'
        for flag, *args in SERVE:
            lines = ['# a node', 'state-dir = new']
            where = None
            for i, word in enumerate(args):
                if not word.startswith('--'):
                    continue
                value = args[i + 1] if i + 1 < len(args) and not args[i + 1].startswith('--') else 'yes'
                lines.append(f'{word[2:]} = {value}')
                if word[2:] == flag:
                    where = f'tafadi.ini:{len(lines)}'
            pathlib.Path(path).write_text('\n'.join(lines) + '\n', encoding='ascii')
            with self.subTest(lines=lines):
                said = self.refused(flag, 'serve', '-c', 'tafadi.ini')
                # What should go together is not of one line.
                if 'go' not in said.split() and where and 'needs' not in said:
                    self.assertIn(where if flag != 'webhook-secret' else 'tafadi.ini:3', said)
                    self.assertIn(f'"{flag if flag != "webhook-secret" else "webhook"}"', said)

    def test_serve_by_its_environment(self):
        for name, flag, value in (('TAFADI_LISTEN', 'listen', 'x'), ('TAFADI_THREADS', 'threads', 'x'),
                                  ('TAFADI_WEBHOOK', 'webhook', 'http://hook.example')):
            self.assertIn(f'{name}: "{flag}"', self.refused(flag, 'serve', env={name: value}))
        # The command line wins, and is then what is wrong.
        said = self.refused('listen', 'serve', '--listen', 'host.example:80',
                            env={'TAFADI_LISTEN': '127.0.0.1:0'})
        self.assertNotIn('TAFADI_LISTEN', said)

    def test_commands_without_a_party(self):
        for flag, *args in PLAIN:
            with self.subTest(args=args):
                self.refused(flag, *args)
                self.assertFalse(os.path.exists(self.dir + '/new/party.key'))

    def test_commands_of_a_party(self):
        for flag, *args in PARTY:
            with self.subTest(args=args):
                self.refused(flag, *args, '--state-dir', 'party')


if __name__ == '__main__':
    TAFADI = os.path.abspath(sys.argv.pop(1))
    unittest.main()
