"""All kinds of requests at once for some seconds, with keys and metrics read meanwhile: no answer
is an error, nothing of it stays, and a thread sanitizer (suite tsan) finds no race.

usage: test_races.py BINARY [embedded|cluster] [SECONDS]
"""
import random
import signal
import sys
import threading
import time
import unittest

from harness import (AA, CM, CMSA, CP, DP, SC, SP, Client, Node, Postgres, arguments, fresh, new_id, oir,
                     volume)

BINARY, ENGINE = arguments()
SECONDS = float(sys.argv.pop(1)) if len(sys.argv) > 1 and sys.argv[1][0].isdigit() else 4.0
OIRS = '/dss/v1/operational_intent_references'
CONSTRAINTS = '/dss/v1/constraint_references'
SUBSCRIPTIONS = '/dss/v1/subscriptions'
ISAS = '/rid/v2/dss/identification_service_areas'
RID_SUBSCRIPTIONS = '/rid/v2/dss/subscriptions'
AREA = '50.0,10.0,50.0,10.01,50.01,10.01,50.01,10.0'


def setUpModule():
    global node, postgres
    postgres = Postgres() if ENGINE == 'cluster' else None
    node = Node(BINARY, postgres)


def tearDownModule():
    code = node.stop()
    if postgres:
        postgres.stop()
    node.log.seek(0)
    assert code == 0, f'the node stopped with {code}: {node.log.read()[-8000:]}'


class Worker:
    """One client's work, over and over until the time is up."""

    def __init__(self, number, stop):
        self.rng = random.Random(number)
        self.client = Client(node, f'uss{number}', ' '.join((SC, CMSA, CM, CP, AA, DP, SP)))
        self.stop = stop
        self.done = 0

    def want(self, answer, *statuses):
        assert answer[0] in statuses, answer
        self.done += 1
        return answer[1]

    def here(self, **more):
        level = self.rng.randrange(0, 3000)
        return volume(**{'lat': 50.0, 'lng': 10.0, 'lower': level, 'upper': level + 1, **more})

    def flight(self, lat, **more):
        id, path = new_id(), None
        body = oir([self.here(lat=lat)], **more)
        made = self.want(self.client.put(f'{OIRS}/{id}', body), 201, 409)
        if 'operational_intent_reference' not in made:
            return
        made = made['operational_intent_reference']
        if 'new_subscription' in more:
            body = {**body, 'state': 'Nonconforming', 'subscription_id': made['subscription_id']}
            body.pop('new_subscription')
            changed = self.want(self.client.put(f"{OIRS}/{id}/{made['ovn']}", body), 200)
            made = changed['operational_intent_reference']
        self.want(self.client.get(f'{OIRS}/{id}'), 200)
        path = f"{OIRS}/{id}/{made['ovn']}"
        self.want(self.client.delete(path), 200)

    def busy(self):
        self.flight(50.0, **fresh())

    def spread(self):
        self.flight(self.rng.uniform(-60, 40))

    def search(self):
        area = {'area_of_interest': self.here(lower=0, upper=3000)}
        self.want(self.client.post(f'{OIRS}/query', area), 200)
        self.want(self.client.post(f'{SUBSCRIPTIONS}/query', area), 200)
        self.want(self.client.post(f'{CONSTRAINTS}/query', area), 200)

    def constraint(self):
        id = new_id()
        body = {'extents': [self.here()], 'uss_base_url': 'https://a.example'}
        made = self.want(self.client.put(f'{CONSTRAINTS}/{id}', body), 201)['constraint_reference']
        self.want(self.client.delete(f"{CONSTRAINTS}/{id}/{made['ovn']}"), 200)

    def subscription(self):
        id = new_id()
        body = {'extents': volume(lat=50.0, lng=10.0, start=0, end=600, upper=3000),
                'uss_base_url': 'https://a.example', 'notify_for_operational_intents': True,
                'notify_for_constraints': True}
        made = self.want(self.client.put(f'{SUBSCRIPTIONS}/{id}', body), 200)['subscription']
        self.want(self.client.delete(f"{SUBSCRIPTIONS}/{id}/{made['version']}"), 200)

    def rid(self):
        extents = volume(lat=50.0, lng=10.0, size=0.01, start=0)
        body = {'extents': extents, 'uss_base_url': 'https://a.example'}
        isa, sub = f'{ISAS}/{new_id()}', f'{RID_SUBSCRIPTIONS}/{new_id()}'
        told = self.want(self.client.put(sub, body), 200)['subscription']
        made = self.want(self.client.put(isa, body), 200)['service_area']
        made = self.want(self.client.put(f"{isa}/{made['version']}", body), 200)['service_area']
        self.want(self.client.get(f'{ISAS}?area={AREA}'), 200)
        self.want(self.client.delete(f"{isa}/{made['version']}"), 200)
        self.want(self.client.delete(f"{sub}/{told['version']}"), 200)

    def availability(self):
        path = f'/dss/v1/uss_availability/of-{self.client.sub}'  # not of one that plans here
        now = self.want(self.client.get(path), 200)
        self.want(self.client.put(path, {'old_version': now['version'],
                                         'availability': self.rng.choice(('Normal', 'Down'))}), 200)

    def metrics(self):
        self.want(self.client.get('/metrics'), 200)
        self.want(self.client.get('/readyz'), 200)
        self.want(Client(node, token='x').get(f'{OIRS}/{new_id()}'), 401)

    def run(self):
        works = [self.busy, self.busy, self.spread, self.search, self.constraint, self.subscription,
                 self.rid, self.availability, self.metrics]
        while time.monotonic() < self.stop or not self.done:
            self.rng.choice(works)()


class Races(unittest.TestCase):
    def test_everything_at_once(self):
        stop = time.monotonic() + SECONDS
        workers = [Worker(i, stop) for i in range(12)]
        errors = []
        def run(worker):
            try:
                worker.run()
            except Exception as error:  # shown below
                errors.append(repr(error))
        threads = [threading.Thread(target=run, args=(w,)) for w in workers]
        for t in threads:
            t.start()
        while time.monotonic() < stop:
            time.sleep(0.1)
            node.process.send_signal(signal.SIGHUP)  # keys are replaced under way
        for t in threads:
            t.join()
        self.assertEqual(errors, [])
        self.assertGreater(min(w.done for w in workers), 0)
        print(sum(w.done for w in workers), 'requests')
        area = {'area_of_interest': volume(lat=50.0, lng=10.0, upper=3000)}
        client = workers[0].client
        for path, name in ((OIRS, 'operational_intent_references'),
                           (CONSTRAINTS, 'constraint_references'), (SUBSCRIPTIONS, 'subscriptions')):
            status, body = client.post(path + '/query', area)
            self.assertEqual((status, body[name]), (200, []))
        self.assertEqual(client.get(f'{ISAS}?area={AREA}')[1], {'service_areas': []})


if __name__ == '__main__':
    unittest.main(verbosity=2, warnings='ignore')
