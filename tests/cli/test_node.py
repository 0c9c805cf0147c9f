#!/usr/bin/env python3
"""The commands around a node: test_node.py PATH-OF-TAFADI. serve, backup, restore,
doctor."""
import os
import pathlib
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'api'))
import harness  # noqa: E402

TAFADI = None


def names(folder):
    return sorted(os.listdir(folder))


class NodeCommands(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix='tafadi-test-')
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.state = self.dir + '/state'

    def run_cli(self, *args, code, env=None):
        done = subprocess.run([TAFADI, *args], capture_output=True, text=True, timeout=120,
                              check=False, env={**os.environ, 'LANG': 'C', **(env or {})})
        self.assertEqual(done.returncode, code, (args, done.stdout, done.stderr))
        self.err = done.stderr
        return done.stdout

    def node(self):
        node = harness.Node(TAFADI, state_dir=self.state)
        self.addCleanup(node.stop)
        return node

    def put(self, node, ident):
        status, body = harness.Client(node).put(f'/dss/v1/operational_intent_references/{ident}',
                                                harness.oir(**harness.fresh()))
        self.assertEqual(status, 201, body)

    def status_of(self, node, ident):
        return harness.Client(node).get(f'/dss/v1/operational_intent_references/{ident}')[0]

    def backup(self, name='copy.db', code=0):
        self.run_cli('backup', '--state-dir', self.state, f'{self.dir}/{name}', code=code)
        return f'{self.dir}/{name}'

    def restore(self, path, code=0):
        self.run_cli('restore', '--state-dir', self.state, path, code=code)


class Backup(NodeCommands):
    def test_a_copy_of_a_running_node_brings_back_what_it_had(self):
        first, second = harness.new_id(), harness.new_id()
        node = self.node()
        self.put(node, first)
        copy = self.backup()
        harness.Client(node).call('GET', '/healthz')
        status, body = harness.Client(node).put(
            f'/dss/v1/operational_intent_references/{second}',
            harness.oir([harness.volume(lat=35.0)], **harness.fresh()))
        self.assertEqual(status, 201, body)
        self.restore(copy, code=1)
        self.assertIn('another node is using', self.err)
        node.stop(remove=False)
        self.restore(copy)
        kept = [n for n in names(self.state) if n.startswith('node.db.before-')]
        self.assertEqual(len(kept), 1)
        self.assertIn(kept[0], self.err)
        node.start()
        self.assertEqual((self.status_of(node, first), self.status_of(node, second)), (200, 404))
        node.stop(remove=False)
        # And the other way, from what was put aside, although it has no log beside it.
        self.restore(f'{self.state}/{kept[0]}')
        node.start()
        self.assertEqual((self.status_of(node, first), self.status_of(node, second)), (200, 200))

    def test_what_a_killed_node_had_in_its_log_is_kept_aside(self):
        node = self.node()
        copy = self.backup()
        ident = harness.new_id()
        self.put(node, ident)
        node.kill()
        self.restore(copy)
        kept = [n for n in names(self.state) if n.startswith('node.db.before-')]
        self.restore(f'{self.state}/{kept[0]}')
        node.start()
        self.assertEqual(self.status_of(node, ident), 200)

    def test_a_copy_is_one_file_and_replaces_the_last(self):
        node = self.node()
        copy = self.backup()
        size = os.path.getsize(copy)
        for i in range(40):
            status, _ = harness.Client(node).put(
                f'/dss/v1/operational_intent_references/{harness.new_id()}',
                harness.oir([harness.volume(lat=10.0 + i)], **harness.fresh()))
            self.assertEqual(status, 201)
        self.backup()
        self.assertGreater(os.path.getsize(copy), size)
        self.assertEqual(names(self.dir), ['copy.db', 'state'])
        self.assertEqual(os.stat(copy).st_mode & 0o077, 0)

    def test_there_is_nothing_to_copy(self):
        self.backup(code=1)
        self.run_cli('backup', code=2)
        self.assertEqual(names(self.dir), [])

    def test_what_is_no_copy_is_refused_and_nothing_changes(self):
        node = self.node()
        ident = harness.new_id()
        self.put(node, ident)
        copy = pathlib.Path(self.backup())
        node.stop(remove=False)
        before = names(self.state)
        whole = copy.read_bytes()
        bad = pathlib.Path(self.dir, 'bad.db')
        other = sqlite3.connect(f'{self.dir}/other.db')
        other.execute('CREATE TABLE x (y)')
        other.close()
        newer = pathlib.Path(self.dir, 'newer.db')
        newer.write_bytes(whole)
        connection = sqlite3.connect(newer)
        connection.execute('PRAGMA user_version = 99')
        connection.close()
        torn = bytearray(whole)
        for at in range(4096, len(torn), 4096):
            torn[at:at + 64] = b'\xff' * 64
        for content in (b'', b'not a database', whole[:len(whole) // 2], bytes(torn)):
            bad.write_bytes(content)
            self.restore(str(bad), code=1)
        self.restore(f'{self.dir}/other.db', code=1)
        self.restore(str(newer), code=1)
        self.assertIn('version 99', self.err)
        self.restore(f'{self.dir}/nothing.db', code=1)
        self.assertEqual(names(self.state), before)
        node.start()
        self.assertEqual(self.status_of(node, ident), 200)

    def test_a_damaged_data_file_can_be_replaced(self):
        node = self.node()
        ident = harness.new_id()
        self.put(node, ident)
        copy = self.backup()
        node.stop(remove=False)
        pathlib.Path(self.state, 'node.db').write_bytes(b'rubbish' * 1000)
        self.restore(copy)
        node.start()
        self.assertEqual(self.status_of(node, ident), 200)


class Serve(NodeCommands):
    """What `tafadi serve` takes its settings from, and what it tells who started it."""

    def start(self, *flags, env=None):
        process = subprocess.Popen([TAFADI, 'serve', *flags], stderr=subprocess.PIPE, text=True,
                                   env={**os.environ, 'LANG': 'C', **(env or {})})
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process, process.stderr.readline().strip()

    def configure(self, text):
        path = pathlib.Path(self.dir, 'tafadi.ini')
        path.write_text(f'; a node\n[node]\nstate-dir = {self.state}\n{text}', encoding='utf-8')
        return '-c', str(path)

    def test_flags_override_the_environment_and_that_the_file(self):
        file = self.configure('listen = 198.51.100.1:1\nno-access-log = yes\n')
        process, line = self.start(*file)
        self.assertIn('198.51.100.1', line)  # there is no such address here
        self.assertEqual(process.wait(60), 1)
        process, line = self.start(*file, env={'TAFADI_LISTEN': '198.51.100.2:1'})
        self.assertIn('198.51.100.2', line)
        self.assertEqual(process.wait(60), 1)
        _, line = self.start(*file, '--listen', '127.0.0.1:0', env={'TAFADI_LISTEN': '198.51.100.2:1'})
        self.assertTrue(line.startswith('tafadi: http://127.0.0.1:'), line)
        self.assertIn('node.db', names(self.state))

    def test_wrong_settings_are_named(self):
        for text, named in (('lisen = 127.0.0.1:0\n', 'lisen'), ('listen\n', 'ini:4'),
                            ('grace = soon\n', 'soon'), ('threads = -1\n', '-1')):
            process, line = self.start(*self.configure(text))
            self.assertIn(named, line)
            self.assertIn(process.wait(60), (1, 2))

    def test_the_service_manager_is_told(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(self.dir + '/notify')
            manager.settimeout(60)
            process, _ = self.start('--listen', '127.0.0.1:0', '--state-dir', self.state,
                                    '--no-access-log', env={'NOTIFY_SOCKET': self.dir + '/notify'})
            self.assertEqual(manager.recv(100), b'READY=1')
            process.send_signal(signal.SIGHUP)
            self.assertEqual([manager.recv(100), manager.recv(100)], [b'RELOADING=1', b'READY=1'])
            process.send_signal(signal.SIGTERM)
            self.assertEqual(manager.recv(100), b'STOPPING=1')
            self.assertEqual(process.wait(60), 0)

    def test_what_another_program_has_written_is_left_alone(self):
        self.node().stop(remove=False)
        connection = sqlite3.connect(self.state + '/node.db')
        connection.execute('PRAGMA user_version = 99')
        connection.close()
        process, line = self.start('--listen', '127.0.0.1:0', '--state-dir', self.state)
        self.assertIn('99', line)
        self.assertEqual(process.wait(60), 1)
        pathlib.Path(self.state, 'node.db').write_bytes(b'rubbish' * 1000)
        process, line = self.start('--listen', '127.0.0.1:0', '--state-dir', self.state)
        self.assertIn('node.db', line)
        self.assertEqual(process.wait(60), 1)
        self.assertEqual(pathlib.Path(self.state, 'node.db').read_bytes(), b'rubbish' * 1000)


class Tour(NodeCommands):
    def test_the_first_five_minutes(self):
        node = self.node()
        tour = pathlib.Path(__file__).resolve().parent.parent.parent / 'scripts' / 'tour'
        for _ in range(2):
            done = subprocess.run([tour, TAFADI, f'http://127.0.0.1:{node.port}', self.state],
                                  capture_output=True, text=True, timeout=120, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            answers = [line.split()[0] for line in done.stdout.splitlines()
                       if line.startswith('  2') or line.startswith('  4')]
            self.assertEqual(answers, ['201', '409', '201', '200', '200', '200'])
        self.assertIn('tafadi_entities{kind="operational_intent"} 0',
                      harness.Client(node, token='').get('/metrics')[1])


class Doctor(NodeCommands):
    def doctor(self, *flags, code, **more):
        return self.run_cli('doctor', '--state-dir', self.state, *flags, code=code, **more)

    def wrong(self, *flags):
        out = self.doctor(*flags, code=1)
        found = [line for line in out.splitlines() if line.startswith('wrong: ')]
        self.assertEqual(len(found), 1, out)
        return found[0]

    def free_port(self, address='127.0.0.1'):
        """One of our own; on all addresses one that connections do not take by themselves."""
        if address == '127.0.0.1':
            return harness.free_port()
        while True:
            port = random.randrange(15000, 32000)
            with socket.socket() as s:
                try:
                    s.bind((address, port))
                    return port
                except OSError:
                    pass

    def test_it_changes_nothing(self):
        self.doctor('--listen', f'127.0.0.1:{self.free_port()}', code=0)
        self.assertEqual(names(self.dir), [])

    def test_a_running_node_is_in_order(self):
        node = self.node()
        out = self.doctor('--listen', f'127.0.0.1:{node.port}', code=0)
        self.assertIn('a node is running', out)
        self.assertIn('data file is whole', out)
        self.assertIn('in use, and a node is running', out)

    def test_files(self):
        listen = ('--listen', f'127.0.0.1:{self.free_port()}')
        self.node().stop(remove=False)
        self.doctor(*listen, code=0)
        os.chmod(self.state, 0o755)
        self.assertIn('chmod 700', self.wrong(*listen))
        os.chmod(self.state, 0o700)
        os.chmod(self.state + '/issuer.key', 0o644)
        self.assertIn('chmod 600', self.wrong(*listen))
        os.chmod(self.state + '/issuer.key', 0o600)
        other = tempfile.mkdtemp(dir=self.dir)
        self.run_cli('token', '--state-dir', other, '--sub', 'x', '--scope', 'y', code=0)
        shutil.copy(other + '/issuer.pub', self.state + '/issuer.pub')
        self.assertIn('no pair', self.wrong(*listen))
        shutil.copy(other + '/issuer.key', self.state + '/issuer.key')
        self.doctor(*listen, code=0)
        pathlib.Path(self.state, 'node.db').write_bytes(b'rubbish')
        self.assertIn('tafadi restore', self.wrong(*listen))

    def test_keys_ports_and_databases(self):
        listen = ('--listen', f'127.0.0.1:{self.free_port()}')
        notes = pathlib.Path(self.dir, 'notes.txt')
        notes.write_text('no key\n', encoding='ascii')
        self.assertIn('--public-key', self.wrong(*listen, '--public-key', str(notes)))
        with socket.socket() as taken:
            taken.bind(('127.0.0.1', 0))
            taken.listen()
            self.assertIn('--listen', self.wrong('--listen', f'127.0.0.1:{taken.getsockname()[1]}'))
        self.assertIn('--listen', self.wrong('--listen', 'example.com:80'))
        gone = [part for name in ('scd', 'rid', 'aux')
                for part in (f'--{name}-database', 'host=127.0.0.1 port=1')]
        self.assertEqual(self.doctor(*listen, *gone, code=1).count('wrong: '), 3)
        self.assertIn('go together', self.doctor(*listen, *gone[:4], code=1))

    def test_what_issues_tokens(self):
        listen = ('--listen', f'127.0.0.1:{self.free_port()}')
        clients = pathlib.Path(self.dir, 'clients')
        clients.write_text('# none yet\n', encoding='ascii')
        endpoint = ('--token-endpoint', '--clients', str(clients))
        self.assertIn('no clients yet', self.doctor(*listen, *endpoint, code=0))
        clients.write_text('uss1 secret scope\n', encoding='ascii')
        self.assertIn('line 1', self.wrong(*listen, *endpoint))
        line = subprocess.run([TAFADI, 'token', '--hash', '--sub', 'a', '--scope', 'b c'],
                              input='a long secret\n', capture_output=True, text=True, check=True)
        clients.write_text(line.stdout, encoding='ascii')
        self.assertIn('names clients', self.doctor(*listen, *endpoint, code=0))
        everywhere = ('--listen', f'0.0.0.0:{self.free_port("0.0.0.0")}')
        self.assertIn('--certificate', self.wrong(*everywhere, *endpoint))
        self.assertIn('loopback', self.wrong(*everywhere, '--dummy-oauth'))
        self.assertIn('https', self.wrong(*listen, '--jwks', 'http://192.0.2.1/keys'))

    def certificate(self, name, days, start=None):
        key, cert = f'{self.dir}/{name}.key', f'{self.dir}/{name}.pem'
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', key,
                        '-out', cert, '-days', str(days), '-subj', '/CN=localhost'], check=True,
                       capture_output=True)
        os.chmod(key, 0o600)
        return cert, key

    def test_certificates(self):
        listen = ('--listen', f'127.0.0.1:{self.free_port()}')
        good, good_key = self.certificate('good', 90)
        soon, soon_key = self.certificate('soon', 3)
        pair = lambda c, k: (*listen, '--certificate', c, '--private-key', k)
        self.assertIn('is valid', self.doctor(*pair(good, good_key), code=0))
        self.assertIn('two weeks', self.wrong(*pair(soon, soon_key)))
        self.assertIn('not the key', self.wrong(*pair(good, soon_key)))
        self.assertIn('no PEM certificate', self.wrong(*pair(good_key, good_key)))
        self.assertIn('no PEM private key', self.wrong(*pair(good, good + '.missing')))
        os.chmod(good_key, 0o640)
        self.assertIn('chmod 600', self.wrong(*pair(good, good_key)))

    def test_the_configuration_file_and_languages(self):
        config = pathlib.Path(self.dir, 'tafadi.conf')
        config.write_text(f'state-dir = {self.state}\npublic-key = /nonexistent\n',
                          encoding='ascii')
        self.run_cli('doctor', '-c', str(config), '--listen', f'127.0.0.1:{self.free_port()}',
                     code=1)
        self.assertIn('/nonexistent', self.err)
        self.assertIn('\u0633\u0644\u064a\u0645', self.doctor('--lang', 'ar', '--listen',
                                                              f'127.0.0.1:{self.free_port()}',
                                                              code=0))


if __name__ == '__main__':
    TAFADI = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main(verbosity=2, warnings='ignore')
