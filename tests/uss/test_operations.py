#!/usr/bin/env python3
"""Operations of a party's register as operational intents in a DSS of another trust domain: nothing
counts in the register that the DSS or its rules have refused."""
import json
import subprocess
import sys
import time
import unittest

import world
from harness import CP, at, new_id, volume
import parties  # world says where
from parties import wait_for

BINARY = sys.argv.pop(1)


def feature(id_, lat, lng=-118.0, start=-5, end=3600, lower=0, upper=100, **more):
    return {'type': 'Feature', 'id': id_,
            'properties': {'kind': 'uncrewed', 'altitude_lower': lower, 'altitude_upper': upper,
                           'altitude_reference': 'W84', 'radius_m': 50,
                           'start': at(start), 'end': at(end), **more},
            'geometry': {'type': 'Point', 'coordinates': [lng, lat]}}


def square(lat, **more):
    """What meets a feature at this latitude."""
    return [volume(**{'lat': lat - 0.0002, 'lng': -118.0002, 'start': -5, **more})]


class Case(unittest.TestCase):
    WHICH = 'uncrewed'

    @classmethod
    def setUpClass(cls):
        cls.world = world.World(BINARY, with_proxy=True, operations=cls.WHICH)
        cls.n, cls.s, cls.mock, cls.proxy = (cls.world.n, cls.world.s, cls.world.mock,
                                             cls.world.proxy)
        cls.desk = cls.world.south.desk()

    @classmethod
    def tearDownClass(cls):
        if cls.desk.connection:
            cls.desk.connection.close()
        cls.world.close()
        cls.proxy.close()

    def setUp(self):
        # The same place in each run, whatever else runs: a DSS's cells are not the same everywhere.
        tests = sorted(f'{one.__name__}.{name}' for one in Case.__subclasses__()
                       for name in dir(one) if name.startswith('test_'))
        name = f'{type(self).__name__}.{self._testMethodName}'
        self.lat = 34 + 0.05 * tests.index(name)
        self.id = 'op-' + new_id()[:8]

    def tearDown(self):
        self.proxy.lose, self.proxy.blocked = None, False
        self.world.clear()

    def create(self, id_=None, **more):
        status, made = self.desk.call('POST', '/api/v1/operations',
                                      {'feature': feature(id_ or self.id, **{'lat': self.lat, **more})})
        self.assertEqual(status, 201, made)
        return made

    def act(self, act, id_=None, **more):
        """What the act came to: its status, the operation as it is, all of the answer."""
        begun = time.monotonic()
        status, answer = self.desk.call('POST', f'/api/v1/operations/{id_ or self.id}/acts',
                                        {'act': act, **more})
        self.seconds = time.monotonic() - begun
        return status, self.operation(id_), answer

    def done(self, act, state, **more):
        status, operation, answer = self.act(act, **more)
        self.assertEqual((status, operation['state']), (200, state), answer)
        return operation

    def submitted_in_time(self):
        """Submitted, of what is not published: the DSS has less than a second to say what is there, and on
        a busy machine that may be too little. Then it is recalled, and submitted again."""
        for _ in range(50):
            status, operation, answer = self.act('submit')
            if operation['state'] == 'accepted':
                break
            self.assertEqual([one['other']['id'] for one in answer['check']['conflicts']], ['dss'])
            self.done('recall', 'draft')
        self.assertEqual((status, operation['state']), (200, 'accepted'), answer)
        return operation

    def operation(self, id_=None):
        status, operation = self.desk.call('GET', f'/api/v1/operations/{id_ or self.id}')
        self.assertEqual(status, 200)
        return operation

    def reference(self, operation=None):
        id_ = (operation or self.operation())['intent']['id']
        status, answer = self.mock.dss('GET', f'{world.OIRS}/{id_}')
        return answer['operational_intent_reference'] if status == 200 else None

    def heard(self, id_):
        return [body for _, body in self.mock.heard if body['operational_intent_id'] == id_]


class Published(Case):
    def test_life(self):
        """Accepted, activated, changed, outside, back, ended: the DSS follows, peers are told."""
        for aside in (-0.0025, 0.0015):  # one of them shares a cell of the DSS with it, wherever
            self.mock.put([volume(lat=self.lat + aside, start=-5)])
        self.create()
        operation = self.done('submit', 'accepted')
        reference = self.reference(operation)
        intent = operation['intent']
        self.assertEqual((reference['state'], reference['manager']), ('Accepted', 'south.example'))
        self.assertEqual((intent['state'], intent['ovn'] != '', intent['dss'], intent['result']),
                         ('Accepted', True, self.proxy.url, 'done'))
        _, details = self.s.details(intent['id'], self.mock.caller)
        self.assertEqual(details['operational_intent']['reference']['ovn'], intent['ovn'])
        self.await_told(intent['id'], 'Accepted')  # or what comes after takes its place
        self.assertEqual(self.done('activate', 'activated')['intent']['state'], 'Activated')
        self.assertEqual(self.reference(operation)['state'], 'Activated')
        status, changed = self.desk.call(
            'PUT', f'/api/v1/operations/{self.id}', {'feature': feature(self.id, self.lat, upper=80)},
            headers={'If-Match': self.operation()['etag']})
        self.assertEqual(status, 200, changed)
        self.assertEqual(self.operation()['feature']['properties']['altitude_upper'], 80)
        _, details = self.s.details(intent['id'], self.mock.caller)
        top = details['operational_intent']['details']['volumes'][0]['volume']['altitude_upper']
        self.assertEqual(top['value'], 80)
        for act, state, word in (('depart', 'nonconforming', 'Nonconforming'),
                                 ('recover', 'activated', 'Activated'),
                                 ('lose', 'contingent', 'Contingent')):
            self.done(act, state)
            wait_for(lambda: self.reference(operation)['state'] == word)
        self.await_told(intent['id'], 'Contingent')
        self.done('end', 'ended')
        wait_for(lambda: self.reference(operation) is None)
        wait_for(lambda: self.operation()['intent']['state'] is None)
        told = wait_for(lambda: (got := self.heard(intent['id'])) and
                        'operational_intent' not in got[-1] and got)
        states = [one['operational_intent']['reference']['state'] for one in told[:-1]]
        self.assertEqual((states[0], states[-1]), ('Accepted', 'Contingent'))

    def await_told(self, id_, state):
        wait_for(lambda: (got := self.heard(id_)) and
                 got[-1]['operational_intent']['reference']['state'] == state)

    def test_refused_by_what_is_there(self):
        """A foreign intent that the party never was told of: found in the DSS, and listed."""
        foreign = self.mock.put(square(self.lat))
        self.create()
        status, operation, answer = self.act('submit')
        self.assertEqual((status, operation['state']), (409, 'submitted'), answer)
        self.assertEqual([(one['other']['is'], one['other']['id'], one['other']['party'])
                          for one in answer['check']['conflicts']], [('foreign', foreign, 'mock')])
        self.assertIsNone(self.reference(operation))
        self.assertEqual((operation['intent']['result'], operation['intent']['state']),
                         ('refused', None))
        # Allowed by somebody here, F3548 refuses it all the same.
        key = answer['check']['conflicts'][0]['key']
        status, operation, answer = self.act('accept', allow=[key], role='head-of-cell')
        self.assertEqual((status, operation['state']), (409, 'submitted'), answer)
        self.assertEqual(answer['said']['lang'], 'en')
        self.assertIn(foreign, answer['said']['text'])
        self.assertTrue(answer['message'].startswith('Nothing was changed: what the DSS'), answer)
        self.assertIsNone(self.reference(operation))
        self.mock.delete(foreign)
        self.assertEqual(self.done('accept', 'accepted')['intent']['state'], 'Accepted')

    def test_lower_priority_makes_way(self):
        foreign = self.mock.put(square(self.lat), priority=-5)
        self.create()
        status, operation, answer = self.act('submit')
        self.assertEqual((status, operation['state']), (409, 'submitted'))
        key = answer['check']['conflicts'][0]['key']
        operation = self.done('accept', 'accepted', allow=[key], role='head-of-cell')
        self.assertEqual(operation['decisions'][0]['key'], key)
        self.assertIsNotNone(self.reference(operation))
        self.mock.delete(foreign)

    def test_withdrawn(self):
        self.create()
        operation = self.done('submit', 'accepted')
        self.done('withdraw', 'withdrawn')
        wait_for(lambda: self.reference(operation) is None)

    def test_change_that_is_refused(self):
        foreign = self.mock.put(square(self.lat + 0.01))
        self.create()
        self.done('submit', 'accepted')
        before = self.operation()
        status, answer = self.desk.call(
            'PUT', f'/api/v1/operations/{self.id}', {'feature': feature(self.id, self.lat + 0.01)},
            headers={'If-Match': before['etag']})
        self.assertEqual(status, 409, answer)
        self.assertEqual(answer['check']['conflicts'][0]['other']['id'], foreign)
        after = self.operation()
        self.assertEqual((after['etag'], after['feature']), (before['etag'], before['feature']))
        self.assertEqual(self.reference(after)['version'], 1)

    def test_not_yet(self):
        """F3548 activates nothing that has not begun."""
        self.create(start=600)
        self.done('submit', 'accepted')
        status, operation, answer = self.act('activate')
        self.assertEqual((status, operation['state']), (409, 'accepted'), answer)
        self.assertEqual(operation['intent']['state'], 'Accepted')

    def test_heights_above_ground(self):
        self.create(altitude_reference='AGL')
        status, operation, answer = self.act('submit')
        self.assertEqual((status, operation['state']), (409, 'submitted'))
        self.assertIn('altitudes', answer['said']['text'])

    def test_not_uncrewed(self):
        """Asked about, told nothing."""
        self.create(kind='rotorcraft')
        operation = self.submitted_in_time()
        self.assertFalse(operation['intent']['published'])
        self.assertIsNone(self.reference(operation))

    def test_many_at_once(self):
        """An import that submits: accepted one after the other, without anybody waiting."""
        ids = [f'{self.id}-{i}' for i in range(5)]
        features = [feature(id_, self.lat + 0.005 * i) for i, id_ in enumerate(ids)]
        status, answer = self.desk.call('POST', '/api/v1/operations/import?submit=1', raw=json.dumps(
            {'type': 'FeatureCollection', 'features': features}))
        self.assertEqual(status, 200, answer)
        for id_ in ids:
            wait_for(lambda: self.operation(id_)['state'] == 'accepted')
            self.assertEqual(self.reference(self.operation(id_))['state'], 'Accepted')

    def test_dss_away(self):
        """Not accepted while the DSS cannot be asked; later by itself."""
        self.create()
        self.proxy.blocked = True
        status, operation, answer = self.act('submit')
        self.assertEqual((status, operation['state']), (202, 'submitted'), answer)
        self.assertEqual((operation['intent']['pending'], operation['intent']['result']),
                         ('submit', 'failed'))
        self.proxy.blocked = False
        wait_for(lambda: self.operation()['state'] == 'accepted')
        self.assertEqual(self.reference()['state'], 'Accepted')

    def test_recalled_while_it_waits(self):
        self.create()
        self.proxy.lose = ('PUT', 'after')  # the DSS has it, and nobody knows
        status, operation, _ = self.act('submit')
        self.assertEqual((status, operation['state']), (202, 'submitted'))
        self.assertIsNotNone(self.reference(operation))
        self.done('recall', 'draft')
        self.proxy.blocked = False
        wait_for(lambda: self.reference(operation) is None)
        self.assertEqual(self.operation()['state'], 'draft')

    def test_killed_in_doubt(self):
        self.create()
        self.proxy.lose = ('PUT', 'after')
        status, operation, _ = self.act('submit')
        self.assertEqual((status, operation['state']), (202, 'submitted'))
        self.world.south.kill()
        self.proxy.blocked = False
        self.world.south.start()
        wait_for(lambda: self.operation()['state'] == 'accepted')
        self.assertEqual(self.operation()['intent']['ovn'] != '', True)
        self.assertEqual(self.reference()['version'], self.operation()['intent']['version'])

    def test_commands(self):
        """The same beside the node: `tafadi op`."""
        south = self.world.south
        with open(south.dir + '/op.geojson', 'w', encoding='utf-8') as file:
            json.dump(feature(self.id, self.lat), file)
        south.cli('op', 'import', south.dir + '/op.geojson')
        shown = south.cli('op', 'submit', self.id, '--json')
        self.assertEqual((shown['state'], shown['applied'], shown['intent']['state']),
                         ('accepted', True, 'Accepted'))
        text = south.cli('op', 'activate', self.id)
        self.assertIn('Activated', text)
        self.assertIn(self.operation()['intent']['ovn'], text)
        self.assertEqual(json.loads(south.cli('op', 'show', self.id))['intent']['state'], 'Activated')
        south.cli('op', 'end', self.id)
        wait_for(lambda: self.reference() is None)
        foreign = self.mock.put(square(self.lat))
        with open(south.dir + '/op.geojson', 'w', encoding='utf-8') as file:
            json.dump(feature(self.id + '-2', self.lat), file)
        south.cli('op', 'import', south.dir + '/op.geojson')
        south.cli('op', 'submit', self.id + '-2', code=3)
        self.assertEqual(self.operation(self.id + '-2')['state'], 'submitted')
        self.mock.delete(foreign)


class Agreed(Case):
    """Over a line, between the two parties, and with a DSS to be asked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.north = cls.world.north.desk()
        parties.exchange_cards(cls.world.north, cls.world.south)
        parties.open_line(cls.world.north, cls.world.south)
        parties.await_open(cls.north, cls.desk)
        parties.agree(cls.world.north, cls.world.south, cls.north, cls.desk, kinds=[
            {'kind': '*', 'notice_s': 0, 'disclosure': 'full'}])

    @classmethod
    def tearDownClass(cls):
        if cls.north.connection:
            cls.north.connection.close()
        super().tearDownClass()

    def at(self, desk, id_):
        status, one = desk.call('GET', f'/api/v1/cases/{id_}')
        self.assertEqual(status, 200, one)
        return one

    def plan(self, desk, id_, priority):
        """Accepted, whatever is in the way here."""
        path = f'/api/v1/operations/{id_}'
        desk.post('/api/v1/operations', {'feature': feature(id_, self.lat, priority=priority)})
        status, answer = desk.call('POST', path + '/acts', {'act': 'submit'})
        for _ in range(2):  # what the register finds, then what the DSS has as well
            if desk.get(path)['state'] == 'accepted':
                break
            keys = [one['key'] for one in answer['check']['conflicts']]
            status, answer = desk.call('POST', path + '/acts', {
                'act': 'accept', 'role': 'head-of-cell', 'allow': keys})
        self.assertEqual((status, desk.get(path)['state']), (200, 'accepted'), answer)

    def test_refused(self):
        """What both have signed, and the DSS refuses: void, with the reason, on both sides."""
        self.plan(self.desk, self.id, 0)
        wait_for(lambda: self.north.call('GET', '/api/v1/declarations')[1]['declarations'])
        self.plan(self.north, self.id + '-n', 1)
        id_ = wait_for(lambda: self.desk.call('GET', '/api/v1/cases')[1]['cases'])[0]['id']
        moved = feature(self.id, self.lat, lower=3000, upper=3100)
        status, answer = self.desk.call('POST', f'/api/v1/cases/{id_}/propose', {'feature': moved})
        self.assertEqual(status, 200, answer)
        foreign = self.mock.put(square(self.lat, lower=2900, upper=3200))
        wait_for(lambda: any(one['type'] == 'verdict' for one in self.at(self.north, id_)['said']))
        status, answer = self.north.call('POST', f'/api/v1/cases/{id_}/agree', {})
        self.assertEqual(status, 200, answer)
        for desk in (self.desk, self.north):
            shown = wait_for(lambda: (now := self.at(desk, id_))['stage'] == 'escalated' and now)
            self.assertEqual([one['body']['why'] for one in shown['said'] if one['type'] == 'void'],
                             ['dss'])
            wait_for(lambda: desk.alarms(f'case.{id_[:8]}'))
        operation = self.operation()
        self.assertEqual((operation['intent']['result'],
                          operation['feature']['properties']['altitude_lower']), ('refused', 0))
        self.mock.delete(foreign)


class Constraints(Case):
    def test_in_the_way(self):
        """What a constraint means is the policy's: somebody decides, for an operation; a flight
        plan of a test suite has nobody."""
        id_ = self.mock.constrain(square(self.lat))
        self.create()
        status, operation, answer = self.act('submit')
        self.assertEqual((status, operation['state']), (409, 'submitted'), answer)
        found = answer['check']['conflicts'][0]
        self.assertEqual((found['other']['is'], found['other']['id'], found['other']['kind'],
                          found['role']), ('foreign', id_, 'zone', 'head-of-cell'))
        operation = self.done('accept', 'accepted', allow=[found['key']], role='head-of-cell')
        self.assertEqual(self.reference(operation)['state'], 'Accepted')
        _, result = self.s.plan([volume(lat=self.lat, start=-5, lower=300, upper=400)])
        self.assertEqual(result, ('Completed', 'Planned'), self.s.notes)
        other = self.mock.constrain([volume(lat=self.lat + 0.02, start=-5)])
        _, result = self.s.plan([volume(lat=self.lat + 0.02, start=-5)])
        self.assertEqual(result[0], 'Rejected')
        self.assertIn(other, self.s.notes)
        self.mock.release(other)
        _, result = self.s.plan([volume(lat=self.lat + 0.02, start=-5)])
        self.assertEqual(result, ('Completed', 'Planned'), self.s.notes)

    def test_told_at_once(self):
        """One that comes over what is accepted or flies: its USS tells, and our people hear."""
        self.create()
        intent = self.done('submit', 'accepted')['intent']['id']
        id_ = self.mock.constrain(square(self.lat))
        self.assertEqual(self.mock.tell(id_, self.s.port), [204])
        self.mock.constrain([volume(lat=self.lat + 0.5, start=-5)])  # far away: nobody asked for it
        self.assertEqual(self.mock.tell(id_, self.s.port), [])
        events = self.world.south.cli('line', 'history', '--limit', '1000')
        self.assertEqual(len([line for line in events.splitlines() if id_ in line and intent in line and
                              '"other_class":"constraint"' in line]), 1)

    def test_without_answer_and_allowed(self):
        """Who decides that one of which nothing is known does not matter can go on."""
        id_ = self.mock.constrain(square(self.lat + 0.002))
        kept = self.mock.constraints.pop(id_)
        self.create()
        _, _, answer = self.act('submit')
        key = answer['check']['conflicts'][0]['key']
        operation = self.done('accept', 'accepted', allow=[key], role='head-of-cell')
        self.assertEqual(self.reference(operation)['state'], 'Accepted')
        self.mock.constraints[id_] = kept

    def test_without_details(self):
        """It is somewhere around: nobody can tell where."""
        id_ = self.mock.constrain(square(self.lat + 0.002))
        kept = self.mock.constraints.pop(id_)
        self.create()
        status, operation, answer = self.act('submit')
        self.assertEqual((status, operation['state']), (409, 'submitted'), answer)
        self.assertEqual(answer['check']['conflicts'][0]['other']['id'], id_)
        self.mock.constraints[id_] = kept
        self.done('accept', 'accepted')


class Zones(Case):
    """Zones of the register as constraints in the DSS."""

    def put(self, zone, publish=True, etag=None):
        status, record = self.desk.call(
            'PUT', f'/api/v1/zones/{self.id}',
            {'feature': {**zone, 'properties': {**zone['properties'], 'kind': 'zone',
                                                'restriction': 'prohibited'}}, 'publish': publish},
            headers={'If-Match': etag} if etag else {})
        self.assertIn(status, (200, 201), record)
        return record

    def zone(self):
        return self.desk.call('GET', f'/api/v1/zones/{self.id}')[1]

    def settled(self, version):
        return wait_for(lambda: (now := self.zone())['constraint'] and not now['constraint']['pending']
                        and now['constraint']['version'] == version and now)

    def in_dss(self, id_):
        status, answer = self.mock.dss('GET', f'{world.CRS}/{id_}', scope=CP)
        return answer['constraint_reference'] if status == 200 else None

    def details(self, id_):
        return self.mock.caller.call(self.s.port, 'GET', f'/uss/v1/constraints/{id_}', scope=CP)

    def subscribe(self):
        """The mock, to constraints here."""
        id_ = new_id()
        status, answer = self.mock.dss('PUT', f'/dss/v1/subscriptions/{id_}', {
            'extents': square(self.lat)[0], 'uss_base_url': self.mock.url,
            'notify_for_operational_intents': False, 'notify_for_constraints': True}, CP)
        self.assertEqual(status, 200, answer)

    def test_life(self):
        self.subscribe()
        self.put(feature(self.id, self.lat))
        record = self.settled(1)
        id_ = record['constraint']['id']
        self.assertEqual((self.in_dss(id_)['manager'], self.in_dss(id_)['version']),
                         ('south.example', 1))
        status, answer = self.details(id_)
        self.assertEqual((status, answer['constraint']['reference']['ovn'],
                          answer['constraint']['details']['type']),
                         (200, record['constraint']['ovn'], 'prohibited'))
        told = lambda: [body.get('constraint') for _, body in self.mock.heard
                        if body.get('constraint_id') == id_]
        wait_for(told)  # or what comes after takes its place
        self.put(feature(self.id, self.lat, upper=300), etag=record['etag'])
        self.assertEqual(self.settled(2)['constraint']['id'], id_)
        self.assertEqual(self.in_dss(id_)['version'], 2)
        wait_for(lambda: told()[-1]['reference']['version'] == 2)
        self.assertEqual(sorted({one['reference']['version'] for one in told()}), [1, 2])
        # Its own operations meet the zone of the register, once.
        self.create(id_=self.id + '-op')
        status, operation, answer = self.act('submit', id_=self.id + '-op')
        self.assertEqual([one['other']['is'] for one in answer['check']['conflicts']], ['zone'])
        # A foreign USS takes it into account.
        _, result = self.n.plan(square(self.lat))
        self.assertEqual(result[0], 'Rejected')
        self.assertIn(id_, self.n.notes)
        self.desk.call('POST', f'/api/v1/zones/{self.id}/withdraw', {'reason': 'over'})
        wait_for(lambda: self.in_dss(id_) is None)
        wait_for(lambda: self.details(id_)[0] == 404)
        wait_for(lambda: told()[-1] is None)

    def test_lost_answers(self):
        for i, lost in enumerate((('PUT', 'after'), ('PUT', 'before'))):
            self.id = f'{self.id}-{i}'
            self.proxy.lose = lost
            self.put(feature(self.id, self.lat + 0.001 * i))
            wait_for(lambda: self.proxy.blocked)
            self.proxy.blocked = False
            record = wait_for(lambda: (now := self.zone())['constraint'] and
                              not now['constraint']['pending'] and now)
            self.assertEqual(self.in_dss(record['constraint']['id'])['version'],
                             record['constraint']['version'])
        self.proxy.lose = ('DELETE', 'after')
        self.desk.call('POST', f'/api/v1/zones/{self.id}/withdraw', {'reason': 'over'})
        wait_for(lambda: self.proxy.blocked)
        self.proxy.blocked = False
        wait_for(lambda: self.zone()['constraint'] is None)
        self.assertIsNone(self.in_dss(record['constraint']['id']))

    def test_not_published(self):
        record = self.put(feature(self.id, self.lat), publish=False)
        self.assertIsNone(record['constraint'])


class Telemetry(Case):
    def telemetry(self, intent):
        return self.mock.caller.call(self.s.port, 'GET',
                                     f'/uss/v1/operational_intents/{intent}/telemetry',
                                     scope=world.CMSA)

    def test_reported_at_the_desk(self):
        self.create()
        intent = self.done('submit', 'accepted')['intent']['id']
        self.done('activate', 'activated')
        path = f'/api/v1/operations/{self.id}/position'
        report = {'lat_deg': self.lat, 'lng_deg': -118.0, 'altitude_m': 55.5}
        self.assertEqual(self.desk.call('POST', path, {**report, 'at': at(-60)})[0], 200)
        self.assertEqual(self.telemetry(intent)[0], 409)
        self.done('depart', 'nonconforming')
        wait_for(lambda: self.telemetry(intent)[0] == 200)
        last = {**report, 'lat_deg': self.lat + 0.001, 'at': at(-30.5), 'speed_mps': 12,
                'track_deg': 90, 'accuracy_h_m': 4, 'accuracy_v_m': 9}
        self.assertEqual(self.desk.call('POST', path, {**last, 'at': at(-35.5)})[0], 200)
        self.assertEqual(self.desk.call('POST', path, {**report, 'at': at(3600)})[0], 200)
        for bad in ({}, {**report, 'lat_deg': 91}, {**report, 'altitude_m': 1e9},
                    {**report, 'track_deg': -1}, {**report, 'at': 'now'}):
            self.assertEqual(self.desk.call('POST', path, bad)[0], 400, bad)
        status, answer = self.telemetry(intent)
        self.assertEqual((status, answer['operational_intent_id']), (200, intent))
        self.assertAlmostEqual(answer['telemetry']['position']['latitude'], self.lat + 0.001)
        first = answer['telemetry']['time_measured']['value']
        self.assertEqual(self.desk.call('POST', path, {**last, 'at': at(-0.1)})[0], 200)
        got = self.telemetry(intent)[1]
        position, velocity = got['telemetry']['position'], got['telemetry']['velocity']
        self.assertEqual((position['altitude']['value'], position['altitude']['reference'],
                          position['accuracy_h'], position['accuracy_v'], position['extrapolated']),
                         (55.5, 'W84', 'HA10m', 'VA10m', False))
        self.assertEqual((velocity['speed'], velocity['track'], velocity['units_speed']),
                         (12, 90, 'MetersPerSecond'))
        self.assertGreater(got['telemetry']['time_measured']['value'], first)
        self.assertIn('next_telemetry_opportunity', got)

    def test_nobody_to_be_told(self):
        self.create()
        self.assertEqual(self.desk.call('POST', f'/api/v1/operations/{self.id}/position', {
            'lat_deg': 1, 'lng_deg': 2, 'altitude_m': 3})[0], 409)

    def test_injected(self):
        """By a test suite: each report at its time, and what is queued replaced by the next plan."""
        area = [volume(lat=self.lat, start=-5)]
        state = {'id': 'a', 'timestamp': {'value': at(-1), 'format': 'RFC3339'}, 'speed': 7,
                 'track': 10, 'position': {'location': {'lat': self.lat, 'lng': -118},
                                           'altitudes': [{'value': 40, 'reference': 'W84',
                                                          'units': 'M'}], 'accuracy_h': 'HA3m'}}
        later = {**state, 'id': 'b', 'timestamp': {'value': at(900), 'format': 'RFC3339'}}
        id_, result = self.s.plan(area, usage='InUse')
        self.assertEqual(result[0], 'Completed', self.s.notes)
        self.s.plan(area, usage='InUse', uas='OffNominal', id_=id_)
        self.assertEqual(self.telemetry(id_)[0], 412)
        self.s.plan(area, usage='InUse', uas='OffNominal', id_=id_, states=[state, later])
        status, answer = self.telemetry(id_)
        self.assertEqual((status, answer['telemetry']['position']['accuracy_h']), (200, 'HA3m'))
        self.assertEqual(answer['next_telemetry_opportunity']['value'][:19],
                         later['timestamp']['value'][:19])
        self.s.plan(area, usage='InUse', uas='OffNominal', id_=id_, states=[])
        self.assertNotIn('next_telemetry_opportunity', self.telemetry(id_)[1])


class Asked(Case):
    """Nothing is published; the DSS is asked before anything is called clear."""
    WHICH = 'none'

    def check(self, **more):
        begun = time.monotonic()
        status, answer = self.desk.call('POST', '/api/v1/check', {
            'feature': feature(self.id, **{'lat': self.lat, **more})})
        self.seconds = time.monotonic() - begun
        self.assertEqual(status, 200, answer)
        return answer

    def check_in_time(self, **more):
        """The DSS and its USSs have less than a second, and on a busy machine that may be too little:
        asked until they have answered within it."""
        return self.in_time(lambda: self.check(**more))

    def in_time(self, ask):
        return wait_for(lambda: 'dss' not in self.others(answer := ask()) and answer)

    @staticmethod
    def others(answer):
        return [one['other']['id'] for one in answer['conflicts']]

    def test_check(self):
        self.assertEqual(self.check_in_time()['outcome'], 'clear')
        foreign = self.mock.put(square(self.lat))
        answer = wait_for(lambda: (got := self.check_in_time()) and self.seconds < 1 and got)
        self.assertEqual([(one['other']['is'], one['other']['id'])
                          for one in answer['conflicts']], [('foreign', foreign)])
        self.assertEqual((answer['outcome'], answer['conflicts'][0]['role']),
                         ('decide', 'head-of-cell'))
        self.assertEqual(self.check_in_time(lower=300, upper=400)['outcome'], 'clear')

    def test_check_without_an_answer(self):
        self.proxy.blocked = True
        answer = wait_for(lambda: (got := self.check()) and self.seconds < 1.5 and got)
        self.assertEqual(answer['outcome'], 'decide')
        self.assertEqual([(one['other']['is'], one['other']['id'])
                          for one in answer['conflicts']], [('foreign', 'dss')])

    def test_peer_without_an_answer(self):
        self.mock.put(square(self.lat))
        self.mock.twist = lambda id_, answer: (500, {})
        self.assertEqual(self.check()['outcome'], 'decide')
        self.mock.twist = held = world.Held()
        self.addCleanup(held.over.set)
        answer = wait_for(lambda: (got := self.check()) and self.seconds < 1.5 and got)
        self.assertEqual(answer['outcome'], 'decide')

    def test_check_by_command(self):
        """`tafadi op check` has no connection: the node asks for it, or nothing is called clear."""
        south = self.world.south

        def command(what='check', *flags):
            done = subprocess.run([BINARY, 'op', what, self.id, '--state-dir', south.dir,
                                   *south.database, *(flags or ['--json'])], capture_output=True,
                                  text=True, check=False, timeout=120)
            self.code, self.said = done.returncode, done.stderr
            self.assertIn(self.code, (0, 3), (done.stdout, done.stderr))
            return done.stdout if flags else json.loads(done.stdout)

        self.create()
        self.assertEqual((self.in_time(command)['outcome'], self.code), ('clear', 0))
        foreign = self.mock.put(square(self.lat))
        for what in ('check', 'options'):
            answer = self.in_time(lambda: command(what))
            self.assertEqual(self.code, 3)
            self.assertEqual([(one['other']['is'], one['other']['id'], one['other']['party'])
                              for one in answer['conflicts']], [('foreign', foreign, 'mock')])
        # And ways out, free of it: it is 100 m high, and 30 m above it are enough.
        shown = self.in_time(lambda: self.desk.post('/api/v1/options', {'feature': feature(self.id, self.lat)}, 200))
        for options in (answer['options'], shown['options']):
            self.assertTrue(options)
            level = next(one for one in options if 'level' in one['moves'])
            lower = level['feature']['properties']['altitude_lower']
            self.assertGreaterEqual(lower, 130)
            self.assertEqual(self.check_in_time(lower=lower, upper=lower + 100)['outcome'], 'clear')
        wait_for(lambda: foreign in command('check', '--actor', 'somebody'))
        self.assertEqual(self.code, 3)
        self.mock.delete(foreign)
        self.proxy.blocked = True
        self.assertEqual((self.others(command()), self.code), (['dss'], 3))
        self.proxy.blocked = False
        south.stop()
        try:
            answer = command()
        finally:
            south.start()
        self.assertEqual((self.others(answer), answer['outcome'], self.code), (['dss'], 'decide', 3))
        self.assertIn(f'the DSS {self.proxy.url} was not asked', self.said)

    def test_submit(self):
        self.create()
        operation = self.submitted_in_time()
        self.assertEqual((operation['intent']['published'], operation['intent']['state']),
                         (False, None))
        self.assertIsNone(self.reference(operation))

    def test_submit_without_an_answer(self):
        """Somebody decides; and may."""
        self.create()
        self.proxy.blocked = True
        status, operation, answer = self.act('submit')
        self.assertEqual((status, operation['state']), (409, 'submitted'), answer)
        key = answer['check']['conflicts'][0]['key']
        operation = self.done('accept', 'accepted', allow=[key], role='head-of-cell')
        self.assertEqual(operation['decisions'][0]['key'], key)


if __name__ == '__main__':
    unittest.main(verbosity=1)
