"""The tour of a day (scripts/tour-day) with three nodes: test_day.py PATH-OF-TAFADI. What it says is
held against what the nodes have afterwards; the example in examples/day is what the script makes."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'line_e2e'))
import parties  # noqa: E402

BINARY = sys.argv.pop(1)
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Day(unittest.TestCase):
    def three(self):
        made = []
        for name in ('north', 'south', 'relief'):
            party = parties.Party(BINARY, name)
            self.addCleanup(party.remove)
            made.append(party.start())
        return made

    def tour(self, made, **environment):
        where = [text for party in made for text in (party.dir, party.url)]
        return subprocess.run([ROOT / 'scripts' / 'tour-day', BINARY, *where], capture_output=True,
                              text=True, timeout=1200, check=False,
                              env={**os.environ, **environment})

    def test_the_day(self):
        made = self.three()
        north, south, relief = made
        # One side was quicker, and its word is with the other: that one has to open all the same.
        parties.exchange_cards(north, south)
        north.cli('line', 'open', south.id)
        parties.wait_for(lambda: south.cli('line', 'list', '--json')['lines'])
        self.assertIn('proposed by us', north.cli('line', 'list'))
        self.assertIn('proposed by them', south.cli('line', 'list'))
        done = self.tour(made)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        lists = [party.cli('op', 'list', '--json')['operations'] for party in made]
        # And a night watch of each force.
        self.assertEqual(sum(map(len, lists)), 202)
        sites = relief.cli('site', 'list', '--json')['sites']
        self.assertEqual(len(sites), 62)
        for force in (north, south):
            line = [one for one in relief.cli('line', 'list', '--json')['lines']
                    if one['peer'] == force.id][0]
            said = [one for one in relief.cli('line', 'show', line['peer'], '-n', '500',
                                              '--json')['messages']
                    if one['own'] and one['type'] == 'site.declare']
            self.assertEqual(len([one for one in said if one['acknowledged']['seen']]), 62)
            kinds = [one['kind'] for one in force.cli('line', 'alarms', '--json')['alarms']]
            self.assertEqual([kind for kind in kinds if kind in ('seen', 'answer')], [])
        sides = [{one['id']: one['stage'] for one in
                  party.cli('op', 'cases', '--all', '--json')['cases']}
                 for party in (north, south)]
        self.assertEqual(*sides)
        # One settled, one refused, one that nobody answers, one of the suspension, settled.
        self.assertEqual(sorted(sides[0].values()),
                         ['escalated', 'escalated', 'resolved', 'resolved'])
        for n in range(1, 11):
            self.assertRegex(done.stdout, rf'(?m)^{n}\. ')
        # What was done once is not done again, and the lines stand.
        again = self.tour(made)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn('was played before', again.stdout)
        self.assertEqual(sum(len(party.cli('op', 'list', '--json')['operations'])
                             for party in made), 202)
        self.assertEqual({line['state'] for party in made
                          for line in party.cli('line', 'list', '--json')['lines']}, {'open'})
        for party in made:
            party.stop()
            self.assertTrue(party.verify()['valid'])

    def test_it_fails_when_a_step_does(self):
        made = self.three()
        made[2].stop()
        done = self.tour(made, TAFADI_TOUR_WAIT_S='2')
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, 'step 1: waited in vain')

    def test_one_that_broke_off(self):
        made = self.three()
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([ROOT / 'scripts' / 'make-day', folder], check=True)
            made[2].cli('op', 'import', folder + '/relief.geojson', '--json')
        done = self.tour(made)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('broke off', done.stdout)
        self.assertIn(made[2].dir + ': 20 operations', done.stdout)

    def test_the_example(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([ROOT / 'scripts' / 'make-day', folder], check=True)
            made = {file.name: file.read_bytes() for file in pathlib.Path(folder).iterdir()}
        kept = {file.name: file.read_bytes() for file in (ROOT / 'examples' / 'day').iterdir()}
        self.assertEqual(made, kept)
        done = subprocess.run([BINARY, 'check', *sorted((ROOT / 'examples' / 'day').iterdir())],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertTrue(re.search(r'^\d+ conflicts\.$', done.stdout, re.M), done.stdout)


if __name__ == '__main__':
    unittest.main(verbosity=2)
