#!/usr/bin/env python3
"""What a pool's members must have alike: test_pool.py PATH-OF-TAFADI. Two nodes over one
PostgreSQL in each of the lock modes, and notification indices by the time of day."""
import datetime
import threading
import unittest

from harness import CM, DP, SC, SP, Client, Node, Postgres, arguments, new_id, oir, volume

BINARY, _ = arguments()
OIRS = '/dss/v1/operational_intent_references'
SUBSCRIPTIONS = '/dss/v1/subscriptions'
RID = '/rid/v2/dss'
OPTIONS = '/aux/v1/configuration/global_options'
DAY_MS = 24 * 3600 * 1000


def setUpModule():
    global postgres
    postgres = Postgres()


def tearDownModule():
    postgres.stop()


def options(node):
    status, body = Client(node, scopes='interuss.pool_status.read').get(OPTIONS)
    assert status == 200, body
    return {name for name, value in body.items() if value}


class Locks(unittest.TestCase):
    def race(self, nodes, lat):
        """All want the same place at once, none knows of another: one gets it."""
        clients = [Client(nodes[n % 2], f'uss{n}', SC) for n in range(8)]
        gate, answers = threading.Barrier(len(clients)), []

        def want(client):
            gate.wait()
            answers.append((client, *client.put(f'{OIRS}/{new_id()}', oir([volume(lat=lat)]))))
        threads = [threading.Thread(target=want, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(status for _, status, _ in answers), [201] + 7 * [409])
        client, made = next((client, body) for client, status, body in answers if status == 201)
        made = made['operational_intent_reference']
        self.assertEqual(client.delete(f"{OIRS}/{made['id']}/{made['ovn']}")[0], 200)

    def one_mode(self, mode, shown):
        nodes = [Node(BINARY, postgres, flags=['--pool-lock', mode]) for _ in range(2)]
        for node in nodes:
            self.addCleanup(node.stop)
            self.assertEqual(options(node), shown)
        watcher, ident = Client(nodes[0], 'watcher', SC), new_id()
        body = {'extents': volume(lat=20.0, start=0), 'uss_base_url': 'https://watcher.example',
                'notify_for_operational_intents': True}
        status, answer = watcher.put(f'{SUBSCRIPTIONS}/{ident}', body)
        self.assertEqual(status, 200, answer)
        for _ in range(5):
            self.race(nodes, 20.0)
        # Each race changed something twice, and each change was counted once.
        found = watcher.get(f'{SUBSCRIPTIONS}/{ident}')[1]['subscription']
        self.assertEqual(found['notification_index'], 10)
        self.assertEqual(watcher.delete(f"{SUBSCRIPTIONS}/{ident}/{found['version']}")[0], 200)

    def test_subscriptions(self):
        self.one_mode('subscriptions', set())

    def test_global(self):
        self.one_mode('global', {'scd_global_lock'})

    def test_hash(self):
        self.one_mode('hash', {'scd_hash_lock'})

    def test_none(self):
        self.one_mode('none', set())


class TimeIndex(unittest.TestCase):
    def setUp(self):
        self.node = Node(BINARY, postgres, flags=['--pool-index', 'time'])
        self.addCleanup(self.node.stop)
        self.client = Client(self.node, 'uss1', f'{SC} {CM} {DP} {SP}')

    def now_ms(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return (now - midnight) // datetime.timedelta(milliseconds=1)

    def is_now(self, index, since_ms):
        """The index is a time of day between then and now, midnight may have passed."""
        self.assertIn(index, range(DAY_MS))
        self.assertLessEqual((index - since_ms) % DAY_MS, (self.now_ms() - since_ms) % DAY_MS)

    def call(self, method, path, body=None):
        """(answer, when it was asked for)"""
        since_ms = self.now_ms()
        status, answer = self.client.call(method, path, body)
        self.assertLess(status, 300, answer)
        return answer, since_ms

    def told(self, answer, ident):
        return [s['notification_index'] for one in answer['subscribers']
                for s in one['subscriptions'] if s['subscription_id'] == ident]

    def row(self, database, table, ident):
        """Which transaction wrote it last, and its index."""
        return postgres.sql(database, f"SELECT xmin, notification_index FROM {table} "
                            f"WHERE id = '{ident}'")

    def check(self, database, table, path, body, change):
        ident = new_id()
        answer, since_ms = self.call('PUT', f'{path}/{ident}', body)
        self.is_now(answer['subscription']['notification_index'], since_ms)
        row, last = self.row(database, table, ident), since_ms
        for _ in range(3):
            answer, since_ms = change()
            indices = self.told(answer, ident)
            self.assertEqual(len(indices), 1)
            self.is_now(indices[0], since_ms)
            self.assertLessEqual((indices[0] - last) % DAY_MS, DAY_MS // 2)
            last = indices[0]
        answer, since_ms = self.call('GET', f'{path}/{ident}')
        self.is_now(answer['subscription']['notification_index'], since_ms)
        self.assertEqual(self.row(database, table, ident), row)  # nothing was written for it
        version = answer['subscription']['version']
        answer, since_ms = self.call('PUT', f'{path}/{ident}/{version}', body)
        self.is_now(answer['subscription']['notification_index'], since_ms)
        return ident

    def test_f3548(self):
        area, intent, made = volume(lat=21.0, start=0), new_id(), []

        def change():
            at = '/'.join([OIRS, intent, *made])
            answer, since_ms = self.call('PUT', at, oir([area]))
            made[:] = [answer['operational_intent_reference']['ovn']]
            return answer, since_ms
        ident = self.check('scd', 'scd_subscriptions', SUBSCRIPTIONS,
                           {'extents': area, 'uss_base_url': 'https://uss1.example',
                            'notify_for_operational_intents': True}, change)
        answer, since_ms = self.call('POST', SUBSCRIPTIONS + '/query', {'area_of_interest': area})
        found = {s['id']: s['notification_index'] for s in answer['subscriptions']}
        self.is_now(found[ident], since_ms)

    def test_f3411(self):
        area, isa, made = volume(lat=22.0, start=0), new_id(), []

        def change():
            at = '/'.join([RID, 'identification_service_areas', isa, *made])
            answer, since_ms = self.call('PUT', at, {'extents': area,
                                                     'uss_base_url': 'https://uss1.example'})
            made[:] = [answer['service_area']['version']]
            return answer, since_ms
        self.check('rid', 'subscriptions', RID + '/subscriptions',
                   {'extents': area, 'uss_base_url': 'https://uss1.example'}, change)

    def test_all_say_it(self):
        self.assertEqual(options(self.node), {'time_based_notification_index'})

    def test_one_gets_the_place(self):
        other = Node(BINARY, postgres, flags=['--pool-index', 'time'])
        self.addCleanup(other.stop)
        for _ in range(5):
            Locks.race(self, (self.node, other), 23.0)


if __name__ == '__main__':
    unittest.main(verbosity=2, warnings='ignore')
