"""The DSS part of ASTM F3411-19 (v1) and F3411-22a (v2) as conformance suites check it, on
either engine, with the auxiliary endpoints of the pool's tools.

usage: test_f3411.py BINARY [embedded|cluster]
"""
import datetime
import re
import threading
import time
import unittest
import urllib.parse

from harness import (DP, READ1, SC, SP, WRITE1, Client, Node, Postgres, altitude, arguments, at, circle,
                     new_id, square, when)

BINARY, ENGINE = arguments()
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
    """Coordinates that no other test uses."""
    place[0] += 1
    return {'lat': -40.0 + place[0] % 80, 'lng': 10.0 + place[0] // 80}


class V1:
    """How F3411-19 spells it."""
    root = '/v1/dss'
    read, write = READ1, WRITE1
    url_field = 'flights_url'

    @staticmethod
    def time(seconds):
        return at(seconds)

    @staticmethod
    def text(value):
        return value

    @staticmethod
    def volume(vertices, start, end):
        return {'spatial_volume': {'footprint': {'vertices': vertices}, 'altitude_lo': 0,
                                   'altitude_hi': 200}, 'time_start': start, 'time_end': end}

    @staticmethod
    def outline(extents):
        return extents['spatial_volume'], 'footprint'

    @staticmethod
    def sub_url(body, url):
        body['callbacks'] = {'identification_service_area_url': url}

    @staticmethod
    def sub_url_of(sub):
        return sub['callbacks']['identification_service_area_url']


class V2:
    """How F3411-22a spells it."""
    root = '/rid/v2/dss'
    read, write = DP, SP
    url_field = 'uss_base_url'

    @staticmethod
    def time(seconds):
        return when(seconds)

    @staticmethod
    def text(value):
        assert value['format'] == 'RFC3339'
        return value['value']

    @staticmethod
    def volume(vertices, start, end):
        return {'volume': {'outline_polygon': {'vertices': vertices}, 'altitude_lower': altitude(0),
                           'altitude_upper': altitude(200)}, 'time_start': start, 'time_end': end}

    @staticmethod
    def outline(extents):
        return extents['volume'], 'outline_polygon'

    @staticmethod
    def sub_url(body, url):
        body['uss_base_url'] = url

    @staticmethod
    def sub_url_of(sub):
        return sub['uss_base_url']


class Base:
    """What the tests of both versions use; `v` is the version."""

    def setUp(self):
        v = self.v
        self.isas = v.root + '/identification_service_areas'
        self.subs = v.root + '/subscriptions'
        self.sp = Client(node, 'sp1', v.write)
        self.dp = Client(node, 'dp1', v.read)
        self.here = somewhere()

    def expect(self, answer, *statuses):
        self.assertIn(answer[0], statuses, answer[1])
        if answer[0] >= 400:
            self.assertIsInstance(answer[1]['message'], str)
        return answer[1]

    def extents(self, size=0.01, start=0, end=3600, lat=0.0, lng=0.0, vertices=None):
        v = self.v
        ring = vertices or square(self.here['lat'] + lat, self.here['lng'] + lng, size)['vertices']
        return v.volume(ring, None if start is None else v.time(start),
                        None if end is None else v.time(end))

    def isa_body(self, url='https://sp1.example/uss', **more):
        return {'extents': self.extents(**more), self.v.url_field: url}

    def sub_body(self, url='https://dp1.example/uss', **more):
        body = {'extents': self.extents(**more)}
        self.v.sub_url(body, url)
        return body

    def check_isa(self, isa):
        self.assertEqual(set(isa), {'id', 'version', 'owner', 'time_start', 'time_end',
                                    self.v.url_field})
        self.assertRegex(isa['version'], r'^[a-z0-9]{10,}$')
        for name in ('time_start', 'time_end'):
            self.assertRegex(self.v.text(isa[name]), r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$')
        return isa

    def check_sub(self, sub):
        url = 'callbacks' if self.v is V1 else 'uss_base_url'
        self.assertEqual(set(sub), {'id', 'version', 'owner', 'time_start', 'time_end',
                                    'notification_index', url})
        self.assertRegex(sub['version'], r'^[a-z0-9]{10,}$')
        self.assertGreaterEqual(sub['notification_index'], 0)
        return sub

    def check_subscribers(self, told):
        urls = [t['url'] for t in told]
        self.assertEqual(len(urls), len(set(urls)))
        for t in told:
            self.assertEqual(set(t), {'url', 'subscriptions'})
            for s in t['subscriptions']:
                self.assertEqual(set(s), {'subscription_id', 'notification_index'})
        return {s['subscription_id']: s['notification_index'] for t in told
                for s in t['subscriptions']}

    def isa(self, client=None, id=None, version=None, body=None, **more):
        path = f'{self.isas}/{id or new_id()}' + (f'/{version}' if version else '')
        made = self.expect((client or self.sp).put(path, body or self.isa_body(**more)), 200)
        self.assertEqual(set(made), {'service_area', 'subscribers'})
        return self.check_isa(made['service_area']), self.check_subscribers(made['subscribers'])

    def sub(self, client=None, id=None, version=None, body=None, **more):
        path = f'{self.subs}/{id or new_id()}' + (f'/{version}' if version else '')
        made = self.expect((client or self.dp).put(path, body or self.sub_body(**more)), 200)
        self.assertEqual(set(made), {'subscription', 'service_areas'})
        for isa in made['service_areas']:
            self.check_isa(isa)
        return self.check_sub(made['subscription']), made['service_areas']

    def area(self, size=0.01, lat=0.0, lng=0.0):
        ring = square(self.here['lat'] + lat, self.here['lng'] + lng, size)['vertices']
        return ','.join(f"{p['lat']:.6f},{p['lng']:.6f}" for p in ring)

    def search(self, path, client=None, status=200, area=None, **query):
        query = {'area': self.area() if area is None else area, **query}
        return self.expect((client or self.dp).get(path + '?' + urllib.parse.urlencode(query)),
                           *([status] if isinstance(status, int) else status))

    def search_isas(self, **more):
        found = self.search(self.isas, **more)['service_areas']
        return {self.check_isa(i)['id'] for i in found}

    def search_subs(self, **more):
        found = self.search(self.subs, **more)['subscriptions']
        return {self.check_sub(s)['id'] for s in found}

    # --- authorisation (points 5, 9, 11) ---

    def routes(self):
        id = new_id()
        return [('GET', f'{self.isas}?area={self.area()}', 'read'), ('GET', f'{self.isas}/{id}', 'any'),
                ('PUT', f'{self.isas}/{id}', 'write'), ('PUT', f'{self.isas}/{id}/x', 'write'),
                ('DELETE', f'{self.isas}/{id}/x', 'write'),
                ('GET', f'{self.subs}?area={self.area()}', 'read'), ('GET', f'{self.subs}/{id}', 'both'),
                ('PUT', f'{self.subs}/{id}', 'read'), ('PUT', f'{self.subs}/{id}/x', 'read'),
                ('DELETE', f'{self.subs}/{id}/x', 'read')]

    def test_tokens(self):
        for token in ('', 'x', 'a.b.c', self.sp.token[:-8] + 'AAAAAAAA'):
            for method, path, _ in self.routes():
                self.expect(Client(node, token=token).call(method, path, {}), 401)

    def test_scopes(self):
        v = self.v
        allowed = {'read': {v.read}, 'write': {v.write}, 'both': {v.read, v.write},
                   'any': {v.read} if v is V1 else {v.read, v.write}}
        for method, path, who in self.routes():
            for scope in (READ1, WRITE1, DP, SP, SC, 'other'):
                status, _ = Client(node, scopes=scope).call(method, path, {})
                self.assertEqual(status == 403, scope not in allowed[who], (method, path, scope, status))

    # --- form (points 2 to 4, 7, 15, 33 to 36, 61) ---

    def test_empty_last_segment(self):
        id = new_id()
        self.expect(self.dp.delete(f'{self.subs}/{id}/'), 400)
        self.expect(self.sp.delete(f'{self.isas}/{id}/'), 400)
        self.expect(self.dp.put(f'{self.subs}/{id}/', self.sub_body()), 400, 409)
        self.expect(self.sp.put(f'{self.isas}/{id}/', self.isa_body()), 400, 409)

    def test_ids(self):
        for id in ('not_uuid_format', 'a0', '00000000-0000-1000-8000-000000000000',
                   '00000000-0000-4000-0000-000000000000'):
            self.expect(self.dp.get(f'{self.isas}/{id}'), 400)
            self.expect(self.dp.get(f'{self.subs}/{id}'), 400)
            self.expect(self.sp.put(f'{self.isas}/{id}', self.isa_body()), 400)
            self.expect(self.dp.put(f'{self.subs}/{id}', self.sub_body()), 400)
        self.expect(self.dp.get(f'{self.isas}/{new_id()}'), 404)
        self.expect(self.dp.get(f'{self.subs}/{new_id()}'), 404)
        made, _ = self.isa()
        plain = made['id'].replace('-', '').upper()
        self.assertEqual(self.expect(self.dp.get(f'{self.isas}/{plain}'), 200)['service_area'], made)

    def bad_bodies(self, body, put):
        v = self.v
        space, ring = v.outline(body()['extents'])
        def inner(change):
            made = body()
            change(made['extents'])
            return made
        def points(*pairs):
            made = body()
            v.outline(made['extents'])[0][ring] = {'vertices': [{'lat': a, 'lng': b} for a, b in pairs]}
            return made
        bad = [{**body(), 'extents': None}, {**body(), 'extents': []}, {**body(), 'extents': 'x'},
               {}, [], 'x', {**body(), v.url_field: 7, 'callbacks': 7},
               inner(lambda e: v.outline(e)[0].pop(ring)),
               inner(lambda e: e.pop('volume' if v is V2 else 'spatial_volume')),
               inner(lambda e: e.update(time_end='tomorrow')),
               inner(lambda e: e.update(time_end=v.time(-10))),
               inner(lambda e: e.update(time_start=v.time(-600))),
               inner(lambda e: e.update(time_start=v.time(600), time_end=v.time(300))),
               points((0, 0), (0, .1)), points(), points((0, 0), (0, .1), (.1, .1), (0, 0)),
               points((0, 0), (0, .1), (0, .1), (.1, .1)), points((0, 0), (.1, .1), (0, .1), (.1, 0)),
               points((0, 0), (0, .1), (0, .05)), points((130, 0), (130, .1), (131, .1)),
               points((0, 0), (0, 5), (5, 5), (5, 0))]
        if v is V2:
            bad += [inner(lambda e: e['volume'].update(outline_circle=circle(0, 0, 10))),
                    inner(lambda e: e['volume'].update(altitude_lower={**altitude(0), 'units': 'FT'})),
                    inner(lambda e: e['volume'].update(altitude_upper={**altitude(0), 'reference': 'AGL'})),
                    inner(lambda e: e.update(time_end={'value': at(60), 'format': 'UNIX'}))]
        for index, one in enumerate(bad):
            with self.subTest(case=index):
                self.expect(put(one), 400)
        for raw in (b'', b'{', b'\xff', b'[' * 100000, b'{"a":1,"a":2}'):
            self.expect(put(None, raw), 400)

    def test_bad_service_areas(self):
        self.bad_bodies(self.isa_body, lambda body, raw=None: self.sp.call(
            'PUT', f'{self.isas}/{new_id()}', body, raw=raw))
        body = self.isa_body()
        body['extents'].pop('time_end')
        self.expect(self.sp.put(f'{self.isas}/{new_id()}', body), 400)
        for url in ('http://sp1.example', 'https://', 'ftp://x', 'x', '', 'https://a b'):
            self.expect(self.sp.put(f'{self.isas}/{new_id()}', self.isa_body(url=url)), 400)

    def test_bad_subscriptions(self):
        self.bad_bodies(self.sub_body, lambda body, raw=None: self.dp.call(
            'PUT', f'{self.subs}/{new_id()}', body, raw=raw))
        for url in ('http://dp1.example', 'https://', 'x', ''):
            self.expect(self.dp.put(f'{self.subs}/{new_id()}', self.sub_body(url=url)), 400)

    def test_bad_searches(self):
        for path in (self.isas, self.subs):
            self.expect(self.dp.get(path), 400)
            for area in ('', '1', '1,2', '1,2,3', '1,2,3,4', 'a,b,c,d,e,f', '1,2,3,4,5,', '0,0,0,1,nan,1',
                         '0,0,0,.1,.1,.1,0,0', '0,0,.1,.1,0,.1,.1,0', '91,0,91,1,92,1',
                         '0,0,0,181,1,181', '0,0,0,.1,0,.05', ',' * 50, '0x1,0,0,.1,.1,.1'):
                self.search(path, area=area, status=400)
            self.search(path, area='0,0,0,5,5,5,5,0', status=(400, 413))
            self.expect(self.dp.get(f'{path}?area=%zz'), 400)
        for name in ('earliest_time', 'latest_time'):
            for text in ('x', '', '2020-13-01T00:00:00Z', '1' * 100, '%'):
                self.expect(self.dp.get(f'{self.isas}?area={self.area()}&{name}={text}'), 400)

    def test_unknown_members_and_bodies_of_deletions(self):
        made, _ = self.isa(body={**self.isa_body(), 'request_id': 'x', 'old_version': None})
        path = f"{self.isas}/{made['id']}/{made['version']}"
        self.expect(self.sp.call('DELETE', path, {'request_id': 'x'}), 200)

    def test_large_but_permitted(self):
        self.isa(size=0.22)  # about 600 km2

    # --- service areas (points 8, 16, 17, 21, 24, 29) ---

    def test_life_of_a_service_area(self):
        made, _ = self.isa()
        path = f"{self.isas}/{made['id']}"
        self.assertEqual((made['owner'], made[self.v.url_field]), ('sp1', 'https://sp1.example/uss'))
        got = self.expect(self.dp.get(path), 200)
        self.assertEqual(got, {'service_area': made})
        self.assertIn(made['id'], self.search_isas())
        self.expect(self.sp.put(path, self.isa_body()), 409)
        other = Client(node, 'sp2', self.v.write)
        self.expect(other.put(f"{path}/{made['version']}", self.isa_body()), 403)
        self.expect(other.delete(f"{path}/{made['version']}"), 403)
        self.expect(self.sp.delete(f"{path}/{made['version'][1:-1]}"), 409)
        for version in ('not-a-version', 'zzzzzzzzzz', 'v' * 40, '%20', 'A1B2C3D4E5'):
            self.expect(self.sp.delete(f'{path}/{version}'), 400)
        self.expect(self.sp.put(f"{path}/{made['version'][1:-1]}", self.isa_body()), 409)
        moved, _ = self.isa(id=made['id'], version=made['version'], url='https://sp1.example/b', lat=1)
        self.assertNotEqual(moved['version'], made['version'])
        self.assertEqual(moved[self.v.url_field], 'https://sp1.example/b')
        self.assertNotIn(made['id'], self.search_isas())
        self.assertIn(made['id'], self.search_isas(area=self.area(lat=1)))
        self.expect(self.sp.put(f"{path}/{made['version']}", self.isa_body()), 409)
        gone = self.expect(self.sp.delete(f"{path}/{moved['version']}"), 200)
        self.assertEqual(gone, {'service_area': moved, 'subscribers': []})
        self.expect(self.dp.get(path), 404)
        self.expect(self.sp.delete(f"{path}/{moved['version']}"), 404)
        self.expect(self.sp.put(f"{path}/{moved['version']}", self.isa_body()), 400)
        self.assertNotIn(made['id'], self.search_isas(area=self.area(lat=1)))

    def test_times_come_back(self):
        for digits in ('.5', '.123', '.123456'):
            body = self.isa_body(start=30)
            text = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(time.time() + 7200)) + digits + 'Z'
            body['extents']['time_end'] = text if self.v is V1 else {'value': text, 'format': 'RFC3339'}
            made, _ = self.isa(body=body)
            self.assertEqual(self.micro(made['time_end']), self.micro(body['extents']['time_end']))
            self.assertEqual(self.micro(made['time_start']), self.micro(body['extents']['time_start']))

    def micro(self, value):
        text = self.v.text(value).rstrip('Z')
        return (text if '.' in text else text + '.').ljust(26, '0')

    def test_start_of_a_service_area(self):
        body = self.isa_body()
        body['extents'].pop('time_start')
        made, _ = self.isa(body=body)
        self.assertLess(abs(self.seconds(made['time_start']) - time.time()), 60)
        again, _ = self.isa(id=made['id'], version=made['version'], body=body)
        self.assertEqual(again['time_start'], made['time_start'])  # kept if not given
        self.isa(start=-60)
        self.expect(self.sp.put(f'{self.isas}/{new_id()}', self.isa_body(start=-600)), 400)
        self.expect(self.sp.put(f'{self.isas}/{new_id()}', self.isa_body(start=7200)), 400)

    def seconds(self, value):
        text = self.v.text(value)
        return datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp()

    def test_searching_in_time(self):
        made, _ = self.isa(start=60, end=120)
        cases = [({}, True), ({'earliest_time': at(0)}, True), ({'latest_time': at(90)}, True),
                 ({'latest_time': at(30)}, False), ({'earliest_time': at(150)}, False),
                 ({'earliest_time': at(70), 'latest_time': at(80)}, True),
                 ({'earliest_time': at(90), 'latest_time': at(90)}, True),
                 ({'earliest_time': at(-7200), 'latest_time': at(-3600)}, False)]
        for query, found in cases:
            self.assertEqual(made['id'] in self.search_isas(**query), found, query)

    def test_expired_ones(self):
        for end in (4, 16, 64):  # the machine may stop in between
            sub, _ = self.sub(end=end)
            made, told = self.isa(end=end + 1)
            if time.time() < self.seconds(sub['time_end']):
                break
        self.assertIn(sub['id'], told)
        time.sleep(max(0, self.seconds(made['time_end']) - time.time()) + 0.1)
        self.assertNotIn(made['id'], self.search_isas())
        self.assertNotIn(made['id'], self.search_isas(earliest_time=at(-60), latest_time=at(60)))
        self.assertNotIn(sub['id'], self.search_subs())
        _, areas = self.sub()
        self.assertEqual(areas, [])
        got = self.expect(self.dp.get(f"{self.isas}/{made['id']}"), 200)
        self.assertEqual(got['service_area'], made)
        _, told = self.isa(size=0.011)
        self.assertNotIn(sub['id'], told)
        self.expect(self.sp.delete(f"{self.isas}/{made['id']}/{made['version']}"), 200)
        self.expect(self.dp.delete(f"{self.subs}/{sub['id']}/{sub['version']}"), 200)

    # --- subscriptions (points 21, 26, 28, 54 to 57, 62) ---

    def test_life_of_a_subscription(self):
        sub, areas = self.sub()
        path = f"{self.subs}/{sub['id']}"
        self.assertEqual((sub['owner'], sub['notification_index'], areas), ('dp1', 0, []))
        self.assertEqual(self.v.sub_url_of(sub), 'https://dp1.example/uss')
        self.assertEqual(self.expect(self.dp.get(path), 200), {'subscription': sub})
        self.assertEqual(self.expect(self.sp.get(path), 200), {'subscription': sub})
        self.assertIn(sub['id'], self.search_subs())
        other = Client(node, 'dp2', self.v.read)
        self.assertNotIn(sub['id'], self.search_subs(client=other))
        self.expect(self.dp.put(path, self.sub_body()), 409)
        self.expect(other.put(f"{path}/{sub['version']}", self.sub_body()), 403)
        self.expect(other.delete(f"{path}/{sub['version']}"), 403)
        self.expect(self.dp.delete(f'{path}/notacorrectversion'), 400)
        self.expect(self.dp.put(f'{path}/notacorrectversion', self.sub_body()), 400, 409)
        self.expect(self.dp.delete(f"{path}/{sub['version'][1:-1]}"), 409)
        moved, _ = self.sub(id=sub['id'], version=sub['version'], url='https://dp1.example/b', lat=1)
        self.assertNotEqual(moved['version'], sub['version'])
        self.assertNotIn(sub['id'], self.search_subs())
        self.assertIn(sub['id'], self.search_subs(area=self.area(lat=1)))
        gone = self.expect(self.dp.delete(f"{path}/{moved['version']}"), 200)
        self.assertEqual(gone, {'subscription': moved})
        self.expect(self.dp.get(path), 404)
        self.expect(self.dp.delete(f"{path}/{moved['version']}"), 404)
        self.expect(self.dp.put(f"{path}/{moved['version']}", self.sub_body()), 400)

    def test_times_of_subscriptions(self):
        body = self.sub_body()
        for name in ('time_start', 'time_end'):
            body['extents'].pop(name)
        sub, _ = self.sub(body=body)
        self.assertLess(abs(self.seconds(sub['time_start']) - time.time()), 60)
        lasts = self.seconds(sub['time_end']) - self.seconds(sub['time_start'])
        self.assertAlmostEqual(lasts, 86400, places=3)
        body = self.sub_body(start=-60)
        made, _ = self.sub(body=body)
        self.assertEqual(self.micro(made['time_start']), self.micro(body['extents']['time_start']))
        for bad in (self.sub_body(start=-600), self.sub_body(end=86400 + 60),
                    self.sub_body(start=3600, end=60)):
            self.expect(self.dp.put(f'{self.subs}/{new_id()}', bad), 400)
            # Before existence is looked at:
            self.expect(self.dp.put(f"{self.subs}/{made['id']}", bad), 400)
            self.expect(self.dp.put(f"{self.subs}/{made['id']}/{made['version']}", bad), 400)

    def test_exactly_a_day(self):
        now = int(time.time()) + 60
        stamp = lambda t: time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(t))
        body = self.sub_body()
        for name, t in (('time_start', now), ('time_end', now + 86400)):
            body['extents'][name] = (stamp(t) if self.v is V1 else
                                     {'value': stamp(t), 'format': 'RFC3339'})
        self.sub(body=body)

    def test_notifications(self):
        url = 'https://dp1.example/uss'
        near, _ = self.sub()
        twin, _ = self.sub(Client(node, 'dp2', self.v.read), url=url)
        far, _ = self.sub(lat=2)
        later, _ = self.sub(start=7200, end=9000)
        id = new_id()
        made = self.expect(self.sp.put(f'{self.isas}/{id}', self.isa_body()), 200)
        self.assertEqual([t['url'] for t in made['subscribers']], [url])
        self.assertEqual(self.check_subscribers(made['subscribers']), {near['id']: 1, twin['id']: 1})
        isa, told = self.isa(id=id, version=made['service_area']['version'])
        self.assertEqual(told, {near['id']: 2, twin['id']: 2})
        # An update tells those of the old place as well as those of the new one.
        isa, told = self.isa(id=id, version=isa['version'], lat=2)
        self.assertEqual(told, {near['id']: 3, twin['id']: 3, far['id']: 1})
        gone = self.expect(self.sp.delete(f"{self.isas}/{id}/{isa['version']}"), 200)
        self.assertEqual(self.check_subscribers(gone['subscribers']), {far['id']: 2})
        got = self.expect(self.dp.get(f"{self.subs}/{near['id']}"), 200)['subscription']
        self.assertEqual(got['notification_index'], 3)
        self.assertEqual(got['version'], near['version'])  # being told is no change
        changed, _ = self.sub(id=near['id'], version=near['version'])
        _, told = self.isa()
        self.assertGreater(told[near['id']], changed['notification_index'])

    def test_own_service_areas_are_told_too(self):
        both = Client(node, 'both', f'{self.v.read} {self.v.write}')
        sub, _ = self.sub(both)
        isa, told = self.isa(both)
        self.assertIn(sub['id'], told)
        _, areas = self.sub(both)
        self.assertEqual(areas, [isa])

    def test_barely_overlapping_and_apart(self):
        sub, _ = self.sub(size=0.01)
        _, told = self.isa(lat=0.00999, lng=0.00999)
        self.assertIn(sub['id'], told)
        _, told = self.isa(lat=0.1)
        self.assertNotIn(sub['id'], told)

    def test_ten_in_an_area(self):
        client = Client(node, 'many-' + self.v.root, self.v.read)
        made = [self.sub(client)[0] for _ in range(10)]
        self.expect(client.put(f'{self.subs}/{new_id()}', self.sub_body()), 400, 429)
        self.sub(client, lat=1)
        self.sub(client, id=made[0]['id'], version=made[0]['version'])  # an update is not one more
        self.sub(Client(node, 'another', self.v.read))
        self.expect(client.delete(f"{self.subs}/{made[1]['id']}/{made[1]['version']}"), 200)
        self.sub(client)

    # --- many at a time (point 65) ---

    def test_many_at_a_time(self):
        sub, _ = self.sub()
        ids = [new_id() for _ in range(100)]
        made, errors = {}, []
        def run(part, work):
            client = Client(node, 'sp1', self.v.write)
            for id in part:
                try:
                    work(client, id)
                except Exception as error:  # shown below
                    errors.append(error)
        def all_of(work):
            threads = [threading.Thread(target=run, args=(ids[i::20], work)) for i in range(20)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            self.assertEqual(errors, [])
        indices = []
        def create(client, id):
            isa, told = self.isa(client, id=id)
            indices.append(told[sub['id']])
            made[id] = isa
        def read(client, id):
            reader = Client(node, 'dp1', self.v.read)
            assert self.expect(reader.get(f'{self.isas}/{id}'), 200)['service_area'] == made[id]
        def remove(client, id):
            self.expect(client.delete(f"{self.isas}/{id}/{made[id]['version']}"), 200)
        all_of(create)
        self.assertEqual(sorted(indices), list(range(1, 101)))
        all_of(read)
        self.assertLessEqual(set(ids), self.search_isas())
        all_of(remove)
        self.assertEqual(set(ids) & self.search_isas(), set())
        for id in ids[:5]:
            self.expect(self.dp.get(f'{self.isas}/{id}'), 404)


class F3411_19(Base, unittest.TestCase):
    v = V1


class F3411_22a(Base, unittest.TestCase):
    v = V2

    def test_circle(self):
        body = self.isa_body()
        body['extents']['volume'].pop('outline_polygon')
        body['extents']['volume']['outline_circle'] = circle(self.here['lat'], self.here['lng'], 500)
        made, _ = self.isa(body=body)
        self.assertIn(made['id'], self.search_isas())

    def test_one_store_for_both_versions(self):
        """Point 63."""
        old = F3411_19('test_life_of_a_service_area')
        old.setUp()
        old.here = self.here
        made, _ = self.isa()
        seen = self.expect(old.dp.get(f"{old.isas}/{made['id']}"), 200)['service_area']
        self.assertEqual((seen['version'], seen['owner'], seen['flights_url'], seen['time_end']),
                         (made['version'], made['owner'], made['uss_base_url'],
                          made['time_end']['value']))
        sub, _ = old.sub()
        moved, told = self.isa(id=made['id'], version=made['version'])
        self.assertIn(sub['id'], told)
        self.expect(old.sp.delete(f"{old.isas}/{made['id']}/{moved['version']}"), 200)


class Auxiliary(unittest.TestCase):
    """Points 6 and 13."""

    def test_version(self):
        status, body = Client(node, token='').get('/aux/v1/version')
        self.assertEqual(status, 200)
        self.assertTrue(re.match(r'^\d+\.\d+', body['version']))
        self.assertNotIn('undefined', body['version'])

    def test_validate_oauth(self):
        for scope in (READ1, WRITE1):
            client = Client(node, 'someone', scope)
            self.assertEqual(client.get('/aux/v1/validate_oauth')[0], 200)
            self.assertEqual(client.get('/aux/v1/validate_oauth?owner=someone')[0], 200)
            for owner in ('else', '', 'x' * 300, '%zz', 'someone%20'):
                self.assertEqual(client.get('/aux/v1/validate_oauth?owner=' + owner)[0], 403, owner)
        self.assertEqual(Client(node, scopes=SC).get('/aux/v1/validate_oauth')[0], 403)
        self.assertEqual(Client(node, token='x').get('/aux/v1/validate_oauth')[0], 401)

    def test_system_version(self):
        path = '/versions/local.test.identity'
        reader = Client(node, scopes='interuss.versioning.read_system_versions')
        status, body = reader.get(path)
        self.assertEqual((status, body['system_identity']), (200, 'local.test.identity'))
        self.assertEqual(set(body), {'system_identity', 'system_version'})
        self.assertEqual(Client(node).get(path)[0], 403)
        self.assertEqual(Client(node, token='').get(path)[0], 401)

    def test_pool(self):
        status, body = Client(node, scopes='interuss.pool_status.read').get('/aux/v1/pool')
        self.assertEqual(status, 200)
        self.assertTrue(body['dar_id'])
        self.assertEqual(Client(node).get('/aux/v1/pool')[0], 403)

    def test_health(self):
        nobody = Client(node, token='')
        for path in ('/healthy', '/healthz', '/readyz'):
            status, text = nobody.get(path)
            self.assertEqual((status, text.strip()), (200, 'ok'))
        status, text = nobody.get('/metrics')
        self.assertEqual(status, 200)
        self.assertIn('tafadi_entities{kind="identification_service_area"}', text)

    def test_unknown_paths(self):
        for path in ('/nothing', '/dss', '/v1/dss', '/v1/dss/', '/rid/v2/dss/flights', '/healthy/', '/aux/v1'):
            status, body = Client(node).get(path)
            self.assertEqual(status, 404)
            self.assertIsInstance(body['message'], str)
        self.assertEqual(Client(node).call('PATCH', '/healthy')[0], 404)


if __name__ == '__main__':
    unittest.main(verbosity=2, warnings='ignore')
