#!/usr/bin/env python3
"""Commands on a party's database come to the same when their commits are lost once against others:
the answer, the exit status, and what is in the database afterwards."""
import concurrent.futures
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

TAFADI, BUSY = sys.argv[1:]
START, END = '2097-07-14T08:00:00Z', '2097-07-14T09:00:00Z'


def feature(id_, lng, **more):
    return ('{"type":"Feature","id":"%s","properties":{"kind":"uncrewed","radius_m":500,'
            '"altitude_lower":300,"altitude_upper":400,"start":"%s","end":"%s"},'
            '"geometry":{"type":"Point","coordinates":[%s,46.1]}}' % (id_, START, END, lng))


PLANS = '{"type":"FeatureCollection","features":[%s,%s]}' % (feature('a', 7.1), feature('b', 7.1))
ZONES = ('{"type":"FeatureCollection","features":[{"type":"Feature","id":"z","properties":'
         '{"kind":"zone","restriction":"prohibited"},"geometry":{"type":"Polygon","coordinates":'
         '[[[8,46],[8.1,46],[8.1,46.1],[8,46]]]}}]}')

# Each runs on what the ones before have left; {0} is the directory of the run.
STORY = [
    ['op', 'import', '{0}/plans', '--submit'],
    ['op', 'import', '{0}/plans', '--submit', '--json'],
    ['op', 'list'], ['op', 'list', '--json'],
    ['op', 'add', '--id', 'c', '--at', '46.9 7.4', '--radius', '1km', '--upper', '300m AGL',
     '--start', START, '--end', END, '--submit'],
    ['op', 'add', '--id', 'd', '--at', '46.9 7.4', '--radius', '1km', '--upper', '300m AGL',
     '--start', START, '--end', END, '--submit', '--json'],
    ['op', 'show', 'a'], ['op', 'history', 'a'], ['op', 'check', 'b'], ['op', 'options', 'b', '--json'],
    ['op', 'accept', 'b', '--allow', 'operation::a@2', '--reason', 'agreed'],
    ['op', 'activate', 'a'], ['op', 'depart', 'a', '--json'], ['op', 'end', 'a'],
    ['op', 'activate', 'a'],
    ['op', 'repeat', 'b', '--every', '24h', '--count', '3', '--submit'],
    ['op', 'cases'], ['op', 'list'],
    ['zone', 'import', '{0}/zones'], ['zone', 'list'], ['zone', 'show', 'z'],
    ['zone', 'withdraw', 'z', '--reason', 'over'],
    ['site', 'import', '{0}/sites'], ['site', 'list'], ['site', 'list', '--json'],
    ['policy', 'show'], ['policy', 'set', '{0}/policy'],
    ['account', 'add', 'anna', '--roles', 'viewer,planner', '--password-file', '{0}/password'],
    ['account', 'add', 'anna', '--roles', 'viewer', '--password-file', '{0}/password'],
    ['account', 'list'], ['account', 'list', '--json'],
    ['account', 'disable', 'anna'], ['account', 'list'], ['account', 'enable', 'anna'],
    ['account', 'tokens', '--json'],
    ['party', 'add', '{0}/south.card'], ['party', 'list'], ['party', 'list', '--json'],
    ['line', 'open', 'south.example'], ['line', 'list'], ['line', 'list', '--json'],
    ['line', 'danger', 'south.example', 'a fire', '--at', '46.1,7.1'],
    ['line', 'say', 'south.example', '--type', 'distress', '--body', '{"text":"help","lang":"en"}', '--json'],
    ['line', 'text', 'south.example', 'not open yet'],
    ['line', 'show', 'south.example'], ['line', 'show', 'south.example', '--json'],
    ['line', 'alarms'], ['line', 'history'], ['line', 'history', 'south.example'],
    ['line', 'memo', 'template', 'south.example'], ['line', 'memo', 'list', 'south.example'],
    ['line', 'export', 'south.example', '-o', '{0}/post'],
    ['party', 'rotate'], ['line', 'show', 'south.example'],
]
# With a USS, and no node that runs.
HELD = [['op', 'submit', 'x'], ['op', 'check', 'x'], ['op', 'show', 'x']]

# What differs by the time and by chance alone.
MASKS = [(r'20(?!97)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z', 'TIME'), (r'20(?!97)\d\d-\d\d-\d\d \d\d:\d\d(:\d\d)?', 'TIME'),
         (r'[0-9a-f]{64}', 'HASH'), (r'\b\d+-[0-9a-f]{16}\b', 'ETAG'),
         (r'[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}', 'UUID'),
         (r'[A-Za-z0-9+/]{43}=', 'HASH'), (r'[A-Za-z0-9+/]{86}==', 'SIGNATURE')]


def mask(text, where):
    for pattern, word in MASKS:
        text = re.sub(pattern, word, text)
    return text.replace(where, 'DIR')


def run(binary, where, command):
    done = subprocess.run([binary, *(part.replace('{0}', where) for part in command), '--state-dir',
                           where + '/state', '--actor', 'anna'], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, mask(done.stdout, where), mask(done.stderr, where)


def rows(where):
    """How many of each table: what was done twice, or not at all, shows."""
    found = {}
    with sqlite3.connect(where + '/state/party.db') as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'"
                                        " AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'ledger%'"):
            found[name] = database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
    database.close()
    return found


def both(command, first, second):
    """Side by side: some of them wait ten seconds for an answer."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return [*pool.map(run, (TAFADI, BUSY), (first, second), (command, command))]


def compare(story, first, second):
    wrong = 0
    for command in story:
        quiet, busy = both(command, first, second)
        if quiet[0] == 2:
            print('no command of this name:', command, quiet[2])
            wrong += 1
        if quiet != busy or rows(first) != rows(second):
            print('differs:', command, quiet, busy, set(rows(first).items()) ^ set(rows(second).items()),
                  sep='\n  ')
            wrong += 1
    return wrong


def main():
    with tempfile.TemporaryDirectory(prefix='tafadi-busy-') as top:
        first, second = top + '/first', top + '/second'
        os.mkdir(first)
        for name, text in (('plans', PLANS), ('zones', ZONES), ('password', 'correct horse battery\n'),
                           ('sites', 'id,name,category,lat,lng,radius_m\nclinic,Clinic,hospital,46.2,7.2,800\n'),
                           ('policy', '{"format":"tafadi-policy/v1","rules":[{"outcome":"decide",'
                                      '"role":"duty-officer"}]}')):
            with open(f'{first}/{name}', 'w', encoding='utf-8') as file:
                file.write(text)
        for name, state in (('north', first + '/state'), ('south', top + '/south')):
            subprocess.run([TAFADI, 'party', 'init', '--id', name + '.example', '--title', name,
                            '--state-dir', state], check=True, capture_output=True)
        card = subprocess.run([TAFADI, 'party', 'card', '--state-dir', top + '/south'], check=True,
                              capture_output=True)
        with open(first + '/south.card', 'wb') as file:
            file.write(card.stdout)
        shutil.copytree(first, second)
        wrong = compare(STORY, first, second)
        for where in (first, second):
            with open(where + '/plans', 'w', encoding='utf-8') as file:
                file.write(feature('x', 9.1))
            run(TAFADI, where, ['op', 'import', '{0}/plans'])
            with sqlite3.connect(where + '/state/party.db') as database:
                database.execute("INSERT INTO uss_setting VALUES ('publish', 'none'),"
                                 " ('dss', 'http://127.0.0.1:1')")
            database.close()
        wrong += compare(HELD, first, second)
        # An init whose commits are lost makes a party all the same.
        subprocess.run([BUSY, 'party', 'init', '--id', 'late.example', '--title', 'late',
                        '--state-dir', top + '/late'], check=True, capture_output=True)
        subprocess.run([TAFADI, 'ledger', 'verify', '--state-dir', top + '/late'], check=True,
                       capture_output=True)
        print(len(STORY) + len(HELD), 'commands,', wrong, 'wrong')
        return wrong


sys.exit(1 if main() else 0)
