"""What was acknowledged survives: test_crash.py PATH-OF-TAFADI. kill -9 on either side at random
moments; two nodes of one party on a shared PostgreSQL database, one of them killed."""
import http.client
import os
import random
import sys
import threading
import time
import unittest

import parties
from harness import Postgres
from parties import wait_for

BINARY = sys.argv.pop(1)
KILLS = int(os.environ.get('TAFADI_KILLS', '10'))
SEED = int(os.environ.get('TAFADI_SEED', str(random.randrange(1 << 30))))


class Talker(threading.Thread):
    """Says numbered texts, and remembers those that were acknowledged and those that may have
    been."""

    def __init__(self, desk, name):
        super().__init__()
        self.desk, self.name_of, self.said, self.maybe = desk, name, [], []
        self.path = f'/api/v1/lines/{desk.line()["id"]}/messages'
        self.ends = threading.Event()

    def run(self):
        number = 0
        while not self.ends.is_set():
            text = f'{self.name_of} {number}'
            number += 1
            try:
                status, _ = self.desk.call('POST', self.path,
                                           {'type': 'text', 'body': {'text': text, 'lang': 'en'}})
                (self.said if status == 201 else []).append(text)
            except (OSError, http.client.HTTPException, ValueError):
                self.desk.connection = None
                self.maybe.append(text)
                time.sleep(0.05)
            time.sleep(0.02)


class Crashes(unittest.TestCase):
    def check(self, talker, heard):
        """All that was acknowledged, in order, once; beside it only what may have been."""
        self.assertEqual(len(heard), len(set(heard)))
        self.assertEqual([t for t in heard if t in set(talker.said)], talker.said)
        self.assertLessEqual(set(heard) - set(talker.said), set(talker.maybe))

    def test_kill(self):
        print('TAFADI_SEED', SEED)
        chance = random.Random(SEED)
        pair = parties.Two(BINARY)
        self.addCleanup(pair.close)
        talkers = [Talker(pair.n, 'n'), Talker(pair.s, 's')]
        for talker in talkers:
            talker.start()
        for _ in range(KILLS):
            time.sleep(chance.random())
            victim = chance.choice((pair.north, pair.south))
            victim.kill()
            time.sleep(chance.random() * 0.3)
            victim.start()
        for talker in talkers:
            talker.ends.set()
            talker.join()
        n, s = pair.north.desk(), pair.south.desk()
        for desk in (n, s):
            wait_for(lambda: desk.line()['own_receipted'] == desk.line()['own_seq'], 60,
                     say=desk.line)
        self.check(talkers[0], self.all_texts(s))
        self.check(talkers[1], self.all_texts(n))
        self.assertGreater(len(talkers[0].said) + len(talkers[1].said), KILLS)
        for desk in (n, s):
            self.assertFalse(desk.line()['forked'])
        for party in (pair.north, pair.south):
            party.stop()
            self.assertTrue(party.verify()['valid'])

    @staticmethod
    def all_texts(desk):
        found, after = [], 0
        while True:
            page = desk.messages(0, after)
            if not page:
                return parties.texts(found)
            found += page
            after = page[-1]['seq']


class Shared(unittest.TestCase):
    def test_one_node_at_a_time_drives_a_line(self):
        server = Postgres()
        self.addCleanup(server.stop)
        server.sql('postgres', 'CREATE DATABASE party')
        database = server.dsn('party')
        north = parties.Party(BINARY, 'north', database=database)
        self.addCleanup(north.remove)
        second = parties.Party(BINARY, 'north', database=database, shared_with=north)
        self.addCleanup(second.remove)
        south = parties.Party(BINARY, 'south')
        self.addCleanup(south.remove)
        parties.exchange_cards(north, south)
        south.start()
        north.start()
        second.start()
        n, m, s = north.desk(), second.desk(), south.desk()
        parties.open_line(north, south)
        parties.await_open(n, m, s)

        def holders():
            return server.sql('party', 'SELECT holder, fence FROM party_lease WHERE line = '
                              f"'{s.line()['id']}'").split('|')
        first = wait_for(lambda: holders() if holders()[0] else None)
        expected = []
        for i in range(10):  # through either node: it is the same party
            (n, m)[i % 2].say('text', {'text': f'{i}', 'lang': 'en'})
            expected.append(f'{i}')
        wait_for(lambda: parties.texts(s.messages()) == expected, 30,
                 say=lambda: parties.texts(s.messages()))
        self.assertEqual(holders(), first)

        # The node that drives the line is killed: the other one takes over, and the fence counts.
        posts = [self.metric(desk, 'tafadi_posts_sent_total') for desk in (n, m)]
        victim, left = (north, m) if posts[0] > posts[1] else (second, n)
        victim.kill()
        for i in range(10, 20):
            left.say('text', {'text': f'{i}', 'lang': 'en'})
            expected.append(f'{i}')
        wait_for(lambda: parties.texts(s.messages()) == expected, 40,
                 say=lambda: parties.texts(s.messages()))
        then = holders()
        self.assertNotEqual(then[0], first[0])
        self.assertEqual(int(then[1]), int(first[1]) + 1)
        victim.start()
        s.say('text', {'text': 'to both', 'lang': 'en'})
        for desk in (n, m):
            wait_for(lambda: parties.texts(desk.messages()) == ['to both'])
        for desk in (n, m, s):
            wait_for(lambda: desk.line()['own_receipted'] == desk.line()['own_seq'])
            self.assertFalse(desk.line()['forked'])
        for party in (north, second, south):
            self.assertEqual(party.stop(), 0)
        self.assertTrue(south.verify()['valid'])
        found = north.cli_database('ledger', 'verify', '--json')
        self.assertTrue(found['valid'], found)

    @staticmethod
    def metric(desk, name):
        connection = desk.connect()
        connection.request('GET', '/metrics')
        text = connection.getresponse().read().decode()
        return float(next(line.split()[1] for line in text.splitlines() if line.startswith(name)))


if __name__ == '__main__':
    unittest.main(verbosity=2)
