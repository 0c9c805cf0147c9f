"""The base map's file at the desk: test_tiles.py PATH-OF-TAFADI. Who gets it, in which parts; what is
refused at the start; a file that is replaced, cut short or taken away while the node runs."""
import http.client
import os
import pathlib
import random
import re
import subprocess
import sys
import unittest

from parties import Desk, Party

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'support'))
import make_tiles  # noqa: E402

BINARY = sys.argv.pop(1)
PATH = '/api/v1/map/tiles'
MOST = 1 << 20
MEDIA = 'application/vnd.pmtiles'


def write(path, data):
    """In one step, as one should."""
    with open(path + '.new', 'wb') as file:
        file.write(data)
    os.rename(path + '.new', path)


class Tiles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.party = Party(BINARY, 'north')
        cls.path = cls.party.dir + '/base.pmtiles'
        cls.party.flags = ['--map-tiles', cls.path]
        small = make_tiles.archive()
        cls.data = small + random.Random(1).randbytes(3 * MOST + 12345 - len(small))
        write(cls.path, cls.data)
        cls.party.start()
        cls.desk = cls.party.desk('viewer')

    @classmethod
    def tearDownClass(cls):
        assert cls.party.stop() == 0, cls.party.log()
        cls.party.remove()

    def setUp(self):
        write(self.path, self.data)

    def ask(self, range_=None, method='GET', **headers):
        if range_ is not None:
            headers['Range'] = range_
        status, body = self.desk.call(method, PATH, headers=headers)
        return status, body, self.desk.answer.headers

    def test_who_gets_it(self):
        self.assertIs(self.desk.get('/api/v1/party')['map_tiles'], True)
        for client in (Desk(self.party), Desk(self.party, token='t_' + 'x' * 43)):
            status, body = client.call('GET', PATH, headers={'Range': 'bytes=0-9'})
            self.assertEqual((status, 'message' in body), (401, True))
        operator = Desk(self.party)
        operator.log_in()
        self.assertEqual(operator.call('GET', PATH, headers={'Range': 'bytes=0-6'}), (206, b'PMTiles'))
        self.assertEqual(operator.answer.headers['Cache-Control'], 'no-store')
        operator.call('DELETE', '/api/v1/session')
        self.assertEqual(operator.call('GET', PATH, headers={'Range': 'bytes=0-6'})[0], 401)
        self.assertEqual(self.desk.call('POST', PATH, {})[0], 404)

    def test_parts(self):
        size = len(self.data)
        for asked, first, last in (
                ('bytes=0-126', 0, 126), ('bytes=0-0', 0, 0), ('bytes=-1', size - 1, size - 1),
                (f'bytes={size - 5}-', size - 5, size - 1), ('bytes=1000-1999', 1000, 1999),
                (f'bytes={size - 5}-{size + 5}', size - 5, size - 1),
                ('bytes=0-', 0, MOST - 1), (f'bytes=-{2 * MOST}', size - 2 * MOST, size - MOST - 1),
                (f'bytes=7-{MOST + 6}', 7, MOST + 6), (f'bytes=7-{MOST + 7}', 7, MOST + 6),
                ('bytes=10-19,30-39', 10, 19), (f'bytes={size}-,30-39', 30, 39),
                ('bytes=0-99999999999999999999999', 0, MOST - 1)):
            status, body, headers = self.ask(asked)
            self.assertEqual(status, 206, asked)
            self.assertEqual(headers['Content-Range'], f'bytes {first}-{last}/{size}', asked)
            self.assertEqual(headers['Content-Type'], MEDIA)
            self.assertTrue(body == self.data[first:last + 1], asked)
        chosen = random.Random(2)
        for _ in range(200):
            first = chosen.randrange(size)
            last = min(size - 1, first + chosen.randrange(30000))
            status, body, _ = self.ask(f'bytes={first}-{last}')
            self.assertTrue(status == 206 and body == self.data[first:last + 1], (first, last))

    def test_what_is_refused(self):
        size = len(self.data)
        for asked in (f'bytes={size}-', 'bytes=-0', 'bytes=99999999999999999999-'):
            status, body, headers = self.ask(asked)
            self.assertEqual((status, headers['Content-Range']), (416, f'bytes */{size}'), asked)
            self.assertEqual(body['field'], 'Range')
        for asked in (None, 'bytes=2-1', 'bytes=x', 'bytes=', 'lines=1-2', 'bytes=1-2,-',
                      'bytes=' + ','.join(['1-2'] * 5000) + ',x'):
            status, body, headers = self.ask(asked)
            self.assertEqual((status, body['field']), (400, 'Range'), asked)
            self.assertEqual(headers['Accept-Ranges'], 'bytes')
        self.assertEqual(self.ask('bytes=' + ','.join(['1-2'] * 5000))[:2], (206, self.data[1:3]))

    def test_head(self):
        for asked in (None, 'bytes=0-9', 'bytes=x'):
            status, body, headers = self.ask(asked, 'HEAD')
            self.assertEqual((status, body, headers['Content-Length'], headers['Accept-Ranges']),
                             (200, b'', str(len(self.data)), 'bytes'))
            self.assertRegex(headers['ETag'], '^"[^"]+"$')
        self.assertEqual(self.desk.get('/api/v1/session')['name'], 'all')  # on the same connection

    def test_if_range(self):
        etag = self.ask('bytes=0-9')[2]['ETag']
        self.assertEqual(self.ask('bytes=0-9', **{'If-Range': etag})[0], 206)
        for other in ('"x"', 'W/' + etag, 'Sat, 28 Nov 2026 20:00:00 GMT'):
            self.assertEqual(self.ask('bytes=0-9', **{'If-Range': other})[0], 400, other)

    def test_a_small_file_is_sent_whole(self):
        small = make_tiles.archive(is_raster=True)
        write(self.path, small)
        status, body, headers = self.ask()
        self.assertEqual((status, body == small), (200, True))
        self.assertNotIn('Content-Range', headers)
        status, body, _ = self.ask('bytes=0-9', **{'If-Range': '"another"'})
        self.assertEqual((status, body == small), (200, True))

    def test_the_file_changes_while_the_node_runs(self):
        etag = self.ask('bytes=0-9')[2]['ETag']
        write(self.path, self.data[:-1] + b'x')
        status, body, headers = self.ask('bytes=-1')
        self.assertEqual((status, body), (206, b'x'))
        self.assertNotEqual(headers['ETag'], etag)
        os.truncate(self.path, 200)
        self.assertEqual(self.ask('bytes=0-9')[0], 503)
        os.truncate(self.path, 0)
        self.assertEqual(self.ask('bytes=0-9')[0], 503)
        os.unlink(self.path)
        status, body, _ = self.ask('bytes=0-9', **{'Accept-Language': 'ru'})
        self.assertEqual(status, 503)
        self.assertRegex(body['message'], '[а-я]')
        write(self.path, self.data)
        self.assertEqual(self.ask('bytes=0-6')[:2], (206, b'PMTiles'))

    def test_bytes_that_no_client_sends(self):
        connection = http.client.HTTPConnection('127.0.0.1', self.party.port, timeout=30)
        made = random.Random(3)
        for _ in range(300):
            text = 'bytes=' + ''.join(made.choice('0123456789-,-, x\t"') for _ in range(made.randrange(20)))
            connection.request('GET', PATH, headers={'Authorization': 'Bearer ' + self.desk.token,
                                                     'Range': text})
            answer = connection.getresponse()
            answer.read()
            self.assertIn(answer.status, (206, 400, 416), text)


class Start(unittest.TestCase):
    """What is no archive is refused when the node starts, with its name and what is wrong."""

    def test_bad_files(self):
        party = Party(BINARY, 'north')
        self.addCleanup(party.remove)
        path, good = party.dir + '/base.pmtiles', make_tiles.archive()
        for data, words in ((b'', 'too short'), (b'SQLite format 3\0' * 20, 'no PMTiles archive'),
                            (good[:7] + b'\x02' + good[8:], 'version 2'),
                            (good[:-1], 'tile_data.*pmtiles verify'),
                            (good[:97] + b'\x03' + good[98:], 'compressed.*3'),
                            (good[:99] + b'\x06' + good[100:], 'kind.*6')):
            write(path, data)
            for command, stream in (('serve', 'stderr'), ('doctor', 'stdout')):
                done = subprocess.run([BINARY, command, '--state-dir', party.dir, '--map-tiles', path,
                                       '--listen', f'127.0.0.1:{party.port}'], capture_output=True, text=True,
                                      timeout=60, check=False)
                self.assertNotEqual(done.returncode, 0, words)
                self.assertRegex(getattr(done, stream), re.escape(path) + '.*' + words, command)
        write(path, good)
        self.assertRegex(party.cli('doctor', '--map-tiles', path, '--listen', '127.0.0.1:0'),
                         re.escape(path) + ' can be drawn')

    def test_without(self):
        party = Party(BINARY, 'north').start()
        self.addCleanup(party.remove)
        desk = party.desk()
        self.assertIs(desk.get('/api/v1/party')['map_tiles'], False)
        self.assertEqual(desk.call('GET', PATH)[0], 404)


if __name__ == '__main__':
    unittest.main()
