"""A line from end to end: test_line.py PATH-OF-TAFADI. Cards, memorandum, notice, read-back,
escalation, suspension, the safety floor; one-way reachability, bad networks, posts by hand,
hostile posts. At the end of each both ledgers are verified."""
import base64
import datetime
import json
import random
import socket
import sys
import threading
import time
import unittest

import parties
from parties import wait_for

BINARY = sys.argv.pop(1)


def stamp(seconds):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime('%Y-%m-%dT%H:%M:%SZ')


def notice(lat=34.5, lng=36.1, start=600, end=1200, **more):
    return {'volume': {'volume': {'outline_circle': {'center': {'lat': lat, 'lng': lng},
                                                     'radius': {'value': 500, 'units': 'M'}},
                                  'altitude_lower': {'value': 0, 'reference': 'W84', 'units': 'M'},
                                  'altitude_upper': {'value': 150, 'reference': 'W84',
                                                     'units': 'M'}},
                       'time_start': {'value': stamp(start), 'format': 'RFC3339'},
                       'time_end': {'value': stamp(end), 'format': 'RFC3339'}},
            'kind': 'uncrewed', 'text': 'survey flight', 'lang': 'en', **more}


def readback(body, lat=34.5, lng=36.1):
    return {'lat_deg': lat, 'lng_deg': lng, 'start': body['volume']['time_start']['value'],
            'end': body['volume']['time_end']['value']}


class Lines(unittest.TestCase):
    def two(self, **kinds):
        pair = parties.Two(BINARY, **kinds)
        self.addCleanup(pair.close)
        return pair

    def verify(self, *all_parties):
        for party in all_parties:
            party.stop()
            found = party.verify()
            self.assertTrue(found['valid'], found)
            self.assertEqual(found['size'], found['signed'], found)

    def await_texts(self, desk, expected):
        wait_for(lambda: len(parties.texts(desk.messages())) >= len(expected),
                 say=lambda: parties.texts(desk.messages()))
        self.assertEqual(parties.texts(desk.messages()), expected)


class TheStory(Lines):
    def test_it(self):
        pair = self.two(north='https', south='https')
        n, s = pair.n, pair.s
        parties.agree(pair.north, pair.south, n, s, heartbeat_s=3,
                      acknowledge={'deliver_s': 5, 'seen_s': 5, 'answer_s': 8},
                      ladder=[{'role': 'duty-officer', 'after_s': 0},
                              {'role': 'head-of-cell', 'after_s': 2}])
        documents = [desk.get(f'/api/v1/lines/{desk.line()["id"]}/memoranda')['memoranda'][0]
                     for desk in (n, s)]
        self.assertEqual(documents[0]['document'], documents[1]['document'])
        self.assertTrue(documents[0]['in_force'] and documents[1]['in_force'])

        # A notice is delivered, seen with its read-back, and answered: never approved.
        body = notice()
        said = n.say('notice', body)
        there = wait_for(lambda: [m for m in s.messages() if m['type'] == 'notice'])[0]
        self.assertEqual(there['message']['body'], body)
        self.assertEqual(there['hash'], said['hash'])
        wait_for(lambda: n.messages(1, said['seq'] - 1)[0]['acknowledged']['delivered'])
        wrong = s.say('ack.seen', {'of': said['seq'], 'readback': readback(body, lat=34.6)},
                      expected=400)
        self.assertIn('readback', json.dumps(wrong))
        s.say('ack.seen', {'of': said['seq'], 'readback': readback(body)})
        wait_for(lambda: n.messages(1, said['seq'] - 1)[0]['acknowledged']['seen'])
        s.say('ack.answered', {'of': said['seq'], 'assessment': 'no-conflict'})
        wait_for(lambda: n.messages(1, said['seq'] - 1)[0]['acknowledged']['answered'])
        self.assertEqual(n.messages(1, said['seq'] - 1)[0]['acknowledged']['assessment'],
                         'no-conflict')

        # One that nobody looks at: both sides alarm, and it goes to the next role.
        silent = n.say('question', {'text': 'Is this yours?', 'lang': 'en'})
        for desk in (n, s):
            mine = lambda: [a for a in desk.alarms('seen') if a['seq'] == silent['seq']]
            wait_for(mine)
            wait_for(lambda: mine() and mine()[0]['role'] == 'head-of-cell', say=mine)
        s.say('ack.seen', {'of': silent['seq']})
        s.say('answer', {'of': silent['seq'], 'text': 'No.', 'lang': 'en'})
        s.say('ack.answered', {'of': silent['seq'], 'assessment': 'noted'})
        for desk in (n, s):
            wait_for(lambda: not [a for a in desk.alarms() if a['seq'] == silent['seq']],
                     say=desk.alarms)

        # Suspended: nothing ordinary passes, the safety floor does.
        s.say('line.suspend', {'reason': 'talks were broken off'}, role='head-of-cell')
        for desk in (n, s):
            wait_for(lambda: desk.line()['state'] == 'suspended')
        self.assertEqual(n.line()['reason'], 'talks were broken off')
        self.assertIn('suspended by them', n.party.cli('line', 'list'))
        self.assertIn('suspended by us', s.party.cli('line', 'list'))
        n.say('text', {'text': 'hello?', 'lang': 'en'}, expected=409)
        danger = n.say('danger', {'text': 'Balloon adrift', 'lang': 'en', 'lat_deg': 34.1,
                                  'lng_deg': 36.2, 'at': stamp(0)})
        wait_for(lambda: [m for m in s.messages() if m['type'] == 'danger'])
        s.say('ack.seen', {'of': danger['seq'],
                           'readback': {'lat_deg': 34.1, 'lng_deg': 36.2,
                                        'start': danger['message']['body']['at']}})
        wait_for(lambda: n.messages(1, danger['seq'] - 1)[0]['acknowledged']['seen'])
        n.say('line.resume', {'reason': 'not ours to resume'}, role='head-of-cell', expected=409)
        s.say('line.resume', {'reason': 'talks go on'}, role='head-of-cell')
        parties.await_open(n, s)

        # A line that goes dead is noticed by its own heartbeat interval, not by the usual minute, and
        # heals by itself.
        pair.south.kill()
        wait_for(lambda: n.line()['state'] == 'degraded', seconds=45)
        pair.south.start()
        wait_for(lambda: n.line()['state'] == 'open')
        wait_for(lambda: s.line()['state'] == 'open')

        # Each has seen the other's ledger, and says so in its checkpoints.
        wait_for(lambda: '\u2014 south.example' in n.call('GET', '/ledger/checkpoint')[1].decode())
        self.verify(pair.north, pair.south)


class Reachability(Lines):
    def test_a_party_without_an_address_polls(self):
        pair = self.two(south=None)
        expected = []
        for i in range(5):
            pair.n.say('text', {'text': f'to the south {i}', 'lang': 'en'})
            pair.s.say('text', {'text': f'to the north {i}', 'lang': 'en'})
            expected.append(i)
        self.await_texts(pair.s, [f'to the south {i}' for i in expected])
        self.await_texts(pair.n, [f'to the north {i}' for i in expected])
        wait_for(lambda: pair.n.line()['own_receipted'] == pair.n.line()['own_seq'])
        self.verify(pair.north, pair.south)

    def test_a_network_that_drops(self):
        north, south = (parties.Party(BINARY, name) for name in ('north', 'south'))
        self.addCleanup(north.remove)
        self.addCleanup(south.remove)
        proxies = []
        for party in (north, south):  # each card names a proxy
            proxy = Dropping(party.port, seed=len(proxies))
            self.addCleanup(proxy.close)
            proxies.append(proxy)
            party.cli('party', 'set', '--url', f'http://127.0.0.1:{proxy.port}')
        parties.exchange_cards(north, south)
        north.start()
        south.start()
        n, s = north.desk(), south.desk()
        parties.open_line(north, south)
        parties.await_open(n, s)
        for i in range(20):
            n.say('text', {'text': f'n{i}', 'lang': 'en'})
            s.say('text', {'text': f's{i}', 'lang': 'en'})
        self.await_texts(s, [f'n{i}' for i in range(20)])
        self.await_texts(n, [f's{i}' for i in range(20)])
        self.assertGreater(sum(p.dropped for p in proxies), 0)
        for proxy in proxies:
            proxy.rate = 0
        for desk in (n, s):
            wait_for(lambda: desk.line()['own_receipted'] == desk.line()['own_seq'],
                     say=desk.line)
        self.verify(north, south)


class Dropping:
    """A proxy that cuts one connection in three: before, within or after the exchange."""

    def __init__(self, to, seed):
        self.to, self.random, self.rate, self.dropped = to, random.Random(seed), 1 / 3, 0
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def close(self):
        self.listener.close()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(client,), daemon=True).start()

    def carry(self, client):
        left = [1 << 40, 1 << 40]  # bytes that may still pass, there and back
        if self.random.random() < self.rate:
            self.dropped += 1
            left[self.random.randrange(2)] = self.random.randrange(2000)
        try:
            server = socket.create_connection(('127.0.0.1', self.to))
        except OSError:
            client.close()
            return
        ends = ((client, server, 0), (server, client, 1))

        def pump(source, target, way):
            try:
                while left[way] > 0:
                    data = source.recv(min(65536, left[way]))
                    if not data:
                        break
                    target.sendall(data)
                    left[way] -= len(data)
            except OSError:
                pass
            for end in (client, server):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        for end in ends[1:]:
            threading.Thread(target=pump, args=end, daemon=True).start()
        pump(*ends[0])


class ByHand(Lines):
    def test_posts_on_a_stick(self):
        """No node runs at all: the same guarantees, carried by hand."""
        north, south = (parties.Party(BINARY, name, None) for name in ('north', 'south'))
        self.addCleanup(north.remove)
        self.addCleanup(south.remove)
        parties.exchange_cards(north, south)
        parties.open_line(north, south)

        def carry(a, b, *times):
            post = a.cli('line', 'export', b.id)
            return [b.cli('line', 'import', '-', '--json', stdin=post) for _ in times or (1,)]

        carry(north, south)
        carry(south, north)
        self.assertEqual(north.cli('line', 'list', '--json')['lines'][0]['state'], 'open')
        for i in range(10):
            north.cli('line', 'text', south.id, f'by hand {i}')
        old = north.cli('line', 'export', south.id)
        north.cli('line', 'text', south.id, 'the last')
        taken = carry(north, south, 1, 2)
        self.assertEqual([t['applied'] for t in taken], [11, 0])
        late = south.cli('line', 'import', '-', '--json', stdin=old)
        self.assertEqual((late['applied'], late['refused']), (0, 0))
        self.assertEqual(carry(south, north)[0]['receipts'], 11)
        line = north.cli('line', 'list', '--json')['lines'][0]
        self.assertEqual(line['own_receipted'], line['own_seq'])
        heard = south.cli('line', 'show', north.id, '--json', '-n', '100')['messages']
        self.assertEqual([m['message']['body']['text'] for m in heard
                          if m['type'] == 'text' and not m['own']],
                         [f'by hand {i}' for i in range(10)] + ['the last'])
        self.verify(north, south)

    def test_commands_work_beside_a_running_node(self):
        pair = self.two()
        for i in range(5):
            pair.north.cli('line', 'text', pair.south.id, f'cli {i}', '--actor', 'Amal')
            pair.n.say('text', {'text': f'api {i}', 'lang': 'en'})
        self.await_texts(pair.s, [f'{how} {i}' for i in range(5) for how in ('cli', 'api')])
        entries = pair.n.get('/api/v1/ledger?limit=1000')['entries']
        actors = {e['entry'].get('actor') for e in entries if e['entry']['kind'] == 'sent'}
        self.assertTrue({'Amal (cli)', 'all'} <= actors, actors)
        self.verify(pair.north, pair.south)


class Keys(Lines):
    def test_a_new_key(self):
        pair = self.two()
        north, south = pair.north, pair.south
        pair.n.say('text', {'text': 'by the old key', 'lang': 'en'})
        self.await_texts(pair.s, ['by the old key'])
        before = north.cli('party', 'fingerprint', '--json')['fingerprint']
        north.cli('party', 'rotate', code=1)  # the node runs
        north.stop()
        north.cli('party', 'rotate')
        after = north.cli('party', 'fingerprint', '--json')['fingerprint']
        self.assertNotEqual(before, after)
        north.start()
        pair.n.say('text', {'text': 'by the new one', 'lang': 'en'})
        self.await_texts(pair.s, ['by the old key', 'by the new one'])
        wait_for(lambda: [p for p in south.cli('party', 'list', '--json')['parties']
                          if p['fingerprint'] == after])
        # One that was interrupted before it began leaves nothing behind.
        north.stop()
        with open(north.dir + '/party.key', encoding='ascii') as file:
            key = file.read()
        with open(north.dir + '/party.key.next', 'w', encoding='ascii') as file:
            file.write(south_key := open(south.dir + '/party.key', encoding='ascii').read())
        self.assertNotEqual(key, south_key)
        north.cli('party', 'rotate')
        north.start()
        pair.n.say('text', {'text': 'and again', 'lang': 'en'})
        self.await_texts(pair.s, ['by the old key', 'by the new one', 'and again'])
        stages = pair.s.get(f'/api/v1/lines/{pair.s.line()["id"]}/history')['changes']
        self.assertEqual([s['act'] for s in stages if s['act'].startswith('line.')],
                         ['line.open', 'line.open'])
        self.verify(north, south)


class Hostile(Lines):
    def test_posts(self):
        pair = self.two()
        pair.n.say('text', {'text': 'first', 'lang': 'en'})
        self.await_texts(pair.s, ['first'])
        before = pair.s.line()
        post = json.loads(pair.north.cli('line', 'export', pair.south.id))
        stranger = parties.Desk(pair.south)

        def send(body):
            raw = body if isinstance(body, (bytes, str)) else json.dumps(body)
            return stranger.call('POST', '/line/v1/post', raw=raw)[0]

        for body in (b'', b'{', b'[]', b'{}', b'null', b'\xff\xfe', '[' * 100000, '{"a":' * 50000,
                     json.dumps({**post, 'line': '0' * 32}), json.dumps({**post, 'from': 'x'}),
                     json.dumps({**post, 'to': 'north.example'}), json.dumps({**post, 'format': 'x'})):
            self.assertIn(send(body), (400, 404, 413), body[:50])
        self.assertIn(send(b' ' * (5 << 20)), (413,))
        # Forged: another payload under an old signature; a beat that nobody signed.
        forged = json.loads(json.dumps(post))
        beat = forged['beat']
        payload = json.loads(base64.b64decode(beat['payload']))
        payload['have'] = 10 ** 6
        beat['payload'] = base64.b64encode(json.dumps(payload).encode()).decode()
        self.assertNotEqual(send(forged), 200)
        # A whole one from a tape is taken but tells nothing to who replays it, once it is old;
        # a fresh one is answered with what the real sender would be told, and does no harm.
        for _ in range(5):
            self.assertIn(send(post), (200, 202))
        after = pair.s.line()
        for key in ('state', 'own_seq', 'peer_seq', 'forked', 'peer_stance', 'own_stance'):
            self.assertEqual(before[key], after[key], key)
        self.assertEqual(parties.texts(pair.s.messages()), ['first'])
        pair.n.say('text', {'text': 'second', 'lang': 'en'})
        self.await_texts(pair.s, ['first', 'second'])
        self.verify(pair.north, pair.south)


    def test_a_flood_of_posts(self):
        """Strangers who send as much as they can hold up neither operators nor the line."""
        pair = self.two()
        junk = json.dumps({'format': 'tafadi-post/v1', 'line': '0' * 32, 'from': 'x', 'to': 'y',
                           'envelopes': [{'payload': 'A' * 1000}] * 200})
        ends = threading.Event()
        seen = set()

        def flood():
            stranger = parties.Desk(pair.north)
            while not ends.is_set():
                seen.add(stranger.call('POST', '/line/v1/post', raw=junk)[0])
        floods = [threading.Thread(target=flood) for _ in range(40)]

        def slowest(first):
            took = []
            for i in range(first, first + 5):
                begun = time.monotonic()
                pair.n.say('text', {'text': f'{i}', 'lang': 'en'})
                took.append(time.monotonic() - begun)
            return max(took)
        alone = slowest(0)
        for thread in floods:
            thread.start()
        flooded = slowest(5)
        self.await_texts(pair.s, [f'{i}' for i in range(10)])
        ends.set()
        for thread in floods:
            thread.join()
        self.assertLessEqual(seen, {400, 404, 503})
        self.assertLess(flooded, 10 + 20 * alone)
        self.verify(pair.north, pair.south)


if __name__ == '__main__':
    unittest.main(verbosity=2)
