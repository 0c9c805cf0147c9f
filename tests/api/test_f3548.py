"""The DSS part of ASTM F3548-21 as conformance suites check it, on either engine.

usage: test_f3548.py BINARY [embedded|cluster]
"""
import sys
import threading
import time
import unittest

from harness import (AA, CM, CMSA, CP, SC, Client, Node, Postgres, altitude, arguments, at, circle,
                     fresh, new_id, oir, square, uuid7, volume, when)

BINARY, ENGINE = arguments()
OIRS = '/dss/v1/operational_intent_references'
CONSTRAINTS = '/dss/v1/constraint_references'
SUBSCRIPTIONS = '/dss/v1/subscriptions'
NONE = '00000000-0000-4000-8000-000000000000'
place = [0]


def setUpModule():
    global node, postgres
    postgres = Postgres() if ENGINE == 'cluster' else None
    node = Node(BINARY, postgres)


def tearDownModule():
    code = node.stop()
    if postgres:
        postgres.stop()
    assert code == 0, f'the node stopped with {code}'


def somewhere():
    """Coordinates that no other test uses: a degree from the last."""
    place[0] += 1
    return {'lat': -40.0 + place[0] % 80, 'lng': 10.0 + place[0] // 80}


class Case(unittest.TestCase):
    def setUp(self):
        self.one = Client(node)
        self.two = Client(node, 'uss2')
        self.here = somewhere()

    def expect(self, answer, *statuses):
        self.assertIn(answer[0], statuses, answer[1])
        if answer[0] >= 400:
            self.assertIsInstance(answer[1]['message'], str)
        return answer[1]

    def volume(self, **more):
        return volume(**{**self.here, **more})

    def create(self, client=None, id=None, key=(), **more):
        id = id or new_id()
        body = oir([self.volume(**more.pop('volume', {}))], key=key, **more)
        made = self.expect((client or self.one).put(f'{OIRS}/{id}', body), 201)
        return made['operational_intent_reference'], made['subscribers']

    def subscribe(self, client=None, id=None, oirs=True, constraints=False, url=None, **more):
        body = {'extents': self.volume(**{'start': 0, 'end': 7200, 'size': 0.01, **more}),
                'uss_base_url': url or 'https://uss1.example/uss',
                'notify_for_operational_intents': oirs, 'notify_for_constraints': constraints}
        made = self.expect((client or self.one).put(f'{SUBSCRIPTIONS}/{id or new_id()}', body), 200)
        return made['subscription'], made


class Authorisation(Case):
    """Points 9 to 14."""

    def test_no_token_or_a_bad_one(self):
        for token in ('', 'x', 'a.b.c', self.one.token[:-8] + 'AAAAAAAA'):
            client = Client(node, token=token)
            for method, path in (('GET', f'{OIRS}/{new_id()}'), ('PUT', f'{OIRS}/{new_id()}'),
                                 ('POST', OIRS + '/query'), ('DELETE', f'{OIRS}/{new_id()}/x'),
                                 ('PUT', f'{SUBSCRIPTIONS}/{new_id()}'),
                                 ('PUT', f'{CONSTRAINTS}/{new_id()}'),
                                 ('GET', '/dss/v1/uss_availability/x')):
                self.expect(client.call(method, path, {}), 401)

    def test_scopes(self):
        allowed = {
            ('PUT', f'{OIRS}/{NONE}'): {SC, CMSA}, ('GET', f'{OIRS}/{NONE}'): {SC, CMSA},
            ('POST', f'{OIRS}/query'): {SC, CMSA}, ('DELETE', f'{OIRS}/{NONE}/x'): {SC, CMSA},
            ('PUT', f'{CONSTRAINTS}/{NONE}'): {CM}, ('GET', f'{CONSTRAINTS}/{NONE}'): {CM, CP},
            ('POST', f'{CONSTRAINTS}/query'): {CM, CP}, ('DELETE', f'{CONSTRAINTS}/{NONE}/x'): {CM},
            ('PUT', f'{SUBSCRIPTIONS}/{NONE}'): {SC, CP}, ('GET', f'{SUBSCRIPTIONS}/{NONE}'): {SC, CP},
            ('PUT', '/dss/v1/uss_availability/x'): {AA},
            ('GET', '/dss/v1/uss_availability/x'): {AA, SC, CMSA},
            ('POST', '/dss/v1/reports'): {SC, CMSA, CM, CP, AA},
        }
        for (method, path), scopes in allowed.items():
            for scope in (SC, CMSA, CM, CP, AA, 'other'):
                status, _ = Client(node, scopes=scope).call(method, path, {})
                self.assertEqual(status == 403, scope not in scopes, (method, path, scope, status))

    def test_others_may_not_change(self):
        made, _ = self.create()
        sub, _ = self.subscribe()
        body = oir([self.volume()])
        self.expect(self.two.put(f"{OIRS}/{made['id']}/{made['ovn']}", body), 403)
        self.expect(self.two.delete(f"{OIRS}/{made['id']}/{made['ovn']}"), 403)
        self.expect(self.two.delete(f"{SUBSCRIPTIONS}/{sub['id']}/{sub['version']}"), 403)
        self.expect(self.two.get(f"{SUBSCRIPTIONS}/{sub['id']}"), 403)

    def test_off_nominal_needs_its_scope(self):
        strategic = Client(node, scopes=SC)
        made, _ = self.create(strategic, **fresh())
        body = oir([self.volume()], state='Nonconforming', subscription_id=made['subscription_id'])
        self.expect(strategic.put(f"{OIRS}/{made['id']}/{made['ovn']}", body), 403)
        self.expect(self.one.put(f"{OIRS}/{made['id']}/{made['ovn']}", body), 200)


class Form(Case):
    """Points 2 to 8, 15, 16, 22 to 25, 33 to 37, 41, 42."""

    def refuse(self, change, status=400):
        body = oir([self.volume()])
        change(body)
        self.expect(self.one.put(f'{OIRS}/{new_id()}', body), status)

    def test_bad_bodies(self):
        inner = lambda body: body['extents'][0]
        cases = [
            lambda b: b.pop('extents'), lambda b: b.update(extents={}), lambda b: b.update(extents=[]),
            lambda b: b.pop('uss_base_url'), lambda b: b.update(uss_base_url='http://x.example'),
            lambda b: b.update(state='Ended'), lambda b: b.update(state='Activated'),
            lambda b: b.pop('state'), lambda b: b.update(subscription_id='a0'),
            lambda b: b.update(subscription_id=new_id()),
            lambda b: b.update(subscription_id=new_id(), **fresh()),
            lambda b: b.update(key='x'), lambda b: b.update(key=[1]),
            lambda b: inner(b).pop('time_start'), lambda b: inner(b).pop('time_end'),
            lambda b: inner(b).update(time_start={'value': 'soon', 'format': 'RFC3339'}),
            lambda b: inner(b).update(time_start={'value': at(60), 'format': 'UNIX'}),
            lambda b: inner(b).update(time_end=when(10)), lambda b: inner(b).pop('volume'),
            lambda b: inner(b).update(time_start=when(-60), time_end=when(-1)),
            lambda b: inner(b)['volume'].pop('altitude_lower'),
            lambda b: inner(b)['volume'].pop('outline_polygon'),
            lambda b: inner(b)['volume'].update(outline_circle=circle(0, 0, 10)),
            lambda b: inner(b)['volume'].update(altitude_lower={**altitude(0), 'units': 'FT'}),
            lambda b: inner(b)['volume'].update(altitude_lower={**altitude(0), 'reference': 'AGL'}),
            lambda b: inner(b)['volume']['outline_polygon']['vertices'][0].update(lat=130),
        ]
        for index, change in enumerate(cases):
            with self.subTest(case=index):
                self.refuse(change)

    def test_bad_outlines(self):
        def outline(points):
            return {'vertices': [{'lat': a, 'lng': b} for a, b in points]}
        for points in ([(0, 0), (0, 1)], [(0, 0), (0, .1), (.1, .1), (0, 0)],
                       [(0, 0), (0, .1), (0, .1), (.1, .1)], [(0, 0), (.1, .1), (0, .1), (.1, 0)],
                       [(0, 0), (0, .1), (0, .05)], [(0, 0), (0, 5), (5, 5), (5, 0)]):
            body = oir([volume(outline=outline(points))])
            self.expect(self.one.put(f'{OIRS}/{new_id()}', body), 400)
        big = {'area_of_interest': {'volume': {'outline_circle': circle(0, 0, 40000)}}}
        self.expect(self.one.post(f'{SUBSCRIPTIONS}/query', big), 400, 413)
        self.expect(self.one.post(f'{OIRS}/query', big), 400)

    def test_not_json(self):
        for raw in ('', '{', '[]', '"x"', '{"a":1,"a":2}', '\xff', '[' * 100000):
            self.expect(self.one.call('PUT', f'{OIRS}/{new_id()}', raw=raw.encode('latin-1')), 400)
            self.expect(self.one.call('POST', f'{OIRS}/query', raw=raw.encode('latin-1')), 400)

    def test_unknown_members_and_nulls(self):
        body = oir([self.volume()], request_id='x', old_version=0, subscription_id=None,
                   new_subscription=None, requested_ovn_suffix=None)
        body['extents'][0]['volume']['outline_circle'] = None
        self.expect(self.one.put(f'{OIRS}/{new_id()}', body), 201)

    def test_ids(self):
        self.expect(self.one.get(f'{OIRS}/not_uuid_format'), 400)
        self.expect(self.one.get(f'{OIRS}/{new_id()}'), 404)
        self.expect(self.one.get(f'{CONSTRAINTS}x'), 404)
        self.expect(self.one.get('/dss/v1/operation_references/' + new_id()), 404)
        made, _ = self.create()
        plain = made['id'].replace('-', '').upper()
        got = self.expect(self.one.get(f'{OIRS}/{plain}'), 200)
        self.assertEqual(got['operational_intent_reference']['id'], made['id'])
        self.expect(self.one.put(f"{OIRS}/{made['id']}", oir([self.volume()])), 409)

    def test_empty_last_segment(self):
        id = new_id()
        self.expect(self.one.delete(f'{SUBSCRIPTIONS}/{id}/'), 400)
        self.expect(self.one.call('PUT', f'{SUBSCRIPTIONS}/{id}/', {}), 400, 409)
        self.expect(self.one.call('PUT', f'{OIRS}/{id}/', {}), 400, 404, 409)
        self.expect(self.one.delete(f'{OIRS}/{id}/'), 400, 404, 409)

    def test_ovn_suffix(self):
        id, suffix = new_id(), uuid7()
        for bad in ('x', '', '1ef21d2f-1f3b-6f00-8000-000000000000', uuid7(400), uuid7(-400)):
            body = oir([self.volume()], requested_ovn_suffix=bad)
            self.expect(self.one.put(f'{OIRS}/{id}', body), 400)
        body = oir([self.volume()], requested_ovn_suffix=suffix)
        made = self.expect(self.one.put(f'{OIRS}/{id}', body), 201)['operational_intent_reference']
        self.assertEqual(made['ovn'], f'{id}_{suffix}')
        self.expect(self.one.put(f"{OIRS}/{id}/{made['ovn']}", body), 400)  # used already
        plain = {name: value for name, value in body.items() if name != 'requested_ovn_suffix'}
        other, used = {**body, 'requested_ovn_suffix': uuid7()}, [body]
        for update in (plain, other, plain):
            made = self.expect(self.one.put(f"{OIRS}/{id}/{made['ovn']}", update),
                               200)['operational_intent_reference']
            used += [other] if update is other else []
            for again in used:
                self.expect(self.one.put(f"{OIRS}/{id}/{made['ovn']}", again), 400)

    def test_times_that_cannot_be_kept(self):
        """64 bits of nanoseconds end in the year 2262: the field and the limit are named."""
        for name in ('time_start', 'time_end'):
            for value, named in (('2262-04-11T23:47:17Z', '2262-04-11T23:47:16Z'),
                                 ('2300-02-28T00:00:00Z', '2262-04-11T23:47:16Z'),
                                 ('9999-12-31T23:59:59Z', '2262-04-11T23:47:16Z'),
                                 ('1600-01-01T00:00:00Z', '1677-09-21T00:12:44Z'),
                                 ('2300-13-01T00:00:00Z', 'RFC 3339'), ('2300', 'RFC 3339'),
                                 ('12300-01-01T00:00:00Z', 'RFC 3339')):
                body = oir([self.volume()])
                body['extents'][0][name]['value'] = value
                said = self.expect(self.one.put(f'{OIRS}/{new_id()}', body), 400)['message']
                self.assertIn(name, said)
                self.assertIn(named, said)
        body = oir([self.volume()])
        body['extents'][0]['time_end']['value'] = '2262-04-11T23:47:16Z'
        made = self.expect(self.one.put(f'{OIRS}/{new_id()}', body), 201)['operational_intent_reference']
        self.assertTrue(made['time_end']['value'].startswith('2262-04-11T23:47:16'), made)

    def test_far_times_and_places(self):
        body = oir([self.volume(end=3600 * 24 * 365 * 30)])
        body['extents'][0]['time_start']['value'] = '1969-07-20T20:17:40Z'
        self.expect(self.one.put(f'{OIRS}/{new_id()}', body), 201)
        for level, (lat, lng, radius) in enumerate(
                ((90, 0, 200), (89.999, 180, 300), (0.05, 178, 12000), (0, -180, 50))):
            v = self.volume(lower=1000 * level, upper=1000 * level + 500)
            v['volume'].pop('outline_polygon')
            v['volume']['outline_circle'] = circle(lat, lng, radius)
            made = self.expect(self.one.put(f'{OIRS}/{new_id()}', oir([v])), 201)
            seen = self.expect(self.one.post(f'{OIRS}/query', {'area_of_interest': v}), 200)
            ids = [o['id'] for o in seen['operational_intent_references']]
            self.assertIn(made['operational_intent_reference']['id'], ids)

    def test_times_come_back_to_the_microsecond(self):
        for digits in ('', '.12', '.123', '.123456'):
            body = oir([self.volume()])
            body['extents'][0]['time_end']['value'] = f'2099-01-02T03:04:05{digits}Z'
            id = new_id()
            made = self.expect(self.one.put(f'{OIRS}/{id}', {**body, 'key': self.all_ovns()}), 201)
            got = made['operational_intent_reference']['time_end']['value']
            self.assertEqual(got.rstrip('Z').ljust(26, '0')[:26] if '.' in got else got.rstrip('Z'),
                             (f'2099-01-02T03:04:05{digits}'.ljust(26, '0') if digits else
                              '2099-01-02T03:04:05'))

    def all_ovns(self):
        area = {'area_of_interest': self.volume(end=10 ** 9)}
        seen = self.expect(self.one.post(f'{OIRS}/query', area), 200)
        return [o['ovn'] for o in seen['operational_intent_references']]


class Intents(Case):
    """Points 17 to 19, 30 to 32, 38 to 40, 43 to 48."""

    def test_life(self):
        made, told = self.create(**fresh())
        self.assertEqual((made['version'], made['state'], made['uss_availability']),
                         (1, 'Accepted', 'Unknown'))
        self.assertTrue(16 <= len(made['ovn']) <= 128)
        got = self.expect(self.one.get(f"{OIRS}/{made['id']}"), 200)
        self.assertEqual(got['operational_intent_reference'], made)
        other = self.expect(self.two.get(f"{OIRS}/{made['id']}"), 200)
        self.assertEqual(other['operational_intent_reference']['ovn'], 'Available from USS')
        body = oir([self.volume()], state='Activated', subscription_id=made['subscription_id'])
        self.expect(self.one.put(f"{OIRS}/{made['id']}/ThisIsAnIncorrectOVN", body), 409)
        path = f"{OIRS}/{made['id']}/{made['ovn']}"
        next_ = self.expect(self.one.put(path, body), 200)['operational_intent_reference']
        self.assertEqual((next_['version'], next_['state']), (2, 'Activated'))
        self.assertNotEqual(next_['ovn'], made['ovn'])
        self.expect(self.one.delete(path), 409)
        gone = self.expect(self.one.delete(f"{OIRS}/{made['id']}/{next_['ovn']}"), 200)
        self.assertEqual(gone['operational_intent_reference'], next_)
        self.expect(self.one.get(f"{OIRS}/{made['id']}"), 404)
        self.expect(self.one.delete(f"{OIRS}/{made['id']}/{next_['ovn']}"), 404)
        self.expect(self.one.get(f"{SUBSCRIPTIONS}/{made['subscription_id']}"), 404)

    def test_key(self):
        first, _ = self.create()
        second_id = new_id()
        refused = self.expect(self.two.put(f'{OIRS}/{second_id}', oir([self.volume()])), 409)
        missing = refused['missing_operational_intents']
        self.assertEqual([m['id'] for m in missing], [first['id']])
        self.assertEqual(missing[0]['ovn'], 'Available from USS')
        self.expect(self.two.get(f'{OIRS}/{second_id}'), 404)
        second, _ = self.create(self.two, second_id, key=[first['ovn'], 'stale'])
        # Altitude and time are exact.
        self.create(volume={'lower': 101, 'upper': 200})
        self.create(volume={'start': 3661, 'end': 7200})
        third = self.expect(self.one.put(f'{OIRS}/{new_id()}', oir([self.volume()])), 409)
        self.assertEqual({m['id'] for m in third['missing_operational_intents']},
                         {first['id'], second['id']})
        self.assertEqual({m['ovn'] for m in third['missing_operational_intents']},
                         {first['ovn'], 'Available from USS'})

    def test_neighbours_are_relevant_far_ones_not(self):
        self.create()
        near = {'lat': self.here['lat'] + 0.0011, 'lng': self.here['lng']}
        far = {'lat': self.here['lat'] + 0.09, 'lng': self.here['lng']}
        self.expect(self.two.put(f'{OIRS}/{new_id()}', oir([volume(**far)])), 201)
        status, _ = self.two.put(f'{OIRS}/{new_id()}', oir([volume(**near)]))
        self.assertIn(status, (201, 409))  # the same cell or its neighbour

    def test_a_uss_that_is_down(self):
        down = Client(node, 'uss-down-' + new_id())
        arbiter = Client(node, 'arbiter', AA)
        made, _ = self.create(down, **fresh())
        path = f'/dss/v1/uss_availability/{down.sub}'
        set_ = self.expect(arbiter.put(path, {'old_version': '', 'availability': 'down'}), 200)
        self.assertEqual(set_['status'], {'uss': down.sub, 'availability': 'Down'})
        mine, _ = self.create()  # an accepted one does not stand in the way
        self.expect(self.one.delete(f"{OIRS}/{mine['id']}/{mine['ovn']}"), 200)
        own = f"{OIRS}/{made['id']}/{made['ovn']}"
        body = oir([self.volume()], state='Activated', subscription_id=made['subscription_id'])
        # Itself it may neither plan, activate nor delete, but report what is not nominal.
        for refused in (down.put(f'{OIRS}/{new_id()}', oir([self.volume()])), down.put(own, body),
                        down.delete(own)):
            self.assertIn('down', self.expect(refused, 412)['message'])
        made = self.expect(down.put(own, {**body, 'state': 'Nonconforming'}),
                           200)['operational_intent_reference']
        self.expect(self.one.put(f'{OIRS}/{new_id()}', oir([self.volume()])), 409)
        set_ = self.expect(arbiter.put(path, {'old_version': set_['version'],
                                              'availability': 'Normal'}), 200)
        own = f"{OIRS}/{made['id']}/{made['ovn']}"
        made = self.expect(down.put(own, body), 200)['operational_intent_reference']
        # An activated one stands in the way, also of one that is down.
        self.expect(arbiter.put(path, {'old_version': set_['version'], 'availability': 'Down'}), 200)
        self.expect(self.one.put(f'{OIRS}/{new_id()}', oir([self.volume()])), 409)

    def test_off_nominal_needs_no_key(self):
        self.create()
        apart = {'lat': self.here['lat'] + 0.5, 'lng': self.here['lng']}
        id = new_id()
        made = self.expect(self.two.put(f'{OIRS}/{id}', oir([volume(**apart)], **fresh())),
                           201)['operational_intent_reference']
        for state in ('Nonconforming', 'Contingent'):
            body = oir([self.volume()], state=state, subscription_id=made['subscription_id'])
            made = self.expect(self.two.put(f"{OIRS}/{id}/{made['ovn']}", body),
                               200)['operational_intent_reference']
            self.assertEqual(made['state'], state)

    def test_constraints_in_the_key(self):
        manager = Client(node, 'authority', CM)
        body = {'extents': [self.volume()], 'uss_base_url': 'https://a.example'}
        c = self.expect(manager.put(f'{CONSTRAINTS}/{new_id()}', body), 201)['constraint_reference']
        refused = self.expect(self.one.put(f'{OIRS}/{new_id()}',
                                           oir([self.volume()], **fresh(constraints=True))), 409)
        self.assertEqual([m['id'] for m in refused['missing_constraints']], [c['id']])
        self.create(**fresh(constraints=True), key=[c['ovn']])
        self.create(self.two, key=self.ovns_of(self.one), **fresh())  # not asked for: not needed

    def ovns_of(self, client):
        seen = self.expect(client.post(f'{OIRS}/query', {'area_of_interest': self.volume()}), 200)
        return [o['ovn'] for o in seen['operational_intent_references']]

    def test_without_a_subscription(self):
        made, _ = self.create()
        self.assertEqual(made['subscription_id'], NONE)
        self.expect(self.one.get(f'{SUBSCRIPTIONS}/{NONE}'), 404)
        body = oir([self.volume()], state='Activated')
        self.expect(self.one.put(f"{OIRS}/{made['id']}/{made['ovn']}", body), 400)

    def test_explicit_subscription_must_cover(self):
        sub, _ = self.subscribe(end=3600)
        late = oir([self.volume(end=3602)], subscription_id=sub['id'])
        self.expect(self.one.put(f'{OIRS}/{new_id()}', late), 400)
        wide = oir([self.volume(size=0.2, end=3000)], subscription_id=sub['id'])
        self.expect(self.one.put(f'{OIRS}/{new_id()}', wide), 400)
        self.expect(self.two.put(f'{OIRS}/{new_id()}',
                                 oir([self.volume(end=3000)], subscription_id=sub['id'])), 403)
        made, _ = self.create(subscription_id=sub['id'], volume={'end': 3000})
        self.assertEqual(made['subscription_id'], sub['id'])
        got = self.expect(self.one.get(f"{SUBSCRIPTIONS}/{sub['id']}"), 200)['subscription']
        self.assertEqual(got['dependent_operational_intents'], [made['id']])
        self.assertEqual(got['version'], sub['version'])  # untouched by what depends on it
        path = f"{SUBSCRIPTIONS}/{sub['id']}/{sub['version']}"
        self.expect(self.one.delete(path), 400)
        shorter = {'extents': self.volume(size=0.01, start=0, end=2000),
                   'uss_base_url': 'https://uss1.example/uss',
                   'notify_for_operational_intents': True}
        self.expect(self.one.put(path, shorter), 400)
        self.expect(self.one.delete(f"{OIRS}/{made['id']}/{made['ovn']}"), 200)
        self.expect(self.one.delete(path), 200)

    def test_implicit_subscription(self):
        made, told = self.create(**fresh())
        sub = self.expect(self.one.get(f"{SUBSCRIPTIONS}/{made['subscription_id']}"),
                          200)['subscription']
        self.assertTrue(sub['implicit_subscription'])
        self.assertTrue(sub['notify_for_operational_intents'])
        self.assertEqual((sub['time_start'], sub['time_end']),
                         (made['time_start'], made['time_end']))
        self.assertIn(sub['id'], [s['subscription_id'] for t in told for s in t['subscriptions']])
        # Another intent by the same subscription widens it; it goes with the last one.
        second = oir([self.volume(start=3700, end=5000)], subscription_id=sub['id'])
        other = self.expect(self.one.put(f'{OIRS}/{new_id()}', second),
                            201)['operational_intent_reference']
        self.expect(self.one.delete(f"{OIRS}/{made['id']}/{made['ovn']}"), 200)
        self.expect(self.one.get(f"{SUBSCRIPTIONS}/{sub['id']}"), 200)
        detach = oir([self.volume(start=3700, end=5000)])
        done = self.expect(self.one.put(f"{OIRS}/{other['id']}/{other['ovn']}", detach),
                           200)['operational_intent_reference']
        self.assertEqual(done['subscription_id'], NONE)
        self.expect(self.one.get(f"{SUBSCRIPTIONS}/{sub['id']}"), 404)

    def test_a_put_makes_an_implicit_subscription_explicit(self):
        made, _ = self.create(**fresh())
        sub = self.expect(self.one.get(f"{SUBSCRIPTIONS}/{made['subscription_id']}"),
                          200)['subscription']
        body = {'extents': self.volume(start=0, end=7000, size=0.01),
                'uss_base_url': 'https://uss1.example/uss', 'notify_for_operational_intents': True}
        after = self.expect(self.one.put(f"{SUBSCRIPTIONS}/{sub['id']}/{sub['version']}", body),
                            200)['subscription']
        self.assertFalse(after['implicit_subscription'])
        self.expect(self.one.delete(f"{OIRS}/{made['id']}/{made['ovn']}"), 200)
        self.expect(self.one.delete(f"{SUBSCRIPTIONS}/{sub['id']}/{after['version']}"), 200)

    def test_queries(self):
        made, _ = self.create(volume={'upper': 575})
        def ids(**area):
            seen = self.expect(self.two.post(f'{OIRS}/query', {'area_of_interest': area}), 200)
            return [o['id'] for o in seen['operational_intent_references']]
        v = self.volume()
        self.assertIn(made['id'], ids(**v))
        self.assertIn(made['id'], ids(volume=v['volume']))
        self.assertIn(made['id'], ids(volume=v['volume'], time_start=when(0)))
        self.assertNotIn(made['id'], ids(volume={**v['volume'], 'altitude_lower': altitude(591),
                                                 'altitude_upper': altitude(600)}))
        self.assertNotIn(made['id'], ids(volume=v['volume'], time_start=when(-900),
                                         time_end=when(-600)))


class Subscriptions(Case):
    """Points 20, 26 to 28, 49 to 57."""

    def test_life(self):
        sub, made = self.subscribe()
        self.assertEqual(sub['notification_index'], 0)
        self.assertEqual(made['operational_intent_references'], [])
        self.assertNotIn('constraint_references', made)
        body = {'extents': self.volume(start=0, end=7200), 'uss_base_url': 'https://uss1.example/2',
                'notify_for_operational_intents': True, 'notify_for_constraints': True}
        self.expect(self.one.put(f"{SUBSCRIPTIONS}/{sub['id']}", body), 409)
        self.expect(self.one.put(f"{SUBSCRIPTIONS}/{sub['id']}/notacorrectversion", body), 409)
        next_ = self.expect(self.one.put(f"{SUBSCRIPTIONS}/{sub['id']}/{sub['version']}", body), 200)
        self.assertIn('constraint_references', next_)
        self.assertNotEqual(next_['subscription']['version'], sub['version'])
        self.expect(self.one.delete(f"{SUBSCRIPTIONS}/{sub['id']}/{sub['version']}"), 409)
        self.expect(self.one.delete(
            f"{SUBSCRIPTIONS}/{sub['id']}/{next_['subscription']['version']}"), 200)
        self.expect(self.one.delete(f"{SUBSCRIPTIONS}/{sub['id']}/x"), 404)
        self.expect(self.one.put(f"{SUBSCRIPTIONS}/{new_id()}/x", body), 400)

    def test_times(self):
        def put(start, end, id=None):
            v = self.volume()
            v.pop('time_start') if start is None else v.update(time_start=when(start))
            v.pop('time_end') if end is None else v.update(time_end=when(end))
            return self.one.put(f'{SUBSCRIPTIONS}/{id or new_id()}', {
                'extents': v, 'uss_base_url': 'https://uss1.example',
                'notify_for_operational_intents': True})
        for start, end in ((None, None), (None, 3600), (60, None), (-30, 3600), (0, 86400 - 1)):
            self.expect(put(start, end), 200)
        for start, end in ((-400, 3600), (0, 86400 + 5), (10, 5), (-60, -10)):
            self.expect(put(start, end), 400)
        sub, _ = self.subscribe()
        self.expect(put(0, 86400 + 5, sub['id']), 400)  # before "there already"

    def test_no_interest(self):
        body = {'extents': self.volume(), 'uss_base_url': 'https://uss1.example',
                'notify_for_operational_intents': False, 'notify_for_constraints': False}
        self.expect(self.one.put(f'{SUBSCRIPTIONS}/{new_id()}', body), 400)

    def test_query_gives_own_ones(self):
        mine, _ = self.subscribe()
        theirs, _ = self.subscribe(self.two)
        seen = self.expect(self.one.post(f'{SUBSCRIPTIONS}/query',
                                         {'area_of_interest': self.volume()}), 200)
        ids = [s['id'] for s in seen['subscriptions']]
        self.assertIn(mine['id'], ids)
        self.assertNotIn(theirs['id'], ids)
        far = volume(lat=self.here['lat'] + 0.2, lng=self.here['lng'])
        seen = self.expect(self.one.post(f'{SUBSCRIPTIONS}/query', {'area_of_interest': far}), 200)
        self.assertNotIn(mine['id'], [s['id'] for s in seen['subscriptions']])

    def test_notifications(self):
        a, _ = self.subscribe(self.two, url='https://uss2.example')
        b, _ = self.subscribe(self.two, url='https://uss2.example')
        c, _ = self.subscribe(self.two, oirs=False, constraints=True, url='https://uss2.example/c')
        def told(subscribers):
            self.assertEqual(len({s['uss_base_url'] for s in subscribers}), len(subscribers))
            return {s['subscription_id']: s['notification_index'] for t in subscribers
                    for s in t['subscriptions']}
        made, subscribers = self.create()
        self.assertEqual(told(subscribers), {a['id']: 1, b['id']: 1})
        # A move tells those of the old place too, and an end as well.
        away = oir([volume(lat=self.here['lat'] + 0.3, lng=self.here['lng'])])
        moved = self.expect(self.one.put(f"{OIRS}/{made['id']}/{made['ovn']}", away), 200)
        self.assertEqual(told(moved['subscribers']), {a['id']: 2, b['id']: 2})
        ovn = moved['operational_intent_reference']['ovn']
        gone = self.expect(self.one.delete(f"{OIRS}/{made['id']}/{ovn}"), 200)
        self.assertEqual(told(gone['subscribers']), {})
        manager = Client(node, 'authority', CM)
        body = {'extents': [self.volume()], 'uss_base_url': 'https://a.example'}
        made = self.expect(manager.put(f'{CONSTRAINTS}/{new_id()}', body), 201)
        self.assertEqual(told(made['subscribers']), {c['id']: 1})
        got = self.expect(self.two.get(f"{SUBSCRIPTIONS}/{a['id']}"), 200)['subscription']
        self.assertEqual((got['notification_index'], got['version']), (2, a['version']))

    def test_creation_shows_what_is_there(self):
        made, _ = self.create()
        _, answer = self.subscribe(self.two)
        self.assertEqual([(o['id'], o['ovn']) for o in answer['operational_intent_references']],
                         [(made['id'], 'Available from USS')])


class Expiry(Case):
    """Ended entities leave by themselves: searches at once, the data after the grace time."""

    def test_grace(self):
        other = Node(BINARY, postgres, flags=['--grace', '0s'])
        try:
            client = Client(other)
            for end in (5, 20, 80):  # the machine may stop in between
                ends = time.time() + end
                made = self.expect(client.put(f'{OIRS}/{new_id()}', oir([self.volume(end=end, start=1)],
                                                                       **fresh())), 201)
                id = made['operational_intent_reference']['id']
                got = client.get(f'{OIRS}/{id}')
                if time.time() < ends:
                    break
            self.expect(got, 200)
            area = {'area_of_interest': {'volume': self.volume()['volume']}}
            deadline = time.time() + 240
            while time.time() < deadline:
                seen = self.expect(client.post(f'{OIRS}/query', area), 200)
                if not seen['operational_intent_references']:
                    break
                time.sleep(0.2)
            self.assertEqual(seen['operational_intent_references'], [])
            # In a cluster expiry runs when a node starts, and every minute.
            third = Node(BINARY, postgres, flags=['--grace', '0s']) if postgres else None
            while time.time() < deadline and client.get(f'{OIRS}/{id}')[0] == 200:
                time.sleep(0.2)
            if third:
                third.stop()
            self.expect(client.get(f'{OIRS}/{id}'), 404)
        finally:
            other.stop()


class Constraints(Case):
    """Point 58."""

    def test_life(self):
        manager, reader = Client(node, 'authority', CM), Client(node, 'reader', CP)
        id = new_id()
        body = {'extents': [self.volume()], 'uss_base_url': 'https://a.example', 'key': [],
                'old_version': 0}
        made = self.expect(manager.put(f'{CONSTRAINTS}/{id}', body), 201)['constraint_reference']
        self.assertEqual((made['version'], made['uss_availability']), (1, 'Unknown'))
        self.expect(manager.put(f'{CONSTRAINTS}/{id}', body), 409)
        self.expect(manager.put(f'{CONSTRAINTS}/{id}/wrong', body), 409)
        self.expect(manager.put(f'{CONSTRAINTS}/{new_id()}/wrong', body), 400, 404, 409)
        seen = self.expect(reader.post(f'{CONSTRAINTS}/query', {'area_of_interest': self.volume()}),
                           200)
        self.assertEqual([c['id'] for c in seen['constraint_references']], [id])
        self.assertEqual(self.expect(reader.get(f'{CONSTRAINTS}/{id}'),
                                     200)['constraint_reference']['ovn'], 'Available from USS')
        made = self.expect(manager.put(f"{CONSTRAINTS}/{id}/{made['ovn']}", body),
                           200)['constraint_reference']
        self.assertEqual(made['version'], 2)
        other = Client(node, 'other', CM)
        self.expect(other.delete(f"{CONSTRAINTS}/{id}/{made['ovn']}"), 403)
        self.expect(manager.call('DELETE', f"{CONSTRAINTS}/{id}/{made['ovn']}", {'x': 1}), 200)
        self.expect(reader.get(f'{CONSTRAINTS}/{id}'), 404)


class Availability(Case):
    """Points 59 and 60."""

    def test_life(self):
        arbiter = Client(node, 'arbiter', AA)
        uss = 'uss-' + new_id()
        path = f'/dss/v1/uss_availability/{uss}'
        first = self.expect(arbiter.get(path), 200)
        self.assertEqual(first, {'version': '', 'status': {'uss': uss, 'availability': 'Unknown'}})
        self.expect(arbiter.put(path, {'old_version': '', 'availability': 'pUrPlE'}), 400)
        one = self.expect(arbiter.put(path, {'old_version': '', 'availability': 'normal'}), 200)
        self.assertEqual(one['status']['availability'], 'Normal')
        self.expect(arbiter.put(path, {'availability': 'Down'}), 400, 404, 409)
        self.expect(arbiter.put(path, {'old_version': 'x', 'availability': 'Down'}), 409)
        two = self.expect(arbiter.put(path, {'old_version': one['version'], 'availability': 'Down'}),
                          200)
        self.assertNotEqual(one['version'], two['version'])
        self.assertEqual(self.expect(self.one.get(path), 200), two)

    def test_reports(self):
        report = self.expect(self.one.post('/dss/v1/reports', {'exchange': {}}), 201)
        self.assertTrue(report['report_id'])


class Concurrency(Case):
    """Points 64: no update is lost, and of racers for one place exactly one wins."""

    def in_threads(self, count, work):
        results = [None] * count
        def run(i):
            results[i] = work(i)
        threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        return results

    def test_apart_in_altitude(self):
        clients = [Client(node, f'uss{i}') for i in range(20)]
        def create(i):
            return clients[i].put(f'{OIRS}/{new_id()}',
                                  oir([self.volume(lower=20 * i, upper=20 * i + 19)], **fresh()))
        self.assertEqual({a[0] for a in self.in_threads(20, create)}, {201})

    def test_one_winner(self):
        clients = [Client(node, f'uss{i}') for i in range(16)]
        answers = self.in_threads(16, lambda i: clients[i].put(f'{OIRS}/{new_id()}',
                                                               oir([self.volume()], **fresh())))
        statuses = sorted(a[0] for a in answers)
        self.assertEqual(statuses, [201] + [409] * 15)

    def test_one_update_wins(self):
        made, _ = self.create()
        clients = [Client(node) for _ in range(16)]
        path = f"{OIRS}/{made['id']}/{made['ovn']}"
        answers = self.in_threads(16, lambda i: clients[i].put(path, oir([self.volume()])))
        self.assertEqual(sorted(a[0] for a in answers), [200] + [409] * 15)

    def test_indices_have_no_gap(self):
        sub, _ = self.subscribe(self.two)
        clients = [Client(node, f'uss{i}') for i in range(8)]
        def create(i):
            seen = []
            for k in range(5):
                level = 20 * (5 * i + k)
                status, made = clients[i].put(
                    f'{OIRS}/{new_id()}', oir([self.volume(lower=level, upper=level + 10)]))
                self.assertEqual(status, 201, made)
                seen += [s['notification_index'] for t in made['subscribers']
                         for s in t['subscriptions'] if s['subscription_id'] == sub['id']]
            return seen
        indices = sorted(sum(self.in_threads(8, create), []))
        self.assertEqual(indices, list(range(1, 41)))


if __name__ == '__main__':
    unittest.main(verbosity=2, warnings='ignore')
