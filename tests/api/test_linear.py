"""The node behaves as if requests came one after the other, however many come at once.

usage: test_linear.py BINARY [embedded|cluster]

On the cluster engine everything runs on one node and on two nodes over one database.
Histories of requests and answers are recorded and checked afterwards; see linear().

Environment: TAFADI_SECONDS  of load in each history (2)
             TAFADI_SEED     of the random choices (the time)
"""
import os
import random
import threading
import time
import unittest

from harness import CM, SC, Node, Postgres, arguments, new_id, oir, volume
from link import Link

BINARY, ENGINE = arguments()
SECONDS = float(os.environ.get('TAFADI_SECONDS', '2'))
SEED = int(os.environ.get('TAFADI_SEED', str(int(time.time()))))
CLIENTS = 64
OIRS = '/dss/v1/operational_intent_references'
CONSTRAINTS = '/dss/v1/constraint_references'
SUBSCRIPTIONS = '/dss/v1/subscriptions'
place = [0]


def setUpModule():
    global nodes, postgres
    print(f'seed {SEED}')
    postgres = Postgres() if ENGINE == 'cluster' else None
    nodes = [Node(BINARY, postgres)]
    if postgres:  # a second node that trusts the first one's tokens
        nodes.append(Node(BINARY, postgres,
                          flags=['--public-key', os.path.join(nodes[0].dir, 'issuer.pub')]))


def tearDownModule():
    codes = [node.stop() for node in nodes]
    if postgres:
        postgres.stop()
    assert not any(codes), codes


class Op:
    """One request to one entity. `what` is create, update, delete or get; `ovn` what was
    presented; `result` the status, and the new OVN (of a get: the OVN that was read)."""

    def __init__(self, what, ovn):
        self.what, self.ovn, self.begun = what, ovn, time.monotonic()

    def answered(self, status, made):
        self.status, self.made, self.ended = status, made, time.monotonic()
        self.writes = self.what != 'get' and status in (200, 201)

    def fits(self, state):
        """Could this have been the answer if `state` (an OVN or None) had been there?"""
        if self.what == 'create':
            return (self.status == 201) == (state is None)
        if self.what == 'get':
            return self.made == state
        if self.status == 200:
            return state == self.ovn
        if self.what == 'delete' and self.status == 404:
            return state is None
        return state != self.ovn and (self.what == 'update' or state is not None)

    def after(self):
        return None if self.what == 'delete' else self.made

    def __repr__(self):
        return f'{self.what} {self.ovn} -> {self.status} {self.made}'


def first_ones(left):
    """Those that may come next: begun before any of the rest had ended."""
    found, bound = [], float('inf')
    for op in left:
        if op.begun > bound:
            break
        bound = min(bound, op.ended)
        found.append(op)
    return found


def linear(history):
    """None if there is an order of the operations, each between its request and its answer,
    in which every answer is right; else where the search got stuck.

    Wing and Gong's search. What writes nothing and fits goes first: it can stand in no
    one's way. An update or deletion that fits must go next: OVNs never come again, so nothing
    else can leave that state. Only the choice among several creations is tried out."""
    left = sorted(history, key=lambda op: op.begun)
    tries, state, furthest = [], None, (len(left) + 1, None)
    while left:
        fit = [op for op in first_ones(left) if op.fits(state)]
        silent = [op for op in fit if not op.writes]
        if silent:
            for op in silent:
                left.remove(op)
            continue
        if fit:
            for other in fit[1:]:
                tries.append((list(left), other))
            op = fit[0]
        else:
            if len(left) < furthest[0]:
                furthest = (len(left), (state, first_ones(left)))
            if not tries:
                return furthest[1]
            left, op = tries.pop()
        left.remove(op)
        state = op.after()
    return None


class Checker(unittest.TestCase):
    """The checker itself finds what is wrong."""

    @staticmethod
    def op(what, ovn, status, made, begun, ended):
        op = Op(what, ovn)
        op.answered(status, made)
        op.begun, op.ended = begun, ended
        return op

    def test_it_can_say_no(self):
        create = self.op('create', None, 201, 'a', 0, 1)
        update = self.op('update', 'a', 200, 'b', 2, 4)
        self.assertIsNone(linear([create, update, self.op('get', None, 200, 'a', 3, 5)]))
        self.assertIsNone(linear([create, update, self.op('get', None, 200, 'b', 3, 5)]))
        for wrong in (self.op('get', None, 200, 'a', 5, 6),          # stale
                      self.op('get', None, 404, None, 2, 3),         # not there
                      self.op('get', None, 200, 'b', 1.1, 1.9),      # from the future
                      self.op('update', 'a', 200, 'c', 3, 5),        # lost update
                      self.op('create', None, 201, 'c', 3, 5),       # created twice
                      self.op('delete', 'a', 404, None, 1.1, 1.5)):  # refused without cause
            self.assertIsNotNone(linear([create, update, wrong]), wrong)


class Case(unittest.TestCase):
    def setUp(self):
        place[0] += 1
        self.here = {'lat': -50.0 + place[0], 'lng': 30.0}

    def at_once(self, work, clients, using):
        """work(number, link) in so many threads, each on one of the nodes."""
        failures, threads = [], []

        def run(number):
            try:
                # Tokens are all of the first node.
                link = Link(nodes[0], 'uss1', f'{SC} {CM}')
                link.node = using[number % len(using)]
                work(number, link)
            except BaseException as e:
                failures.append(e)
        for number in range(clients):
            threads.append(threading.Thread(target=run, args=(number,)))
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        if failures:
            raise failures[0]

    def each_set(self):
        for using in [nodes[:1]] + ([nodes] if len(nodes) > 1 else []):
            with self.subTest(nodes=len(using)):
                self.setUp()
                yield using


def writes_of(histories):
    return sum(op.writes for history in histories.values() for op in list(history))


class Register(Case):
    def test_one_entity_is_a_register(self):
        """Create, update, delete and get of a few ids by all clients."""
        for using in self.each_set():
            ids = [new_id() for _ in range(4)]
            histories = {ident: [] for ident in ids}
            last = dict.fromkeys(ids)  # the OVN heard of last, by anyone
            end = time.monotonic() + SECONDS

            def work(number, link):
                chance = random.Random(SEED * 100 + number)
                while time.monotonic() < end or writes_of(histories) <= 20:
                    self.one(chance, link, chance.choice(ids), histories, last)
            self.at_once(work, CLIENTS, using)
            for ident in ids:
                stuck = linear(histories[ident])
                self.assertIsNone(stuck, f'seed {SEED}')
            total, writes = sum(map(len, histories.values())), writes_of(histories)
            print(f'{ENGINE}, {len(using)} node(s): {total} operations, {writes} writes')
            self.assertGreater(writes, 20)

    def one(self, chance, link, ident, histories, last):
        ovn = last[ident]
        what = chance.choice(['get', 'create', 'update', 'update', 'delete'])
        if what in ('update', 'delete') and ovn is None:
            what = 'create'
        op = Op(what, ovn)
        path = f'{CONSTRAINTS}/{ident}'
        body = {'extents': [volume(**self.here)], 'uss_base_url': 'https://uss.example'}
        if what == 'get':
            status, answer = link.call('GET', path)
        elif what == 'create':
            status, answer = link.call('PUT', path, body)
        else:
            status, answer = link.call('PUT' if what == 'update' else 'DELETE', f'{path}/{ovn}',
                                       body if what == 'update' else None)
        if status == 503 and 'nothing was applied' in answer['message']:
            return
        self.assertIn(status, (200, 201, 404, 409), answer)
        made = None
        if status < 300:
            made = answer['constraint_reference']['ovn']
            last[ident] = None if what == 'delete' else made
        op.answered(status, made)
        histories[ident].append(op)


class OneWinner(Case):
    def test_one_place_for_one(self):
        """Of many that want one place at the same time without knowing of each other, one
        gets it, and the others are told of it."""
        for using in self.each_set():
            for _ in range(8):
                self.setUp()
                answers = []
                barrier = threading.Barrier(24)

                def work(number, link):
                    ident = new_id()
                    body = oir([volume(**self.here)])
                    link.call('GET', f'{OIRS}/{ident}')  # connects
                    barrier.wait()
                    status, answer = link.call('PUT', f'{OIRS}/{ident}', body)
                    answers.append((status, ident, answer))
                self.at_once(work, 24, using)
                won = [ident for status, ident, _ in answers if status == 201]
                self.assertEqual(len(won), 1, [a[0] for a in answers])
                for status, _, answer in answers:
                    if status == 409:
                        missing = [m['id'] for m in answer['missing_operational_intents']]
                        self.assertEqual(missing, won)
                    else:
                        self.assertIn(status, (201, 503), answer)


class Subscriber(Case):
    def test_a_subscriber_that_replays_knows_all(self):
        """Notification indices rise by one, none is missed, and replayed in their order the
        notifications give what the DSS says itself."""
        for using in self.each_set():
            watcher = Link(nodes[0], 'watcher', SC)
            watch = new_id()
            status, answer = watcher.call('PUT', f'{SUBSCRIPTIONS}/{watch}', {
                'extents': volume(**self.here, size=0.01, upper=2000, start=0, end=20000),
                'uss_base_url': 'https://watcher.example', 'notify_for_operational_intents': True,
                'notify_for_constraints': False})
            self.assertEqual(status, 200, answer)
            told = []
            end = time.monotonic() + SECONDS

            def work(number, link):
                chance = random.Random(SEED * 100 + number)
                mine = {}
                band = {'lower': 20 * number, 'upper': 20 * number + 5}
                while time.monotonic() < end or len(told) <= 20:
                    ident = chance.choice([*mine, new_id()][-3:])
                    self.change(chance, link, ident, mine, band, watch, told)
            self.at_once(work, 16, using)
            told.sort(key=lambda t: t[0])
            self.assertGreater(len(told), 20)
            self.assertEqual([t[0] for t in told], list(range(1, len(told) + 1)))
            known = {}
            for _, ident, ovn in told:
                known[ident] = ovn
            known = {ident: ovn for ident, ovn in known.items() if ovn}
            for node in using:
                watcher.close()
                watcher.node = node
                status, answer = watcher.call('POST', OIRS + '/query', {
                    'area_of_interest': volume(**self.here, upper=2000, start=0, end=20000)})
                found = {o['id'] for o in answer['operational_intent_references']}
                self.assertEqual(found, set(known))
                answer = watcher.call('GET', f'{SUBSCRIPTIONS}/{watch}')[1]
                self.assertEqual(answer['subscription']['notification_index'], len(told))
            for ident, ovn in known.items():
                answer = Link(nodes[0], 'uss1', SC).call('GET', f'{OIRS}/{ident}')[1]
                self.assertEqual(answer['operational_intent_reference']['ovn'], ovn)

    def change(self, chance, link, ident, mine, band, watch, told):
        ovn = mine.get(ident)
        path = f'{OIRS}/{ident}' + (f'/{ovn}' if ovn else '')
        if ovn and chance.random() < 0.4:
            status, answer = link.call('DELETE', path)
            now = None
        else:
            body = oir([volume(**self.here, **band)], key=mine.values())
            status, answer = link.call('PUT', path, body)
            now = answer['operational_intent_reference']['ovn'] if status < 300 else None
        if status == 503 and 'nothing was applied' in answer['message']:
            return
        self.assertIn(status, (200, 201), answer)
        if now:
            mine[ident] = now
        else:
            del mine[ident]
        heard = [s['notification_index'] for u in answer['subscribers']
                 for s in u['subscriptions'] if s['subscription_id'] == watch]
        self.assertEqual(len(heard), 1, answer)  # none is missed
        told.append((heard[0], ident, now))


if __name__ == '__main__':
    unittest.main()
