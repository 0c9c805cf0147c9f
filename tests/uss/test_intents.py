#!/usr/bin/env python3
"""The planning scenarios of the public conformance suite, with its flights: south is the USS under
test, north the other one. Needs TAFADI_DATA."""
import sys
import unittest

import world
from intents import Intents
from harness import new_id

BINARY = sys.argv.pop(1)
FOLDER = world.data_dir()
if not FOLDER:
    sys.exit(77)

DONE = {'Planned': ('Completed', 'Planned'), 'InUse': ('Completed', 'OkToFly')}


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world.World(BINARY)
        cls.tested, cls.other = cls.world.s, cls.world.n

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def setUp(self):
        self.ids = {}

    def tearDown(self):
        self.world.clear()

    def plan(self, uss, name, expected=None, style='IfAllowed', flight=None):
        """A flight's id is that of its number: flight1m is flight1."""
        number = flight or name.split('flight')[1][:1]
        self.ids.setdefault(number, new_id())
        arguments = self.intents.flight(name)
        _, result = uss.plan(style=style, id_=self.ids[number], **arguments)
        self.assertEqual(result, expected or DONE[arguments['usage']], (name, uss.notes))

    def close(self, uss, number):
        self.assertEqual(uss.close(self.ids.pop(number))[0], 200)


class Conflicting(Case):
    intents = FOLDER and Intents(FOLDER, 'conflicting_flights.yaml')

    def test_higher_priority(self):
        self.plan(self.other, 'flight2_planned')
        self.plan(self.tested, 'flight1_planned', ('Rejected', 'NotPlanned'))
        self.close(self.other, '2')
        self.plan(self.tested, 'flight1_planned')
        self.plan(self.other, 'flight2_planned')
        self.plan(self.tested, 'flight1m_planned', ('Rejected', 'Planned'))
        self.plan(self.other, 'flight2_activated')
        self.plan(self.tested, 'flight1_activated', ('Rejected', 'Planned'))
        self.close(self.other, '2')
        self.plan(self.tested, 'flight1_activated')
        self.plan(self.other, 'flight2_planned')
        self.plan(self.other, 'flight2_activated')
        self.plan(self.tested, 'flight1m_activated')  # it was in this conflict already
        self.close(self.tested, '1')
        self.plan(self.tested, 'flight1c_planned')
        self.plan(self.tested, 'flight1c_activated')
        self.plan(self.other, 'flight2m_activated')
        self.plan(self.tested, 'flight1c_activated')
        self.close(self.other, '2')

    def test_higher_priority_activated(self):
        """Activated, and changed into what has a higher priority."""
        self.plan(self.tested, 'flight1c_planned')
        self.plan(self.tested, 'flight1c_activated')
        self.plan(self.other, 'flight2_planned')
        self.plan(self.tested, 'flight1_activated', ('Rejected', 'OkToFly'))

    def test_equal_priority(self):
        self.plan(self.other, 'equal_prio_flight2_planned')
        self.plan(self.tested, 'flight1_planned', ('Rejected', 'NotPlanned'))
        self.plan(self.other, 'equal_prio_flight2_activated')
        self.plan(self.tested, 'flight1_activated', ('Rejected', 'NotPlanned'))
        self.plan(self.tested, 'flight1c_planned')
        self.plan(self.tested, 'flight1m_planned', ('Rejected', 'Planned'))
        self.plan(self.tested, 'flight1c_activated')
        self.plan(self.tested, 'flight1m_activated', ('Rejected', 'OkToFly'))

    def test_equal_priority_after_the_other_left_its_plan(self):
        self.plan(self.tested, 'flight1_planned')
        self.plan(self.tested, 'flight1_activated')
        self.plan(self.other, 'equal_prio_flight2m_planned')
        self.plan(self.other, 'equal_prio_flight2_nonconforming', ('Completed', 'OffNominal'),
                  'InReality')
        self.plan(self.tested, 'flight1m_activated')  # it was in this conflict already


class Validation(Case):
    intents = FOLDER and Intents(FOLDER, 'invalid_flight_intents.yaml')

    def test_validation(self):
        refused = ('Rejected', 'NotPlanned')
        self.plan(self.tested, 'invalid_too_far_away', refused, flight='a')
        self.plan(self.tested, 'invalid_recently_ended', refused, flight='b')
        self.plan(self.tested, 'valid_flight', flight='c')
        self.plan(self.tested, 'valid_conflict_tiny_overlap', refused, flight='d')
        self.plan(self.tested, 'valid_activated', flight='c')


class Near(Case):
    """Flights 11.65 m apart: not in conflict, and each is told of the other."""
    intents = FOLDER and Intents(FOLDER, 'non_conflicting.yaml')

    def test_near(self):
        mock = self.world.mock
        flight = self.intents.flight('flight_2_planned')
        id_ = mock.put(flight['volumes'], flight['priority'])
        self.plan(self.tested, 'flight_1_planned', flight='1')
        self.assertEqual(mock.asked, [id_])
        self.assertEqual(mock.tell(id_), [])  # nobody was there when it was planned
        mock.put(flight['volumes'], flight['priority'], 'Activated', id_)
        self.assertEqual(mock.tell(id_, self.tested.port), [204])


if __name__ == '__main__':
    unittest.main(verbosity=1)
