#!/usr/bin/env python3
"""The program end to end: test_cli.py PATH-OF-TAFADI. Writes its own small inputs."""
import gzip
import json
import os
import pathlib
import pty
import re
import subprocess
import sys
import tempfile
import unittest

import schema

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TAFADI = None
NONE, ERROR, USAGE, CONFLICTS = 0, 1, 2, 3
COMMANDS = ('check', 'options', 'info', 'convert', 'serve', 'token', 'backup', 'restore', 'doctor',
            'ledger', 'evidence', 'party', 'account', 'line', 'op', 'site', 'zone',
            'policy', 'version', 'help')
PARENTS = ('party', 'account', 'line', 'op', 'site', 'zone', 'policy')  # whose commands have flags of their own


def square(lng, lat, half=0.05):
    west, east, south, north = lng - half, lng + half, lat - half, lat + half
    return {'type': 'Polygon', 'coordinates': [[[west, south], [east, south], [east, north],
                                                [west, north], [west, south]]]}


def operation(ident, lng=37.0, lat=36.0, start='10:00', end='10:30', lower=1000, upper=1300,
              **more):
    properties = {'class': 'operation', 'kind': 'crewed', 'start': f'2026-11-24T{start}:00Z',
                  'end': f'2026-11-24T{end}:00Z', 'altitude_lower': lower,
                  'altitude_upper': upper, 'altitude_reference': 'W84', 'altitude_unit': 'M'}
    properties.update(more)
    return {'type': 'Feature', 'id': ident, 'properties': properties,
            'geometry': square(lng, lat)}


def collection(*features):
    return {'type': 'FeatureCollection', 'features': list(features)}


class Cli(unittest.TestCase):
    """Runs the program in a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        blue = operation('BLUE-1', party='blue', name='First')
        red = operation('RED-1', lng=37.02, party='red', start='10:10', end='10:40')
        far = operation('FAR-1', lng=39.0, party='red')
        self.write('blue.geojson', collection(blue))
        self.write('red.geojson', collection(red, far))
        self.write('far.geojson', collection(far))
        self.write('both.geojson', collection(blue, red, far))

    def write(self, name, content):
        path = self.folder / name
        if not isinstance(content, (bytes, str)):
            content = json.dumps(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    def run_cli(self, *args, code, data=None, env=None, **more):
        base = {'PATH': os.environ['PATH'], 'LANG': 'C'}
        base.update({k: v for k, v in os.environ.items() if k.endswith('SAN_OPTIONS')})
        done = subprocess.run([TAFADI, *args], input=data, cwd=self.folder, timeout=120,
                              env={**base, **(env or {})}, check=False,
                              stderr=subprocess.PIPE, **{'stdout': subprocess.PIPE, **more})
        self.out = (done.stdout or b'').decode('utf-8')
        self.err = done.stderr.decode('utf-8')
        self.assertEqual(done.returncode, code, f'{args}\n{self.out}\n{self.err}')
        return self.out


class Usage(Cli):
    def test_help_of_the_program_lists_every_command(self):
        text = self.run_cli('--help', code=NONE)
        for command in COMMANDS:
            self.assertRegex(text, rf'(?m)^  {command} ')
        self.assertEqual(text, self.run_cli('help', code=NONE))

    def test_help_of_each_command(self):
        for command in COMMANDS:
            text = self.run_cli(command, '--help', code=NONE)
            self.assertTrue(text.startswith(f'Usage: tafadi {command}'))
            self.assertEqual(text, self.run_cli('help', command, code=NONE))
            self.assertLessEqual(max(map(len, text.splitlines())), 100)

    def test_version(self):
        text = self.run_cli('version', code=NONE)
        self.assertRegex(text, r'^tafadi \d+\.\d+\.\d+\n')
        for library in ('zlib', 'SQLite', 'OpenSSL'):
            self.assertRegex(text, library + r' \d')
        self.assertEqual(text, self.run_cli('--version', code=NONE))
        self.assertEqual(text, self.run_cli('check', '--version', code=NONE))

    def test_wrong_use(self):
        for args in ((), ('chek',), ('check',), ('check', '--jsn', 'blue.geojson'),
                     ('check', '--json', '--geojson', 'blue.geojson'), ('check', '-Z'),
                     ('check', '--json=yes', 'blue.geojson'), ('check', '--separation'),
                     ('check', '--from', '2026-11-24T12:00:00Z', '--until', '2026-11-24T11:00:00Z',
                      'blue.geojson'),
                     ('options', 'blue.geojson'), ('convert', 'blue.geojson'), ('info',),
                     ('help', 'nothing'), ('version', 'more'), ('--lang', 'xx', 'version')):
            self.run_cli(*args, code=USAGE)
            self.assertIn('tafadi', self.err)
            self.assertEqual(self.out, '')

    def test_wrong_values_are_named(self):
        wrong = {'--separation': ('5', '1,2', '1,2,3,4', 'x,1,1', '-1,1,1', '1e999,1,1', 'nan,1,1',
                                  '1,1,1y', '0x10,1,1'),
                 '--from': ('today', '', '2026-13-01T00:00:00Z'),
                 '--area': ('1,2,3', '91,0,0,0', '1,1,1,1', 'a,b,c,d'),
                 '--terrain': ('5', '900,120', '0,9001', '-501,0', 'x,1', '0,1,2', 'nan,5'),
                 '--format': ('doc',), '--kind': ('zone', 'plane'), '--as': ('things',),
                 '--half-width': ('-3', '5 miles', '9' * 400)}
        for flag, values in wrong.items():
            for value in values:
                self.run_cli('check', flag, value, 'blue.geojson', code=USAGE)
                self.assertIn(flag, self.err)

    def test_near_miss_is_suggested(self):
        self.run_cli('check', '--jsom', 'blue.geojson', code=USAGE)
        self.assertIn('--json', self.err)

    def test_flags_before_the_command(self):
        args = ('check', '--area', '40,0,50,10', 'blue.geojson')
        self.run_cli('-q', '--lang', 'ru', *args, code=NONE)
        self.assertEqual(self.err, '')
        self.assertRegex(self.out, '[\u0400-\u04ff]')
        self.run_cli('--json', *args, code=USAGE)

    def test_flags_after_files_and_end_of_flags(self):
        self.write('--odd.geojson', collection(operation('ODD')))
        self.run_cli('check', 'blue.geojson', '--json', code=NONE)
        self.run_cli('check', '--', '--odd.geojson', code=NONE)


class Check(Cli):
    def json(self, *args, code, **more):
        result = json.loads(self.run_cli('check', '--json', *args, code=code, **more))
        form = json.loads((ROOT / 'docs' / 'check.schema.json').read_text(encoding='utf-8'))
        self.assertEqual(schema.faults(result, form), [])
        return result

    def test_no_conflict(self):
        text = self.run_cli('check', 'blue.geojson', 'far.geojson', code=NONE)
        self.assertIn('No conflict', text)
        self.assertEqual(self.err, '')

    def test_conflict_as_table(self):
        text = self.run_cli('check', 'blue.geojson', 'red.geojson', code=CONFLICTS)
        for word in ('BLUE-1', 'First', 'blue', 'RED-1', 'red', '2026-11-24T10:', 'overlap',
                     '1 conflict.'):
            self.assertIn(word, text)
        self.assertNotIn('FAR-1', text)
        self.assertNotIn('\033', text)

    def test_conflict_as_json(self):
        result = self.json('blue.geojson', 'red.geojson', code=CONFLICTS)
        self.assertEqual(result['summary']['conflicts'], 1)
        self.assertEqual(result['summary']['files'], 2)
        self.assertEqual(result['summary']['entities'], 3)
        conflict, = result['conflicts']
        self.assertEqual((conflict['a']['id'], conflict['b']['id']), ('BLUE-1', 'RED-1'))
        self.assertEqual(conflict['decided_by'], ['overlap'])
        self.assertFalse(conflict['altitude_uncertain'])
        self.assertEqual(conflict['distance_m'], 0)

    def test_same_result_every_time(self):
        first = self.run_cli('check', '--json', 'both.geojson', code=CONFLICTS)
        self.assertEqual(first, self.run_cli('check', '--json', 'both.geojson', code=CONFLICTS))

    def test_standard_input_and_gzip(self):
        data = (self.folder / 'both.geojson').read_bytes()
        self.run_cli('check', '-', data=data, code=CONFLICTS)
        self.run_cli('check', '-', data=gzip.compress(data), code=CONFLICTS)
        self.write('both.geojson.gz', gzip.compress(data))
        self.run_cli('check', 'both.geojson.gz', code=CONFLICTS)
        self.write('cut.gz', gzip.compress(data)[:-20])
        self.run_cli('check', 'cut.gz', code=ERROR)
        self.assertIn('gzip', self.err)

    def test_geojson(self):
        text = self.run_cli('check', '--geojson', 'both.geojson', code=CONFLICTS)
        features = json.loads(text)['features']
        self.assertEqual([f['properties']['role'] for f in features],
                         ['conflict', 'volume', 'volume'])
        self.assertIn(features[0]['geometry']['type'], ('Point', 'LineString'))
        for feature in features[1:]:
            ring = feature['geometry']['coordinates'][0]
            self.assertEqual(ring[0], ring[-1])
            area = sum(p[0] * q[1] - q[0] * p[1] for p, q in zip(ring, ring[1:]))
            self.assertGreater(area, 0, 'counter-clockwise')

    def test_geojson_stays_in_one_piece_at_the_antimeridian(self):
        for e in (179.99, -179.99):
            self.write('date.geojson', collection(
                {**operation('E'), 'geometry': {'type': 'Polygon', 'coordinates': [[
                    [179.9, 0], [-179.9, 0], [-179.9, 1], [179.9, 1], [179.9, 0]]]}},
                {**operation('W'), 'geometry': {'type': 'Point', 'coordinates': [e, 0.5]},
                 'properties': {**operation('W')['properties'], 'radius_m': 2000}}))
            features = json.loads(self.run_cli('check', '--geojson', 'date.geojson',
                                               code=CONFLICTS))['features']
            for feature in features[1:]:
                lngs = [p[0] for p in feature['geometry']['coordinates'][0]]
                self.assertLess(max(lngs) - min(lngs), 1)

    def test_separation(self):
        near = operation('NEAR', lng=37.12)  # 0.02 degrees, some 1,800 m, beyond BLUE-1
        self.write('near.geojson', collection(near))
        files = ('blue.geojson', 'near.geojson')
        self.run_cli('check', '--separation', '100,100,0', *files, code=NONE)
        self.run_cli('check', '--separation', '1NM,100ft,1min', *files, code=CONFLICTS)
        self.run_cli('check', '-s', '5NM,1000ft,60s', *files, code=CONFLICTS)
        conflict, = self.json('-s', '2km,0,0', *files, code=CONFLICTS)['conflicts']
        self.assertEqual(conflict['decided_by'], ['horizontal'])
        self.assertTrue(1700 < conflict['distance_m'] < 1900)
        self.assertEqual(conflict['pairs'][0]['separation'],
                         {'horizontal_m': 2000, 'vertical_m': 0, 'time_s': 0})

    def test_separation_table(self):
        self.write('near.geojson', collection(operation('NEAR', lng=37.12)))
        files = ('blue.geojson', 'near.geojson')
        tables = (('* * 100 100 0', NONE), ('# all\n*,*,5NM,1000ft,60s\n', CONFLICTS),
                  ('* * 5NM 1000ft 60s\ncrewed crewed none', NONE),
                  ('* * 1 1 1\r\ncrewed\tcrewed 3km 100m 1min # these\r\n', CONFLICTS))
        for text, code in tables:
            self.write('table', text)
            self.run_cli('check', '--separation-table', 'table', *files, code=code)
        for text in ('crewed plane 1 1 1', 'crewed crewed 1 1', 'crewed crewed 1 1 1 1',
                     '* * -1 0 0', '\n\n* * a b c', 'x' * 100, '\0\0\0'):
            self.write('table', text)
            self.run_cli('check', '--separation-table', 'table', *files, code=ERROR)
            self.assertRegex(self.err, r'^tafadi: table:\d+: ')
        self.run_cli('check', '--separation-table', 'missing', *files, code=ERROR)
        self.run_cli('check', '-s', '1,1,1', '--separation-table', 'table', *files, code=ERROR)

    def test_interval(self):
        def at(start, end, code):
            self.run_cli('check', '-s', '0,0,0', '--from', f'2026-11-24T{start}:00Z', '--until',
                         f'2026-11-24T{end}:00Z', 'both.geojson', code=code)
        at('10:00', '11:00', CONFLICTS)
        at('10:25', '10:26', CONFLICTS)
        at('09:00', '10:10', NONE)
        at('10:30', '12:00', NONE)

    def test_only(self):
        for name, code in (('BLUE-1', CONFLICTS), ('red', CONFLICTS), ('FAR-1', NONE),
                           ('nobody', NONE)):
            self.run_cli('check', '--only', name, 'both.geojson', code=code)
            # A misspelt name should not look like safety.
            self.assertEqual('--only nobody: ' in self.err, name == 'nobody')
        self.run_cli('check', '--only', 'nobody', '--only', 'blue', 'both.geojson', code=CONFLICTS)

    def test_against(self):
        self.run_cli('check', 'both.geojson', '--against', 'far.geojson', code=CONFLICTS)
        self.write('other.geojson', collection(operation('OTHER', lng=40.0)))
        self.run_cli('check', 'both.geojson', '--against', 'other.geojson', code=NONE)
        self.run_cli('check', 'blue.geojson', '--against', 'red.geojson', code=CONFLICTS)
        self.run_cli('check', 'blue.geojson', '--against', 'missing', code=ERROR)

    def test_time_minimum_is_said(self):
        self.write('later.geojson', collection(operation('A'), operation('B', start='10:31',
                                                                         end='11:00')))
        text = self.run_cli('check', '-s', '1,1,90s', 'later.geojson', code=CONFLICTS)
        self.assertIn('time minimum 1 min 30 s', text)

    def test_drafts(self):
        self.write('draft.geojson', collection(operation('BLUE-1'),
                                               operation('DRAFT', state='draft')))
        self.run_cli('check', 'draft.geojson', code=NONE)
        self.run_cli('check', '--with-drafts', 'draft.geojson', code=CONFLICTS)

    def test_uncertain_altitude_is_said(self):
        self.write('mixed.geojson', collection(
            operation('W84'), operation('FL', lower=45, upper=60, altitude_reference='STD',
                                        altitude_unit='FL')))
        text = self.run_cli('check', '-s', '0,0,0', 'mixed.geojson', code=CONFLICTS)
        self.assertIn('altitude comparison uncertain', text)
        conflict, = self.json('-s', '0,0,0', 'mixed.geojson', code=CONFLICTS)['conflicts']
        self.assertTrue(conflict['altitude_uncertain'])

    def test_known_terrain_narrows_heights_above_ground(self):
        """A drone up to 100 m above ground, and a flight well above the highest hill."""
        self.write('hill.geojson', collection(
            operation('DRONE', lower=0, upper=100, altitude_reference='AGL'),
            operation('PLANE', lower=1500, upper=1600, altitude_reference='AMSL')))
        args = ('-s', '100m,50m,0', 'hill.geojson')
        conflict, = self.json(*args, code=CONFLICTS)['conflicts']
        self.assertTrue(conflict['altitude_uncertain'])
        self.json('--terrain', '120m,1400m', *args, code=CONFLICTS)
        self.json('--terrain', '120m,900m', *args, code=NONE)
        self.run_cli('options', '--for', 'DRONE', '--terrain', '120m,900m', *args, code=NONE)
        self.assertIn('no conflict', self.out)

    def test_a_way_round_keeps_the_known_terrain(self):
        """Without it, the drone could be as high as the plane anywhere beside its place."""
        self.write('round.geojson', collection(
            operation('DRONE', lower=0, upper=100, altitude_reference='AGL', radius_m=500),
            operation('SITE', lower=0, upper=200, altitude_reference='AMSL', radius_m=900),
            operation('PLANE', lower=1500, upper=1600, altitude_reference='AMSL',
                      radius_m=60000)))
        args = ('options', '--for', 'DRONE', '--moves', 'lateral', '-s', '10m,10m,0',
                'round.geojson')
        self.run_cli(*args, code=CONFLICTS)
        self.run_cli(*args, '--terrain', '0,400m', code=NONE)
        self.assertIn('towards', self.out)

    def test_options_with_the_conflicts(self):
        text = self.run_cli('check', '--options', 'both.geojson', code=CONFLICTS)
        self.assertIn('Options for', text)
        result = self.json('--options', 'both.geojson', code=CONFLICTS)
        self.assertEqual(len(result['options']), 1)
        self.assertEqual(result['options'][0]['for']['id'], 'RED-1')
        self.assertTrue(result['options'][0]['options'])
        mine = self.json('--options', '--only', 'BLUE-1', 'both.geojson', code=CONFLICTS)
        self.assertEqual(mine['options'][0]['for']['id'], 'BLUE-1')

    def test_hostile_names_do_not_reach_the_terminal(self):
        name = 'evil\033[2J\u202e\u0007'
        self.write('evil.geojson', collection(operation('A', name=name), operation('B', name=name)))
        text = self.run_cli('check', 'evil.geojson', code=CONFLICTS)
        self.assertNotRegex(text, '[\033\u202e\u0007]')
        long = 'ا' * 100000
        self.write('long.geojson', collection(operation('A', name=long), operation('B', party=long)))
        text = self.run_cli('check', '--options', 'long.geojson', code=CONFLICTS)
        self.assertLess(max(map(len, text.splitlines())), 250)
        result = self.json('evil.geojson', code=CONFLICTS)
        self.assertEqual(result['conflicts'][0]['a']['name'], name)


class Terminal(Cli):
    """On a terminal: colours, unless they are not wanted."""

    def on_terminal(self, *args, **env):
        master, slave = pty.openpty()
        done = subprocess.run([TAFADI, *args], cwd=self.folder, stdin=subprocess.DEVNULL,
                              stdout=slave, stderr=slave, timeout=120, check=False,
                              env={'TERM': 'xterm', 'LANG': 'C', **env})
        os.close(slave)
        text = os.read(master, 1 << 16).decode('utf-8')
        os.close(master)
        self.assertEqual(done.returncode, CONFLICTS)
        return text

    def test_colours(self):
        self.assertIn('\033[1m', self.on_terminal('check', 'both.geojson'))
        self.assertIn('\033[1m', self.on_terminal('check', 'both.geojson', NO_COLOR=''))
        for args, env in ((('--no-color',), {}), ((), {'NO_COLOR': '1'}), ((), {'TERM': 'dumb'}),
                          (('--json',), {})):
            self.assertNotIn('\033', self.on_terminal('check', 'both.geojson', *args, **env))


    def test_long_work_is_announced(self):
        text = json.dumps(collection(operation('A', note='x' * (3 << 20)), operation('B')))
        self.write('large.geojson', text)
        self.assertIn('reading: large.geojson', self.on_terminal('check', 'large.geojson'))
        self.assertNotIn('reading', self.on_terminal('check', '--quiet', 'large.geojson'))


class Files(Cli):
    """Bad input, and output that cannot be written."""

    def test_what_cannot_be_read(self):
        (self.folder / 'folder').mkdir()
        self.write('empty', '')
        self.write('garbage', bytes(range(256)) * 40)
        self.write('cut.geojson', '{"type":"FeatureCollection","features":[')
        for name in ('missing', 'folder', 'empty', 'garbage', 'cut.geojson'):
            for command in ('check', 'info'):
                self.run_cli(command, name, code=ERROR)
                self.assertIn(name, self.err)
        self.run_cli('convert', 'missing', 'out.geojson', code=ERROR)
        self.assertFalse((self.folder / 'out.geojson').exists())

    def test_huge_numbers_and_nesting(self):
        for text in ('{"type":"Feature","geometry":{"type":"Point","coordinates":[1e999,1e999]}}',
                     '[' * 100000, '{"type":"FeatureCollection","features":' + '9' * 5000 + '}'):
            self.write('bad.geojson', text)
            self.run_cli('check', '--format', 'geojson', 'bad.geojson', code=ERROR)
            self.assertIn('bad.geojson', self.err)

    def test_keep_going(self):
        bad = operation('BAD', lower=2000, upper=1000)
        blue, red = operation('BLUE-1'), operation('RED-1')
        self.write('mixed.geojson', collection(blue, bad, red))
        self.run_cli('check', 'mixed.geojson', code=ERROR)
        self.assertRegex(self.err, r'mixed\.geojson(:\d+)?: feature 2: ')
        self.assertEqual(self.out, '')
        text = self.run_cli('check', '--keep-going', 'mixed.geojson', code=ERROR)
        self.assertRegex(self.err, r'mixed\.geojson(:\d+)?: feature 2: ')
        self.assertIn('1 conflict.', text)
        self.assertIn('not the whole picture', text)
        text = self.run_cli('check', '-k', 'missing', 'both.geojson', code=ERROR)
        self.assertIn('1 conflict.', text)

    def test_area_warns(self):
        self.run_cli('check', '--area', '40,0,50,10', 'blue.geojson', code=NONE)
        self.assertIn('warning', self.err)
        self.run_cli('check', '--quiet', '--area', '40,0,50,10', 'blue.geojson', code=NONE)
        self.assertEqual(self.err, '')
        self.run_cli('check', '--area', '35,36,37,38', 'blue.geojson', code=NONE)
        self.assertEqual(self.err, '')

    def test_report_and_map(self):
        self.run_cli('check', '--report', 'out.html', '--svg', 'out.svg', 'both.geojson',
                     code=CONFLICTS)
        page = (self.folder / 'out.html').read_text(encoding='utf-8')
        self.assertIn('<html', page)
        self.assertIn('BLUE-1', page)
        self.assertNotRegex(page, r'(?:src|href)="https?://')
        self.assertIn('<svg', (self.folder / 'out.svg').read_text(encoding='utf-8'))
        left = {p.name for p in self.folder.iterdir() if p.name.startswith('.')}
        self.assertEqual(left, set(), 'no temporary files')

    def test_report_seeks_options_for_so_many(self):
        pairs = [operation(f'OP-{i}-{j}', lng=i % 100 * 2 - 99, lat=i // 100 * 5)
                 for i in range(501) for j in range(2)]
        self.write('pairs.geojson', collection(*pairs))
        self.run_cli('check', '-s', '1,1,1', '--report', 'out.html', 'pairs.geojson',
                     code=CONFLICTS)
        self.assertIn('1 more operation', self.err)

    def test_report_in_arabic(self):
        self.run_cli('check', '--lang', 'ar', '--report', 'out.html', 'both.geojson',
                     code=CONFLICTS)
        page = (self.folder / 'out.html').read_text(encoding='utf-8')
        self.assertRegex(page, r'<html[^>]*dir="rtl"')
        self.assertRegex(page, '[\u0600-\u06ff]')

    def test_report_that_cannot_be_written(self):
        (self.folder / 'folder').mkdir()
        for path in ('no/such/out.html', 'folder', '/dev/full'):
            self.run_cli('check', '--report', path, 'both.geojson', code=ERROR)
            self.assertIn(path, self.err)

    def test_failed_writing_leaves_the_old_file(self):
        self.write('out.json', 'precious')
        self.run_cli('convert', 'missing', 'out.json', code=ERROR)
        self.assertEqual((self.folder / 'out.json').read_text(encoding='utf-8'), 'precious')

    def test_a_link_stays_a_link(self):
        self.write('real.svg', 'old')
        (self.folder / 'link.svg').symlink_to('real.svg')
        self.run_cli('check', '--svg', 'link.svg', 'both.geojson', code=CONFLICTS)
        self.assertTrue((self.folder / 'link.svg').is_symlink())
        self.assertIn('<svg', (self.folder / 'real.svg').read_text(encoding='utf-8'))

    def test_full_or_closed_output(self):
        with open('/dev/full', 'wb') as full:
            self.run_cli('check', 'both.geojson', code=ERROR, stdout=full)
        self.assertIn('standard output', self.err)
        self.run_cli('check', 'both.geojson', code=ERROR, stdout=None,
                     preexec_fn=lambda: os.close(1))
        self.run_cli('check', '--report', 'out.html', 'both.geojson', code=ERROR, stdout=None,
                     preexec_fn=lambda: os.close(1))
        self.assertNotIn('BLUE-1 ', (self.folder / 'out.html').read_text(encoding='utf-8')[:200])

    def test_reader_that_went_away(self):
        read, write = os.pipe()
        os.close(read)
        try:
            self.run_cli('check', 'both.geojson', code=ERROR, stdout=write)
        finally:
            os.close(write)
        self.assertEqual(self.err, '')


@unittest.skipUnless(os.environ.get('TAFADI_DATA'), 'TAFADI_DATA names no folder of real files')
class RealFiles(Cli):
    def test_every_file_is_read_or_refused_with_its_reason(self):
        folder = pathlib.Path(os.environ['TAFADI_DATA']).resolve()
        paths = [p for p in sorted(folder.rglob('*')) if p.is_file()
                 and p.stat().st_size < 1 << 20 and p.parts[len(folder.parts)] != 'merkle']
        self.assertGreater(len(paths), 50)
        for path in paths:
            done = subprocess.run([TAFADI, 'check', '-k', '-q', path], capture_output=True,
                                  timeout=120, check=False)
            self.assertIn(done.returncode, (NONE, ERROR, CONFLICTS), path)
            refused = done.stderr.decode('utf-8').startswith(str(path))
            self.assertEqual(refused, done.returncode == ERROR, (path, done.stderr))


class Options(Cli):
    def test_options_are_found_and_clear(self):
        text = self.run_cli('options', '--for', 'RED-1', 'both.geojson', code=NONE)
        self.assertIn('Options for RED-1', text)
        found = json.loads(self.run_cli('options', '--for', 'RED-1', '--json', 'both.geojson',
                                        code=NONE))
        self.assertEqual(found['conflicts'], 1)
        costs = [o['cost'] for o in found['options']]
        self.assertEqual(costs, sorted(costs))
        for option in found['options']:
            self.run_cli('options', '--for', 'RED-1', '--output', 'changed.geojson', '--take',
                         str(option['rank']), 'both.geojson', code=NONE)
            self.run_cli('check', 'blue.geojson', 'far.geojson', 'changed.geojson', code=NONE)

    def test_no_conflict_is_said(self):
        text = self.run_cli('options', '--for', 'FAR-1', 'both.geojson', code=NONE)
        self.assertIn('no conflict', text)

    def test_none_within_limits_names_the_limit(self):
        text = self.run_cli('options', '--for', 'RED-1', '--moves', 'time', '--earliest',
                            '2026-11-24T10:10:00Z', '--latest', '2026-11-24T10:11:00Z',
                            'both.geojson', code=CONFLICTS)
        self.assertIn('No option', text)
        self.assertIn('start time', text)
        found = json.loads(self.run_cli('options', '--for', 'RED-1', '--json', '--moves', 'level',
                                        '--floor', '900m', '--ceiling', '1400m', 'both.geojson',
                                        code=CONFLICTS))
        self.assertEqual(found['blocked']['level'], 'level')

    def test_limits_hold_for_the_plan_too(self):
        found = json.loads(self.run_cli('options', '--for', 'RED-1', '--json', '--earliest',
                                        '2026-11-24T12:00:00Z', 'both.geojson', code=NONE))
        self.assertTrue(found['options'])
        for option in found['options']:
            self.assertGreaterEqual(option['start'], '2026-11-24T12:00:00Z')
        self.run_cli('options', '--for', 'RED-1', '--from', '2026-11-24T12:00:00Z',
                     'both.geojson', code=USAGE)

    def test_moves_and_geojson(self):
        found = json.loads(self.run_cli('options', '--for', 'RED-1', '--json', '--moves', 'level',
                                        '-n', '2', 'both.geojson', code=NONE))
        self.assertTrue(all(o['moves'] == ['level'] for o in found['options']))
        self.assertLessEqual(len(found['options']), 2)
        drawn = json.loads(self.run_cli('options', '--for', 'RED-1', '--geojson', '--moves',
                                        'level', '-n', '2', 'both.geojson', code=NONE))
        self.assertEqual(len(drawn['features']), len(found['options']))

    def test_wrong_use(self):
        self.run_cli('options', '--for', 'NOBODY', 'both.geojson', code=ERROR)
        self.assertIn('NOBODY', self.err)
        self.run_cli('options', '--for', 'RED-1', '--take', '500', '--output', 'x.geojson',
                     'both.geojson', code=ERROR)
        self.run_cli('options', '--for', 'RED-1', '--floor', '10', '--ceiling', '5',
                     'both.geojson', code=USAGE)
        self.run_cli('options', '--for', 'RED-1', '--output', 'x.doc', 'both.geojson', code=ERROR)


class Convert(Cli):
    def test_there_and_back(self):
        self.run_cli('convert', 'both.geojson', 'out.geojson', code=NONE)
        before = self.run_cli('check', '--json', 'both.geojson', code=CONFLICTS)
        after = self.run_cli('check', '--json', 'out.geojson', code=CONFLICTS)
        self.assertEqual(json.loads(before)['conflicts'][0]['pairs'],
                         json.loads(after)['conflicts'][0]['pairs'])

    def test_standard_output(self):
        text = self.run_cli('convert', '--to', 'geojson', 'both.geojson', '-', code=NONE)
        self.assertEqual(len(json.loads(text)['features']), 3)

    def test_what_is_lost_is_said(self):
        self.run_cli('convert', 'both.geojson', 'out.csv', code=NONE)
        self.assertRegex(self.err, r'(?m)^out\.csv: .*warning: .*BLUE-1')
        self.run_cli('convert', '--quiet', 'both.geojson', 'out.csv', code=NONE)
        self.assertEqual(self.err, '')

    def test_unknown_format(self):
        self.run_cli('convert', 'both.geojson', 'out.doc', code=ERROR)
        self.assertIn('--to', self.err)
        self.run_cli('convert', '--to', 'readsb', 'both.geojson', 'out.json', code=ERROR)
        self.assertIn('readsb', self.err)


class Info(Cli):
    def test_facts(self):
        text = self.run_cli('info', 'both.geojson', code=NONE)
        for line in (r'Format +geojson', r'Entities +3', r'3 crewed', r'red: 2', r'blue: 1',
                     r'35\.95\d*,36\.9', r'2026-11-24T10:00:00Z', r'6 above the WGS84'):
            self.assertRegex(text, line)


    def test_area_across_the_antimeridian(self):
        self.write('date.geojson', collection(operation('E', lng=179.5), operation('W', lng=-179.5)))
        text = self.run_cli('info', 'date.geojson', code=NONE)
        self.assertRegex(text, r'35\.95\d*,179\.45\d*,36\.05\d*,-179\.45')


class Languages(Cli):
    def test_arabic_and_russian(self):
        ways = (('ar', 'تعارض واحد.'), ('ru', '1 конфликт.'))
        for lang, words in ways:
            self.assertIn(words, self.run_cli('check', '--lang', lang, 'both.geojson',
                                              code=CONFLICTS))
            self.assertIn(words, self.run_cli('--lang', lang, 'check', 'both.geojson',
                                              code=CONFLICTS))
            for env in ({'LANG': f'{lang}.UTF-8'}, {'LC_ALL': f'{lang}_XX.UTF-8'},
                        {'LC_MESSAGES': lang}, {'LANGUAGE': f'tlh:{lang}:en', 'LANG': 'C.UTF-8'}):
                self.assertIn(words, self.run_cli('check', 'both.geojson', code=CONFLICTS, env=env))
        self.assertIn('1 conflict.', self.run_cli('check', '--lang', 'en', 'both.geojson',
                                                  code=CONFLICTS, env={'LANG': 'ar_SY.UTF-8'}))

    def test_json_is_the_same_in_every_language(self):
        english = self.run_cli('check', '--json', 'both.geojson', code=CONFLICTS)
        for lang in ('ar', 'ru'):
            self.assertEqual(english, self.run_cli('check', '--json', '--lang', lang,
                                                   'both.geojson', code=CONFLICTS))

    def test_errors_are_translated(self):
        self.run_cli('check', '--lang', 'ar', code=USAGE)
        self.assertRegex(self.err, '[\u0600-\u06ff]')
        self.run_cli('check', '--lang', 'ru', 'missing', code=ERROR)
        self.assertRegex(self.err, '[\u0400-\u04ff]')


class InStep(Cli):
    """What is written in several places says the same."""

    def flags_of(self, command):
        text = self.run_cli(*command, '--help', code=NONE)
        return set(re.findall(r'(?m)^  (?:-\w, )?--([a-z-]+)', text))

    def page_flags(self, name):
        page = (ROOT / 'man' / f'{name}.1').read_text(encoding='utf-8')
        return {flag for line in re.findall(r'(?m)^\.It .*$', page)
                for flag in re.findall(r'Fl -([a-z-]+)', line)}

    def test_man_pages_list_the_flags(self):
        for command in (c for c in COMMANDS if c not in ('version', 'help')):
            flags = self.flags_of([command])
            for child in self.children(command) if command in PARENTS else ():
                flags |= self.flags_of([command, child])
                for grandchild in self.children(command, child):
                    flags |= self.flags_of([command, child, grandchild])
            self.assertEqual(self.page_flags(f'tafadi-{command}'), flags, command)
        self.assertEqual(self.page_flags('tafadi'), self.flags_of([]))

    def children(self, *command):
        text = self.run_cli(*command, '--help', code=NONE)
        text = text.split('Commands:')[1].split('\n\n')[0] if 'Commands:' in text else ''
        return re.findall(r'(?m)^  ([a-z]+) ', text)

    def test_pages_name_every_command_of_a_command(self):
        for command in PARENTS:
            page = (ROOT / 'man' / f'tafadi-{command}.1').read_text(encoding='utf-8')
            self.assertEqual(re.findall(r'(?m)^\.Ss ([a-z]+)$', page), self.children(command))

    def test_the_main_page_names_every_command(self):
        page = (ROOT / 'man' / 'tafadi.1').read_text(encoding='utf-8')
        text = self.run_cli('--help', code=NONE).split('Commands:')[1].split('\n\n')[0]
        listed = re.findall(r'(?m)^  ([a-z]+) ', text)
        self.assertEqual(sorted(listed), sorted(COMMANDS))
        self.assertEqual(sorted(re.findall(r'(?m)^\.It Cm ([a-z]+)$', page)), sorted(listed))

    def test_completion(self):
        script = (ROOT / 'completions' / 'tafadi.bash').read_text(encoding='utf-8')
        self.assertEqual(script, self.run_cli('completion', 'bash', code=NONE),
                         'run: tafadi completion bash > completions/tafadi.bash')

    def test_completion_completes(self):
        ask = ('source "$1"; COMP_WORDS=(tafadi check --sep); COMP_CWORD=2; _tafadi; '
               'echo "${COMPREPLY[*]}"; COMP_WORDS=(tafadi check --kind gr); COMP_CWORD=3; '
               '_tafadi; echo "${COMPREPLY[*]}"')
        done = subprocess.run(['bash', '-c', ask, 'bash', ROOT / 'completions' / 'tafadi.bash'],
                              capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout.split('\n')[:2], ['--separation --separation-table', 'ground'])


class Lines(unittest.TextTestResult):
    """One line a test, as the other test programs print them."""

    def addSuccess(self, test):
        super().addSuccess(test)
        print(f'[       OK ] {test.id().split(".", 1)[1]}')

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f'[  SKIPPED ] {test.id().split(".", 1)[1].replace(".", "_")}')

    def addFailure(self, test, err):
        super().addFailure(test, err)
        print(f'[  FAILED  ] {test.id().split(".", 1)[1].replace(".", "_")}')

    def addError(self, test, err):
        super().addError(test, err)
        print(f'[  FAILED  ] {test.id().split(".", 1)[1].replace(".", "_")}')


if __name__ == '__main__':
    TAFADI = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main(testRunner=unittest.TextTestRunner(resultclass=Lines, verbosity=0,
                                                     stream=sys.stdout))
