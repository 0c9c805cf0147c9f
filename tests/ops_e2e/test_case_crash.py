"""Cases while nodes die: test_case_crash.py PATH-OF-TAFADI. Two parties settle several cases at once,
and either node is killed at random between a proposal and what becomes of the agreement. What was
acknowledged is with both sides once, and each agreement was carried out once and as a whole.

TAFADI_KILLS (10) and TAFADI_SEED say how often and when."""
import http.client
import os
import pathlib
import random
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'line_e2e'))
import parties  # noqa: E402
from parties import wait_for  # noqa: E402

BINARY = sys.argv.pop(1)
KILLS = int(os.environ.get('TAFADI_KILLS', '10'))
SEED = int(os.environ.get('TAFADI_SEED', str(random.randrange(1 << 30))))
CASES = 8


def drone(id_, lat, priority):
    return {'type': 'Feature', 'id': id_,
            'properties': {'kind': 'uncrewed', 'altitude_lower': 300, 'altitude_upper': 400,
                           'altitude_reference': 'W84', 'radius_m': 500, 'priority': priority,
                           'start': '2097-07-14T08:00:00Z', 'end': '2097-07-14T09:00:00Z'},
            'geometry': {'type': 'Point', 'coordinates': [37.2, lat]}}


class Settler(threading.Thread):
    """An officer: proposes and agrees at random, and remembers what was acknowledged."""

    def __init__(self, desk, seed, paced):
        super().__init__()
        self.desk, self.chance, self.paced = desk, random.Random(seed), paced
        self.ends, self.acknowledged = threading.Event(), {}

    def word(self, case, act, body):
        """Says it; its hash is that of the last word of ours that the answer shows."""
        kind = 'agree' if act == 'agree' else 'propose'
        status, shown = self.desk.call('POST', f'/api/v1/cases/{case}/{act}', body)
        if status == 200:
            own = [w for w in shown['said'] if w['own'] and w['type'] == kind]
            self.acknowledged.setdefault(case, set()).add(own[-1]['hash'])

    def turn(self):
        cases = self.desk.get('/api/v1/cases?full=1')['cases']
        if not cases:
            return
        case = self.chance.choice(cases)
        theirs = [w for w in case['said']
                  if w['type'] == 'propose' and not w['own'] and w.get('stands')]
        if theirs and self.chance.random() < 0.5:
            self.word(case['id'], 'agree', {'of': self.chance.choice(theirs)['hash']})
        elif self.chance.random() < 0.5:
            self.word(case['id'], 'propose', {'option': self.chance.randint(1, 3)})

    def run(self):
        while not self.ends.is_set():
            try:
                self.turn()
            except (OSError, http.client.HTTPException, ValueError):
                self.desk.connection = None
            time.sleep(self.paced * self.chance.random())


class Crashes(unittest.TestCase):
    def prepare(self):
        pair = parties.Two(BINARY)
        self.addCleanup(pair.close)
        for desk, name, off in ((pair.n, 'n', 0), (pair.s, 's', 0.004)):
            for i in range(CASES):
                desk.post('/api/v1/operations',
                          {'feature': drone(f'{name}{i}', 36 + i * 0.2 + off, i % 3)})
                desk.post(f'/api/v1/operations/{name}{i}/acts', {'act': 'submit'}, 200)
        parties.agree(pair.north, pair.south, pair.n, pair.s,
                      kinds=[{'kind': '*', 'notice_s': 0, 'disclosure': 'full'}])
        for desk in (pair.n, pair.s):
            wait_for(lambda desk=desk: len(desk.get('/api/v1/cases')['cases']) == CASES)
        return pair

    def settle_under_fire(self, pair, chance):
        # The more kills, the longer they have to talk. None repeats by itself what it says.
        settlers = [Settler(parties.Desk(desk.party, desk.token, repeats=False), SEED + i, 0.04 * KILLS)
                    for i, desk in enumerate((pair.n, pair.s))]
        for settler in settlers:
            settler.start()
        for _ in range(KILLS):
            time.sleep(chance.random() * 0.7)
            victim = chance.choice((pair.north, pair.south))
            victim.kill()
            time.sleep(chance.random() * 0.2)
            victim.start()
        # Until they have come to something, however few words got through.
        watcher = pair.north.desk()
        wait_for(lambda: [one for one in watcher.get('/api/v1/cases?over=1&full=1')['cases']
                          if one['stage'] == 'resolved'])
        for settler in settlers:
            settler.ends.set()
            settler.join()
        return settlers

    def at_rest(self, desks):
        for desk in desks:
            wait_for(lambda desk=desk: desk.line()['own_receipted'] == desk.line()['own_seq'],
                     say=desk.line)

        def shown():
            return [{one['id']: one for one in desk.get('/api/v1/cases?over=1&full=1')['cases']}
                    for desk in desks]

        def same():
            one, two = sides = shown()
            return set(one) == set(two) and all(
                one[i]['stage'] == two[i]['stage'] != 'agreed' and
                len(one[i]['said']) == len(two[i]['said']) for i in one) and sides
        return wait_for(same, say=lambda: [{i[:8]: c['stage'] for i, c in side.items()}
                                           for side in shown()])

    def check_words(self, settlers, sides):
        """What was acknowledged is there, on both sides, once."""
        for settler in settlers:
            for case, hashes in settler.acknowledged.items():
                for side in sides:
                    there = [word['hash'] for word in side[case]['said']]
                    self.assertEqual(len(there), len(set(there)))
                    self.assertLessEqual(hashes, set(there))

    def check_moves(self, desks, case, own, other):
        """Of a case that was settled one operation moved, by this agreement, and both pictures are
        free; of one that was not, none did."""
        names = [own['own']['id'], other['own']['id']]
        moved = []
        for desk, name in zip(desks, names):
            versions = desk.get(f'/api/v1/operations/{name}/history')['versions']
            self.assertEqual([v['act'] for v in versions[:2]], ['create', 'submit'])
            moved += [v['reason'] for v in versions[2:]]
        agreed = [w for w in own['said'] if w['type'] == 'agree']
        self.assertEqual(len(moved), 1 if own['stage'] == 'resolved' else 0, (case, moved))
        if own['stage'] != 'resolved':
            self.assertEqual(agreed, [])
            return
        self.assertIn(case, moved[0])
        self.assertTrue(any(w['body']['of'].startswith(moved[0].split(': ')[1]) for w in agreed))
        for desk, name in zip(desks, names):
            one = desk.get(f'/api/v1/operations/{name}')
            found = desk.post('/api/v1/check', {'feature': one['feature'], 'id': name}, 200)
            self.assertEqual(found['conflicts'], [])

    def test_kill(self):
        print('TAFADI_SEED', SEED)
        pair = self.prepare()
        settlers = self.settle_under_fire(pair, random.Random(SEED))
        desks = (pair.north.desk(), pair.south.desk())
        sides = self.at_rest(desks)
        self.assertEqual(set(sides[0]), set(sides[1]))
        self.check_words(settlers, sides)
        for case, own in sides[0].items():
            self.check_moves(desks, case, own, sides[1][case])
        stages = [own['stage'] for own in sides[0].values()]
        print(stages, [sum(map(len, s.acknowledged.values())) for s in settlers])
        self.assertTrue(any(s.acknowledged for s in settlers))
        self.assertIn('resolved', stages)
        for party in (pair.north, pair.south):
            party.stop()
            self.assertTrue(party.verify()['valid'])


if __name__ == '__main__':
    unittest.main(verbosity=2)
