"""Malformed, slow and hostile requests against a node, over raw sockets.

After each group of abuse the node still answers, holds no more descriptors than before, and
at the end it stops cleanly.

usage: test_http.py BINARY
"""
import json
import os
import random
import re
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time
import unittest

from harness import AA, SC, Client, Node, arguments, fresh, is_sanitized, new_id, oir, volume

BINARY, _ = arguments()
SANITIZED = is_sanitized(BINARY)  # which keeps what is freed
OIRS = '/dss/v1/operational_intent_references'
GOOD = b'GET /healthy HTTP/1.1\r\nHost: x\r\n\r\n'


def setUpModule():
    global node
    node = Node(BINARY)


def tearDownModule():
    code = node.stop()
    node.log.seek(0)
    assert code == 0, f'the node stopped with {code}: {node.log.read()[-2000:]}'


def descriptors(process):
    return len(os.listdir(f'/proc/{process.pid}/fd'))


def await_descriptors(process, most):
    deadline = time.monotonic() + 60
    while (now := descriptors(process)) > most:
        assert time.monotonic() < deadline, f'{now - most} descriptors were not closed'
        time.sleep(0.05)


def resident_kb(process):
    with open(f'/proc/{process.pid}/status', encoding='ascii') as status:
        return int(re.search(r'VmRSS:\s+(\d+)', status.read()).group(1))


def connect(port=None):
    s = socket.create_connection(('127.0.0.1', port or node.port), 60)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def read_reply(s, head_only=False):
    """(status, headers, body), or None if the connection was closed."""
    data = b''
    while b'\r\n\r\n' not in data:
        more = s.recv(1)  # not a byte of what follows
        if not more:
            assert not data, data
            return None
        data += more
    head, _, _ = data.partition(b'\r\n\r\n')
    lines = head.decode().split('\r\n')
    headers = {k.lower(): v for k, v in (line.split(': ', 1) for line in lines[1:])}
    length, body = 0 if head_only else int(headers.get('content-length', 0)), b''
    while len(body) < length:
        more = s.recv(length - len(body))
        assert more, 'cut off'
        body += more
    return int(lines[0].split()[1]), headers, body


class Abuse(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.check_alive()
        cls.open = descriptors(node.process)

    @classmethod
    def check_alive(cls):
        with connect() as s:
            s.sendall(GOOD)
            assert read_reply(s)[0] == 200

    def tearDown(self):
        self.check_alive()
        await_descriptors(node.process, self.open + 1)

    def status(self, data, parts=1):
        """The status that these bytes are answered with; None: closed without an answer."""
        with connect() as s:
            size = -(-len(data) // parts)
            try:
                for i in range(0, len(data), size):
                    s.sendall(data[i:i + size])
            except OSError:
                pass
            reply = read_reply(s)
            if reply and reply[0] >= 400:
                self.assertIsInstance(json.loads(reply[2])['message'], str)
            self.rest = s
            if reply and reply[1].get('connection') == 'close':
                s.settimeout(60)
                self.assertEqual(s.recv(100), b'', 'more than one answer')
            return reply and reply[0]

    def refuse(self, data, *statuses):
        got = self.status(data)
        self.assertIn(got, statuses or (400,), data[:200])


class Framing(Abuse):
    def post(self, headers, body=b'', target=OIRS + '/query'):
        return (f'POST {target} HTTP/1.1\r\nHost: x\r\n{headers}\r\n'.encode('latin-1')) + body

    def test_lengths(self):
        two = 'Content-Length: 5\r\nContent-Length: '
        for headers in (two + '5\r\n', two + '6\r\n', 'Content-Length: 5, 5\r\n', 'Content-Length: +5\r\n',
                        'Content-Length: -5\r\n', 'Content-Length: \r\n', 'Content-Length: 0x5\r\n',
                        'Content-Length: 5 5\r\n', 'Content-Length: 5a\r\n', 'Content-Length: 5.0\r\n',
                        'Content-Length: ' + '9' * 40 + '\r\n', 'Content-Length: 18446744073709551621\r\n',
                        'Content-Length: \u0665\r\n'.encode().decode('latin-1')):
            self.refuse(self.post(headers, b'hello'))
        self.refuse(self.post('Content-Length: 4194305\r\n'), 413)
        self.refuse(self.post('Content-Length: 999999999999999\r\n'), 413)

    def test_transfer_codings(self):
        chunk = b'0\r\n\r\n'
        te = 'Transfer-Encoding: '
        for headers in ('Content-Length: 5\r\n' + te + 'chunked\r\n', te + 'chunked\r\nContent-Length: 5\r\n',
                        te + 'chunked\r\n' + te + 'chunked\r\n', te + 'identity\r\n' + te + 'chunked\r\n'):
            self.refuse(self.post(headers, chunk))
        for coding in ('gzip', 'identity', 'chunked, gzip', 'gzip, chunked', 'chunked, chunked', 'xchunked',
                       'chunked;q=1', '"chunked"', '', 'chunked,'):
            self.refuse(self.post(te + coding + '\r\n', chunk), 400, 501)
        self.refuse(self.post('Transfer-Encoding : chunked\r\n', chunk))
        self.refuse(self.post('Transfer-Encoding\t: chunked\r\n', chunk))
        self.refuse(self.post(' Transfer-Encoding: chunked\r\n', chunk))
        self.refuse(self.post('X: y\r\n Transfer-Encoding: chunked\r\n', chunk))
        self.refuse(self.post('X: y\r\n\tz\r\n'))
        old = b'POST /healthy HTTP/1.0\r\n' + te.encode() + b'chunked\r\n\r\n' + chunk
        self.refuse(old, 400, 501)

    def test_lines(self):
        for bad in (b'GET /healthy HTTP/1.1\nHost: x\n\n', b'GET /healthy HTTP/1.1\rHost: x\r\r',
                    b'GET /healthy HTTP/1.1\r\nHost: x\n\r\n', b'GET /healthy HTTP/1.1\r\nHost: x\r\r\n\r\n',
                    b'GET /healthy HTTP/1.1\r\nHost: x\x00\r\n\r\n', b'GET /heal\x00thy HTTP/1.1\r\nHost: x\r\n\r\n',
                    b'GET /healthy HTTP/1.1\r\nHost: x\r\nX\r\n\r\n', b'GET /healthy HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n',
                    b'GET /healthy HTTP/1.1\r\nHost: x\r\nX y: z\r\n\r\n', b'GET /healthy HTTP/1.1\r\nHost : x\r\n\r\n',
                    b'GET /healthy HTTP/1.1\r\nHost: x\r\nX: \x1b[2J\r\n\r\n', b'\r\n\r\n',
                    b'GET /healthy HTTP/1.1\r\nHost: x\r\nX: \x7f\r\n\r\n', b'\x16\x03\x01\x02\x00\x01\x00\x01',
                    b'GET /healthy HTTP/1.1\r\nHost: x\r\nX\xc3\xa9: y\r\n\r\n'):
            self.refuse(bad)

    def test_request_lines(self):
        for line in (b'GET', b'GET ', b'GET /healthy', b'GET  /healthy HTTP/1.1', b'GET /healthy  HTTP/1.1',
                     b'GET /healthy HTTP/1.1 ', b' GET /healthy HTTP/1.1', b'GET\t/healthy\tHTTP/1.1',
                     b'GET /healthy HTTP/1.1x', b'GET /healthy http/1.1', b'G(T /healthy HTTP/1.1',
                     b'GET http://x/healthy HTTP/1.1', b'GET * HTTP/1.1', b'OPTIONS * HTTP/1.1',
                     b'CONNECT x:443 HTTP/1.1', b'GET healthy HTTP/1.1', b'GET /healthy#x HTTP/1.1',
                     b'GET /heal thy HTTP/1.1', b'GET /\xff HTTP/1.1', b'GET /\xc3\xa9 HTTP/1.1'):
            self.refuse(line + b'\r\nHost: x\r\n\r\n')
        for version in (b'HTTP/2.0', b'HTTP/1.2', b'HTTP/0.9', b'HTTP/9.9'):
            self.refuse(b'GET /healthy ' + version + b'\r\nHost: x\r\n\r\n', 400, 505)
        self.refuse(b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 505)
        for method in (b'PATCH', b'TRACE', b'OPTIONS', b'get', b'X' * 1000):
            self.refuse(method + b' /healthy HTTP/1.1\r\nHost: x\r\n\r\n', 404)

    def test_hosts(self):
        self.refuse(b'GET /healthy HTTP/1.1\r\n\r\n')
        self.refuse(b'GET /healthy HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n')
        self.refuse(b'GET /healthy HTTP/1.1\r\nhost: a\r\nHOST: b\r\n\r\n')
        self.refuse(b'GET /healthy HTTP/1.1\r\nHost:\r\n\r\n', 200, 400)

    def test_two_authorizations(self):
        token = node.token('uss1', SC)
        both = f'Authorization: Bearer {token}\r\nAuthorization: Bearer x\r\n'
        self.refuse(f'GET {OIRS}/{new_id()} HTTP/1.1\r\nHost: x\r\n{both}\r\n'.encode())

    def test_sizes(self):
        self.refuse(b'GET /' + b'a' * 9000 + b' HTTP/1.1\r\nHost: x\r\n\r\n', 414)
        self.refuse(b'GET /healthy HTTP/1.1\r\nHost: x\r\nX: ' + b'a' * 40000 + b'\r\n\r\n', 431)
        self.refuse(b'GET /healthy HTTP/1.1\r\nHost: x\r\n' + b'X: y\r\n' * 100 + b'\r\n', 431)
        self.refuse(b'GET /healthy HTTP/1.1\r\nHost: x\r\n' + b'X: y\r\n' * 10000, 431)
        self.refuse(b'A' * 100000, 400, 431)
        # The answer arrives although the client goes on sending.
        big = b' ' * (9 << 20)
        self.refuse(self.post(f'Content-Length: {len(big)}\r\n', big), 413)
        chunked = b'%x\r\n' % len(big) + big + b'\r\n0\r\n\r\n'
        self.refuse(self.post('Transfer-Encoding: chunked\r\n', chunked), 413)

    def test_chunks(self):
        te = 'Transfer-Encoding: chunked\r\nAuthorization: Bearer x\r\n'
        for body in (b'0\r\n\r\n', b'5\r\nhello\r\n0\r\n\r\n', b'5;a=b;c="d"\r\nhello\r\n0\r\n\r\n', b'00005\r\nhello\r\n000\r\n\r\n',
                     b'A\r\n0123456789\r\n0\r\n\r\n', b'5\r\nhello\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n'):
            self.refuse(self.post(te, body), 401)  # whole: it came as far as the token
        for body in (b'5\nhello\r\n0\r\n\r\n', b'g\r\nhello\r\n', b'-5\r\nhello\r\n', b'+5\r\nhello\r\n',
                     b'0x5\r\nhello\r\n', b' 5\r\nhello\r\n', b'5 \r\nhello\r\n', b'\r\n', b';x\r\n',
                     b'5\r\nhelloX', b'5\r\nhello\rX', b'5\r\nhello\n', b'0\r\n\rX', b'0\r\nX: y\n\r\n',
                     b'5;\x00\r\nhello\r\n', b'5;' + b'x' * 1000 + b'\r\nhello\r\n', b'0\r\n' + b'X' * 1000,
                     b'ffffffffffffffffff\r\n', b'5\r\nhello\r\n0\r\nX: \x00\r\n\r\n'):
            self.refuse(self.post(te, body))
        self.refuse(self.post(te, b'fffffffff\r\nx'), 400, 413)

    def test_split_anywhere(self):
        whole = (self.post('Transfer-Encoding: chunked\r\nAuthorization: Bearer x\r\n',
                           b'3;x\r\nabc\r\n2\r\nde\r\n0\r\nT: t\r\n\r\n') + GOOD)
        for cut in range(1, len(whole)):
            with connect() as s:
                s.sendall(whole[:cut])
                time.sleep(0.002)
                s.sendall(whole[cut:])
                self.assertEqual(read_reply(s)[0], 401, cut)
                self.assertEqual(read_reply(s)[0], 200, cut)

    def test_old_versions(self):
        with connect() as s:
            s.sendall(b'GET /healthy HTTP/1.0\r\n\r\n')
            status, headers, _ = read_reply(s)
            self.assertEqual((status, headers['connection']), (200, 'close'))
            self.assertEqual(s.recv(10), b'')
        with connect() as s:
            for _ in range(2):
                s.sendall(b'GET /healthy HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
                self.assertEqual(read_reply(s)[0], 200)

    def test_head(self):
        with connect() as s:
            s.sendall(b'HEAD /healthy HTTP/1.1\r\nHost: x\r\n\r\n' + GOOD)
            status, headers, _ = read_reply(s, head_only=True)
            self.assertEqual((status, headers['content-length']), (200, '3'))
            self.assertEqual(read_reply(s)[2], b'ok\n')

    def test_pipelining(self):
        with connect() as s:
            s.sendall(GOOD * 500)
            for _ in range(500):
                self.assertEqual(read_reply(s)[0], 200)
        with connect() as s:  # what comes after a refused request is not served
            s.sendall(GOOD + b'BAD\r\n\r\n' + GOOD)
            self.assertEqual([read_reply(s)[0], read_reply(s)[0]], [200, 400])
            self.assertEqual(s.recv(10), b'')

    def test_expect(self):
        with connect() as s:
            s.sendall(self.post('Content-Length: 2\r\nExpect: 100-continue\r\n'))
            self.assertEqual(s.recv(100), b'HTTP/1.1 100 Continue\r\n\r\n')
            s.sendall(b'{}')
            self.assertEqual(read_reply(s)[0], 401)
        self.refuse(self.post('Content-Length: 999999999\r\nExpect: 100-continue\r\n'), 413)

    def test_paths(self):
        id = new_id()
        client = Client(node, scopes=f'{SC} {AA}')
        for path in ('/%', '/%4', '/%zz', '/%00', '/%ff', f'{OIRS}/%ff', f'{OIRS}/%c0%af',
                     '/dss/v1/uss_availability/%ed%a0%80', f'{OIRS}/{id}%00', f'{OIRS}/%'):
            self.assertEqual(client.get(path)[0], 400, path)
        for path in (f'{OIRS}/..%2f..', f'{OIRS}/../..', '//healthy', '/healthy/.', '/%68ealth', '/' + 'a/' * 1000,
                     f'{OIRS}/{id}/%2e%2e', f'{OIRS}/' + 'x' * 1000):
            self.assertIn(client.get(path)[0], (400, 404), path)
        odd = '/dss/v1/uss_availability/%D8%B7%22%5C%0A'
        status, body = client.get(odd)
        self.assertEqual((status, body['status']['uss']), (200, '\u0637"\\\n'))

    def test_deep_json(self):
        client = Client(node)
        for raw in ('[' * 200000, '{"a":' * 200000, '{"extents":' + '[' * 3000 + ']' * 3000 + '}',
                    '[' * 2000 + ']' * 2000, '{"a":"' + '\\u0000' + '"}', '{"a":"\\ud800"}',
                    '{"extents":[' + '{},' * 2000 + '{}]}', '{"extents":1e999}', '{"a":' + '9' * 5000 + '}'):
            self.assertEqual(client.call('PUT', f'{OIRS}/{new_id()}', raw=raw)[0], 400)
        many = '{"extents":[' + ','.join(json.dumps(volume(size=1e-5)) for _ in range(1001)) + ']}'
        self.assertEqual(client.call('PUT', f'{OIRS}/{new_id()}', raw=many)[0], 400)

    def test_random_bytes(self):
        seed = random.randrange(1 << 32)
        rng = random.Random(seed)
        samples = [GOOD, self.post('Content-Length: 5\r\n', b'hello'),
                   self.post('Transfer-Encoding: chunked\r\n', b'5\r\nhello\r\n0\r\n\r\n')]
        for _ in range(300):
            data = bytearray(rng.choice(samples))
            for _ in range(rng.randrange(1, 4)):
                data[rng.randrange(len(data))] = rng.randrange(256)
            with connect() as s:
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)  # so that an unfinished one is not waited for
                while True:
                    try:
                        if read_reply(s) is None:
                            break
                    except ConnectionResetError:
                        break
                    except (AssertionError, ValueError, KeyError) as error:
                        raise AssertionError(f'seed {seed}: {bytes(data)!r}') from error


class Connections(Abuse):
    def test_half_close(self):
        with connect() as s:
            s.sendall(GOOD)
            s.shutdown(socket.SHUT_WR)
            self.assertEqual(read_reply(s)[0], 200)
            self.assertEqual(s.recv(10), b'')

    def test_resets(self):
        """At every point of a request, also while it is worked on."""
        client = Client(node)
        body = json.dumps(oir([volume(lat=50)], **fresh())).encode()
        head = (f'PUT {OIRS}/{{}} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.token}\r\n'
                f'Content-Length: {len(body)}\r\n\r\n')
        for cut in [*range(0, 400, 13), None, None, None, None]:
            for _ in range(3):
                s = connect()
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                s.sendall((head.format(new_id()).encode() + body)[:cut])
                s.close()  # a reset

    def test_closing_without_reading(self):
        many = b'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n' * 200
        for _ in range(20):
            s = connect()
            s.sendall(many)
            s.close()

    def test_not_reading(self):
        """A client that asks and does not read costs no more than its connection."""
        before = resident_kb(node.process)
        held = []
        for _ in range(20):
            s = connect()
            s.setblocking(False)
            try:
                for _ in range(2000):
                    s.send(b'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n' * 50)
            except BlockingIOError:
                pass
            held.append(s)
        self.check_alive()
        if not SANITIZED:
            self.assertLess(resident_kb(node.process) - before, 40000)
        for s in held:
            s.close()

    def test_many_from_one_address(self):
        held, answered = [], 0
        try:
            for _ in range(1500):
                held.append(connect())
        except OSError:
            pass  # this process' own limit
        for s in held:
            s.settimeout(60)
            try:
                s.sendall(GOOD)
                answered += read_reply(s) is not None
            except OSError:
                pass  # beyond the limit: closed at once
        self.assertGreater(answered, min(len(held), 1024) // 2)
        self.assertLessEqual(answered, 1024)
        for s in held:
            s.close()

    def test_slow_heads_hold_nothing_up(self):
        slow = [connect() for _ in range(100)]
        for s in slow:
            s.sendall(b'GET /healthy HT')
        for byte in b'TP/1.1\r\nHost: x':
            for s in slow:
                s.sendall(bytes([byte]))
            self.check_alive()
        for s in slow:
            s.sendall(b'\r\n\r\n')
            self.assertEqual(read_reply(s)[0], 200)
            s.close()

    def test_request_ids(self):
        seen = set()
        for _ in range(4):
            with connect() as s:
                for request in (GOOD, GOOD, b'BAD\r\n\r\n'):
                    s.sendall(request)
                    seen.add(read_reply(s)[1]['x-request-id'])
        self.assertEqual(len(seen), 12)

    @unittest.skipIf(SANITIZED, 'a sanitizer keeps freed memory for a while')
    def test_memory_stays(self):
        def some():
            client = Client(node, token='x')
            for _ in range(300):
                client.call('PUT', f'{OIRS}/{new_id()}', raw='[' * 100000)
            for _ in range(300):
                self.status(b'GET /healthy HTTP/1.1\r\nHost: x\r\nX: ' + b'a' * 30000 + b'\r\n\r\n')
        some()
        before = resident_kb(node.process)
        some()
        self.assertLess(resident_kb(node.process) - before, 3000)


class Stopping(unittest.TestCase):
    def wait_until_refused(self, port):
        """Each thread of the server listens for itself, and ends that at its own next turn."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                connect(port).close()
            except OSError:
                return
            time.sleep(0.02)
        self.fail('it still takes connections')

    def test_requests_under_way_are_answered(self):
        one = Node(BINARY)
        client = Client(one)
        body = json.dumps(oir([volume()])).encode()
        id = new_id()
        head = (f'PUT {OIRS}/{id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.token}\r\n'
                f'Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n').encode()
        s, idle = connect(one.port), connect(one.port)
        idle.sendall(GOOD)
        self.assertEqual(read_reply(idle)[0], 200)
        s.sendall(head)
        self.assertEqual(s.recv(100), b'HTTP/1.1 100 Continue\r\n\r\n')
        s.sendall(body[:50])
        one.process.send_signal(signal.SIGTERM)
        self.assertEqual(idle.recv(10), b'')
        self.wait_until_refused(one.port)
        s.sendall(body[50:])
        status, headers, _ = read_reply(s)
        self.assertEqual((status, headers['connection']), (201, 'close'))
        self.assertEqual(one.stop(remove=False), 0)
        again = Node(BINARY, state_dir=one.dir)
        self.assertEqual(Client(again).get(f'{OIRS}/{id}')[0], 200)
        self.assertEqual(again.stop(), 0)
        subprocess.run(['rm', '-r', one.dir], check=True)


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix='tafadi-tls-')
        cls.make_certificate('first.example')
        cls.node = Node(BINARY, flags=['--certificate', cls.dir + '/cert.pem', '--private-key',
                                       cls.dir + '/key.pem'])
        cls.context = ssl.create_default_context()
        cls.context.check_hostname = False
        cls.context.verify_mode = ssl.CERT_NONE

    @classmethod
    def tearDownClass(cls):
        code = cls.node.stop()
        subprocess.run(['rm', '-r', cls.dir], check=True)
        assert code == 0, code

    @classmethod
    def make_certificate(cls, name):
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
                        '-nodes', '-keyout', cls.dir + '/key.pem', '-out', cls.dir + '/cert.pem',
                        '-days', '2', '-subj', '/CN=' + name], check=True, capture_output=True)

    def connect(self, context=None):
        return (context or self.context).wrap_socket(connect(self.node.port))

    def check_alive(self):
        with self.connect() as s:
            s.sendall(GOOD)
            self.assertEqual(read_reply(s)[0], 200)

    def name(self):
        with self.connect() as s:
            return s.getpeercert(binary_form=True)

    def test_keep_alive_and_large_bodies(self):
        client = Client(self.node)
        body = json.dumps({'area_of_interest': volume(), 'padding': 'x' * 300000}).encode()
        request = (f'POST {OIRS}/query HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.token}\r\n'
                   f'Content-Length: {len(body)}\r\n\r\n').encode() + body
        with self.connect() as s:
            for _ in range(3):
                s.sendall(request)
                self.assertEqual(read_reply(s)[0], 200)

    def test_pipelining_in_one_record(self):
        """What TLS has decrypted already must not wait for more from the socket."""
        body = b'x' * 9000
        large = b'POST /none HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n' + body
        with self.connect() as s:
            s.settimeout(60)
            s.sendall(GOOD + large[:12000])
            self.assertEqual([read_reply(s)[0], read_reply(s)[0]], [200, 404])
            s.sendall(GOOD * 300)
            for _ in range(300):
                self.assertEqual(read_reply(s)[0], 200)

    def test_close_is_announced(self):
        """close_notify: the client can tell the end from a cut."""
        with self.connect() as s:
            s.sendall(b'GET /healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
            self.assertEqual(read_reply(s)[0], 200)
            self.assertEqual(s.recv(10), b'')

    def test_too_large(self):
        with self.connect() as s:
            try:
                s.sendall(b'POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n' + b' ' * 9000000)
            except OSError:
                pass
            self.assertEqual(read_reply(s)[0], 413)

    def test_garbage(self):
        before = descriptors(self.node.process)
        rng = random.Random(5)
        for data in (GOOD, b'\x00' * 500, b'\x16\x03\x01\xff\xff' + b'A' * 5000, b'\x16\x03\x01\x00\x05hello',
                     b'\x80\x2e\x01\x03\x00', b'', *(rng.randbytes(200) for _ in range(50))):
            with connect(self.node.port) as s:
                s.settimeout(60)
                try:
                    s.sendall(data)
                    s.shutdown(socket.SHUT_WR)
                    while s.recv(1000):
                        pass
                except OSError as error:
                    self.assertNotIsInstance(error, TimeoutError)
        self.check_alive()
        await_descriptors(self.node.process, before + 1)

    def test_silent_ones_hold_nothing_up(self):
        silent = [connect(self.node.port) for _ in range(50)]
        self.check_alive()
        for s in silent:
            s.close()

    def test_old_protocols(self):
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname = False
        old.verify_mode = ssl.CERT_NONE
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises((ssl.SSLError, OSError)):
            self.connect(old)

    def test_reload(self):
        first = self.name()
        with self.connect() as kept:
            self.make_certificate('second.example')
            self.node.process.send_signal(signal.SIGHUP)
            for _ in range(1000):
                if self.name() != first:
                    break
                time.sleep(0.05)
            second = self.name()
            self.assertNotEqual(first, second)
            kept.sendall(GOOD)  # what is open goes on
            self.assertEqual(read_reply(kept)[0], 200)
        with open(self.dir + '/cert.pem', 'w', encoding='ascii') as bad:
            bad.write('nonsense')
        self.node.process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        self.assertEqual(self.name(), second)  # the old one stays
        self.check_alive()

    def test_reload_under_load(self):
        stop = time.monotonic() + 1.5
        errors = []
        def work():
            try:
                while time.monotonic() < stop:
                    self.check_alive()
            except Exception as error:  # shown below
                errors.append(error)
        threads = [threading.Thread(target=work) for _ in range(4)]
        for t in threads:
            t.start()
        while time.monotonic() < stop:
            self.node.process.send_signal(signal.SIGHUP)
            time.sleep(0.02)
        for t in threads:
            t.join()
        self.assertEqual(errors, [])


if __name__ == '__main__':
    unittest.main(verbosity=2, warnings='ignore')
