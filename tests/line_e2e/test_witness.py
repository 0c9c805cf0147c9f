"""Witnesses that are no peers: test_witness.py PATH-OF-TAFADI. One in Python, written from C2SP
tlog-witness, with its own check of consistency (RFC 9162 2.1.4.2); one that is a third party's
node."""
import base64
import hashlib
import http.server
import pathlib
import sqlite3
import struct
import subprocess
import sys
import threading
import time
import unittest
import urllib.request

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import parties
from parties import wait_for

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'ledger'))
import check_ledger  # noqa: E402

BINARY = sys.argv.pop(1)


def is_consistent(old, old_root, size, root, proof):
    """RFC 9162 2.1.4.2, for 0 < old < size."""
    if old & (old - 1) == 0:
        proof = [old_root, *proof]
    if not proof:
        return False
    fn, sn = old - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = proof[0]
    for part in proof[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            first = check_ledger.node_hash(part, first)
            second = check_ledger.node_hash(part, second)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = check_ledger.node_hash(second, part)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and first == old_root and second == root


class Witness:
    """Cosigns one log; what it answered is in `said`."""

    def __init__(self, name='witness.example/w'):
        self.key, self.name = Ed25519PrivateKey.generate(), name
        raw = b'\4' + self.key.public_key().public_bytes(serialization.Encoding.Raw,
                                                         serialization.PublicFormat.Raw)
        self.ident = hashlib.sha256(name.encode() + b'\n' + raw).digest()[:4]
        self.vkey = f'{name}+{self.ident.hex()}+{base64.b64encode(raw).decode()}'
        self.log, self.size, self.root, self.said, self.forges = None, 0, None, [], False
        witness = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length']))
                status, text = witness.answer(body) if self.path == '/w/add-checkpoint' else (404, '')
                witness.said.append(status)
                self.send_response(status)
                self.send_header('Content-Length', str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self.server.server_port}/w'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, body):
        head, checkpoint = body.split(b'\n\n', 1)
        first, *lines = head.decode().split('\n')
        assert first.startswith('old '), first
        old, proof = int(first[4:]), [check_ledger.unbase64(line) for line in lines]
        size, root = check_ledger.read_checkpoint(checkpoint, self.log)
        if old != self.size:
            return 409, f'{self.size}\n'
        if old == size and root != self.root:
            return 409, f'{self.size}\n'
        if old == 0 and proof or old and old < size and not is_consistent(old, self.root, size,
                                                                          root, proof):
            return 422, ''
        self.size, self.root = size, root
        text, _ = check_ledger.read_note(checkpoint)
        at = int(time.time())
        signed = self.key.sign(f'cosignature/v1\ntime {at}\n'.encode() + text + b'x' * self.forges)
        blob = base64.b64encode(self.ident + struct.pack('>Q', at) + signed).decode()
        return 200, f'— other.example {blob}\n— {self.name} {blob}\n'

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Witnesses(unittest.TestCase):
    def party(self, name, url=None):
        party = parties.Party(BINARY, name, url)
        self.addCleanup(party.remove)
        return party

    def log_key(self, party):
        """As its card says it."""
        card = dict(line.split(': ', 1) for line in party.cli('party', 'card', '--text').split('\n')
                    if ': ' in line)
        raw = b'\1' + base64.b64decode(card['key'])
        ident = hashlib.sha256(card['ledger'].encode() + b'\n' + raw).digest()[:4]
        return check_ledger.Key(f'{card["ledger"]}+{ident.hex()}+{base64.b64encode(raw).decode()}')

    def metrics(self, party):
        with urllib.request.urlopen(f'http://127.0.0.1:{party.port}/metrics') as metrics:
            return metrics.read().decode()

    def cosigned(self, party, vkey):
        """The size of the latest checkpoint, if the witness has cosigned it."""
        note = party.cli('ledger', 'checkpoint').encode()
        try:
            check_ledger.verify_note(note, check_ledger.Key(vkey))
        except check_ledger.Wrong:
            return None
        return check_ledger.read_checkpoint(note, self.log_key(party))[0]

    def test_one_by_the_specification(self):
        north, witness = self.party('north'), Witness()
        self.addCleanup(witness.close)
        witness.log = self.log_key(north)
        north.flags = ['--witness', f'{witness.url} {witness.vkey}']
        north.start()
        first = wait_for(lambda: self.cosigned(north, witness.vkey))
        self.assertEqual((witness.said, witness.size), ([200], first))
        # Counted when it is kept, and so a little later.
        wait_for(lambda: f'tafadi_witness_size{{witness="{witness.name}"}} {first}\n' in
                 self.metrics(north))
        # It has grown, by a proof; then by one from where the witness says that it is.
        for step in ([200], [409, 200]):
            north.stop()
            witness.said = []
            for i in range(5):
                north.cli('account', 'token', 'all', '--roles', 'viewer', '--title', str(i))
            if len(step) == 2:
                database = sqlite3.connect(north.dir + '/party.db')
                database.execute('DELETE FROM party_witness')
                database.commit()
                database.close()
            north.start()
            size = wait_for(lambda: self.cosigned(north, witness.vkey))
            self.assertEqual(witness.said, step)
            self.assertGreater(size, first)
            first = size
        found = north.verify()
        self.assertTrue(found['valid'], found)
        self.assertEqual(found['cosignatures'], 1)
        # What is no cosignature of this checkpoint is not kept.
        north.stop()
        witness.forges = True
        north.start()
        wait_for(lambda: 'not its cosignature' in north.log())
        self.assertIsNone(self.cosigned(north, witness.vkey))
        # One that has seen more than there is says so.
        north.stop()
        witness.size += 1000
        north.start()
        wait_for(lambda: 'than there is' in north.log())

    def test_a_third_party(self):
        north, third = self.party('north'), self.party('third', 'http')
        third.cli('party', 'add', '-', stdin=north.cli('party', 'card', '--text'))
        third.start()
        card = third.cli('party', 'card', '--text')
        with open(north.dir + '/third.card', 'w', encoding='utf-8') as file:
            file.write(card)
        north.flags = ['--witness', f'{third.url}/witness {north.dir}/third.card']
        north.start()
        wait_for(lambda: f'\n— {third.id} ' in north.cli('ledger', 'checkpoint'))
        self.assertEqual(north.verify()['cosignatures'], 1)

    def test_what_is_no_witness(self):
        north = self.party('north')
        witness = Witness()
        self.addCleanup(witness.close)
        for wrong in (witness.url, 'ftp://x ' + witness.vkey, f'{witness.url} nofile'):
            done = subprocess.run([BINARY, 'serve', '--state-dir', north.dir, '--listen',
                                   f'127.0.0.1:{north.port}', '--allow-http-peers', '--witness',
                                   wrong], capture_output=True, text=True, check=False, timeout=60)
            self.assertEqual(done.returncode, 2, wrong)
            self.assertIn('--witness', done.stderr)


if __name__ == '__main__':
    unittest.main(verbosity=2)
