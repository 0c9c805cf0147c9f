"""What has been answered is never lost, and nothing is ever half there.

usage: test_durability.py BINARY [embedded|cluster]

The node is killed (SIGKILL) at random moments under load from many clients, and started
again; its disk is filled up; PostgreSQL is stopped as by a power cut. After each, all
that the clients know is compared with what the node says.

Environment: TAFADI_KILLS  how often the node is killed (10)
             TAFADI_SEED   of the random choices (the time)
"""
import os
import random
import subprocess
import tempfile
import threading
import time
import unittest

from harness import (CM, SC, SP, DP, Node, Pair, Postgres, arguments, is_sanitized, new_id, oir, volume,
                     fresh)
from link import Link, Lost

BINARY, ENGINE = arguments()
KILLS = int(os.environ.get('TAFADI_KILLS', '10'))
SEED = int(os.environ.get('TAFADI_SEED', str(int(time.time()))))
CLIENTS = 12
OIRS = '/dss/v1/operational_intent_references'
CONSTRAINTS = '/dss/v1/constraint_references'
SUBSCRIPTIONS = '/dss/v1/subscriptions'
ISAS = '/rid/v2/dss/identification_service_areas'
GONE = None


def setUpModule():
    global postgres
    print(f'seed {SEED}')
    postgres = Postgres(sync=True) if ENGINE == 'cluster' else None


def tearDownModule():
    if postgres:
        postgres.stop()


class Kind:
    """How entities of one kind are written, read, and told apart."""

    def __init__(self, root, name, version):
        self.root, self.name, self.version = root, name, version

    def body(self, uss, place):
        area = volume(**place, lower=0, upper=50 + uss.random.random(), start=1)
        if self.root == OIRS:
            how = fresh() if uss.random.random() < 0.7 else {}
            return oir([area], **how)
        if self.root == SUBSCRIPTIONS:
            return {'extents': area, 'uss_base_url': 'https://uss.example',
                    'notify_for_operational_intents': True, 'notify_for_constraints': True}
        if self.root == CONSTRAINTS:
            return {'extents': [area], 'uss_base_url': 'https://uss.example'}
        return {'extents': area, 'uss_base_url': 'https://uss.example'}


KINDS = [Kind(OIRS, 'operational_intent_reference', 'ovn'),
         Kind(CONSTRAINTS, 'constraint_reference', 'ovn'),
         Kind(SUBSCRIPTIONS, 'subscription', 'version'),
         Kind(ISAS, 'service_area', 'version')]


class Uss:
    """One client with entities of its own, in a place of its own. Knows of each id all the
    states that it may be in: one, or two after a request without an answer."""

    def __init__(self, node, number, seed):
        self.random = random.Random(seed * 1000 + number)
        self.place = {'lat': -30 + number % 60, 'lng': 20 + number // 60}
        self.sub = f'uss{number}'
        self.link = Link(node, self.sub, f'{SC} {CM} {SP} {DP}')
        self.watcher = Link(node, 'watcher', SC)
        self.states = {}  # (kind, id): list of the entity as answered, GONE, or a dict 'wanted'
        self.heard = 0    # highest notification index of the watcher's subscription
        self.acknowledged = 0
        self.refused = {}
        self.watch = new_id()
        status, answer = self.watcher.call('PUT', f'{SUBSCRIPTIONS}/{self.watch}', {
            'extents': volume(**self.place, size=0.01, start=0, end=20000),
            'uss_base_url': 'https://watcher.example', 'notify_for_operational_intents': True,
            'notify_for_constraints': True})
        assert status == 200, answer

    def one(self):
        """One request; what came of it is noted."""
        kind, ident = self.pick()
        now = self.states.get((kind, ident), [GONE])[0]
        path = f'{kind.root}/{ident}'
        if now is not GONE:
            path += '/' + now[kind.version]
        if now is not GONE and self.random.random() < 0.4:
            method, body = 'DELETE', None
        else:
            method, body = 'PUT', kind.body(self, self.place)
            if kind is KINDS[0]:
                body['key'] = self.key(ident)
        self.states[kind, ident] = [now, {'method': method}]  # until the answer
        status, answer = self.link.call(method, path, body)
        if status in (200, 201):
            self.note(kind, ident, method, answer)
        elif status == 503 and 'committing' in answer['message']:
            pass  # the database was lost at the end: either
        else:
            self.states[kind, ident] = [now]
            if status != 409 or not self.in_doubt(answer):
                self.refused[status] = self.refused.get(status, 0) + 1

    def in_doubt(self, conflict):
        """Whether a key misses only OVNs of intents that have changed or not: nobody has said."""
        missing = [m['id'] for m in conflict.get('missing_operational_intents', [])]
        return bool(missing) and all(len(self.states.get((KINDS[0], i), [])) == 2 for i in missing)

    def pick(self):
        settled = [k for k, s in self.states.items() if len(s) == 1]
        if settled and (len(settled) > 30 or self.random.random() < 0.6):
            return self.random.choice(settled)
        return self.random.choice(KINDS), new_id()

    def key(self, ident):
        return [s[0]['ovn'] for (kind, other), s in self.states.items()
                if kind is KINDS[0] and other != ident and s[0] is not GONE]

    def note(self, kind, ident, method, answer):
        self.acknowledged += 1
        self.states[kind, ident] = [GONE if method == 'DELETE' else answer[kind.name]]
        for subscriber in answer.get('subscribers', []):
            for s in subscriber['subscriptions']:
                if s.get('subscription_id') == self.watch:
                    assert s['notification_index'] > self.heard, (s, self.heard)
                    self.heard = s['notification_index']

    # --- afterwards

    def read(self, kind, ident):
        status, answer = self.link.call('GET', f'{kind.root}/{ident}')
        assert status in (200, 404), answer
        return answer[kind.name] if status == 200 else GONE

    def check(self):
        """Everything is as it was answered. Settles what was in doubt."""
        self.link.close()  # the node may be another one now
        self.watcher.close()
        for (kind, ident), states in list(self.states.items()):
            found = self.read(kind, ident)
            if len(states) == 1:
                self.same(kind, found, states[0])
            else:
                self.either(kind, found, *states)
            if found is GONE:
                del self.states[kind, ident]
            else:
                self.states[kind, ident] = [found]
        self.check_queries()
        self.check_subscriptions()

    def same(self, kind, found, known):
        assert (found is GONE) == (known is GONE), (self.sub, kind.name, found, known)
        if found is GONE:
            return
        for name, value in known.items():
            if name == 'notification_index':
                assert found[name] >= value, (found, known)
            elif name != 'dependent_operational_intents' and name != 'implicit_subscription':
                assert found.get(name) == value, (name, found, known)

    def either(self, kind, found, before, asked):
        """Applied whole, or not at all."""
        if asked['method'] == 'DELETE' and found is GONE:
            return
        if asked['method'] == 'PUT' and found is not GONE and (
                before is GONE or found[kind.version] != before[kind.version]):
            if 'version' in found and isinstance(found['version'], int):
                assert found['version'] == (1 if before is GONE else before['version'] + 1)
            return
        self.same(kind, found, before)

    def query(self, kind):
        area = volume(**self.place, size=0.005, start=0, end=10000)
        if kind.root == ISAS:
            at, a = self.place, 0.005
            corners = [(at['lat'], at['lng']), (at['lat'] + a, at['lng']),
                       (at['lat'] + a, at['lng'] + a), (at['lat'], at['lng'] + a)]
            status, answer = self.link.call(
                'GET', ISAS + '?area=' + ','.join(f'{x:.4f},{y:.4f}' for x, y in corners))
        else:
            status, answer = self.link.call('POST', kind.root + '/query',
                                            {'area_of_interest': area})
        assert status == 200, answer
        return {e['id'] for e in answer[kind.name + 's']}

    def check_queries(self):
        """Searches find exactly what is there by id."""
        for kind in KINDS:
            known = {ident for (k, ident) in self.states if k is kind}
            found = self.query(kind)
            if kind.root == SUBSCRIPTIONS:  # implicit ones have ids of the node's choice
                assert known <= found, (self.sub, known - found)
            else:
                assert known == found, (self.sub, kind.name, known ^ found)

    def check_subscriptions(self):
        """Each operational intent has its subscription, each implicit one its intents."""
        none = '00000000-0000-4000-8000-000000000000'
        wanted = {}
        for (kind, ident), (known,) in self.states.items():
            if kind is KINDS[0] and known['subscription_id'] != none:
                wanted.setdefault(known['subscription_id'], set()).add(ident)
        for ident in self.query(KINDS[2]) | set(wanted):
            found = self.read(KINDS[2], ident)
            assert found is not GONE, f'{self.sub}: subscription {ident} of {wanted[ident]}'
            depends = set(found.get('dependent_operational_intents', []))
            assert depends == wanted.get(ident, set()), (self.sub, found)
            if found['implicit_subscription']:
                assert depends, (self.sub, found)
        status, answer = self.watcher.call('GET', f'{SUBSCRIPTIONS}/{self.watch}')
        assert status == 200, answer
        assert answer['subscription']['notification_index'] >= self.heard


def run(usses, seconds, between=None, each=0):
    """All clients write until the time is over or the node is lost; `between` happens then. On a
    slow machine the time is longer: each client is to have had so many answers of success."""
    stop = threading.Event()
    failures = []
    wanted = [uss.acknowledged + each for uss in usses]
    deadline = time.monotonic() + 120

    def work(uss):
        try:
            while not stop.is_set():
                uss.one()
        except Lost:
            pass
        except BaseException as e:
            failures.append(e)

    threads = [threading.Thread(target=work, args=(uss,)) for uss in usses]
    for t in threads:
        t.start()
    time.sleep(seconds)
    while (any(uss.acknowledged < n for uss, n in zip(usses, wanted)) and not failures
           and time.monotonic() < deadline):
        time.sleep(0.02)
    if between:
        between()
    stop.set()
    for t in threads:
        t.join()
    if failures:
        raise failures[0]


def ready(node):
    status = Link(node, 'uss1', SC).call('GET', '/readyz')[0]
    assert status in (200, 503), status
    return status == 200


class Kill(unittest.TestCase):
    def test_kill_at_random_moments(self):
        chance = random.Random(SEED)
        node = Node(BINARY, postgres)
        self.addCleanup(node.stop)
        usses = [Uss(node, n, SEED) for n in range(CLIENTS)]
        doubts = 0
        for _ in range(KILLS):
            run(usses, 0.05 + 0.5 * chance.random(), node.kill, each=2)
            node.pump.wait(60)
            doubts += sum(len(s) > 1 for uss in usses for s in uss.states.values())
            node.start()
            for uss in usses:
                uss.check()
        done = sum(uss.acknowledged for uss in usses)
        print(f'{KILLS} kills, {done} answered writes, {doubts} without an answer')
        self.assertGreater(done, 20 * KILLS)

    @unittest.skipIf(ENGINE == 'cluster', 'the file is of the embedded engine')
    def test_no_gap_after_a_clean_end(self):
        node = Node(BINARY)
        self.addCleanup(node.stop)
        uss = Uss(node, 0, SEED)
        while uss.acknowledged < 40:
            uss.one()
        self.assertEqual(node.stop(remove=False), 0)
        node.start()
        uss.check()
        answer = uss.watcher.call('GET', f'{SUBSCRIPTIONS}/{uss.watch}')[1]
        self.assertEqual(answer['subscription']['notification_index'], uss.heard)


@unittest.skipIf(ENGINE == 'cluster', 'the file is of the embedded engine')
class FullDisk(unittest.TestCase):
    def fill_and_free(self, node, fill, free, sure=True):
        usses = [Uss(node, n, SEED) for n in range(4)]
        for _ in range(2):
            run(usses, 0.3, each=1)
            fill()
            for uss in usses:
                uss.refused.clear()
            for _ in range(20):  # the log's file may have room of its own for a while
                run(usses, 0.6)
                if all(uss.refused.get(507) for uss in usses) and not ready(node):
                    break
            else:
                if not sure:
                    free()
                    self.skipTest('the data file had room enough of its own')
            for uss in usses:
                self.assertGreater(uss.refused.get(507, 0), 0, uss.refused)
                self.assertEqual(set(uss.refused) - {507, 503}, set())
                uss.check()  # reads go on, and nothing of the refused is there
            if sure:
                self.assertFalse(ready(node))
            free()
            deadline = time.monotonic() + 60
            while not ready(node):
                self.assertLess(time.monotonic(), deadline, 'not ready again with room to write')
                time.sleep(0.1)
            before = [uss.acknowledged for uss in usses]
            run(usses, 0.3, each=1)
            for uss, then in zip(usses, before):
                self.assertGreater(uss.acknowledged, then)
                uss.check()
        node.kill()
        node.pump.wait(60)
        node.start()
        for uss in usses:
            uss.check()
        self.assertEqual(node.stop(remove=False), 0)

    def test_file_size_limit(self):
        node = Node(BINARY)
        self.addCleanup(node.stop)

        def limit(text):
            subprocess.run(['prlimit', '--pid', str(node.process.pid), f'--fsize={text}:'],
                           check=True)
        self.fill_and_free(node, lambda: limit(4096), lambda: limit('unlimited'))

    @unittest.skipUnless(os.geteuid() == 0, 'only root can mount a small disk')
    def test_small_disk(self):
        folder = tempfile.mkdtemp(prefix='tafadi-disk-')
        self.addCleanup(os.rmdir, folder)
        if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', folder],
                          stderr=subprocess.DEVNULL).returncode:
            self.skipTest('no right to mount')
        self.addCleanup(subprocess.run, ['umount', folder], check=True)
        node = Node(BINARY, state_dir=folder + '/state')
        self.addCleanup(node.stop)
        ballast = folder + '/ballast'

        def fill():
            with open(ballast, 'wb', buffering=0) as f:
                for size in (1 << 20, 1 << 12, 1):
                    try:
                        while f.write(bytes(size)) == size:
                            pass
                    except OSError:
                        pass
        self.fill_and_free(node, fill, lambda: os.unlink(ballast), sure=False)


@unittest.skipIf(ENGINE == 'embedded', 'needs PostgreSQL')
class Database(unittest.TestCase):
    def test_stopped_as_by_a_power_cut(self):
        """Answers are right or 503; what was answered is there; connections recover."""
        node = Node(BINARY, postgres)
        self.addCleanup(node.stop)
        usses = [Uss(node, 100 + n, SEED) for n in range(CLIENTS)]
        for _ in range(3):
            run(usses, 0.8, postgres.restart)
            for uss in usses:
                self.assertEqual(set(uss.refused) - {503}, set())
                uss.check()
            before = [uss.acknowledged for uss in usses]
            run(usses, 1, each=1)
            for uss, then in zip(usses, before):
                self.assertGreater(uss.acknowledged, then)
                uss.check()

    @unittest.skipIf(is_sanitized(BINARY), 'waits for 10 s, and once is enough')
    def test_what_takes_too_long_is_not_applied_later(self):
        """Somebody holds what a write needs for longer than a request may take."""
        node = Node(BINARY, postgres)
        self.addCleanup(node.stop)
        link, ident = Link(node, 'uss1', f'{SP} {DP}'), new_id()
        body = {'extents': volume(lat=-40, start=1), 'uss_base_url': 'https://uss.example'}
        holder = subprocess.Popen(['psql', '-qAt', '-d', postgres.dsn('rid')], text=True,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(holder.communicate)
        holder.stdin.write('BEGIN; LOCK TABLE identification_service_areas IN SHARE MODE; '
                           "SELECT 'held';\n")
        holder.stdin.flush()
        self.assertEqual(holder.stdout.readline(), 'held\n')
        status, answer = link.call('PUT', f'{ISAS}/{ident}', body)
        self.assertEqual(status, 503, answer)
        self.assertIn('nothing was applied', answer['message'])
        self.assertEqual(link.call('GET', f'{ISAS}/{ident}')[0], 404)
        holder.stdin.write('COMMIT;\n')
        holder.stdin.flush()
        # The next one waits for the same worker or lock, so that what was late would be there now.
        for _ in range(20):
            status, answer = link.call('PUT', f'{ISAS}/{new_id()}', body)
            self.assertEqual(status, 200, answer)
        self.assertEqual(link.call('GET', f'{ISAS}/{ident}')[0], 404)

    def test_connections_cut(self):
        """All of the node's connections are ended again and again by the server."""
        node = Node(BINARY, postgres)
        self.addCleanup(node.stop)
        usses = [Uss(node, 200 + n, SEED) for n in range(CLIENTS)]

        def cut():
            for _ in range(20):
                subprocess.run(['psql', '-q', '-d', postgres.dsn('postgres'), '-c',
                                'SELECT pg_terminate_backend(pid) FROM pg_stat_activity'
                                " WHERE datname IN ('scd', 'rid')"], check=True,
                               stdout=subprocess.DEVNULL)
                time.sleep(0.05)
        run(usses, 0.3, cut, each=2)
        for uss in usses:
            self.assertEqual(set(uss.refused) - {503}, set())
            uss.check()
        self.assertGreater(sum(uss.acknowledged for uss in usses), 20)


@unittest.skipIf(ENGINE == 'embedded', 'needs PostgreSQL')
class Failover(unittest.TestCase):
    def setUp(self):
        self.primary = Postgres(sync=True)
        self.addCleanup(self.primary.stop)
        self.standby = Postgres(self.primary, sync=True)
        self.addCleanup(self.standby.stop)
        self.primary.await_standby()

    def wait_for(self, what):
        deadline = time.monotonic() + 120
        while not what():
            self.assertLess(time.monotonic(), deadline, 'it did not come to pass')
            time.sleep(0.05)

    def test_to_the_standby(self):
        """The primary dies under load; until the standby takes over the answer is 503, then
        everything is there that was answered, and the node goes on by itself."""
        node = Node(BINARY, Pair(self.primary, self.standby))
        self.addCleanup(node.stop)
        usses = [Uss(node, 300 + n, SEED) for n in range(6)]
        run(usses, 1, self.primary.kill, each=1)
        for uss in usses:
            self.assertEqual(set(uss.refused) - {503}, set())
        # The standby is there, but takes no writes, and what it has may be old.
        one, other = usses[:2]
        before = one.acknowledged, one.refused.get(503, 0)
        writing = threading.Thread(target=one.one)
        writing.start()
        self.assertEqual(other.link.call('GET', f'{SUBSCRIPTIONS}/{other.watch}')[0], 503)
        writing.join()
        self.assertEqual((one.acknowledged, one.refused.get(503, 0)), (before[0], before[1] + 1))
        self.assertFalse(ready(node))
        self.standby.promote()
        self.wait_for(lambda: ready(node))  # though nobody has asked for anything else
        for uss in usses:
            uss.check()
        before = [uss.acknowledged for uss in usses]
        run(usses, 1, each=1)
        for uss, then in zip(usses, before):
            self.assertGreater(uss.acknowledged, then)
            uss.check()

    def test_not_acknowledged_without_the_standby(self):
        """A commit whose wait for the standby is broken off may be lost by a failover: the answer
        says that nobody knows."""
        node = Node(BINARY, self.primary)
        self.addCleanup(node.stop)
        # First of all: what waits would keep the node from stopping.
        for statement in ('SELECT pg_reload_conf()', 'ALTER SYSTEM RESET synchronous_standby_names'):
            self.addCleanup(self.primary.sql, 'postgres', statement)
        uss = Uss(node, 400, SEED)
        self.standby.kill()
        before = uss.acknowledged
        asking = threading.Thread(target=uss.one)
        asking.start()
        self.wait_for(lambda: self.primary.sql(
            'postgres', "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname IN ('scd', "
            "'rid') AND wait_event = 'SyncRep'"))
        asking.join()
        self.assertEqual((uss.acknowledged, len(uss.states), uss.refused), (before, 1, {}))
        self.assertEqual([len(states) for states in uss.states.values()], [2])  # nobody knows
        uss.check()


if __name__ == '__main__':
    unittest.main()
