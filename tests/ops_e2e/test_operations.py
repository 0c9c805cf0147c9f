"""Operations, sites and declarations from end to end: test_operations.py PATH-OF-TAFADI. The real
binary, over loopback; every answer is held against src/desk/openapi.json; at the end of each
both ledgers are verified."""
import datetime
import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'line_e2e'))
import parties  # noqa: E402
from parties import wait_for  # noqa: E402

BINARY = sys.argv.pop(1)


def drone(id_, lat=36.5, lng=37.2, day=14, hour=8, hours=1, **properties):
    return {'type': 'Feature', 'id': id_,
            'properties': {'kind': 'uncrewed', 'altitude_lower': 300, 'altitude_upper': 400,
                           'altitude_reference': 'W84', 'radius_m': 500,
                           'start': f'2097-07-{day:02}T{hour:02}:00:00Z',
                           'end': f'2097-07-{day:02}T{hour + hours:02}:00:00Z', **properties},
            'geometry': {'type': 'Point', 'coordinates': [lng, lat]}}


def place(lat=36.5, lng=37.2, **properties):
    return {'type': 'Feature', 'properties': {'radius_m': 300, **properties},
            'geometry': {'type': 'Point', 'coordinates': [lng, lat]}}


MAP_NEEDS = ('class', 'id', 'owner', 'number', 'version', 'change', 'state', 'kind', 'name',
             'start', 'end', 'feature')


class Base(unittest.TestCase):
    def one(self):
        party = parties.Party(BINARY, 'north', None)
        self.addCleanup(party.remove)
        return party.start()

    def verify(self, *all_parties):
        for party in all_parties:
            party.stop()
            found = party.verify()
            self.assertTrue(found['valid'], found)

    def act(self, desk, id_, act, expected=200, etag=None, **more):
        headers = {'If-Match': f'"{etag}"'} if etag else None
        status, result = desk.call('POST', f'/api/v1/operations/{id_}/acts', {'act': act, **more},
                                   headers=headers)
        self.assertEqual(status, expected, result)
        return result


class Operations(Base):
    def test_from_a_plan_to_a_decision(self):
        party = self.one()
        planner, officer = party.desk('planner'), party.desk('duty-officer')
        made = planner.post('/api/v1/operations', {'feature': drone('one')})
        self.assertEqual((made['state'], made['version']), ('draft', 1))
        self.assertEqual(planner.answer.headers['ETag'], f'"{made["etag"]}"')
        done = self.act(planner, 'one', 'submit')
        self.assertEqual(done['operation']['state'], 'accepted')
        self.assertEqual(done['check']['outcome'], 'clear')

        planner.post('/api/v1/operations', {'feature': drone('two')})
        checked = planner.post('/api/v1/options', {'id': 'two'}, 200)
        self.assertEqual(checked['outcome'], 'decide')
        self.assertEqual(checked['conflicts'][0]['decided_by'], ['overlap'])
        self.assertTrue(checked['options'])
        for option in checked['options']:  # each is free: verified
            again = planner.post('/api/v1/check', {'feature': option['feature'], 'id': 'two'}, 200)
            self.assertEqual(again['outcome'], 'clear', option)
        done = self.act(planner, 'two', 'submit')
        self.assertEqual(done['operation']['state'], 'submitted')
        key = done['check']['conflicts'][0]['key']
        self.act(planner, 'two', 'accept', 409, allow=[key])  # not a planner's act
        refused = self.act(officer, 'two', 'accept', 409)
        self.assertEqual(refused['check']['outcome'], 'decide')
        done = self.act(officer, 'two', 'accept', allow=[key], reason='agreed by radio')
        self.assertEqual(done['operation']['state'], 'accepted')
        decision = done['operation']['decisions'][0]
        self.assertEqual((decision['key'], decision['role'], decision['reason']),
                         (key, 'duty-officer', 'agreed by radio'))
        self.assertEqual(decision['by'], 'all')

        # An option is taken as another version; it needs no decision.
        planner.post('/api/v1/operations', {'feature': drone('three')})
        option = planner.post('/api/v1/options', {'id': 'three'}, 200)['options'][0]
        now = planner.get('/api/v1/operations/three')
        status, put = planner.call('PUT', '/api/v1/operations/three', {'feature': option['feature']},
                                   headers={'If-Match': f'"{now["etag"]}"'})
        self.assertEqual(status, 200, put)
        self.assertEqual(self.act(planner, 'three', 'submit')['operation']['state'], 'accepted')
        history = planner.get('/api/v1/operations/three/history?full=1')['versions']
        self.assertEqual([v['act'] for v in history], ['create', 'change', 'submit'])

        # Of each only what a map needs: a part of the same words.
        whole = planner.get('/api/v1/operations?full=1')['operations']
        shapes = planner.get('/api/v1/operations?shapes=1')['operations']
        self.assertEqual(shapes, [{name: one[name] for name in MAP_NEEDS} for one in whole])
        self.assertEqual(len(shapes), 3)
        self.verify(party)

    def test_two_who_change_the_same(self):
        party = self.one()
        a, b = party.desk('planner'), party.desk('planner')
        first = a.post('/api/v1/operations', {'feature': drone('shared', name='First')})
        match = {'If-Match': f'"{first["etag"]}"'}
        status, _ = a.call('PUT', '/api/v1/operations/shared',
                           {'feature': drone('shared', name='Second')}, headers=match)
        self.assertEqual(status, 200)
        status, clash = b.call('PUT', '/api/v1/operations/shared',
                               {'feature': drone('shared', name='Third')}, headers=match)
        self.assertEqual(status, 412)
        self.assertEqual(clash['current']['name'], 'Second')
        self.assertIn({'path': 'feature.properties.name', 'before': 'First', 'after': 'Second'},
                      clash['changed'])
        status, _ = b.call('POST', '/api/v1/operations', {'feature': drone('shared')})
        self.assertEqual(status, 409)
        status, bad = b.call('POST', '/api/v1/operations', {'feature': drone('x', lat=136.5)})
        self.assertEqual(status, 400)
        self.assertIn('coordinates', bad['field'])

        # Of many at once with the same version exactly one is first.
        now = a.get('/api/v1/operations/shared')['etag']
        results = []

        def change(number):
            desk = parties.Desk(party, a.token)
            feature = drone('shared', name=f'N{number}')
            results.append(desk.call('PUT', '/api/v1/operations/shared', {'feature': feature},
                                     headers={'If-Match': f'"{now}"'})[0])
        threads = [threading.Thread(target=change, args=(i,)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(results), [200] + [412] * 7)
        self.verify(party)

    def test_is_it_where_it_said(self):
        party = self.one()
        desk, viewer = party.desk(), party.desk('viewer')
        now = datetime.datetime.now(datetime.timezone.utc)
        times = [(now + datetime.timedelta(minutes=m)).strftime('%Y-%m-%dT%H:%M:%SZ')
                 for m in (-10, 50)]
        feature = drone('patrol')
        feature['properties'].update(start=times[0], end=times[1])
        desk.post('/api/v1/operations', {'feature': feature})
        path, here = '/api/v1/operations/patrol/position', {'lat_deg': 36.5, 'lng_deg': 37.2,
                                                            'altitude_m': 350}
        desk.post(path, here, 409)  # a draft
        self.act(desk, 'patrol', 'submit')
        self.act(desk, 'patrol', 'activate')
        viewer.post(path, here, 403)
        desk.post(path, {**here, 'lat_deg': 96}, 400)
        desk.post('/api/v1/operations/other/position', here, 409)

        def report(**changes):
            return desk.post(path, {**here, **changes}, 200)['conformance']

        def ringing():
            return [a for a in viewer.alarms() if a['kind'].startswith('outside.')]
        self.assertEqual(report(), 'within')
        self.assertEqual(report(lat_deg=36.5044, accuracy_h_m=50), 'uncertain')
        self.assertEqual(ringing(), [])
        self.assertEqual(report(lat_deg=36.52), 'outside')
        self.assertIn('patrol was at 36.52000, 37.20000, 350 m', ringing()[0]['text'])
        self.assertEqual(ringing()[0]['role'], 'duty-officer')
        self.assertEqual(report(), 'within')
        self.assertEqual(ringing(), [])
        self.assertEqual(report(altitude_m=500), 'outside')
        self.act(desk, 'patrol', 'depart')
        wait_for(lambda: not ringing())
        self.positions_of_an_incident(party, desk)
        self.verify(party)

    def test_a_kill_keeps_what_was_answered(self):
        party = self.one()
        desk = party.desk()
        for number in range(20):
            desk.post('/api/v1/operations', {'feature': drone(f'k{number}', lat=36 + number * 0.1)})
            self.act(desk, f'k{number}', 'submit')
        party.kill()
        party.start()
        desk = party.desk()
        listed = desk.get('/api/v1/operations?state=accepted')['operations']
        self.assertEqual(len(listed), 20)
        found = desk.post('/api/v1/check', {'feature': drone('new', lat=36.3)}, 200)
        self.assertEqual([c['other']['id'] for c in found['conflicts']], ['k3'])
        self.verify(party)

    def test_files_copies_policy(self):
        party = self.one()
        desk = party.desk()
        file = json.dumps({'type': 'FeatureCollection',
                           'features': [drone('f1'), drone('f2', lat=99), drone('f3', lat=38)]})
        status, rows = desk.call('POST', '/api/v1/operations/import?submit=1&name=plans.geojson',
                                 raw=file)
        self.assertEqual(status, 200, rows)
        self.assertEqual((rows['added'], rows['refused']), (2, 1))
        self.assertEqual(desk.get('/api/v1/operations/f3')['source'], 'file:plans.geojson')
        status, rows = desk.call('POST', '/api/v1/operations/import?all=1&replace=1', raw=file)
        self.assertEqual(status, 409)
        copies = desk.post('/api/v1/operations/f1/repeat',
                           {'every_s': 86400, 'count': 3, 'submit': True}, 200)['rows']
        self.assertEqual([row['outcome'] for row in copies], ['accepted'] * 3)
        self.assertEqual(copies[0]['id'], 'f1/20970715T0800Z')
        one = desk.get('/api/v1/operations/f1%2F20970715T0800Z')
        self.assertEqual(one['start'], '2097-07-15T08:00:00Z')
        # A zone that comes later: whom does it concern?
        zone = place(**{'class': 'zone', 'restriction': 'prohibited', 'altitude_lower': 0,
                        'altitude_upper': 1000, 'radius_m': 900})
        desk.post('/api/v1/zones', {'feature': {**zone, 'id': 'z1'}})
        concerned = desk.get('/api/v1/zones/z1/affected')['conflicts']
        self.assertEqual(len(concerned), 4)  # f1 and its copies
        self.assertEqual(self.act(desk, 'f1', 'activate', 409)['check']['outcome'], 'refuse')
        desk.post('/api/v1/zones/z1/withdraw', {'reason': 'lifted'}, 200)
        self.assertEqual(self.act(desk, 'f1', 'activate')['operation']['state'], 'activated')
        policy = desk.get('/api/v1/policy')
        policy['document']['rules'].insert(0, {'other': 'operation', 'outcome': 'note'})
        status, result = desk.call('PUT', '/api/v1/policy',
                                   {'version': 0, 'document': policy['document']})
        self.assertEqual((status, result['version']), (200, 1))
        # Who read it before that learns what has changed.
        late = json.loads(json.dumps(policy['document']))
        late['rules'].append({'outcome': 'note'})
        status, clash = desk.call('PUT', '/api/v1/policy', {'version': 0, 'document': late})
        self.assertEqual((status, clash['current']['version']), (412, 1))
        self.assertEqual(clash['current']['document'], policy['document'])
        self.assertEqual(clash['changed'][0]['path'][:5], 'rules')
        status, clash = desk.call('PUT', '/api/v1/policy', {'version': 7, 'document': late})
        self.assertEqual((status, clash['changed']), (412, None))
        desk.post('/api/v1/operations', {'feature': drone('f4')})
        self.assertEqual(self.act(desk, 'f4', 'submit')['check']['outcome'], 'note')
        self.verify(party)

    def test_the_command_line_beside_the_node(self):
        party = self.one()
        desk = party.desk()
        file = party.dir + '/plan.geojson'
        with open(file, 'w', encoding='utf-8') as out:
            json.dump(drone('cli'), out)
        done = party.cli('op', 'import', file, '--submit', '--json')
        self.assertEqual(done['rows'][0]['state'], 'accepted')
        # The running node sees it at once, and the other way round.
        found = desk.post('/api/v1/check', {'feature': drone('new')}, 200)
        self.assertEqual([c['other']['id'] for c in found['conflicts']], ['cli'])
        with open(file, 'w', encoding='utf-8') as out:
            json.dump(drone('second', lat=39), out)
        party.cli('op', 'import', file)
        listed = party.cli('op', 'list', '--json')['operations']
        self.assertEqual([one['id'] for one in listed], ['cli', 'second'])
        self.assertEqual(len(party.cli('op', 'history', 'cli', '--json')['versions']), 2)
        rows = party.cli('op', 'repeat', 'second', '--count', '2', '--json')['rows']
        self.assertEqual([row['outcome'] for row in rows], ['draft', 'draft'])
        self.act(desk, 'cli', 'end')
        self.assertEqual(party.cli('op', 'show', 'cli', '--json')['state'], 'ended')
        party.cli('op', 'activate', 'cli', code=1)
        self.verify(party)


    def test_one_operation_zones_rules_by_command(self):
        party = self.one()
        when = ('--start', '2097-07-14T08:00:00Z', '--end', '2097-07-14T09:00:00Z')
        done = party.cli('op', 'add', '--id', 'lift', '--name', 'Lift', '--kind', 'rotorcraft', '--at',
                         '36.5 37.2', '--radius', '1km', '--upper', '300m AGL', '--priority', '3',
                         *when, '--disclosure', 'window', '--submit', '--json')
        self.assertEqual((done['id'], done['state'], done['check']['outcome']),
                         ('lift', 'accepted', 'clear'))
        desk = party.desk()
        one = desk.get('/api/v1/operations/lift')
        self.assertEqual((one['kind'], one['priority'], one['name'], one['start']),
                         ('rotorcraft', 3, 'Lift', '2097-07-14T08:00:00Z'))
        self.assertEqual(one['extra']['disclosure'], 'window')
        # In its way: the exit code says so, and nothing is refused.
        text = party.cli('op', 'add', '--id', 'second', '--at', '36.5 37.2', '--priority', '3',
                         *when, '--submit', code=3)
        self.assertEqual(desk.get('/api/v1/operations/second')['state'], 'submitted', text)
        feature = drone('third', lat=40)
        done = party.cli('op', 'add', '--feature', '-', '--json', stdin=json.dumps(feature))
        self.assertEqual((done['id'], done['state'], done['check']), ('third', 'draft', None))
        for wrong, word in ((['--at', '36.5 37.2'], '--start'),
                            (['--at', '96.5 37.2', *when], '96.5'),
                            (['--at', '36.5 37.2', *when, '--lower', 'up'], '--lower'),
                            (['--at', '36.5 37.2', *when, '--priority', '-1'], '--priority'),
                            (['--at', '36.5 37.2', *when, '--disclosure', 'all'], 'disclosure')):
            self.assertIn(word, party.cli('op', 'add', *wrong, code=2))
        self.assertIn('lift', party.cli('op', 'add', '--at', '36.5 37.2', *when, '--id', 'lift', code=1))
        # What is no JSON is a wrong value of the flag; what is no operation was understood.
        for text, code in (('{"type": "Feature"', 2), ('[]', 1), (json.dumps(place(**{'class': 'zone'})), 1)):
            party.cli('op', 'add', '--feature', '-', code=code, stdin=text)
        both = party.cli('op', 'add', '--feature', '-', '--name', 'x', code=2, stdin=json.dumps(feature))
        self.assertIn('--feature', both)
        self.assertEqual(len(desk.get('/api/v1/operations')['operations']), 3)

        zone = place(**{'class': 'zone', 'restriction': 'prohibited', 'altitude_lower': 0,
                        'altitude_upper': 1000})
        rows = party.cli('zone', 'import', '-', '--json', stdin=json.dumps({**zone, 'id': 'z1'}))
        self.assertEqual(rows['added'], 1)
        self.assertEqual([z['id'] for z in party.cli('zone', 'list', '--json')['zones']], ['z1'])
        self.assertIn('prohibited', party.cli('zone', 'list'))
        self.assertEqual(party.cli('zone', 'show', 'z1', '--json')['class'], 'zone')
        party.cli('zone', 'show', 'z2', code=1)
        self.assertEqual(self.act(desk, 'lift', 'activate', 409)['check']['outcome'], 'refuse')
        party.cli('zone', 'withdraw', 'z1', '--if-match', '1-0000000000000000', '--reason', 'x', code=1)
        party.cli('zone', 'withdraw', 'z1', '--reason', 'over')
        self.assertEqual(desk.get('/api/v1/zones/z1')['state'], 'withdrawn')

        shown = party.cli('policy', 'show', '--json')
        self.assertEqual(shown['version'], 0)
        shown['document']['rules'] = [{'outcome': 'note'}]
        rules = json.dumps(shown['document'])
        self.assertIn('head', party.cli('policy', 'set', '-', '--role', 'planner', code=1, stdin=rules))
        done = party.cli('policy', 'set', '-', '--if-version', '0', '--json', stdin=rules)
        self.assertEqual((done['version'], done['document']), (1, shown['document']))
        party.cli('policy', 'set', '-', '--if-version', '0', code=1, stdin=rules)
        party.cli('policy', 'set', '-', '--if-version', 'first', code=2, stdin=rules)
        party.cli('policy', 'set', '-', code=1, stdin='{"format": "tafadi-policy/v1"}')
        self.assertEqual(desk.get('/api/v1/policy')['version'], 1)
        self.verify(party)


    def positions_of_an_incident(self, party, desk):
        """By command, too; and what was reported around a place is in the report of it."""
        def by_command(*flags, code=0):
            done = subprocess.run([BINARY, 'op', 'position', 'patrol', *flags, '--state-dir', party.dir],
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, code, done)
            return done.stdout + done.stderr
        self.assertEqual(by_command('--at', '36.5 37.2', '--altitude', '350m'),
                         'patrol: within its volumes\n')
        self.assertEqual(by_command('--at', '36.5044 37.2', '--altitude', '350m', '--accuracy', '50m',
                                    '--lang', 'ru'), 'patrol: возможно, внутри её объёмов\n')
        self.assertEqual(json.loads(by_command('--at', '36.6 37.2', '--altitude', '1200ft', '--json',
                                               code=3)), {'taken': True, 'conformance': 'outside'})
        self.assertIn('say how high it is', by_command('--at', '36.5 37.2', code=2))
        report = desk.post('/api/v1/incidents', {'lat_deg': 36.5, 'lng_deg': 37.2, 'radius_m': 5000})
        seen = [(one['lat_deg'], one['altitude_m'], one['conformance']) for one in report['positions']]
        self.assertEqual(seen, [  # not the one at 36.6; the plan is nowhere near the last
            (36.5, 350, 'within'), (36.5044, 350, 'uncertain'), (36.52, 350, 'outside'),
            (36.5, 350, 'within'), (36.5, 500, 'outside'), (36.5, 350, 'within'),
            (36.5044, 350, 'uncertain')])
        self.assertEqual({one['operation'] for one in report['positions']}, {'patrol'})
        self.assertEqual([one['by'] for one in report['positions']][0], 'all')
        self.assertAlmostEqual(report['positions'][2]['distance_m'], 2219, delta=2)  # an arc of the meridian
        self.assertEqual(report['more_positions'], 0)
        self.assertEqual(json.loads(party.cli('op', 'report', report['id'])), report)
        self.assertEqual(party.cli('op', 'reports', '--json')['incidents'], [report])
        far = desk.post('/api/v1/incidents', {'lat_deg': 38, 'lng_deg': 37.2, 'radius_m': 5000})
        self.assertEqual(far['positions'], [])
        early = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=3))
        early = desk.post('/api/v1/incidents', {
            'lat_deg': 36.5, 'lng_deg': 37.2, 'at': early.strftime('%Y-%m-%dT%H:%M:%SZ')})
        self.assertEqual(early['positions'], [])


class Sites(Base):
    def test_a_site_and_who_reads_it(self):
        party = self.one()
        desk = party.desk()
        site = {'feature': {**place(), 'id': 'h1'}, 'category': 'مستشفى', 'sensitive': True,
                'data_at': '2026-01-01T00:00:00Z'}
        wrong = desk.post('/api/v1/sites', {**site, 'read_back': {'lat_deg': 37.2, 'lng_deg': 36.5}},
                          400)
        self.assertIn('other way round', wrong['message'])
        site['read_back'] = {'lat_deg': 36.5001, 'lng_deg': 37.2001}
        made = desk.post('/api/v1/sites', site)
        self.assertEqual((made['category'], made['verification']['state']),
                         ('hospital', 'unverified'))
        self.assertTrue(made['old'])
        verified = desk.post('/api/v1/sites/h1/verify', {'note': 'visited'}, 200)
        self.assertEqual(verified['verification']['by'], 'all')
        desk.post('/api/v1/sites/h1/acknowledgements', {'version': verified['version']})
        # A plan over it: the head of the cell decides.
        found = desk.post('/api/v1/check', {'feature': drone('new')}, 200)
        self.assertEqual((found['outcome'], found['conflicts'][0]['role']),
                         ('decide', 'head-of-cell'))
        # A correction takes the verification back, and opens the acknowledgement again.
        site['feature']['geometry']['coordinates'] = [37.21, 36.5]
        site['read_back'] = {'lat_deg': 36.5, 'lng_deg': 37.21}
        status, corrected = desk.call('PUT', '/api/v1/sites/h1', site,
                                      headers={'If-Match': verified['etag']})
        self.assertEqual((status, corrected['verification']['state']), (200, 'unverified'))
        acks = desk.get('/api/v1/sites/h1/acknowledgements')['acknowledgements']
        self.assertEqual([ack['current'] for ack in acks], [False])
        desk.post('/api/v1/sites/h1/withdraw', {}, 400)  # not without a reason
        desk.post('/api/v1/sites/h1/withdraw', {'reason': 'moved'}, 200)
        listed = desk.get('/api/v1/sites')['sites']
        self.assertEqual([(s['id'], s['state'], s['reason']) for s in listed],
                         [('h1', 'withdrawn', 'moved')])
        self.verify(party)

    def test_a_list_as_the_field_has_it(self):
        party = self.one()
        desk = party.desk()
        csv = ('رقم,الاسم,خط العرض,خط الطول,النوع\n'
               'S1,مشفى,36.1,37.1,مستشفى\nS2,مدرسة,36.2,37.2,مدرسة\nS3,?,96.3,37.3,مخيم\n')
        status, rows = desk.call('POST', '/api/v1/sites/import?name=list.csv', raw=csv.encode())
        self.assertEqual((status, rows['added'], rows['refused']), (200, 2, 1), rows)
        listed = party.cli('site', 'list', '--json')['sites']
        self.assertEqual([s['id'] for s in listed], ['S1', 'S2'])
        self.assertEqual(party.cli('site', 'show', 'S2', '--json')['category'], 'school')
        self.assertEqual([s['category'] for s in desk.get('/api/v1/sites')['sites']],
                         ['hospital', 'school'])
        for asked, language, begins in (('', None, '"96.3" is no latitude'),
                                        ('ar', 'ar', '«96.3»'), ('ru', 'ru', '«96.3»')):
            rows = desk.call('POST', '/api/v1/sites/import?name=list.csv', raw=csv.encode(),
                             headers={'Accept-Language': asked})[1]['rows']
            said = [row['message'] for row in rows if row['line'] == 4]
            self.assertEqual(desk.answer.headers.get('Content-Language'), language)
            self.assertTrue(said[0].startswith(begins), said)
        self.verify(party)

    def test_an_outline_is_read_back_point_by_point(self):
        party = self.one()
        desk = party.desk()
        ring = [[37.1, 36.1], [37.2, 36.1], [37.2, 36.2]]

        def area(points, **more):
            return {'feature': {'type': 'Feature', 'id': 'camp', 'properties': {'name': 'Camp'},
                                'geometry': {'type': 'Polygon', 'coordinates': [[*points, points[0]]]}},
                    'category': 'camp', **more}

        def back(points):
            return {'read_back': {'points': [{'lat_deg': lat, 'lng_deg': lng} for lng, lat in points]}}

        def refused(body, field, words, method='POST', path='/api/v1/sites', headers=None):
            status, answer = desk.call(method, path, body, headers=headers)
            self.assertEqual((status, answer['field']), (400, field), answer)
            self.assertIn(words, answer['message'])
        refused(area(ring), 'read_back.lat_deg', '')
        refused(area(ring, **back(ring[:2])), 'read_back.points', 'in their order: 3')
        refused(area(ring, **back([ring[0], [37.2, 36.11], ring[2]])), 'read_back.points[1]',
                'not the point that was given, 36.10000, 37.20000')
        refused(area(ring, **back([ring[0], [36.1, 37.2], ring[2]])), 'read_back.points[1]',
                'other way round')
        refused({'feature': place(), **back([[37.2, 36.5]])}, 'read_back.points', 'by its centre')
        near = [[lng + 0.0003, lat] for lng, lat in ring]  # 27 m
        made = desk.post('/api/v1/sites', area(ring, **back(near)))
        # What moves nothing needs no read-back; what moves a point does.
        match = {'If-Match': made['etag']}
        path = '/api/v1/sites/camp'
        status, named = desk.call('PUT', path, area(ring, contact='the committee'), headers=match)
        self.assertEqual((status, named['contact'], named['version']), (200, 'the committee', 2), named)
        match = {'If-Match': named['etag']}
        refused(area([*ring[:2], [37.2, 36.25]]), 'read_back.lat_deg', '', 'PUT', path, match)
        moved = [*ring, [37.15, 36.25]]
        status, now = desk.call('PUT', path, area(moved, **back(moved)), headers=match)
        self.assertEqual((status, now['version']), (200, 3), now)
        # A convoy's times are its place, too.
        route = {'feature': {'type': 'Feature', 'id': 'trucks', 'properties': {
            'times': ['2097-07-14T08:00:00Z', '2097-07-14T09:00:00Z'], 'z_reference': 'AGL'},
            'geometry': {'type': 'LineString', 'coordinates': [[37.1, 36.1, 0], [37.2, 36.2, 0]]}}}
        made = desk.post('/api/v1/sites', {**route, **back([[37.1, 36.1], [37.2, 36.2]])})
        self.assertEqual(made['category'], 'convoy')
        match = {'If-Match': made['etag']}
        route['feature']['properties']['times'][1] = '2097-07-14T10:00:00Z'
        refused(route, 'read_back.lat_deg', '', 'PUT', '/api/v1/sites/trucks', match)
        status, now = desk.call('PUT', '/api/v1/sites/trucks',
                                {**route, **back([[37.1, 36.1], [37.2, 36.2]])}, headers=match)
        self.assertEqual((status, now['end']), (200, '2097-07-14T10:00:00Z'), now)
        self.verify(party)

    def test_a_clash_in_the_language_that_was_asked_for(self):
        party = self.one()
        desk = party.desk()
        desk.post('/api/v1/sites', {'feature': {**place(), 'id': 'h1'}, 'category': 'hospital',
                                    'read_back': {'lat_deg': 36.5, 'lng_deg': 37.2}})
        status, clash = desk.call('POST', '/api/v1/sites/h1/withdraw', {'reason': 'moved'},
                                  headers={'If-Match': '"7-none"', 'Accept-Language': 'ru'})
        self.assertEqual(status, 412, clash)
        self.assertRegex(clash['message'], '[а-я]')
        self.assertEqual(desk.answer.headers['Content-Language'], 'ru')
        self.assertEqual(desk.answer.headers['ETag'], f'"{clash["current"]["etag"]}"')
        self.verify(party)


class Declarations(Base):
    def test_what_the_other_side_sees(self):
        pair = parties.Two(BINARY)
        self.addCleanup(pair.close)
        n, s = pair.n, pair.s
        parties.agree(pair.north, pair.south, n, s,
                      kinds=[{'kind': 'uncrewed', 'notice_s': 0, 'disclosure': 'window'},
                             {'kind': 'site', 'notice_s': 0, 'disclosure': 'full'},
                             {'kind': '*', 'notice_s': 0, 'disclosure': 'nothing'}])
        n.post('/api/v1/operations', {'feature': drone('secret-patrol', name='Secret')})
        self.act(n, 'secret-patrol', 'submit')
        n.post('/api/v1/operations',
               {'feature': drone('hidden', lat=38, kind='crewed', name='Hidden')})
        self.act(n, 'hidden', 'submit')
        n.post('/api/v1/sites', {'feature': {**place(lat=37), 'id': 'clinic'}, 'category': 'clinic',
                                 'read_back': {'lat_deg': 37, 'lng_deg': 37.2}})
        heard = wait_for(lambda: len(s.get('/api/v1/declarations')['declarations']) == 2 and
                         s.get('/api/v1/declarations')['declarations'])
        self.assertNotIn('ecret', json.dumps(heard))
        by_class = {one['class']: one for one in heard}
        listed = pair.south.cli('op', 'declared', '--json')['declarations']
        self.assertEqual(sorted(d['id'] for d in listed), sorted(d['id'] for d in heard))
        own = pair.north.cli('op', 'declared', '--json')['declarations']
        self.assertEqual(sorted(d['own_id'] for d in own), ['clinic', 'secret-patrol'])
        self.assertEqual(by_class['operation']['disclosure'], 'window')
        self.assertEqual(set(by_class['operation']['body']['area']),
                         {'lat_deg', 'lng_deg', 'radius_m'})
        found = s.post('/api/v1/check', {'feature': drone('mine', lat=36.501)}, 200)
        self.assertEqual([c['other']['is'] for c in found['conflicts']], ['declaration'])
        found = s.post('/api/v1/check', {'feature': drone('mine', lat=37)}, 200)
        self.assertEqual([c['other']['kind'] for c in found['conflicts']], ['site'])
        found = s.post('/api/v1/check', {'feature': drone('mine', lat=38)}, 200)
        self.assertEqual(found['conflicts'], [])
        # What is accepted against a declaration is a case, until it is over.
        s.post('/api/v1/operations', {'feature': drone('mine', lat=36.501)})
        done = self.act(s, 'mine', 'submit')
        key = done['check']['conflicts'][0]['key']
        self.assertEqual(s.get('/api/v1/cases')['cases'], [])
        self.act(s, 'mine', 'accept', allow=[key], role='head-of-cell', reason='by voice')
        case = s.get('/api/v1/cases')['cases'][0]
        self.assertEqual((case['state'], case['own']['id'], case['conflict']['allowed']['role']),
                         ('open', 'mine', 'head-of-cell'))
        self.act(s, 'mine', 'withdraw')
        self.assertEqual([c['state'] for c in s.get('/api/v1/cases?over=1')['cases']], ['over'])
        # The site is seen with read-back: its owner knows.
        message = [m for m in s.messages() if m['type'] == 'site.declare'][0]
        self.assertEqual(message['place'],
                         {'lat_deg': 37.0, 'lng_deg': 37.2, 'start': None, 'end': None})
        self.assertEqual({m['place'] for m in s.messages() if m['type'] == 'op.declare'}, {None})
        s.say('ack.seen', {'of': message['seq'], 'readback': {'lat_deg': 37.0, 'lng_deg': 37.2}})
        wait_for(lambda: [a for a in
                          n.get('/api/v1/sites/clinic/acknowledgements')['acknowledgements']
                          if a['peer'] and a['current']])
        self.act(n, 'secret-patrol', 'end')
        wait_for(lambda: len(s.get('/api/v1/declarations')['declarations']) == 1)
        self.verify(pair.north, pair.south)


    def test_who_reads_what_another_party_protects(self):
        pair = parties.Two(BINARY)
        self.addCleanup(pair.close)
        n, s = pair.n, pair.s
        parties.agree(pair.north, pair.south, n, s,
                      kinds=[{'kind': 'site', 'notice_s': 0, 'disclosure': 'full'}])
        for id_, lat, sensitive in (('shelter', 36.5, True), ('depot', 37.0, False)):
            n.post('/api/v1/sites', {'feature': {**place(lat=lat), 'id': id_}, 'sensitive': sensitive,
                                     'read_back': {'lat_deg': lat, 'lng_deg': 37.2}})
        n.post('/api/v1/sites/shelter/verify', {'note': 'the cellar is full'}, 200)

        def reads():
            done = subprocess.run([BINARY, 'ledger', 'audit', '--kind', 'site-read', '--json',
                                   '--state-dir', pair.south.dir], capture_output=True, text=True,
                                  check=True)
            return [json.loads(line)['entry'] for line in done.stdout.splitlines()]

        viewer, number = pair.south.desk('viewer'), s.line()['id']
        wait_for(lambda: len(pair.south.cli('op', 'declared', '--json')['declarations']) == 2 and
                 'site.update' in pair.south.cli('line', 'show', pair.north.id),
                 say=lambda: (pair.south.cli('op', 'declared'),
                              pair.south.cli('line', 'show', pair.north.id)))
        before = len(reads())
        for path, purpose in (('/api/v1/declarations', 'declarations'),
                              (f'/api/v1/lines/{number}/messages?own=0', 'messages')):
            with self.subTest(path=path):
                shown = json.dumps(viewer.get(path))
                self.assertIn('36.5', shown)
                self.assertNotIn('cellar', shown)
                last = reads()[-1]
                self.assertEqual((last['actor'], last['purpose']), ('all', purpose))
                self.assertEqual({one['line'] for one in last['sites']}, {number})
        self.assertEqual(len(reads()), before + 2)
        found = s.post('/api/v1/check', {'feature': drone('mine')}, 200)
        self.assertTrue(found['conflicts'][0]['other']['sensitive'])
        found = s.post('/api/v1/check', {'feature': drone('mine', lat=37)}, 200)
        self.assertFalse(found['conflicts'][0]['other']['sensitive'])
        self.assertEqual(len(reads()), before + 3)
        # Who looks again makes no other entry, and gets his answer.
        self.assertIn('36.5', json.dumps(viewer.get(f'/api/v1/lines/{number}/messages?own=0')))
        self.assertEqual(len(reads()), before + 3)
        self.cases_are_read(pair, s, number, reads)
        self.verify(pair.north, pair.south)

    def cases_are_read(self, pair, s, number, reads):
        """The places of a conflict are the site's; so are messages shown by command, and a bundle."""
        def of(purpose, actor=None):
            return [(one['actor'], one['sites']) for one in reads()
                    if one['purpose'] == purpose and (not actor or one['actor'] == actor)]

        declared = [one for one in s.get('/api/v1/declarations')['declarations']
                    if one['body'].get('sensitive')][0]
        site = [{'line': number, 'id': declared['id'], 'version': declared['version']}]
        s.post('/api/v1/operations', {'feature': drone('near')})
        key = self.act(s, 'near', 'submit')['check']['conflicts'][0]['key']
        self.act(s, 'near', 'accept', allow=[key], role='head-of-cell', reason='agreed')
        self.assertEqual(of('case'), [])
        viewer = pair.south.desk('viewer')
        case = viewer.get('/api/v1/cases')['cases'][0]
        self.assertAlmostEqual(case['conflict']['other_place']['lat'], 36.5, places=1)
        self.assertEqual(of('case'), [('all', site)])
        viewer.get('/api/v1/cases?full=1')
        self.assertEqual(viewer.get(f'/api/v1/cases/{case["id"]}')['id'], case['id'])
        self.assertEqual(of('case'), [('all', site)])
        pair.south.cli('op', 'case', 'show', case['id'], '--actor', 'carol')
        self.assertEqual(of('case')[1:], [('carol (cli)', site)])
        shown = pair.south.cli('line', 'show', pair.north.id, '--json', '--actor', 'carol')
        versions = [m['message']['body']['version'] for m in shown['messages']
                    if m['message']['body'].get('sensitive')]
        self.assertTrue(versions)
        self.assertEqual(of('messages', 'carol (cli)'),
                         [('carol (cli)', [{**site[0], 'version': one} for one in versions])])
        status, bundle = s.call('POST', '/api/v1/evidence', {'case': case['id']})
        self.assertEqual(status, 200, bundle)
        self.assertEqual([sites[-1] for _, sites in of('export')], site)


class Bundles(Base):
    @staticmethod
    def entries(desk, kind, first=None):
        """The ledger's entries of a kind, of the newest or from an index on: receipts and heartbeats
        of the line are written between any two of them."""
        query = 'limit=100' + ('' if first is None else f'&first={first}')
        return [one['entry'] for one in desk.get('/api/v1/ledger?' + query)['entries']
                if one['entry']['kind'] == kind]

    """What others here say about bundles."""
    def story(self, path):
        done = subprocess.run([BINARY, 'evidence', 'verify', path, '--json'], capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        story = json.loads(done.stdout)
        self.assertTrue(story['valid'])
        return story

    def bundle(self, desk, about, expected=200):
        """Asked for at a desk, verified by the program; what it tells."""
        status, result = desk.call('POST', '/api/v1/evidence', about)
        self.assertEqual(status, expected, result)
        if expected != 200:
            return result
        self.assertRegex(desk.answer.headers['Content-Disposition'],
                         r'^attachment; filename="[\w.]+-\d{8}T\d{6}Z\.evidence"$')
        with tempfile.NamedTemporaryFile(suffix='.evidence') as file:
            file.write(result)
            file.flush()
            story = self.story(file.name)
        self.assertIn((story['sha256'], story['line']),
                      [(one['sha256'], one['line']) for one in self.entries(desk, 'bundle')])
        return story

    @staticmethod
    def types(story):
        return {m['type'] for m in story['story'] if m['kind'] == 'said'}


class Cases(Bundles):
    def both(self, **memorandum):
        """Two operations that were accepted before either side knew of the other's."""
        pair = parties.Two(BINARY)
        self.addCleanup(pair.close)
        n, s = pair.n, pair.s
        n.post('/api/v1/operations', {'feature': drone('survey', priority=1)})
        s.post('/api/v1/operations', {'feature': drone('convoy', lat=36.504, priority=2)})
        self.act(n, 'survey', 'submit')
        self.act(s, 'convoy', 'submit')
        parties.agree(pair.north, pair.south, n, s,
                      kinds=[{'kind': '*', 'notice_s': 0, 'disclosure': 'full'}], **memorandum)
        cases = [wait_for(lambda desk=desk: desk.get('/api/v1/cases')['cases']) for desk in (n, s)]
        self.assertEqual(cases[0][0]['id'], cases[1][0]['id'])
        return pair, n, s, cases[0][0]['id']

    def stage(self, desk, id_, expected):
        return wait_for(lambda: (lambda one: one if one['stage'] == expected else None)(
            desk.get(f'/api/v1/cases/{id_}')))

    def test_one_is_agreed(self):
        pair, n, s, id_ = self.both()
        self.assertEqual(n.get(f'/api/v1/cases/{id_}')['moves_first'], 'own')
        self.assertEqual(s.get(f'/api/v1/cases/{id_}')['moves_first'], 'other')
        s.post(f'/api/v1/cases/{id_}/agree', {}, 404)  # nothing was proposed
        options = n.get(f'/api/v1/cases/{id_}/options')['options']
        self.assertTrue(options)
        shown = n.post(f'/api/v1/cases/{id_}/propose', {'option': 1}, 200)
        self.assertEqual(shown['stage'], 'proposed')
        heard = self.stage(s, id_, 'proposed')
        proposal = [m for m in heard['said'] if m['type'] == 'propose'][0]
        # The list has as much, if that is asked for.
        self.assertEqual(s.get('/api/v1/cases?full=1')['cases'][0]['moves_first'], 'other')
        verdict = wait_for(lambda: [m for m in n.get(f'/api/v1/cases/{id_}')['said']
                                    if m['type'] == 'verdict'])[0]
        self.assertTrue(verdict['body']['acceptable'])
        # Whose turn it is is shown, not forced.
        s.post(f'/api/v1/cases/{id_}/counter', {'of': proposal['hash'], 'option': 1}, 200)
        self.stage(n, id_, 'countered')
        before = n.get('/api/v1/operations/survey')
        done = json.loads(pair.south.cli('op', 'case', 'agree', id_[:8], '--of', proposal['hash']))
        twice = s.post(f'/api/v1/cases/{id_}/agree', {'of': proposal['hash']}, 409)
        self.assertIn('agree', [word['type'] for word in twice['current']['said']])
        self.assertEqual(done['agreement'], proposal['hash'])
        for desk in (n, s):
            self.stage(desk, id_, 'resolved')
            self.assertEqual(desk.get('/api/v1/cases')['cases'], [])
        after = n.get('/api/v1/operations/survey')
        self.assertEqual((after['version'], after['state']), (before['version'] + 1, 'accepted'))
        self.assertIn(id_, after['reason'])
        self.assertEqual(s.get('/api/v1/operations/convoy')['version'], 2)  # did not move
        late = n.post(f'/api/v1/cases/{id_}/propose', {}, 409)  # it is over: shown with what it is
        self.assertEqual((late['current']['id'], late['current']['stage']), (id_, 'resolved'))
        # The whole story of it, from the desk of one side and by command on the other.
        for desk in (n, s):  # each has proposed, and says that it sees nothing any more
            wait_for(lambda desk=desk: sorted(
                m['own'] for m in desk.get(f'/api/v1/cases/{id_}')['said']
                if m['type'] == 'clear') == [False, True])
        for desk in (n, s):
            wait_for(lambda desk=desk: all(m['acknowledged']['delivered'] for m in desk.messages(1)))
        said = {(m['from'], m['seq']) for m in self.bundle(n, {'case': id_})['story'] if 'seq' in m}
        types = self.types(self.bundle(n, {'case': id_}))
        self.assertEqual(types, {'case.propose', 'case.verdict', 'case.agree', 'case.clear',
                                 'op.declare', 'op.update', 'memo.propose', 'memo.accept'})
        by_command = pair.south.dir + '/case.evidence'
        pair.south.cli('evidence', 'make', '--case', id_[:10], '-o', by_command)
        theirs = {(m['from'], m['seq']) for m in self.story(by_command)['story'] if 'seq' in m}
        self.assertEqual(said, theirs)
        self.verify(pair.north, pair.south)

    def test_one_is_refused_and_escalated(self):
        pair, n, s, id_ = self.both()
        pair.north.cli('op', 'case', 'propose', id_)
        self.stage(s, id_, 'proposed')
        s.post(f'/api/v1/cases/{id_}/decline', {}, 200)
        self.stage(n, id_, 'open')
        # No agreement in time, by rules that leave less of it.
        parties.agree(pair.north, pair.south, n, s, acknowledge={'deliver_s': 4, 'seen_s': 4, 'answer_s': 4},
                      kinds=[{'kind': '*', 'notice_s': 0, 'disclosure': 'full'}])
        for desk in (n, s):
            self.stage(desk, id_, 'escalated')
            alarm = wait_for(lambda desk=desk: [
                a for a in desk.get('/api/v1/alarms')['alarms'] if a['kind'] == f'case.{id_[:8]}'])
            self.assertEqual(alarm[0]['role'], 'duty-officer')
        self.act(n, 'survey', 'withdraw')
        for desk in (n, s):
            self.stage(desk, id_, 'overtaken')
            wait_for(lambda desk=desk: [] == [
                a for a in desk.get('/api/v1/alarms')['alarms'] if a['kind'].startswith('case.')])
        self.verify(pair.north, pair.south)


class Incidents(Bundles):
    def test_what_was_known_and_said(self):
        pair = parties.Two(BINARY)
        self.addCleanup(pair.close)
        n, s = pair.n, pair.s
        parties.agree(pair.north, pair.south, n, s,
                      kinds=[{'kind': '*', 'notice_s': 0, 'disclosure': 'full'}])

        def stamp(minutes):
            at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
            return at.strftime('%Y-%m-%dT%H:%M:%SZ')
        feature = drone('near', start=stamp(-10), end=stamp(60))
        n.post('/api/v1/operations', {'feature': feature})
        self.act(n, 'near', 'submit')
        n.post('/api/v1/operations', {'feature': drone('far', lat=40, start=stamp(-10),
                                                       end=stamp(60))})
        n.post('/api/v1/sites', {'feature': {**place(lat=36.51), 'id': 'clinic'},
                                 'read_back': {'lat_deg': 36.51, 'lng_deg': 37.2},
                                 'sensitive': True})
        wait_for(lambda: len(s.get('/api/v1/declarations')['declarations']) == 2)
        wait_for(lambda: all(m['acknowledged']['delivered'] for m in n.messages(1)))
        there = {'lat_deg': 36.505, 'lng_deg': 37.2, 'text': 'two drones came close'}
        status, _ = n.call('POST', '/api/v1/incidents', {**there, 'at': stamp(60)})
        self.assertEqual(status, 400)  # not yet
        report = n.post('/api/v1/incidents', there)
        found = {one['record']['id']: one for one in report['found']}
        self.assertEqual(set(found), {'near', 'clinic'})
        self.assertEqual([(m['type'], m['own']) for m in found['near']['messages']],
                         [('op.declare', True)])
        self.assertTrue(found['near']['messages'][0]['delivered'])
        # A bundle about the place has what was declared there, and that alone.
        bundle = pair.north.dir + '/there.evidence'
        pair.north.cli('evidence', 'make', '--line', pair.south.id, '--near', '36.51,37.2,300m',
                       '-o', bundle)
        story = json.loads(subprocess.run([BINARY, 'evidence', 'verify', bundle, '--json'],
                                          capture_output=True, text=True, check=True).stdout)
        types = {one['type'] for one in story['story'] if one['kind'] == 'said'}
        self.assertIn('site.declare', types)
        self.assertNotIn('op.declare', types)
        # Another version afterwards does not change what was known then.
        self.act(n, 'near', 'end')
        self.assertEqual(n.get(f'/api/v1/incidents/{report["id"]}'), report)
        reads = [[site['id'] for site in one['sites']] for one in self.entries(n, 'site-read')
                 if one.get('purpose') == 'incident']
        self.assertIn(['clinic'], reads)
        again = n.post('/api/v1/incidents', {**there, 'at': report['at']})
        states = {one['record']['id']: one['record']['state'] for one in again['found']}
        self.assertEqual(states['near'], 'accepted')
        self.assertEqual(len(n.get('/api/v1/incidents')['incidents']), 2)
        self.bundles(pair, n, report, found)
        # The other side has its own: by the line's id, and what it heard.
        theirs = s.post('/api/v1/incidents', {**there, 'at': report['at']})
        kinds = sorted(m['type'] for one in theirs['found'] for m in one['messages'])
        self.assertEqual(kinds, ['op.declare', 'site.declare'])
        self.assertNotIn('near', [one['record']['id'] for one in theirs['found']])
        self.verify(pair.north, pair.south)

    def bundles(self, pair, n, report, found):
        """Of the report, of messages, of entries; and what cannot be made."""
        story = self.bundle(n, {'incident': report['id']})
        self.assertEqual(self.types(story) - {'memo.propose', 'memo.accept'},
                         {'op.declare', 'site.declare'})
        self.assertEqual([one['about'] for one in self.entries(n, 'bundle')],
                         [f'incident {report["id"]}'])
        by_command = pair.north.dir + '/incident.evidence'
        pair.north.cli('evidence', 'make', '--incident', report['id'], '-o', by_command)
        self.assertEqual(self.types(self.story(by_command)), self.types(story))
        message = found['near']['messages'][0]
        rules = {'memo.propose', 'memo.accept'}
        one = self.bundle(n, {'line': pair.south.id,
                              'messages': [{'own': True, 'seq': message['seq']}]})
        self.assertEqual(self.types(one) - rules, {'op.declare'})
        same = self.bundle(n, {'entries': [message['ledger_index']]})
        self.assertEqual(self.types(same) - rules, {'op.declare'})
        size = n.get('/api/v1/ledger?limit=1')['size']
        for about, field in (
                ({}, 'incident'), ({'incident': report['id'], 'case': 'c1'}, 'incident'),
                ({'incident': 'incident-1'}, 'incident'), ({'case': 'ffff'}, 'case'),
                ({'messages': [{'own': True, 'seq': 1}]}, 'line'),
                ({'line': pair.south.id, 'messages': [{'own': True, 'seq': 9999}]}, 'messages'),
                ({'line': pair.south.id, 'messages': []}, 'messages'),
                ({'line': pair.south.id, 'messages': [{'seq': 1}]}, 'messages'),
                ({'entries': [size + 10 ** 6]}, 'entries'), ({'entries': [0]}, 'entries'),
                ({'line': 'elsewhere.example', 'incident': report['id']}, 'line')):
            status, answer = n.call('POST', '/api/v1/evidence', about)
            self.assertIn(status, (400, 404, 409), (about, answer))
            self.assertEqual(answer.get('field'), field, (about, answer))
        self.assertEqual(self.entries(n, 'bundle', first=size), [])  # nothing was made
        refused = subprocess.run(
            [BINARY, 'evidence', 'make', '--incident', report['id'], '--about', 'a/1',
             '--state-dir', pair.north.dir], capture_output=True, check=False)
        self.assertEqual(refused.returncode, 2)


if __name__ == '__main__':
    unittest.main(verbosity=2)
