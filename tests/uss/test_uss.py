#!/usr/bin/env python3
"""Two nodes as USSs over one DSS: planning, conflicts, a USS that is down or misbehaves."""
import base64
import json
import subprocess
import sys
import time
import unittest

import world
from harness import Postgres, at, free_port, new_id, volume, when
from parties import wait_for

BINARY = sys.argv.pop(1)
COMPLETED = {'Planned': ('Completed', 'Planned'), 'InUse': ('Completed', 'OkToFly')}


def here(**more):
    """A volume that has begun."""
    return [volume(**{'start': -5, **more})]


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world.World(BINARY)
        cls.n, cls.s, cls.mock = cls.world.n, cls.world.s, cls.world.mock

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def tearDown(self):
        self.world.clear()

    def planned(self, uss, *args, **more):
        id_, result = uss.plan(*args, **more)
        self.assertEqual(result[0], 'Completed', uss.notes)
        return id_

    def refused(self, uss, *args, result=('Rejected', 'NotPlanned'), **more):
        id_, got = uss.plan(*args, **more)
        self.assertEqual(got, result, uss.notes)
        return id_

    def reference(self, id_):
        status, answer = self.mock.dss('GET', f'{world.OIRS}/{id_}')
        return answer['operational_intent_reference'] if status == 200 else None


class Planning(Case):
    def test_life(self):
        """Planned, changed, flown, ended: in the DSS and in the details alike."""
        id_ = self.planned(self.s, here())
        for usage, state in (('Planned', 'Accepted'), ('InUse', 'Activated')):
            self.planned(self.s, here(upper=120), usage=usage, id_=id_)
            reference = self.reference(id_)
            self.assertEqual((reference['manager'], reference['state']), ('south.example', state))
            # Within a second, when the machine lets it.
            status, answer = wait_for(lambda: (got := self.s.details(id_, self.mock.caller)) and
                                      self.mock.caller.seconds < 1 and got)
            self.assertEqual(status, 200)
            intent = answer['operational_intent']
            self.assertEqual(intent['reference']['version'], reference['version'])
            self.assertEqual(intent['reference']['state'], state)
            self.assertGreaterEqual(len(intent['reference']['ovn']), 16)
            self.assertEqual(intent['details']['volumes'][0]['volume']['altitude_upper']['value'], 120)
            self.assertEqual(intent['details']['priority'], 0)
        status, answer = self.s.close(id_)
        self.assertEqual((status, answer['planning_result'], answer['flight_plan_status']),
                         (200, 'Completed', 'Closed'))
        self.assertIsNone(self.reference(id_))
        self.assertEqual(self.s.details(id_)[0], 404)
        self.assertEqual(self.s.close(id_)[0], 404)

    def test_at_once_in_use(self):
        id_, result = self.s.plan(here(), usage='InUse')
        self.assertEqual(result, ('Completed', 'OkToFly'), self.s.notes)
        self.assertEqual(self.reference(id_)['state'], 'Activated')

    def test_equal_priority(self):
        first = self.planned(self.n, here())
        second = self.refused(self.s, here(lat=34.0005))
        self.assertIn(first, self.s.notes)
        self.assertIsNone(self.reference(second))
        self.assertEqual(self.s.details(second)[0], 404)
        # Above it, beside it in time, and a little beside it in space: good.
        for free in (here(lower=101, upper=200), [volume(start=3700, end=4000)],
                     here(lat=34.00101)):
            self.planned(self.s, free)
        self.assertEqual(self.n.close(first)[0], 200)
        self.planned(self.s, here(), id_=second)

    def test_own_flights_count(self):
        self.planned(self.n, here())
        self.refused(self.n, here())

    def test_higher_priority(self):
        low = self.planned(self.n, here())
        self.refused(self.s, here(), priority=-1)
        high = self.planned(self.s, here(lat=34.0005), priority=10)
        # What is lower can neither be activated nor be changed there any more.
        self.refused(self.n, here(), usage='InUse', id_=low, result=('Rejected', 'Planned'))
        self.assertIn(high, self.n.notes)
        self.refused(self.n, here(lower=1), id_=low, result=('Rejected', 'Planned'))
        self.assertEqual(self.reference(low)['state'], 'Accepted')
        self.planned(self.n, here(lower=101, upper=150), usage='InUse', id_=low)

    def test_activated_before_conflict(self):
        """An activated flight may be changed in a conflict that it was in, not into another."""
        low = self.planned(self.n, here(), usage='InUse')
        self.planned(self.s, here(lat=34.0005), priority=10)
        self.planned(self.n, here(upper=90), usage='InUse', id_=low)
        self.planned(self.s, here(lat=34.003), priority=10)
        self.planned(self.n, here(lat=34.0), usage='InUse', id_=low)
        other = self.planned(self.n, here(lat=34.006), usage='InUse')
        self.refused(self.n, here(lat=34.003), usage='InUse', id_=other,
                     result=('Rejected', 'OkToFly'))

    def test_off_nominal(self):
        id_ = self.planned(self.n, here(), usage='InUse')
        self.refused(self.s, here())
        self.assertEqual(self.telemetry(id_), 409)
        for uas, state in (('OffNominal', 'Nonconforming'), ('Contingent', 'Contingent')):
            _, result = self.n.plan(here(size=0.003), usage='InUse', uas=uas, style='InReality',
                                    id_=id_)
            self.assertEqual(result, ('Completed', 'OffNominal'), self.n.notes)
            self.assertEqual(self.reference(id_)['state'], state)
            details = self.n.details(id_)[1]['operational_intent']['details']
            self.assertEqual((len(details['volumes']), len(details['off_nominal_volumes'])), (1, 1))
            self.assertEqual(self.telemetry(id_), 412)
        self.refused(self.s, here(lat=34.002))  # where it only may be
        self.refused(self.n, here(), usage='Planned', id_=id_, result=('Rejected', 'OffNominal'))

    def telemetry(self, id_):
        status, _ = self.mock.caller.call(self.n.port, 'GET',
                                          f'/uss/v1/operational_intents/{id_}/telemetry',
                                          scope=world.CMSA)
        return status

    def test_reality(self):
        """What is flown is said, whatever is in the way."""
        low = self.planned(self.n, here(), usage='InUse')
        self.planned(self.s, here(lat=34.003), priority=10)
        _, result = self.n.plan(here(lat=34.003), usage='InUse', style='InReality', id_=low)
        self.assertEqual(result, ('Completed', 'OffNominal'), self.n.notes)
        self.assertEqual(self.reference(low)['state'], 'Nonconforming')

    def test_wishes(self):
        day = 86400
        for bad in ([volume(start=31 * day, end=31 * day + 60)], [volume(start=-100, end=-50)]):
            self.refused(self.n, bad)
        self.refused(self.n, [volume(start=60)], usage='InUse')
        self.refused(self.n, [])
        _, result = self.n.plan(here(), style='Hypothetical')
        self.assertEqual(result, ('NotSupported', 'NotPlanned'))
        _, result = self.n.plan(here(), uas='OffNominal')
        self.assertEqual(result, ('NotSupported', 'NotPlanned'))

    def test_request_twice(self):
        request = new_id()
        id_ = self.planned(self.n, here(), request=request)
        before = self.reference(id_)
        self.planned(self.n, here(), request=request, id_=id_)
        self.assertEqual(self.reference(id_), before)

    def test_clear_area(self):
        inside = self.planned(self.n, here())
        outside = self.planned(self.n, here(lat=35.0))
        status, answer = self.n.planner.call(
            self.n.port, 'POST', '/flight_planning/v1/clear_area_requests',
            {'request_id': new_id(), 'extent': here(size=0.01)[0]}, world.DIRECT)
        self.assertEqual((status, answer['outcome']['success']), (200, True))
        self.assertIsNone(self.reference(inside))
        self.assertIsNotNone(self.reference(outside))

    def test_many_volumes(self):
        volumes = [volume(lat=34 + i / 500, start=-5) for i in range(20)]
        self.planned(self.n, volumes)
        self.refused(self.s, here(lat=34.038))
        self.planned(self.s, here(lat=34.05))


class Telling(Case):
    def test_peer_is_told(self):
        """South has planned near by: north's USS tells it of what is new, changed and ended."""
        self.planned(self.s, here())
        self.mock.put(here(lat=34.005))
        heard = lambda: [one for one in self.mock.heard if one[1]['operational_intent_id'] == id_]
        for _ in range(10):  # within five seconds, when the machine lets it
            began = time.time()
            id_ = self.planned(self.n, here(lat=34.003))
            at_time, body = wait_for(heard)[0]
            if at_time - began < 5:
                break
            self.n.close(id_)
        self.assertLess(at_time - began, 5)
        self.assertEqual(body['operational_intent']['reference']['version'], 1)
        self.assertEqual(body['operational_intent'],
                         self.n.details(id_)[1]['operational_intent'])
        self.assertTrue(body['subscriptions'])
        self.n.close(id_)
        wait_for(lambda: 'operational_intent' not in heard()[-1][1])

    def test_again_until_taken(self):
        self.mock.put(here(lat=34.005))
        self.mock.notices = 503
        id_ = self.planned(self.n, here(lat=34.003))
        heard = lambda: [body for _, body in self.mock.heard if body['operational_intent_id'] == id_]
        wait_for(lambda: len(heard()) >= 2)
        self.assertEqual(len({str(body) for body in heard()}), 1)
        # What has changed meanwhile takes its place.
        self.planned(self.n, here(lat=34.003, upper=90), id_=id_)
        version = lambda body: body['operational_intent']['reference']['version']
        wait_for(lambda: version(heard()[-1]) == 2)
        self.mock.notices = 204
        wait_for(lambda: self.mock.taken)
        time.sleep(2.5)  # what is taken does not come again
        self.assertEqual([version(body) for body in self.mock.taken], [2])
        versions = [version(body) for body in heard()]
        self.assertEqual(versions, sorted(versions))

    def test_what_was_told_is_used(self):
        """Of what a peer has told, the details are not asked for again."""
        self.planned(self.n, here())
        id_ = self.mock.put(here(lat=34.003), priority=5)
        self.assertEqual(self.mock.tell(id_, self.n.port), [204])
        self.mock.asked.clear()
        self.refused(self.n, here(lat=34.003))
        self.assertIn(id_, self.n.notes)
        self.assertEqual(self.mock.asked, [])
        # Changed, and not told: asked.
        self.mock.put(here(lat=34.005), id_=id_)
        self.planned(self.n, here(lat=34.003))
        self.assertEqual(self.mock.asked, [id_])

    def test_overtaken(self):
        """What comes late is older than what is known, and changes nothing."""
        self.planned(self.n, here())
        id_ = self.mock.put(here(lat=34.003))
        old, subscribers = self.mock.intents[id_], self.mock.subscribers
        self.mock.put(here(lat=34.003, upper=90), id_=id_)
        new = self.mock.intents[id_]
        for intent in (new, old):
            self.mock.intents[id_], self.mock.subscribers = intent, subscribers
            self.assertEqual(self.mock.tell(id_, self.n.port), [204])
        self.mock.intents[id_] = new
        self.mock.asked.clear()
        self.refused(self.n, here(lat=34.003))
        self.assertEqual(self.mock.asked, [])  # the newer one is known, and used

    def test_strangers_do_not_count(self):
        """What somebody tells of another's intent is not used."""
        self.planned(self.n, here())
        id_ = self.mock.put(here(lat=34.003))
        stranger = world.Caller(self.world.issuer, 'stranger')
        lie = {**self.mock.intents[id_], 'details': {'volumes': here(lat=36), 'priority': 0}}
        status, _ = stranger.call(self.n.port, 'POST', '/uss/v1/operational_intents',
                                  {'operational_intent_id': id_, 'operational_intent': lie,
                                   'subscriptions': [{'subscription_id': new_id(),
                                                      'notification_index': 0}]})
        self.assertEqual(status, 204)
        self.refused(self.n, here(lat=34.003))
        self.assertIn(id_, self.mock.asked)

    def test_our_people_hear(self):
        """A peer's intent that meets ours: in the ledger, as an event, and for the test suite."""
        began = at(-1)
        mine = self.planned(self.n, here(lat=34.2))
        id_ = self.mock.put(here(lat=34.2005), priority=7)
        self.assertEqual(self.mock.tell(id_, self.n.port), [204])
        self.assertEqual(self.mock.tell(id_, self.n.port), [204])  # twice, and heard of once
        other = self.mock.put(here(lat=34.2, lower=150, upper=160))
        self.mock.tell(other, self.n.port)
        found = self.entries(self.world.north, mine, 'uss.conflict')
        self.assertEqual([(one['with'], one['from'], one['other_priority']) for one in found],
                         [(id_, 'mock', 7)])
        path = '/flight_planning/v1/user_notifications'
        status, answer = self.n.planner.call(self.n.port, 'GET', f'{path}?after={began}',
                                             scope=world.PLAN)
        self.assertEqual(status, 200)
        notices = [json.loads(one['message']) for one in answer['user_notifications']]
        mine_only = [one for one in notices if one['id'] == mine]
        self.assertEqual([(one['other'], one['other_priority']) for one in mine_only], [(id_, 7)])
        for query in ('', '?after=x', f'?after={began}&before=y'):
            self.assertEqual(self.n.planner.call(self.n.port, 'GET', path + query,
                                                 scope=world.PLAN)[0], 400)
        status, answer = self.n.planner.call(self.n.port, 'GET',
                                             f'{path}?after={began}&before={began}',
                                             scope=world.PLAN)
        self.assertEqual((status, answer), (200, {'user_notifications': []}))

    def test_ledger(self):
        """Who was told what and when is in the ledger."""
        self.mock.put(here(lat=34.005))
        id_ = self.planned(self.n, here(lat=34.003))
        wait_for(lambda: self.mock.heard)
        entries = wait_for(lambda: self.entries(self.world.north, id_, 'uss.told'))
        self.assertEqual((entries[0]['url'], entries[0]['status']), (self.mock.url, 204))
        self.assertTrue(self.entries(self.world.north, id_, 'uss.intent'))
        self.world.north.verify()

    def entries(self, party, id_, kind):
        done = subprocess.run([party.binary, 'ledger', 'audit', '--kind', kind, '--json',
                               '--state-dir', party.dir], capture_output=True, text=True, check=True)
        entries = [json.loads(line)['entry'] for line in done.stdout.splitlines()]
        return [entry for entry in entries if entry['id'] == id_]


class Logs(Case):
    """What was said between USSs and the DSS, as each of them has kept it."""

    def log_set(self, party, *flags, code=0):
        done = subprocess.run([party.binary, 'evidence', 'log-set', '--state-dir', party.dir, *flags],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout) if not code else done.stderr

    def records(self, party, fits, *flags):
        found = [one for one in self.log_set(party, *flags)['messages'] if fits(one)]
        for one in found:
            self.assertTrue({'url', 'method', 'headers', 'recorder_role', 'request_time'} <= set(one))
            self.assertIn(one['recorder_role'], ('Client', 'Server'))
            self.assertEqual(one['request_time']['format'], 'RFC3339')
            for header in one['headers']:
                name, kind, token = header.split(' ')
                self.assertEqual((name, kind), ('Authorization:', 'Bearer'))
                self.assertEqual(token.count('.'), 1, 'a signature was kept')
                json.loads(base64.urlsafe_b64decode(token.split('.')[1] + '=='))
        return found

    def test_both_have_the_same(self):
        before = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())
        near = self.planned(self.s, here())
        self.planned(self.n, here(lat=34.003))
        ours = f'{self.s.party.url}/uss/v1/operational_intents'
        told = wait_for(lambda: self.records(self.world.north, lambda one: one['url'] == ours, '--from', before))
        heard = wait_for(lambda: self.records(
            self.world.south, lambda one: one['method'] == 'POST' and one['recorder_role'] == 'Server', '--from',
            before))
        self.assertEqual([one['recorder_role'] for one in told], ['Client'])
        for key in ('url', 'method', 'headers', 'request_body', 'response_code', 'response_body'):
            self.assertEqual(told[0][key], heard[0][key], key)
        self.assertEqual(told[0]['response_code'], 204)
        body = json.loads(base64.b64decode(told[0]['request_body']))
        self.assertEqual(body['operational_intent']['reference']['manager'], 'north.example')
        put = self.records(self.world.south, lambda one: one['method'] == 'PUT' and near in one['url'])
        self.assertEqual([one['response_code'] for one in put], [201])
        answer = json.loads(base64.b64decode(put[0]['response_body']))
        self.assertEqual(answer['operational_intent_reference']['id'], near)
        self.assertEqual(self.log_set(self.world.north, '--until', before, '--from', before)['messages'], [])

    def test_nobody_known_is_not_kept(self):
        path = f'/uss/v1/operational_intents/{new_id()}'
        for token, expected in (('', 401), (None, 404)):
            self.assertEqual(self.mock.caller.call(self.n.port, 'GET', path, None, world.SC, token=token)[0],
                             expected)
        kept = wait_for(lambda: self.records(self.world.north, lambda one: path in one['url']))
        self.assertEqual([one['response_code'] for one in kept], [404])

    def test_no_answer(self):
        """That nobody answered is on record, with why."""
        url, self.mock.url = self.mock.url, f'http://127.0.0.1:{free_port()}'
        try:
            id_ = self.mock.put(here(lat=34.003))
        finally:
            there, self.mock.url = self.mock.url, url
        self.n.plan(here())
        asked = wait_for(lambda: self.records(self.world.north, lambda one: one['url'].startswith(there)))
        self.assertEqual(asked[0]['url'], f'{there}/uss/v1/operational_intents/{id_}')
        self.assertTrue(asked[0]['problem'])
        self.assertFalse({'response_code', 'response_time', 'response_body'} & set(asked[0]))

    def test_wrong_use(self):
        self.assertIn('--from', self.log_set(self.world.north, '--from', 'noon', code=2))


class Misbehaving(Case):
    """A peer's details that cannot be had or believed: nothing is planned beside them."""

    def fails(self, twist):
        id_ = self.mock.put(here(lat=34.003))
        self.mock.twist = twist
        mine, result = self.n.plan(here(lat=34.0045))
        self.assertEqual(result, ('Failed', 'NotPlanned'), self.n.notes)
        self.assertIsNone(self.reference(mine))
        self.assertEqual(self.n.details(mine)[0], 404)
        self.mock.twist = None
        self.planned(self.n, here(lat=34.0045), id_=mine)
        self.n.close(mine)
        self.mock.delete(id_)

    def test_answers(self):
        def changed(**changes):
            def twist(id_, answer):
                intent = answer['operational_intent']
                for name, value in changes.items():
                    part, key = name.split('__')
                    intent[part][key] = value(intent[part][key]) if callable(value) else value
                return 200, answer
            return twist

        for name, twist in {
                '500': lambda id_, answer: (500, {'message': 'sorry'}),
                '404': lambda id_, answer: (404, {'message': 'sorry'}),
                'no JSON': lambda id_, answer: (200, b'{"operational_intent": {'),
                'not UTF-8': lambda id_, answer: (200, b'{"operational_intent": "\xff"}'),
                'no object': lambda id_, answer: (200, [answer]),
                'nothing': lambda id_, answer: (200, {}),
                'other id': changed(reference__id=new_id()),
                'other manager': changed(reference__manager='other'),
                'no OVN': changed(reference__ovn=None),
                'state of nowhere': changed(reference__state='Flying'),
                'another state': changed(reference__state='Activated'),
                'older': changed(reference__version=0),
                'priority in words': changed(details__priority='high'),
                'no volumes': changed(details__volumes=[]),
                'off-nominal when accepted': changed(details__off_nominal_volumes=lambda v: here()),
                'far away': changed(details__volumes=here(lat=36)),
                'outside of its times': changed(details__volumes=here(lat=34.003, end=9000)),
                'without times': changed(details__volumes=lambda v: [{'volume': v[0]['volume']}]),
                'other times': changed(reference__time_end=when(9000)),
                'crossing edges': changed(details__volumes=lambda v: [{**v[0], 'volume': {
                    **v[0]['volume'], 'outline_polygon': {'vertices': [
                        {'lat': 34, 'lng': -118}, {'lat': 34.1, 'lng': -118.1},
                        {'lat': 34.1, 'lng': -118}, {'lat': 34, 'lng': -118.1}]}}}]),
        }.items():
            with self.subTest(name):
                self.fails(twist)

    def test_slow(self):
        """It does not answer before the plan has failed."""
        held = world.Held()
        self.addCleanup(held.over.set)
        began = time.monotonic()
        self.fails(held)
        self.assertFalse(held.over.is_set())
        self.assertLess(time.monotonic() - began, 60)  # 9 s, where nobody else is on the machine

    def test_down(self):
        """Of a USS that is down, accepted intents do not count, all others are in the way."""
        id_ = self.mock.put(here(lat=34.003))
        self.mock.twist = lambda id_, answer: (500, None)
        self.mock.mark_down(True)
        try:
            self.while_down(id_)
        finally:
            self.mock.mark_down(False)

    def while_down(self, id_):
        mine = self.planned(self.n, here(lat=34.0035), priority=0)
        self.n.close(mine)
        self.mock.mark_down(False)
        self.mock.twist = None
        self.mock.put(here(lat=34.003), state='Activated', id_=id_)
        self.mock.twist = lambda id_, answer: (500, None)
        self.mock.mark_down(True)
        self.refused(self.n, here(lat=34.0035), priority=0)
        self.assertIn('down', self.n.notes)

    def test_retry_with_what_came_between(self):
        """The DSS refuses for what it has got since it was asked: looked at, and tried again."""
        near = self.mock.put(here(lat=34.003))

        def between(id_, answer):
            self.mock.twist = None
            self.mock.put(here(lat=34.006))
            return 200, answer
        self.mock.twist = between
        self.planned(self.n, here(lat=34.0045))
        self.assertEqual(len(set(self.mock.asked)), 2)
        self.mock.delete(near)

    def test_retry_into_conflict(self):
        self.mock.put(here(lat=34.003))

        def between(id_, answer):
            self.mock.twist = None
            self.mock.put(here(lat=34.0045, lower=50))
            return 200, answer
        self.mock.twist = between
        self.refused(self.n, here(lat=34.0045))


class Serving(Case):
    """Scopes, codes and strictness of what peers ask and tell."""

    def call(self, method, path, body=None, scope=world.SC, **more):
        return self.mock.caller.call(self.n.port, method, path, body, scope, **more)[0]

    def test_scopes(self):
        id_ = self.planned(self.n, here())
        intents, constraints = '/uss/v1/operational_intents', '/uss/v1/constraints'
        every = (world.SC, world.CMSA, world.CM, world.CP, world.AA)
        for method, path, good, expected in (
                ('GET', f'{intents}/{id_}', (world.SC,), 200),
                ('GET', f'{intents}/{new_id()}', (world.SC,), 404),
                ('GET', f'{intents}/{id_}/telemetry', (world.CMSA,), 409),
                ('GET', f'{intents}/{new_id()}/telemetry', (world.CMSA,), 404),
                ('POST', intents, (world.SC,), 400),
                ('GET', f'{constraints}/{id_}', (world.CP,), 404),
                ('POST', constraints, (world.CM,), 400),
                ('POST', '/uss/v1/reports', every, 400)):
            body = {} if method == 'POST' else None
            self.assertEqual(self.call(method, path, body, token=''), 401, path)
            for scope in every:
                self.assertEqual(self.call(method, path, body, scope),
                                 expected if scope in good else 403, (method, path, scope))
        token = self.world.issuer.token('mock', world.SC, 'elsewhere.example')
        self.assertEqual(self.call('GET', f'{intents}/{id_}', token=token), 401)
        self.assertEqual(self.call('GET', f'{intents}/no-uuid'), 400)
        self.assertEqual(self.call('PUT', f'{intents}/{id_}', {}), 404)
        self.assertEqual(self.call('GET', '/uss/v1/log_sets/x'), 404)

    def test_planning_scopes(self):
        base = '/flight_planning/v1'
        for method, path, good, expected in (
                ('GET', f'{base}/status', [world.DIRECT], 200),
                ('POST', f'{base}/clear_area_requests', [world.DIRECT], 400),
                ('PUT', f'{base}/flight_plans/{new_id()}', [world.PLAN], 400),
                ('DELETE', f'{base}/flight_plans/{new_id()}', [world.DIRECT, world.PLAN], 404)):
            body = {} if method in ('PUT', 'POST') else None
            self.assertEqual(self.call(method, path, body, token=''), 401)
            for scope in (world.SC, world.DIRECT, world.PLAN):
                self.assertEqual(self.call(method, path, body, scope),
                                 expected if scope in good else 403, (method, path, scope))

    def test_notices(self):
        id_ = self.mock.put(here())
        good = {'operational_intent_id': id_, 'operational_intent': self.mock.intents[id_],
                'subscriptions': [{'subscription_id': new_id(), 'notification_index': 3}]}
        path = '/uss/v1/operational_intents'
        self.assertEqual(self.call('POST', path, {**good, 'what': 'ever'}), 204)
        self.assertEqual(self.call('POST', path, {**good, 'operational_intent': None}), 204)
        intent = good['operational_intent']
        for bad in ({}, [], {**good, 'operational_intent_id': new_id()},
                    {**good, 'operational_intent_id': 'x'}, {**good, 'subscriptions': []},
                    {**good, 'subscriptions': [{'subscription_id': 'x', 'notification_index': 0}]},
                    {**good, 'subscriptions': [{'subscription_id': new_id()}]},
                    {**good, 'operational_intent': {}},
                    {**good, 'operational_intent': {**intent, 'details': {'volumes': [{}]}}},
                    {**good, 'operational_intent': {**intent, 'reference': {
                        **intent['reference'], 'uss_base_url': 'ftp://x\r\nHost: y'}}}):
            self.assertEqual(self.call('POST', path, bad), 400, bad)
        for raw in ('', '{', '{"a":1,"a":2}', b'\xff', '[' * 100000):
            self.assertEqual(self.call('POST', path, raw=raw), 400)
        constraint = {'constraint_id': id_, 'subscriptions': good['subscriptions'],
                      'constraint': {'reference': intent['reference'],
                                     'details': {'volumes': here(), 'type': 'x'}}}
        self.assertEqual(self.call('POST', '/uss/v1/constraints', constraint, world.CM), 204)

    def test_reports(self):
        record = {'url': 'http://x', 'method': 'GET', 'recorder_role': 'Client',
                  'request_time': when(0), 'problem': 'none'}
        status, answer = self.mock.caller.call(self.n.port, 'POST', '/uss/v1/reports',
                                               {'exchange': record})
        self.assertEqual(status, 201)
        self.assertTrue(answer['report_id'])
        self.assertEqual(answer['exchange'], record)


def feature(id_, lat, lng=-118.0, start=-5, end=3600, lower=0, upper=100):
    return {'type': 'Feature', 'id': id_,
            'properties': {'kind': 'uncrewed', 'altitude_lower': lower, 'altitude_upper': upper,
                           'altitude_reference': 'W84', 'radius_m': 50,
                           'start': at(start), 'end': at(end)},
            'geometry': {'type': 'Point', 'coordinates': [lng, lat]}}


class Register(Case):
    """Operational intents and the party's own register keep clear of each other."""

    def setUp(self):
        self.desk = self.world.north.desk()
        self.addCleanup(lambda: self.desk.connection and self.desk.connection.close())

    def submit(self, id_, lat):
        self.desk.post('/api/v1/operations', {'feature': feature(id_, lat)})
        status, result = self.desk.call('POST', f'/api/v1/operations/{id_}/acts', {'act': 'submit'})
        return status, result

    def test_intent_beside_an_operation(self):
        status, result = self.submit('patrol', 34.5)
        self.assertEqual((status, result['operation']['state']), (200, 'accepted'), result)
        self.refused(self.n, here(lat=34.4999, lng=-118.0002))
        self.assertIn('patrol', self.n.notes)
        self.planned(self.s, here(lat=34.4999, lng=-118.0002))  # of another party, which knows nothing
        self.planned(self.n, here(lat=34.52))

    def test_intent_beside_a_zone(self):
        zone = feature('closed', 34.6)
        zone['properties'].update(kind='zone', restriction='prohibited')
        self.desk.post('/api/v1/zones', {'feature': zone})
        self.refused(self.n, here(lat=34.5999, lng=-118.0002))
        self.assertIn('closed', self.n.notes)

    def test_activated_before(self):
        """What came into its way later does not keep a flight from going on."""
        id_ = self.planned(self.n, here(lat=34.65), usage='InUse')
        zone = feature('later', 34.6505, -117.9995)
        zone['properties'].update(kind='zone', restriction='prohibited')
        self.desk.post('/api/v1/zones', {'feature': zone})
        self.planned(self.n, here(lat=34.65, upper=90), usage='InUse', id_=id_)
        self.refused(self.n, here(lat=34.65))

    def test_operation_beside_an_intent(self):
        id_ = self.planned(self.n, here(lat=34.7))
        self.assertEqual(self.others(*self.submit('late', 34.7005)), [('foreign', id_)])
        self.n.close(id_)
        self.assertEqual(self.others(*self.submit_again('late')), [])

    def test_operation_beside_what_was_told(self):
        self.planned(self.n, here(lat=34.8, lower=150, upper=180))
        id_ = self.mock.put(here(lat=34.8, upper=150))
        self.assertEqual(self.mock.tell(id_, self.n.port), [204])
        self.assertEqual(self.others(*self.submit('told', 34.8005)), [('foreign', id_)])
        self.mock.delete(id_)
        self.assertEqual(self.mock.tell(id_, self.n.port, ended=True), [204])
        self.assertEqual(self.others(*self.submit_again('told')), [])

    def submit_again(self, id_):
        for act in ('recall', 'submit'):
            answer = self.desk.call('POST', f'/api/v1/operations/{id_}/acts', {'act': act})
        return answer

    def others(self, status, result):
        self.assertIn(status, (200, 409), result)
        return [(one['other']['is'], one['other']['id']) for one in result['check']['conflicts']]


class Lost(unittest.TestCase):
    """Answers of the DSS that are lost: what came of it is found out, and peers are told."""

    @classmethod
    def setUpClass(cls):
        cls.world = world.World(BINARY, with_proxy=True)
        cls.s, cls.mock, cls.proxy = cls.world.s, cls.world.mock, cls.world.proxy

    @classmethod
    def tearDownClass(cls):
        cls.world.close()
        cls.proxy.close()

    def tearDown(self):
        self.proxy.lose, self.proxy.blocked = None, False
        self.world.clear()

    def lost(self, method, when_, *args, **more):
        self.proxy.lose = (method, when_)
        id_, result = self.s.plan(*args, **more)
        self.assertEqual(result[0], 'Failed', self.s.notes)
        self.proxy.lose, self.proxy.blocked = None, False
        return id_

    def in_dss(self, id_):
        status, answer = self.mock.dss('GET', f'{world.OIRS}/{id_}')
        return answer['operational_intent_reference'] if status == 200 else None

    def heard(self, id_):
        return [body for _, body in self.mock.heard if body['operational_intent_id'] == id_]

    def test_created_all_the_same(self):
        self.mock.put(here(lat=34.003))
        id_ = self.lost('PUT', 'after', here())
        self.assertIsNotNone(self.in_dss(id_))
        status, answer = wait_for(lambda: (got := self.s.details(id_))[0] == 200 and got)
        told = wait_for(lambda: self.heard(id_))
        self.assertEqual(told[0]['operational_intent']['reference']['version'], 2)
        self.assertEqual(self.in_dss(id_)['version'], 2)
        self.assertEqual(self.s.plan(here(upper=90), id_=id_)[1], ('Completed', 'Planned'))

    def test_never_came_to_be(self):
        id_ = self.lost('PUT', 'before', here())
        self.assertIsNone(self.in_dss(id_))
        time.sleep(3)
        self.assertEqual(self.s.details(id_)[0], 404)
        self.assertEqual(self.s.plan(here(), id_=id_)[1], ('Completed', 'Planned'))

    def test_changed_all_the_same(self):
        id_, _ = self.s.plan(here())
        self.lost('PUT', 'after', here(upper=90), id_=id_)
        # At once again, before it was found out in the background.
        self.assertEqual(self.s.plan(here(upper=80), usage='InUse', id_=id_)[1],
                         ('Completed', 'OkToFly'), self.s.notes)
        intent = self.s.details(id_)[1]['operational_intent']
        self.assertEqual(intent['reference']['version'], self.in_dss(id_)['version'])
        self.assertEqual(intent['details']['volumes'][0]['volume']['altitude_upper']['value'], 80)

    def test_not_changed(self):
        id_, _ = self.s.plan(here())
        self.lost('PUT', 'before', here(upper=90), id_=id_)
        time.sleep(3)  # to find it out, as a rule
        intent = self.s.details(id_)[1]['operational_intent']
        self.assertEqual(intent['details']['volumes'][0]['volume']['altitude_upper']['value'], 100)
        self.assertEqual(self.s.plan(here(), usage='InUse', id_=id_)[1], ('Completed', 'OkToFly'))

    def test_deleted(self):
        for when_ in ('after', 'before'):
            id_, _ = self.s.plan(here())
            self.proxy.lose = ('DELETE', when_)
            status, answer = self.s.close(id_)
            self.assertEqual((status, answer['planning_result']), (200, 'Failed'))
            self.proxy.lose, self.proxy.blocked = None, False
            if when_ == 'after':
                self.assertEqual(self.s.close(id_)[0], 404)
            else:
                self.assertEqual(self.s.close(id_)[1]['flight_plan_status'], 'Closed')
            self.assertEqual(self.s.details(id_)[0], 404)
            self.assertIsNone(self.in_dss(id_))

    def test_killed_in_doubt(self):
        """Killed before it could find out."""
        self.mock.put(here(lat=34.003))
        self.proxy.lose = ('PUT', 'after')
        id_, _ = self.s.plan(here())
        self.world.south.kill()
        self.proxy.blocked = False
        self.world.south.start()
        wait_for(lambda: self.s.details(id_)[0] == 200)
        wait_for(lambda: self.heard(id_))


class Shared(unittest.TestCase):
    """The party's database is a server."""

    def test_life(self):
        postgres = Postgres()
        self.addCleanup(postgres.stop)
        w = world.World(BINARY, database=postgres.dsn('aux'))
        try:
            w.mock.put(here(lat=34.003))
            id_, result = w.s.plan(here())
            self.assertEqual(result, ('Completed', 'Planned'), w.s.notes)
            wait_for(lambda: w.mock.heard)
            self.assertEqual(w.mock.tell(w.mock.put(here(lat=34.0005), priority=3), w.s.port), [204])
            self.assertEqual(w.s.plan(here(upper=90), id_=id_)[1], ('Rejected', 'Planned'))
            self.assertEqual(w.s.close(id_)[0], 200)
            w.mock.clear()
        finally:
            w.close()


class Crashes(unittest.TestCase):
    def test_doubt(self):
        """A node that is killed while the DSS answers knows afterwards what came of it."""
        w = world.World(BINARY)
        try:
            id_, result = w.s.plan(here())
            self.assertEqual(result[0], 'Completed', w.s.notes)
            w.south.kill()
            w.south.start()
            self.assertEqual(w.s.details(id_)[0], 200)
            _, result = w.s.plan(here(upper=90), usage='InUse', id_=id_)
            self.assertEqual(result, ('Completed', 'OkToFly'), w.s.notes)
            # The DSS is gone: nothing is planned; when it is back, all goes on.
            w.north.kill()
            other, result = w.s.plan(here(lat=34.01))
            self.assertEqual(result, ('Failed', 'NotPlanned'))
            self.assertEqual(w.s.details(id_)[0], 200)
            w.north.start()
            _, result = w.s.plan(here(lat=34.01), id_=other)
            self.assertEqual(result[0], 'Completed', w.s.notes)
        finally:
            w.close()


if __name__ == '__main__':
    unittest.main(verbosity=1)
