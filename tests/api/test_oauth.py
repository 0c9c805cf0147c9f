#!/usr/bin/env python3
"""The built-in issuer over HTTP: test_oauth.py PATH-OF-TAFADI."""
import base64
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

import harness

TAFADI = None
SECRET = 'correct horse & battery: staple'
FORM = {'Content-Type': 'application/x-www-form-urlencoded'}


def decode(text):
    return base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))


def part(text):
    return json.loads(decode(text))


def claims_of(token):
    return part(token.split('.')[1])


def write_pair(folder, key):
    """As the issuer's own keys, in a state directory."""
    with open(folder + '/issuer.key', 'wb') as file:
        os.chmod(folder + '/issuer.key', 0o600)
        file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                     serialization.NoEncryption()))
    with open(folder + '/issuer.pub', 'wb') as file:
        file.write(key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))


def client_line(sub, secret, scope):
    done = subprocess.run([TAFADI, 'token', '--hash', '--sub', sub, '--scope', scope],
                          input=secret + '\n', capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Endpoint(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.clients = cls.folder.name + '/clients'
        cls.line = client_line('uss1', SECRET, f'{harness.SC} {harness.CM}')
        pathlib.Path(cls.clients).write_text('# who may ask\n\n' + cls.line, encoding='utf-8')

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def setUp(self):
        # A node of its own for each: the allowance of an address is part of what is tested.
        self.node = harness.Node(TAFADI, flags=['--token-endpoint', '--clients', self.clients])
        self.addCleanup(self.node.stop)
        self.client = harness.Client(self.node, token='')

    def ask(self, basic=None, raw=None, headers=None, **fields):
        send = {**FORM, **(headers or {})}
        if basic:
            pair = ':'.join(urllib.parse.quote_plus(part) for part in basic)
            send['Authorization'] = 'Basic ' + base64.b64encode(pair.encode()).decode()
        return self.client.call('POST', '/oauth/token', headers=send,
                                raw=raw if raw is not None else urllib.parse.urlencode(fields))

    def grant(self, **fields):
        return self.ask(**{'grant_type': 'client_credentials', 'client_id': 'uss1',
                           'client_secret': SECRET, **fields})

    def test_a_token_that_the_node_takes(self):
        status, body = self.grant(scope=harness.SC, audience='localhost')
        self.assertEqual(status, 200, body)
        self.assertEqual((body['token_type'], body['expires_in'], body['scope']),
                         ('Bearer', 3600, harness.SC))
        self.assertEqual(self.client.headers['Cache-Control'], 'no-store')
        claims = claims_of(body['access_token'])
        self.assertEqual((claims['sub'], claims['aud'], claims['scope']),
                         ('uss1', 'localhost', harness.SC))
        user = harness.Client(self.node, token=body['access_token'])
        self.assertEqual(user.get('/dss/v1/uss_availability/uss1')[0], 200)
        self.assertEqual(user.get('/dss/v1/constraint_references/' + harness.new_id())[0], 403)

    def test_basic_authentication_and_what_is_left_out(self):
        status, body = self.ask(basic=('uss1', SECRET), grant_type='client_credentials')
        self.assertEqual(status, 200, body)
        self.assertEqual(body['scope'], f'{harness.SC} {harness.CM}')
        self.assertEqual(claims_of(body['access_token'])['aud'], 'localhost')
        status, body = self.grant(audience='uss2.example')
        self.assertEqual(claims_of(body['access_token'])['aud'], 'uss2.example')

    def test_refusals(self):
        cases = [(401, 'invalid_client', {'client_secret': SECRET + 'x'}),
                 (401, 'invalid_client', {'client_secret': ''}),
                 (401, 'invalid_client', {'client_id': 'uss2'}),
                 (400, 'invalid_scope', {'scope': harness.AA}),
                 (400, 'invalid_scope', {'scope': f'{harness.SC} {harness.AA}'}),
                 (400, 'invalid_scope', {'scope': ' '}),
                 (400, 'unsupported_grant_type', {'grant_type': 'password'})]
        for status, error, fields in cases:
            got, body = self.grant(**fields)
            self.assertEqual((got, body['error']), (status, error), fields)
        for raw in ('', '%', 'a=b&&&=', '\x00', 'grant_type=%ff'):
            status, body = self.ask(raw=raw)
            self.assertEqual((status, body['error']), (400, 'invalid_request'), raw)
        for header in ('Basic', 'Basic !!!', 'Basic ' + base64.b64encode(b'uss1').decode(),
                       'Basic ' + 'QUFB' * 400, 'Bearer x'):
            status, body = self.ask(headers={'Authorization': header},
                                    grant_type='client_credentials')
            self.assertEqual((status, body['error']), (401, 'invalid_client'), header)
        self.assertEqual(self.client.call('GET', '/oauth/token')[0], 404)
        self.assertEqual(self.client.get('/token?intended_audience=a&scope=b&sub=c')[0], 404)

    def test_an_address_may_not_guess_for_long(self):
        seen, began = [], time.monotonic()
        while 429 not in seen and len(seen) < 1000:
            seen.append(self.ask(grant_type='x')[0])
        self.assertEqual(seen, [400] * (len(seen) - 1) + [429])
        # So many, and one for each two seconds.
        self.assertIn(len(seen) - 1, range(30, 32 + int(time.monotonic() - began) // 2))
        self.assertEqual(self.client.headers['Retry-After'], '2')

    def test_others_are_served_while_secrets_are_hashed(self):
        results = []

        def guess():
            user = harness.Client(self.node, token='')
            results.append(user.call('POST', '/oauth/token', headers=FORM, raw=urllib.parse.urlencode(
                {'grant_type': 'client_credentials', 'client_id': 'a', 'client_secret': 'b'}))[0])

        threads = [threading.Thread(target=guess) for _ in range(24)]
        for thread in threads:
            thread.start()
        self.assertEqual(self.client.get('/healthy')[0], 200)
        hashed = len(results)
        for thread in threads:
            thread.join()
        self.assertLess(hashed, len(threads))  # it did not stand behind all of them
        self.assertLessEqual(set(results), {401, 429, 503})  # 503: the machine is slow
        self.assertIn(401, results)

    def test_the_key_set_is_what_signs(self):
        status, body = self.client.get('/.well-known/jwks.json')
        self.assertEqual(status, 200)
        path = self.folder.name + '/issuer.json'
        pathlib.Path(path).write_text(json.dumps(body), encoding='utf-8')
        token = self.grant()[1]['access_token']
        # Another node that has the keys by URL takes the token.
        other = harness.Node(TAFADI, flags=[
            '--jwks', f'http://127.0.0.1:{self.node.port}/.well-known/jwks.json'])
        self.addCleanup(other.stop)
        self.assertEqual(harness.Client(other, token=token)
                         .get('/dss/v1/uss_availability/uss1')[0], 200)

    def test_an_rsa_key_signs_rs256(self):
        """Many in this trade verify nothing else."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
        with tempfile.TemporaryDirectory() as state:
            write_pair(state, key)
            done = subprocess.run([TAFADI, 'doctor', '--state-dir', state], capture_output=True,
                                  text=True, check=False, env={**os.environ, 'LANG': 'C'})
            self.assertIn("issuer's keys fit each other", done.stdout + done.stderr)
            node = harness.Node(TAFADI, state_dir=state, flags=[
                '--token-endpoint', '--clients', self.clients])
            self.addCleanup(node.stop, remove=False)
            self.client = harness.Client(node, token='')
            token = self.grant()[1]['access_token']
            head, claims, signature = token.split('.')
            self.assertEqual(part(head)['alg'], 'RS256')
            key.public_key().verify(decode(signature), f'{head}.{claims}'.encode(),
                                    padding.PKCS1v15(), hashes.SHA256())
            (jwk,) = self.client.get('/.well-known/jwks.json')[1]['keys']
            self.assertEqual([jwk[name] for name in ('kty', 'alg', 'kid')],
                             ['RSA', 'RS256', part(head)['kid']])
            numbers = key.public_key().public_numbers()
            self.assertEqual([int.from_bytes(decode(jwk[name]), 'big') for name in 'ne'],
                             [numbers.n, numbers.e])
            for user in (token, node.token('uss1', harness.SC)):
                self.assertEqual(harness.Client(node, token=user)
                                 .get('/dss/v1/uss_availability/uss1')[0], 200)

    def test_a_weak_rsa_key_signs_nothing(self):
        with tempfile.TemporaryDirectory() as state:
            write_pair(state, rsa.generate_private_key(public_exponent=65537, key_size=1024))
            done = subprocess.run([TAFADI, 'token', '--state-dir', state, '--sub', 'a', '--scope', 'b'],
                                  capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout), (1, ''))

    def test_clients_are_read_again(self):
        text = pathlib.Path(self.clients).read_text(encoding='utf-8')
        self.addCleanup(pathlib.Path(self.clients).write_text, text)
        pathlib.Path(self.clients).write_text(client_line('uss9', 'another secret', harness.SC),
                                              encoding='utf-8')
        self.node.process.send_signal(signal.SIGHUP)
        for tries in range(10):  # not more than an address may ask
            if self.grant()[0] == 401:
                break
            time.sleep(0.1 * 2 ** tries)
        self.assertEqual(self.grant()[0], 401)
        self.assertEqual(self.grant(client_id='uss9', client_secret='another secret')[0], 200)


class Dummy(unittest.TestCase):
    def test_tokens_for_whoever_asks(self):
        node = harness.Node(TAFADI, flags=['--dummy-oauth'])
        self.addCleanup(node.stop)
        client = harness.Client(node, token='')
        query = {'intended_audience': 'localhost', 'scope': harness.SC, 'sub': 'uss7'}
        status, body = client.get('/token?' + urllib.parse.urlencode(query))
        self.assertEqual(status, 200, body)
        self.assertEqual(claims_of(body['access_token'])['sub'], 'uss7')
        user = harness.Client(node, token=body['access_token'])
        self.assertEqual(user.get('/dss/v1/uss_availability/uss7')[0], 200)
        expire = int(time.time()) + 60
        status, body = client.get('/token?' + urllib.parse.urlencode(
            {**query, 'expire': expire, 'issuer': 'someone'}))
        claims = claims_of(body['access_token'])
        self.assertLessEqual(abs(claims['exp'] - expire), 1)
        self.assertEqual(claims['iss'], 'someone')
        for missing in query:
            short = {k: v for k, v in query.items() if k != missing}
            self.assertEqual(client.get('/token?' + urllib.parse.urlencode(short))[0], 400)
        for bad in ('x', '1', '', '99999999999999999999'):
            self.assertEqual(client.get('/token?' + urllib.parse.urlencode(
                {**query, 'expire': bad}))[0], 400, bad)
        self.assertEqual(client.call('POST', '/oauth/token', raw='a=b', headers=FORM)[0], 404)


class Startup(unittest.TestCase):
    def refused(self, *flags, code=1):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([TAFADI, 'serve', '--state-dir', folder, *flags],
                                  capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, code, done.stderr)
            return done.stderr

    def test_what_is_not_served_in_the_open(self):
        with tempfile.NamedTemporaryFile('w') as clients:
            clients.write(client_line('a', 'long enough secret', 'b'))
            clients.flush()
            endpoint = ('--token-endpoint', '--clients', clients.name)
            self.assertIn('--certificate', self.refused('--listen', '0.0.0.0:0', *endpoint, code=2))
            self.assertIn('loopback', self.refused('--listen', '0.0.0.0:0', '--dummy-oauth', code=2))
            self.refused('--token-endpoint', code=2)
            self.refused('--clients', clients.name, code=2)

    def test_files_of_clients(self):
        for text in ('uss1\n', 'uss1 secret scope\n', 'uss1 $argon2id$x\n', 'x ' * 5000):
            with tempfile.NamedTemporaryFile('w') as clients:
                clients.write('# fine\n' + text)
                clients.flush()
                said = self.refused('--listen', '127.0.0.1:0', '--token-endpoint', '--clients',
                                    clients.name)
                self.assertIn('line 2', said)

    def test_lines_are_only_made_of_what_can_be_read(self):
        for sub, secret in (('with space', SECRET), ('a', 'short'), ('a', '')):
            done = subprocess.run([TAFADI, 'token', '--hash', '--sub', sub, '--scope', 's'],
                                  input=secret + '\n', capture_output=True, text=True,
                                  check=False, env={**os.environ, 'LANG': 'C'})
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stdout, '')
        self.assertNotIn(SECRET, client_line('a', SECRET, 'b c'))


if __name__ == '__main__':
    TAFADI = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main(verbosity=2, warnings='ignore')
