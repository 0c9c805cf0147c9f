"""The desk and what it tells: test_desk.py PATH-OF-TAFADI. Log-ins, roles, CSRF, rate limits;
event streams, webhooks, alarms by command and mail; copies and the doctor."""
import base64
import hashlib
import hmac
import http.server
import json
import os
import sqlite3
import sys
import threading
import time
import unittest

import parties
from parties import PASSWORD, Desk, Party, wait_for

BINARY = sys.argv.pop(1)
WRITES = (('POST', '/api/v1/lines', {'peer': 'x'}), ('POST', '/api/v1/parties', {'card': 'x'}),
          ('POST', '/api/v1/posts', {}), ('POST', '/api/v1/alarms/1/clear', None),
          ('PUT', '/api/v1/operators/x', {'roles': ['viewer']}),
          ('POST', '/api/v1/tokens', {'name': 'all', 'title': 't', 'roles': ['viewer']}),
          ('DELETE', '/api/v1/tokens/x', None),
          ('POST', '/api/v1/lines/x/messages', {'type': 'text', 'body': {}}))
READS = ('/api/v1/party', '/api/v1/parties', '/api/v1/lines', '/api/v1/alarms', '/api/v1/phrases',
         '/api/v1/history', '/api/v1/ledger', '/api/v1/session')


class Gate(unittest.TestCase):
    """Who gets in, and may do what."""

    @classmethod
    def setUpClass(cls):
        cls.party = Party(BINARY, 'north', with_passwords=True).start()
        cls.desk = cls.party.desk()

    @classmethod
    def tearDownClass(cls):
        cls.party.remove()

    def test_nobody_gets_nothing(self):
        for client in (Desk(self.party), Desk(self.party, token='t_' + 'x' * 43),
                       Desk(self.party, token='nonsense'), Desk(self.party, token='t_' + 'x' * 4000)):
            for path in READS:
                self.assertEqual(client.call('GET', path)[0], 401, path)
            for method, path, body in WRITES:
                self.assertEqual(client.call(method, path, body)[0], 401, path)
        self.assertEqual(Desk(self.party).call('GET', '/api/v1/openapi.json')[1], parties.openapi.DESK.document)
        self.assertEqual(Desk(self.party).call('GET', '/api/v1/nothing')[0], 404)
        self.assertEqual(Desk(self.party).call('DELETE', '/api/v1/lines')[0], 404)

    def test_roles(self):
        viewer = self.party.desk('viewer')
        for path in READS:
            self.assertEqual(viewer.call('GET', path)[0], 200, path)
        for method, path, body in WRITES:
            self.assertEqual(viewer.call(method, path, body)[0], 403, path)
        self.assertEqual(viewer.call('GET', '/api/v1/operators')[0], 403)
        officer = self.party.desk('duty-officer')
        self.assertEqual(officer.call('POST', '/api/v1/lines', {'peer': 'x'})[0], 403)
        self.assertEqual(officer.call('POST', '/api/v1/lines/x/messages',
                                      {'type': 'text', 'body': {}})[0], 404)
        self.assertEqual(self.party.desk('admin').call('POST', '/api/v1/lines', {'peer': 'x'})[0], 403)

    def test_sessions_and_csrf(self):
        client = Desk(self.party)
        session = client.log_in()
        self.assertEqual(session['name'], 'all')
        cookie = client.answer.headers['Set-Cookie']
        for word in ('HttpOnly', 'SameSite=Strict', 'Path=/'):
            self.assertIn(word, cookie)
        self.assertNotIn('Secure', cookie)  # this node has no TLS
        self.assertEqual(client.get('/api/v1/session')['csrf'], client.csrf)
        good = client.csrf
        for wrong in (None, '', '0' * 64, good[:-1], good.upper() + '0'):
            client.csrf = wrong
            for method, path, body in WRITES:
                self.assertEqual(client.call(method, path, body)[0], 403, (path, wrong))
            self.assertEqual(client.call('GET', '/api/v1/lines')[0], 200)
        client.csrf = good
        self.assertEqual(client.call('POST', '/api/v1/lines', {'peer': 'x'})[0], 404)
        # a session's secret is no bearer token
        self.assertEqual(Desk(self.party, token=client.cookie.split('=')[1]).call(
            'GET', '/api/v1/lines')[0], 401)
        self.assertEqual(client.call('DELETE', '/api/v1/session')[0], 200)
        self.assertEqual(client.call('GET', '/api/v1/session')[0], 401)

    def test_a_given_password_is_for_changing_it(self):
        given = self.desk.call('PUT', '/api/v1/operators/nadia',
                               {'title': 'Nadia', 'roles': ['viewer', 'duty-officer'],
                                'password': 'given-password'})
        self.assertEqual(given[0], 200)
        client = Desk(self.party)
        self.assertTrue(client.log_in('nadia', 'given-password')['must_change_password'])
        status, answer = client.call('GET', '/api/v1/lines')
        self.assertEqual((status, 'change your password' in answer['message']), (403, True))
        self.assertEqual(client.call('POST', '/api/v1/password', {
            'password': 'given-password', 'new_password': 'short'})[0], 400)
        self.assertEqual(client.call('POST', '/api/v1/password', {
            'password': 'given-password', 'new_password': 'her-own-password'})[0], 200)
        self.assertEqual(client.call('GET', '/api/v1/lines')[0], 401)  # all sessions have ended
        client.cookie = client.csrf = None
        client.log_in('nadia', 'given-password', expected=401)
        self.assertFalse(client.log_in('nadia', 'her-own-password')['must_change_password'])
        self.assertEqual(client.call('GET', '/api/v1/lines')[0], 200)
        self.party.cli('account', 'disable', 'nadia')
        self.assertEqual(client.call('GET', '/api/v1/lines')[0], 401)

    def test_tokens_end(self):
        made = self.desk.post('/api/v1/tokens', {'name': 'all', 'title': 'a program',
                                                 'roles': ['viewer']})
        program = Desk(self.party, token=made['token'])
        self.assertEqual(program.call('GET', '/api/v1/lines')[0], 200)
        listed = [t for t in self.desk.get('/api/v1/tokens')['tokens'] if t['title'] == 'a program']
        self.assertEqual(self.desk.call('DELETE', f'/api/v1/tokens/{listed[0]["id"]}')[0], 200)
        self.assertEqual(program.call('GET', '/api/v1/lines')[0], 401)
        self.assertNotIn(made['token'], json.dumps(self.desk.get('/api/v1/ledger?limit=1000')))

    def test_refused_in_the_language_that_was_asked_for(self):
        duty = self.party.desk('duty-officer')
        for asked, language, begins in (
                ('', None, 'your roles'), ('en, ar;q=0.9', None, 'your roles'),
                ('de, ar-SY;q=0.4, ru;q=0.3', 'ar', 'أدوارك'), ('ar;q=0.3,ru;q=0.31', 'ru', 'ваши роли'),
                ('RU', 'ru', 'ваши роли'), ('ar;q=0, ru;q=0', None, 'your roles'),
                ('ar;q=x, *, ;;,=', None, 'your roles')):
            status, refused = duty.call('GET', '/api/v1/operators',
                                        headers={'Accept-Language': asked})
            self.assertEqual(status, 403)
            self.assertEqual(duty.answer.headers.get('Content-Language'), language, asked)
            self.assertTrue(refused['message'].startswith(begins), (asked, refused))

    def test_bodies_that_are_none(self):
        for raw in (b'', b'[]', b'{', b'"x"', b'{"peer":1}', b'{"peer":"a","peer":"b"}', b'\xff',
                    b'{"peer":"' + b'x' * 100000 + b'"}', b'[' * 100000):
            self.assertEqual(self.desk.call('POST', '/api/v1/lines', raw=raw)[0], 400, raw[:20])
        for query in ('after=x', 'after=-1', 'limit=0', 'limit=1001', 'after=%00', 'after=1e3',
                      'after=99999999999999999999'):
            self.assertEqual(self.desk.call('GET', '/api/v1/history?' + query)[0], 400, query)

    def test_z_guessing_is_slowed_down(self):
        """Last: this address is slowed down afterwards."""
        client = Desk(self.party)
        seen = [client.call('POST', '/api/v1/session', {'name': 'admin', 'password': 'wrong' * 3})[0]
                for _ in range(12)]
        self.assertEqual(seen[0], 401)
        self.assertEqual(seen[-1], 429)
        self.assertEqual(client.answer.headers['Retry-After'], '60')
        # the right one is refused, too, or guessing would go on
        self.assertEqual(client.call('POST', '/api/v1/session',
                                     {'name': 'admin', 'password': PASSWORD})[0], 429)
        self.assertEqual(self.desk.call('GET', '/api/v1/lines')[0], 200)


class Stream:
    """One reader of /api/v1/events."""

    def __init__(self, desk, last=None):
        self.connection = desk.connect()
        headers = {**desk.headers(), **({'Last-Event-ID': str(last)} if last is not None else {})}
        self.connection.request('GET', '/api/v1/events', headers=headers)
        self.answer = self.connection.getresponse()
        self.events, self.beats = [], 0

    def read(self):
        """The next event: (id, kind, data)."""
        fields = {}
        while True:
            line = self.answer.readline().decode().rstrip('\n')
            if line == '' and 'data' in fields:
                return int(fields['id']), fields['event'], json.loads(fields['data'])['data']
            if line == ':':
                self.beats += 1
            elif ': ' in line:
                name, value = line.split(': ', 1)
                fields[name] = value

    def close(self):
        self.connection.close()


class Events(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pair = parties.Two(BINARY)

    @classmethod
    def tearDownClass(cls):
        cls.pair.close()

    def say(self, text):
        self.pair.n.say('text', {'text': text, 'lang': 'en'})

    def own(self, stream):
        """The number of our next message that the stream tells of."""
        while True:
            number, kind, data = stream.read()
            if kind == 'message' and data['by'] == 'own':
                return number, data['seq']

    def test_resumed_without_a_gap(self):
        stream = Stream(self.pair.n)
        self.assertEqual(stream.answer.status, 200)
        self.assertTrue(stream.answer.headers['Content-Type'].startswith('text/event-stream'))
        self.say('one')
        last, first = self.own(stream)
        stream.close()
        for i in range(150):  # more than a page
            self.pair.north.cli('line', 'text', 'south.example', f'{i}') if i < 2 else self.say(f'{i}')
        stream = Stream(self.pair.n, last)
        self.assertEqual([self.own(stream)[1] for _ in range(150)],
                         list(range(first + 1, first + 151)))
        stream.close()
        listed = self.pair.n.get(f'/api/v1/history?after={last}&limit=1000')['events']
        self.assertEqual([e['data']['seq'] for e in listed
                          if e['kind'] == 'message' and e['data']['by'] == 'own'],
                         list(range(first + 1, first + 151)))

    def test_slow_readers_hold_nobody_up(self):
        quick = Stream(self.pair.n)

        def thirty():
            begun = time.monotonic()
            for i in range(30):
                self.say(f'quick {i}')
            for i in range(30):
                self.own(quick)
            return time.monotonic() - begun
        alone = thirty()
        slow = [Stream(self.pair.n, 0) for _ in range(40)]
        self.assertLess(thirty(), 30 + 10 * alone)
        for stream in slow:
            stream.close()
        quick.close()

    def test_it_ends_with_its_token(self):
        token = self.pair.n.post('/api/v1/tokens', {'name': 'all', 'title': 'stream',
                                                    'roles': ['viewer']})['token']
        stream = Stream(Desk(self.pair.north, token))
        listed = [t for t in self.pair.n.get('/api/v1/tokens')['tokens'] if t['title'] == 'stream']
        self.assertEqual(self.pair.n.call('DELETE', f'/api/v1/tokens/{listed[0]["id"]}')[0], 200)
        self.say('after')
        while stream.answer.readline():
            pass
        self.assertEqual(Stream(Desk(self.pair.north, token)).answer.status, 401)

    def test_who_was_away_too_long_is_told_so(self):
        self.say('old')
        north = self.pair.north
        north.stop()
        database = sqlite3.connect(north.dir + '/party.db')
        last = database.execute('SELECT MAX(id) FROM line_event').fetchone()[0]
        database.execute('UPDATE line_event SET at_us = 1 WHERE id < ?', (last,))
        database.commit()
        database.close()
        north.start()
        self.say('new')  # in the first batches it deletes
        wait_for(lambda: self.pair.n.get('/api/v1/history?after=0')['events'][0]['id'] >= last)
        stream = Stream(self.pair.n, 2)
        lines = [stream.answer.readline().decode().strip() for _ in range(4)]
        self.assertIn('event: gone', lines)
        self.assertIn(f'data: {{"upto":{last - 1}}}', lines)
        stream.close()
        stream = Stream(self.pair.n, last)  # has missed nothing
        number, kind, _ = stream.read()
        self.assertGreater(number, last)
        self.assertNotEqual(kind, 'gone')
        stream.close()
        # Of an id that was never given out nothing can have been heard: not silence for ever.
        stream = Stream(self.pair.n, 10 ** 15)
        lines = [stream.answer.readline().decode().strip() for _ in range(4)]
        self.assertIn('event: gone', lines)
        self.say('newer')
        self.assertGreater(stream.read()[0], last)
        stream.close()

    def test_wrong_positions(self):
        for last in ('x', '-1', '9' * 30):
            self.assertEqual(Stream(self.pair.n, last).answer.status, 400)


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes webhooks; every third one fails."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        self.server.seen.append((dict(self.headers.items()), body, time.time()))
        fails = len(self.server.seen) % 3 == 0
        if not fails:  # before the answer: the next one may follow it at once, in another thread
            self.server.taken.append(self.headers['webhook-id'])
        self.send_response(500 if fails else 200)
        self.send_header('Content-Length', '0')
        self.end_headers()

    def log_message(self, *_):
        pass


class Hooks(unittest.TestCase):
    @staticmethod
    def places(party):
        """How many hooks have taken their places: each is told of what happens from then on."""
        database = sqlite3.connect(f'file:{party.dir}/party.db?mode=ro', uri=True, timeout=60)
        (count,) = database.execute('SELECT count(*) FROM party_hook').fetchone()
        database.close()
        return count

    @staticmethod
    def is_said_until(desk, seconds):
        """Says what has to be delivered within so long; not, if that was over before it got there."""
        soon = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + seconds))
        status, _ = desk.call('POST', f'/api/v1/lines/{desk.line()["id"]}/messages', {
            'type': 'danger', 'role': 'duty-officer', 'deliver_by': soon,
            'body': {'text': 'adrift', 'lang': 'en'}})
        return status == 201

    def test_nothing_is_lost_nor_forged(self):
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Receiver)
        server.seen, server.taken = [], []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        secret = os.urandom(32)
        north = Party(BINARY, 'north')
        self.addCleanup(north.remove)
        south = Party(BINARY, 'south', None)
        self.addCleanup(south.remove)
        for name, text in (('secret', 'whsec_' + base64.b64encode(secret).decode() + '\n'),
                           ('tell', '#!/bin/sh\ncat >>"$0.out"\n'),
                           ('mail', '#!/bin/sh\necho "args: $*" >>"$0.out"\ncat >>"$0.out"\n')):
            with open(f'{north.dir}/{name}', 'w', encoding='ascii') as file:
                file.write(text)
            os.chmod(f'{north.dir}/{name}', 0o700)
        north.flags = ['--webhook', f'http://127.0.0.1:{server.server_port}/hook',
                       '--webhook-secret', north.dir + '/secret',
                       '--alarm-command', north.dir + '/tell',
                       '--alarm-mail', 'duty@north.example', '--sendmail', north.dir + '/mail']
        north.start()
        desk = north.desk()
        wait_for(lambda: self.places(north) == 3)
        parties.exchange_cards(north, south)
        parties.open_line(north, south)
        for i in range(10):
            north.cli('line', 'danger', south.id, f'{i}')
        north.kill()  # in the middle, as a rule
        north.cli('line', 'danger', south.id, 'while it was down')
        north.start()
        events = [e for e in desk.get('/api/v1/history?after=0&limit=1000')['events']]
        wanted = [f'evt_north.example_{e["id"]}' for e in events]
        self.assertGreater(len(wanted), 12)
        wait_for(lambda: set(wanted) <= set(server.taken),
                 say=lambda: sorted(set(wanted) - set(server.taken)))
        order = list(dict.fromkeys(server.taken))
        self.assertEqual(order[:len(wanted)], wanted)
        for headers, body, at in server.seen:
            signed = f'{headers["webhook-id"]}.{headers["webhook-timestamp"]}.'.encode() + body
            expected = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
            self.assertEqual(headers['webhook-signature'], 'v1,' + expected)
            self.assertLess(abs(int(headers['webhook-timestamp']) - at), 300)
            told = json.loads(body)
            self.assertEqual(headers['webhook-id'], f'evt_north.example_{told["id"]}')
            self.assertTrue(told['type'].startswith('line.'))

        # Nobody hears the south: its alarms reach people by program and by mail.
        def out(name):
            path = f'{north.dir}/{name}.out'
            return open(path, encoding='utf-8').read() if os.path.exists(path) else ''
        wait_for(lambda: self.is_said_until(desk, 2))
        wait_for(lambda: '\n' in out('tell'), say=lambda: (out('tell'), north.log()))
        told = json.loads(out('tell').splitlines()[0])
        self.assertEqual(told['type'], 'line.alarm')
        self.assertEqual(told['data']['change'], 'raised')
        wait_for(lambda: 'Subject: [north.example] alarm: ' in out('mail') and
                 'To: duty@north.example\n' in out('mail'))
        self.assertIn('args: -t -i', out('mail'))
        metrics = desk.connect()
        metrics.request('GET', '/metrics')
        text = metrics.getresponse().read().decode()
        for name in ('tafadi_hook_told_total{hook="0",kind="web"}', 'tafadi_lines{state="proposed"} 1',
                     'tafadi_ledger_entries', 'tafadi_line_undelivered{peer="south.example"}'):
            self.assertIn(name, text)


class Copies(unittest.TestCase):
    def test_there_and_back(self):
        pair = parties.Two(BINARY)
        self.addCleanup(pair.close)
        north = pair.north
        pair.n.say('text', {'text': 'before', 'lang': 'en'})
        wait_for(lambda: parties.texts(pair.s.messages()) == ['before'])
        copy = north.dir + '/copy'
        north.cli('backup', copy)
        for name in ('', '.party.db', '.party.key', '.party.card'):
            self.assertEqual(os.stat(copy + name).st_mode & 0o777, 0o600, name)
        pair.n.say('text', {'text': 'after', 'lang': 'en'})
        wait_for(lambda: len(parties.texts(pair.s.messages())) == 2)
        heard = pair.n.get('/api/v1/history')['last']
        self.assertEqual(north.stop(), 0)
        north.cli('restore', copy)
        self.assertEqual(north.cli('line', 'list', '--json')['lines'][0]['own_seq'], 2)
        # Nothing new is said before the other side has told what is missing.
        north.cli('line', 'text', 'south.example', 'too soon', code=1)
        north.start()
        wait_for(lambda: parties.texts(pair.n.messages(1)) == ['before', 'after'],
                 say=lambda: pair.n.messages(1))
        wait_for(lambda: pair.n.call(
            'POST', f'/api/v1/lines/{pair.n.line()["id"]}/messages',
            {'type': 'text', 'body': {'text': 'again', 'lang': 'en'}})[0] == 201, pause=0.5)
        wait_for(lambda: parties.texts(pair.s.messages()) == ['before', 'after', 'again'],
                 say=lambda: parties.texts(pair.s.messages()))
        for desk in (pair.n, pair.s):
            self.assertFalse(desk.line()['forked'])
        # Whoever heard events after the copy is told that they are void, and hears the new ones.
        stream = Stream(pair.n, heard)
        lines = [stream.answer.readline().decode().strip() for _ in range(3)]
        self.assertIn('event: gone', lines)
        self.assertGreater(stream.read()[0], heard)
        stream.close()
        for party in (pair.north, pair.south):
            party.stop()
            self.assertTrue(party.verify()['valid'])

    def test_the_doctor(self):
        party = Party(BINARY, 'north', 'https')
        self.addCleanup(party.remove)
        found = party.cli('doctor', '--listen', f'127.0.0.1:{party.port}')
        for words in ('the party is north.example', 'the card names', 'database opens'):
            self.assertIn(words.replace('the card names', "the party's card names"), found)
        os.chmod(party.dir + '/party.key', 0o644)
        party.cli('doctor', '--listen', f'127.0.0.1:{party.port}', code=1)
        os.chmod(party.dir + '/party.key', 0o600)
        other = Party(BINARY, 'south', 'https')
        self.addCleanup(other.remove)
        for name in ('party.crt', 'party.tls'):
            os.replace(f'{other.dir}/{name}', f'{party.dir}/{name}')
        party.cli('doctor', '--listen', f'127.0.0.1:{party.port}', code=1)


if __name__ == '__main__':
    unittest.main(verbosity=2)
