#!/usr/bin/env python3
"""Keys by URL: test_jwks.py PATH-OF-TAFADI. RSA, EC and Ed25519 keys made and used by an
independent implementation; rotation, failure, size, and what is not fetched from."""
import base64
import http.server
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

import harness

TAFADI = None
PATH = '/dss/v1/uss_availability/uss1'


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


def number(value, size=None):
    return b64(value.to_bytes(size or (value.bit_length() + 7) // 8, 'big'))


class Rsa:
    alg = 'RS256'

    def __init__(self, kid):
        self.kid, self.key = kid, rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def jwk(self):
        n = self.key.public_key().public_numbers()
        return {'kty': 'RSA', 'kid': self.kid, 'use': 'sig', 'alg': self.alg, 'n': number(n.n),
                'e': number(n.e)}

    def sign(self, data):
        return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())


class Ec:
    alg = 'ES256'

    def __init__(self, kid):
        self.kid, self.key = kid, ec.generate_private_key(ec.SECP256R1())

    def jwk(self):
        n = self.key.public_key().public_numbers()
        return {'kty': 'EC', 'crv': 'P-256', 'kid': self.kid, 'x': number(n.x, 32),
                'y': number(n.y, 32)}

    def sign(self, data):
        r, s = utils.decode_dss_signature(self.key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, 'big') + s.to_bytes(32, 'big')


class Ed:
    alg = 'EdDSA'

    def __init__(self, kid):
        self.kid, self.key = kid, ed25519.Ed25519PrivateKey.generate()

    def raw(self):
        return self.key.public_key().public_bytes(serialization.Encoding.Raw,
                                                  serialization.PublicFormat.Raw)

    def jwk(self):
        return {'kty': 'OKP', 'crv': 'Ed25519', 'kid': self.kid, 'x': b64(self.raw())}

    def pem(self):
        return self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def sign(self, data):
        return self.key.sign(data)


def token(key, kid=None):
    now = int(time.time())
    head = {'alg': key.alg, 'typ': 'JWT', 'kid': kid or key.kid}
    claims = {'sub': 'uss1', 'aud': 'localhost', 'scope': harness.SC, 'iat': now, 'exp': now + 600}
    signed = '.'.join(b64(json.dumps(part).encode()) for part in (head, claims))
    return signed + '.' + b64(key.sign(signed.encode()))


class Issuer:
    """Serves whatever `answer` returns: (status, bytes)."""

    def __init__(self, *keys):
        self.serve_keys(*keys)
        self.asked = 0
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.asked += 1
                status, body = issuer.answer
                self.send_response(status)
                if status == 302:
                    self.send_header('Location', '/elsewhere')
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass  # the reader may give up on what is too long

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.url = f'http://127.0.0.1:{self.server.server_port}/jwks.json?tenant=secret'

    def serve_keys(self, *keys):
        self.answer = 200, json.dumps({'keys': [k.jwk() for k in keys]}).encode()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Jwks(unittest.TestCase):
    def start(self, *flags):
        node = harness.Node(TAFADI, flags=flags)
        self.addCleanup(node.stop)
        return node

    def issuer(self, *keys):
        issuer = Issuer(*keys)
        self.addCleanup(issuer.stop)
        return issuer

    def accepts(self, node, key, **more):
        status, body = harness.Client(node, token=token(key, **more)).get(PATH)
        self.assertIn(status, (200, 401), body)
        return status == 200

    def reload(self, node, *issuers):
        """SIGHUP; returns when each issuer was asked again and the answer had time to settle."""
        before = [i.asked for i in issuers]
        node.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 120
        while any(i.asked == n for i, n in zip(issuers, before)) and time.monotonic() < end:
            time.sleep(0.02)

    def eventually(self, what):
        end = time.monotonic() + 120
        while not what() and time.monotonic() < end:
            time.sleep(0.05)
        self.assertTrue(what())

    def metrics(self, node):
        return harness.Client(node, token='').get('/metrics')[1]

    def test_every_kind_of_key(self):
        keys = Rsa('a'), Ec('b'), Ed('c')
        node = self.start('--jwks', self.issuer(*keys).url)
        for key in keys:
            self.assertTrue(self.accepts(node, key), key.alg)
        self.assertFalse(self.accepts(node, Ed('c')))
        self.assertFalse(self.accepts(node, keys[0], kid='b'))

    def test_the_built_in_issuer_is_not_trusted_beside_it(self):
        node = self.start('--jwks', self.issuer(Ed('a')).url)
        self.assertEqual(harness.Client(node).get(PATH)[0], 401)

    def test_files_and_several_urls_together(self):
        keys = Ed('a'), Ed('b'), Ed('c')
        with tempfile.NamedTemporaryFile() as pem:
            pem.write(keys[2].pem())
            pem.flush()
            node = self.start('--jwks', self.issuer(keys[0]).url, '--jwks',
                              self.issuer(keys[1]).url, '--public-key', pem.name)
            for key in keys:
                self.assertTrue(self.accepts(node, key))

    def test_rotation(self):
        old, new = Ed('old'), Ec('new')
        issuer = self.issuer(old)
        node = self.start('--jwks', issuer.url)
        self.assertTrue(self.accepts(node, old))
        self.assertFalse(self.accepts(node, new))
        issuer.serve_keys(old, new)
        self.reload(node, issuer)
        self.eventually(lambda: self.accepts(node, new))
        self.assertTrue(self.accepts(node, old))
        issuer.serve_keys(new)
        self.reload(node, issuer)
        self.eventually(lambda: not self.accepts(node, old))
        self.assertTrue(self.accepts(node, new))

    def test_the_last_good_set_stays(self):
        key = Ed('a')
        issuer = self.issuer(key)
        good = issuer.answer
        node = self.start('--jwks', issuer.url)
        bad = [(500, b'{}'), (302, b''), (200, b'no json'), (200, b'{"keys": []}'), (404, good[1]),
               (200, b'{"keys": [' + b' ' * 400000 + b']}')]
        for done, answer in enumerate(bad, 1):
            issuer.answer = answer
            self.reload(node, issuer)
            self.eventually(lambda: f'result="failed",url="{issuer.url.split("?")[0]}"}} {done}\n'
                            in self.metrics(node))
            self.assertTrue(self.accepts(node, key), answer[0])
        issuer.answer = good
        self.reload(node, issuer)
        self.eventually(lambda: 'result="good"' in self.metrics(node) and '} 2\n' in self.metrics(node))
        self.assertNotIn('secret', self.metrics(node))
        node.stop(remove=False)
        node.log.seek(0)
        log = node.log.read()
        self.assertEqual(log.count('the last good ones stay'), len(bad), log)
        self.assertIn('answered again', log)

    def test_an_issuer_that_comes_later(self):
        key = Ed('a')
        issuer = self.issuer(key)
        good, issuer.answer = issuer.answer, (503, b'')
        node = self.start_quietly('--jwks', issuer.url)
        self.assertFalse(self.accepts(node, key))
        issuer.answer = good
        self.reload(node, issuer)
        self.eventually(lambda: self.accepts(node, key))

    def start_quietly(self, *flags):
        """A node whose first line is the complaint about the URL."""
        node = harness.Node.__new__(harness.Node)
        node.binary, node.own_dir, node.flags = TAFADI, True, ['--no-access-log', *flags]
        node.dir, node.wrapper, node.tokens = tempfile.mkdtemp(prefix='tafadi-node-'), [], {}
        node.process = subprocess.Popen(
            [TAFADI, 'serve', '--listen', '127.0.0.1:0', '--state-dir', node.dir, *node.flags],
            stderr=subprocess.PIPE, text=True)
        line = node.process.stderr.readline()
        self.assertIn('503', line)
        node.port = int(node.process.stderr.readline().rsplit(':', 1)[1])
        node.log = tempfile.TemporaryFile('w+')
        node.pump = subprocess.Popen(['cat'], stdin=node.process.stderr, stdout=node.log)
        self.addCleanup(node.stop)
        return node

    def test_what_is_not_fetched_from(self):
        for url in ('http://192.0.2.1/keys', 'http://localhost.example/keys', 'ftp://127.0.0.1/x',
                    'file:///etc/passwd', 'http://127.0.0.1.example/keys',
                    'https://user:word@127.0.0.1/keys', 'keys'):
            with tempfile.TemporaryDirectory() as folder:
                done = subprocess.run([TAFADI, 'serve', '--listen', '127.0.0.1:0', '--state-dir',
                                       folder, '--jwks', url], capture_output=True, text=True,
                                      timeout=60, check=False)
                self.assertEqual(done.returncode, 2, (url, done.stderr))
                self.assertIn('--jwks: ', done.stderr)


if __name__ == '__main__':
    TAFADI = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main(verbosity=2, warnings='ignore')
