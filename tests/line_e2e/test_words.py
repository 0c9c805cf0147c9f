"""What the commands of a line show to people, without a node: test_words.py PATH-OF-TAFADI. Posts
go by hand; one of the two keys is sealed."""
import os
import re
import subprocess
import sys
import unittest

import parties

BINARY = sys.argv.pop(1)


class Words(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.north, cls.south = (parties.Party(BINARY, name, None) for name in ('north', 'south'))
        cls.addClassCleanup(cls.north.remove)
        cls.addClassCleanup(cls.south.remove)
        parties.exchange_cards(cls.north, cls.south)
        parties.open_line(cls.north, cls.south)
        cls.exchange()

    @classmethod
    def exchange(cls):
        for a, b in ((cls.north, cls.south), (cls.south, cls.north)):
            b.cli('line', 'import', '-', stdin=a.cli('line', 'export', b.id))

    def last(self, party, language='en'):
        """The last row that was heard, with what stands below it."""
        other = self.south if party is self.north else self.north
        text = party.cli('line', 'show', other.id, '--lang', language, '-n', '1')
        return text[text.rindex('\n<'):]

    def test_phrases_are_read_in_the_readers_language(self):
        listed = subprocess.run([BINARY, 'line', 'phrases'], capture_output=True, text=True,
                                check=True).stdout
        self.assertIn('p04  Wait. We will answer at <time>.\n', listed)
        self.north.cli('line', 'phrase', self.south.id, 'p04', 'time=-10:00')
        self.exchange()
        for language, sentence in (('en', 'Wait. We will answer at -10:00.'),
                                   ('ru', 'Ждите. Ответим в -10:00.'),
                                   ('ar', 'انتظروا. سنجيب في الساعة -10:00.')):
            self.assertIn(sentence, self.last(self.south, language))
        for wrong in (['p99'], ['p04'], ['p04', 'hour=3'], ['p01', 'time=3']):
            self.north.cli('line', 'phrase', self.south.id, *wrong, code=1)
        self.assertIn('LINE PHRASE', self.north.cli('line', 'phrase', self.south.id, code=2))

    def test_a_notice_can_be_read_back_from_what_is_shown(self):
        self.north.cli('line', 'notice', self.south.id, '--at', '40.5,11.5', '--from',
                       '2036-11-29T03:00:00Z', '--until', '2036-11-29T04:00:00Z')
        self.exchange()
        rows = self.last(self.south).split()
        place, times = re.search(r'(\S+), (\S+)', self.last(self.south)), rows[-2:]
        self.assertEqual(times, ['2036-11-29T03:00:00Z', '2036-11-29T04:00:00Z'])
        number = rows[0].lstrip('<')
        self.south.cli('line', 'ack', self.north.id, number, code=1)
        self.south.cli('line', 'ack', self.north.id, number, '--at', ','.join(place.groups()),
                       '--from', times[0], '--until', times[1])
        self.south.cli('line', 'answer', self.north.id, number, '--assessment', 'conflict',
                       '--reason', 'we fly there')
        self.exchange()
        self.assertIn(' конфликт ', self.north.cli('line', 'show', self.south.id, '--lang', 'ru'))

    def test_a_draft_is_compared_before_it_is_signed(self):
        self.north.cli('line', 'memo', 'propose', self.south.id, '-',
                       stdin=parties.memorandum(self.north))
        self.exchange()
        found = self.south.cli('line', 'memo', 'list', self.north.id, '--json')['memoranda']
        self.south.cli('line', 'memo', 'accept', self.north.id, found[0]['hash'][:12])
        self.exchange()
        path = self.north.dir + '/draft.json'
        with open(path, 'w', encoding='ascii') as file:
            file.write(parties.memorandum(self.north, heartbeat_s=30))
        self.assertIn('Heartbeat: 60 s → 30 s\n',
                      self.north.cli('line', 'memo', 'diff', self.south.id, path))
        self.assertNotIn('Heartbeat', self.north.cli('line', 'memo', 'diff', self.south.id, path,
                                                     '--lang', 'ru'))
        self.north.cli('line', 'memo', 'diff', self.south.id, path + '.none', code=1)


    def test_alarms_are_in_the_readers_language(self):
        self.north.cli('line', 'danger', self.south.id, 'take care')
        self.exchange()
        for language, word in (('en', 'danger'), ('ru', 'опасность'), ('ar', 'خطر')):
            row = [line for line in self.south.cli('line', 'alarms', '--lang', language).split('\n')
                   if 'take care' in line][0]
            self.assertRegex(row, rf'^[0-9]+ +\S+ +[0-9a-f]{{8}} +{word} +<[0-9]+ +duty-officer +take care$')
        self.assertEqual(self.south.cli('line', 'alarms', '--json', '--lang', 'ru')['alarms'][-1]
                         ['kind'], 'danger')


class Sealed(unittest.TestCase):
    """A key with a passphrase, through its whole life."""

    def test_its_life(self):
        plain = parties.Party(BINARY, 'south', None)
        self.addCleanup(plain.remove)
        sealed = parties.Party.__new__(parties.Party)
        sealed.binary, sealed.id, sealed.node, sealed.database = BINARY, 'north.example', None, []
        sealed.dir = plain.dir + '-sealed'
        sealed.port, sealed.flags, sealed.tls = parties.harness.free_port(), [], False
        os.mkdir(sealed.dir)
        self.addCleanup(sealed.remove)
        words, wrong = sealed.dir + '/words', sealed.dir + '/wrong'
        for path, text in ((words, 'correct horse'), (wrong, 'battery staple')):
            with open(path, 'w', encoding='ascii') as file:
                file.write(text + '\n')
        with_words = ['--passphrase-file', words]
        sealed.cli('party', 'init', '--id', sealed.id, '--title', 'Cell', *with_words)
        with open(sealed.dir + '/party.key', encoding='ascii') as file:
            self.assertIn('\nsealed ', file.read())
        # What is public needs no key; all else does.
        card = sealed.cli('party', 'card', '--text')
        sealed.cli('party', 'fingerprint')
        plain.cli('party', 'add', '-', stdin=card)
        self.assertIn('--passphrase-file', sealed.cli('line', 'list', code=1))
        self.assertIn('does not open', sealed.cli('line', 'list', '--passphrase-file', wrong,
                                                  code=1))
        sealed.cli('party', 'add', '-', *with_words, stdin=plain.cli('party', 'card', '--text'))
        sealed.cli('line', 'open', plain.id, *with_words)
        # The node.
        done = subprocess.run([BINARY, 'serve', '--state-dir', sealed.dir, '--listen',
                               f'127.0.0.1:{sealed.port}'], capture_output=True, text=True,
                              check=False, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn('--passphrase-file', done.stderr)
        sealed.flags = with_words
        sealed.start()
        sealed.stop()
        # A new key is sealed by the same words, and signs the ledger at once.
        said = subprocess.run([BINARY, 'party', 'rotate', '--state-dir', sealed.dir, *with_words],
                              capture_output=True, text=True, check=True)
        self.assertEqual(said.stderr, '')
        with open(sealed.dir + '/party.key', encoding='ascii') as file:
            self.assertIn('\nsealed ', file.read())
        found = sealed.verify()
        self.assertTrue(found['valid'])
        self.assertEqual(found['size'], found['signed'])
        self.assertNotEqual(sealed.cli('party', 'card', '--text'), card)
        # A copy has the sealed key, and goes back with its words only.
        copy = sealed.dir + '/copy'
        sealed.cli('backup', copy)
        sealed.cli('restore', copy, code=1)
        os.environ['TAFADI_PASSPHRASE_FILE'] = words
        self.addCleanup(os.environ.pop, 'TAFADI_PASSPHRASE_FILE')
        sealed.cli('restore', copy)
        self.assertEqual(sealed.cli('line', 'list', '--json')['lines'][0]['peer'], plain.id)
        self.assertTrue(sealed.verify()['valid'])


if __name__ == '__main__':
    unittest.main(verbosity=2)
