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
LEASE_S = 10  # ROUTE_LEASE_US in src/party/route.h
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
        # None repeats by itself: said twice, a text is there twice.
        talkers = [Talker(parties.Desk(desk.party, desk.token, repeats=False), name)
                   for desk, name in ((pair.n, 'n'), (pair.s, 's'))]
        for talker in talkers:
            talker.start()
        for _ in range(KILLS):
            said = self.acknowledged(talkers)
            wait_for(lambda: self.acknowledged(talkers) > said + 1)
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
            wait_for(lambda: desk.line()['own_receipted'] == desk.line()['own_seq'],
                     say=desk.line)
        self.check(talkers[0], self.all_texts(s))
        self.check(talkers[1], self.all_texts(n))
        self.assertGreater(self.acknowledged(talkers), KILLS)
        for desk in (n, s):
            self.assertFalse(desk.line()['forked'])
        for party in (pair.north, pair.south):
            party.stop()
            self.assertTrue(party.verify()['valid'])

    @staticmethod
    def acknowledged(talkers):
        return sum(len(talker.said) for talker in talkers)

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
        n, s = north.desk(), south.desk()
        (start,) = [one['entry'] for one in n.get('/api/v1/ledger?limit=1000')['entries']
                    if one['entry']['kind'] == 'start']
        second.start()
        m = second.desk()
        begun = time.monotonic()
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
        wait_for(lambda: parties.texts(s.messages()) == expected,
                 say=lambda: parties.texts(s.messages()))
        # The other one takes the lease only from one that has slept over it.
        driver = holders()
        self.assertLessEqual(int(driver[1]) - int(first[1]), (time.monotonic() - begun) // LEASE_S)

        # The node that drives the line is killed: the other one takes over, and the fence counts.
        victim, left = (north, m) if driver[0] == start['node'] else (second, n)
        victim.kill()
        for i in range(10, 20):
            left.say('text', {'text': f'{i}', 'lang': 'en'})
            expected.append(f'{i}')
        wait_for(lambda: parties.texts(s.messages()) == expected,
                 say=lambda: parties.texts(s.messages()))
        then = holders()
        self.assertNotEqual(then[0], driver[0])
        self.assertEqual(int(then[1]), int(driver[1]) + 1)
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


if __name__ == '__main__':
    unittest.main(verbosity=2)
