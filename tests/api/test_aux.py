#!/usr/bin/env python3
"""What surrounds the standards' APIs: test_aux.py PATH-OF-TAFADI [embedded|cluster]. The document
and its page, auxiliary endpoints, HEAD, methods, traces in the log."""
import html.parser
import json
import pathlib
import re
import tempfile
import time
import unittest

import jsonschema

import harness
import openapi

BINARY, ENGINE = harness.arguments()
READ, WRITE = 'interuss.pool_status.read', 'interuss.pool_status.heartbeat.write'


def wait_for(what):
    """The first true value of what(), which somebody else brings about."""
    deadline = time.monotonic() + 120
    while not (found := what()):
        assert time.monotonic() < deadline, 'it did not come to pass'
        time.sleep(0.05)
    return found


def setUpModule():
    global postgres, node
    postgres = harness.Postgres() if ENGINE == 'cluster' else None
    node = harness.Node(BINARY, postgres, flags=['--locality', 'here'])


def tearDownModule():
    node.stop()
    if postgres:
        postgres.stop()


def references(value):
    if isinstance(value, dict):
        if '$ref' in value:
            yield value['$ref']
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


class Document(unittest.TestCase):
    def setUp(self):
        self.client = harness.Client(node, token='')

    def test_it_is_served_as_it_is_written(self):
        status, body = self.client.get('/openapi.json')
        self.assertEqual((status, body), (200, openapi.DOCUMENT))
        self.assertEqual(self.client.headers['Content-Type'].split(';')[0], 'application/json')

    def test_it_is_whole(self):
        document = openapi.DOCUMENT
        self.assertTrue(document['openapi'].startswith('3.1'))
        parts = document['components']
        named = {f'#/components/{kind}/{name}' for kind in ('schemas', 'responses')
                 for name in parts[kind]}
        used = set(references(document))
        self.assertEqual(used - named, set())
        self.assertEqual(named - used, set())
        for schema in parts['schemas'].values():
            jsonschema.Draft202012Validator.check_schema(schema)
        for path, methods in document['paths'].items():
            for operation in methods.values():
                given = {p['name'] for p in operation.get('parameters', []) if p['in'] == 'path'}
                self.assertEqual(given, set(re.findall(r'{(\w+)}', path)), path)
                self.assertTrue(operation['summary'])

    def test_checking_can_fail(self):
        path = '/aux/v1/version'
        openapi.check('GET', path, 200, 'application/json', {'version': '1'})
        for wrong in (('GET', path, 200, 'application/json', {'version': 1}),
                      ('GET', path, 200, 'application/json', {}),
                      ('GET', path, 200, 'application/json', {'version': '1', 'more': 1}),
                      ('GET', path, 201, 'application/json', {'version': '1'}),
                      ('GET', path, 200, 'text/html', ''),
                      ('GET', '/aux/v1/nothing', 200, 'text/plain', ''),
                      ('GET', path, 403, 'application/json', {})):
            with self.assertRaises(AssertionError, msg=str(wrong)):
                openapi.check(*wrong)

    def test_methods_and_paths(self):
        everything = harness.Client(node, scopes=READ)
        for path, methods in openapi.DOCUMENT['paths'].items():
            plain = re.sub(r'{\w+}', harness.new_id(), path)
            for method in ('GET', 'PUT', 'POST', 'DELETE'):
                status, body = everything.call(method, plain, raw='')
                served = method.lower() in methods
                other = openapi.find(method, plain) is not None
                if not served and not other:
                    self.assertEqual(status, 404, (method, plain))
                    self.assertIn('method', body['message'])
                elif isinstance(body, dict) and 'message' in body:
                    self.assertNotIn('this method is not served', body['message'])
                    self.assertNotIn('no such path', body['message'])
            self.assertEqual(everything.call('PATCH', plain)[0], 404)
        self.assertIn('no such path', self.client.get('/nothing')[1]['message'])

    def test_the_page_needs_nothing_else(self):
        status, page = self.client.get('/docs')
        self.assertEqual(status, 200)
        tags, ids, links = [], set(), set()

        class Reader(html.parser.HTMLParser):
            def handle_starttag(self, tag, attrs):
                tags.append(tag)
                attrs = dict(attrs)
                ids.add(attrs.get('id'))
                links.add(attrs.get('href'))
                assert 'src' not in attrs
                assert not any(name.startswith('on') for name in attrs)

        Reader().feed(page)
        self.assertFalse({'script', 'link', 'img', 'iframe'} & set(tags))
        self.assertNotIn('//', ''.join(link for link in links if link))
        self.assertEqual({link[1:] for link in links if link and link[0] == '#'} - ids, set())
        for path in openapi.DOCUMENT['paths']:
            self.assertIn(f'<span class="path">{path}</span>', page)
        self.assertIn("default-src 'none'", self.client.headers['Content-Security-Policy'])

    def test_head(self):
        for path in ('/healthy', '/openapi.json', '/docs', '/metrics'):
            status, text = self.client.call('HEAD', path)
            self.assertEqual((status, text), (200, ''), path)
            self.assertGreater(int(self.client.headers['Content-Length']), 2)
        self.assertEqual(self.client.call('HEAD', '/nothing')[0], 404)
        self.assertEqual(self.client.get('/healthy'), (200, 'ok\n'))


class Pool(unittest.TestCase):
    def setUp(self):
        self.reader = harness.Client(node, scopes=READ)
        self.writer = harness.Client(node, sub='op1', scopes=WRITE)

    def beat(self, query):
        return self.writer.call('PUT', '/aux/v1/pool/dss_instances/heartbeat' + query)

    def test_options(self):
        status, body = self.reader.get('/aux/v1/configuration/global_options')
        self.assertEqual((status, set(body.values())), (200, {False}))

    def test_scopes(self):
        for path in ('/aux/v1/pool', '/aux/v1/pool/dss_instances',
                     '/aux/v1/configuration/global_options'):
            self.assertEqual(self.writer.get(path)[0], 403)
            self.assertEqual(harness.Client(node, token='').get(path)[0], 401)
        self.assertEqual(self.reader.call('PUT', '/aux/v1/pool/dss_instances/heartbeat?source=x')[0],
                         403)

    def test_no_certificates(self):
        for path in ('accepted_ca_certs', 'ca_certs'):
            self.assertEqual(harness.Client(node, token='').get('/aux/v1/configuration/' + path),
                             (200, {'CAs': []}))

    def members(self):
        status, body = self.reader.get('/aux/v1/pool/dss_instances')
        self.assertEqual(status, 200, body)
        return {member['id']: member for member in body['dss_instances']}

    def test_heartbeats(self):
        self.assertEqual(wait_for(lambda: self.members().get('here', {}).get('public_endpoint')),
                         f'http://127.0.0.1:{node.port}')
        status, body = self.beat('?source=a%20test&timestamp=2125-11-24T10:00:00Z')
        self.assertEqual(status, 201, body)
        self.assertEqual(body['dss_instances'], list(self.members().values()))
        first = self.members()['here']['most_recent_heartbeat']
        self.assertEqual((first['source'], first['reporter']), ('a test', 'op1'))
        self.assertNotIn('next_heartbeat_expected_before', first)
        status, body = self.beat('?source=b&timestamp=2126-11-24T10:00:00.123456789Z&'
                                 'next_heartbeat_expected_before=2126-11-24T13:00:00%2B02:00')
        self.assertEqual(status, 201, body)
        second = self.members()['here']['most_recent_heartbeat']
        self.assertEqual((second['source'], second['timestamp'],
                          second['next_heartbeat_expected_before']),
                         ('b', '2126-11-24T10:00:00.123456Z', '2126-11-24T11:00:00Z'))
        if ENGINE == 'embedded':
            self.assertEqual(second['index'], first['index'] + 1)
        before = self.members()
        for bad in ('', '?source=', '?source=' + 'x' * 160, '?source=x&timestamp=now',
                    '?source=x&timestamp=', '?source=x&timestamp=2026-11-24T10:00:00Z&'
                    'next_heartbeat_expected_before=2026-11-24T09:00:00Z'):
            self.assertEqual(self.beat(bad)[0], 400, bad)
        self.assertEqual(self.members(), before)
        # Each source has one, the last that came; without a timestamp it is of now.
        self.assertEqual(self.beat('?source=a%20test')[0], 201)
        self.assertEqual(self.beat('?source=b')[0], 201)
        self.assertLess(self.members()['here']['most_recent_heartbeat']['timestamp'], '2100')


class Certificates(unittest.TestCase):
    """What a node shows of the authorities that its pool relies on."""
    BLOCK = '-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----'

    def test_they_are_shown_as_they_are(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        own, accepted = (pathlib.Path(folder.name, name) for name in ('own.pem', 'accepted.pem'))
        one, two, three = (self.BLOCK.format(text) for text in ('AAAA', 'BBBB\nCCCC', 'DDDD'))
        own.write_text(f'notes\n{one}\n\nmore\n{two}\n')
        accepted.write_text(three)
        flags = ['--instance-ca', str(own)]
        if ENGINE == 'cluster':
            flags += [part for name in ('scd', 'rid', 'aux') for part in (
                f'--{name}-database',
                f'{postgres.dsn(name)} sslmode=prefer sslrootcert={accepted}')]
        mine = harness.Node(BINARY, flags=flags)
        self.addCleanup(mine.stop)
        client = harness.Client(mine, token='')
        self.assertEqual(client.get('/aux/v1/configuration/ca_certs'), (200, {'CAs': [one, two]}))
        self.assertEqual(client.get('/aux/v1/configuration/accepted_ca_certs'),
                         (200, {'CAs': [three] if ENGINE == 'cluster' else []}))
        own.write_text(three)  # a rotation
        self.assertEqual(client.get('/aux/v1/configuration/ca_certs'), (200, {'CAs': [three]}))
        own.unlink()
        self.assertEqual(client.get('/aux/v1/configuration/ca_certs')[0], 503)

    def test_they_must_be_there_at_the_start(self):
        with self.assertRaisesRegex(RuntimeError, '/nowhere/ca.pem'):
            harness.Node(BINARY, flags=['--instance-ca', '/nowhere/ca.pem'])


@unittest.skipIf(ENGINE == 'embedded', 'needs a pool')
class Members(unittest.TestCase):
    def members(self, client):
        status, body = client.get('/aux/v1/pool/dss_instances')
        self.assertEqual(status, 200, body)
        return {member['id']: member for member in body['dss_instances']}

    def test_each_knows_all(self):
        """A second node, and a member that somebody else's program has entered."""
        postgres.sql('aux', "INSERT INTO pool_participants VALUES ('elsewhere', "
                     "'https://dss.example', now()); INSERT INTO heartbeats VALUES ('elsewhere', "
                     "'cron', '2026-11-24T10:00:00Z', NULL, NULL), ('elsewhere', 'old', "
                     "'2026-11-24T09:00:00Z', now(), 'x'), ('nobody', 'x', now(), NULL, 'x')")
        second = harness.Node(BINARY, postgres, flags=['--locality', 'there', '--public-endpoint',
                                                       'https://there.example'])
        self.addCleanup(second.stop)
        clients = [harness.Client(one, scopes=READ) for one in (node, second)]
        for client in clients:
            found = wait_for(lambda: (lambda m: 'there' in m and m)(self.members(client)))
            self.assertLessEqual({'elsewhere', 'here', 'there'}, set(found))
            self.assertEqual(found['there']['public_endpoint'], 'https://there.example')
            self.assertEqual(found['elsewhere'], {
                'id': 'elsewhere', 'public_endpoint': 'https://dss.example',
                'most_recent_heartbeat': {'timestamp': '2026-11-24T10:00:00Z', 'source': 'cron'}})
            beat = found['there']['most_recent_heartbeat']
            self.assertEqual(beat['source'], 'tafadi')
            self.assertNotIn('reporter', beat)
            self.assertGreater(beat['next_heartbeat_expected_before'], beat['timestamp'])
        # It stays enrolled once when it comes again, with what is true now.
        second.stop(remove=False)
        second.flags[second.flags.index('https://there.example')] = 'https://new.example'
        second.start()
        wait_for(lambda: self.members(clients[0])['there']['public_endpoint']
                 == 'https://new.example')
        self.assertEqual(set(self.members(clients[0])), set(found))

    def test_the_schema_is_the_pools(self):
        columns = postgres.sql('aux', "SELECT table_name || '.' || column_name || ' ' || data_type "
                               "|| ' ' || is_nullable FROM information_schema.columns "
                               "WHERE table_schema = 'public' ORDER BY 1").splitlines()
        self.assertEqual(columns, [
            'heartbeats.locality text NO', 'heartbeats.next_expected_timestamp timestamp with time '
            'zone YES', 'heartbeats.reporter text YES', 'heartbeats.source text NO',
            'heartbeats.timestamp timestamp with time zone NO', 'pool_participants.locality text NO',
            'pool_participants.public_endpoint text NO',
            'pool_participants.updated_at timestamp with time zone NO',
            'schema_versions.onerow_enforcer boolean NO', 'schema_versions.schema_version text NO'])
        self.assertEqual(postgres.sql('aux', 'SELECT schema_version FROM schema_versions'), 'v1.1.0')

    def test_the_pools_identity_is_the_databases(self):
        named = harness.Node(BINARY, postgres, flags=['--identity', 'north'])
        self.addCleanup(named.stop)
        own = postgres.sql('aux', 'SELECT system_identifier FROM pg_control_system()')
        for one, identity in ((node, own), (named, 'north')):
            self.assertEqual(harness.Client(one, scopes=READ).get('/aux/v1/pool'),
                             (200, {'dar_id': identity}))

    def test_all_databases_are_needed(self):
        with self.assertRaisesRegex(RuntimeError, '--aux-database'):
            harness.Node(BINARY, flags=['--scd-database', postgres.dsn('scd'), '--rid-database',
                                        postgres.dsn('rid')])
        with self.assertRaisesRegex(RuntimeError, '--pool-index'):
            harness.Node(BINARY, postgres, flags=['--pool-index', 'clock'])


class Metrics(unittest.TestCase):
    def numbers(self):
        text = harness.Client(node, token='').get('/metrics')[1]
        found = {}
        for line in text.splitlines():
            if not line.startswith('#'):
                name, value = line.rsplit(' ', 1)
                self.assertNotIn(name, found)
                self.assertRegex(name, r'^[a-z_]+(\{([a-z]+="[^"]*",?)+\})?$')
                found[name] = float(value)
        return found

    def test_they_count(self):
        before = self.numbers()
        client, path = harness.Client(node), '/dss/v1/operational_intent_references/'
        first, extent = harness.new_id(), [harness.volume(lat=48.0)]
        status, body = client.put(path + first, harness.oir(extent, **harness.fresh()))
        self.assertEqual(status, 201)
        self.assertEqual(client.put(path + harness.new_id(),
                                    harness.oir(extent, **harness.fresh()))[0], 409)
        after = self.numbers()
        grown = {name: after[name] - before.get(name, 0) for name in after}
        self.assertEqual(grown['tafadi_conflicts_total'], 1)
        put = '{method="PUT",route="' + path + '{}"'
        self.assertEqual(grown[f'http_server_request_duration_seconds_count{put}}}'], 2)
        self.assertEqual(grown[f'tafadi_http_requests_total{put},class="2xx"}}'], 1)
        self.assertEqual(grown[f'tafadi_http_requests_total{put},class="4xx"}}'], 1)
        if ENGINE == 'embedded':
            self.assertEqual(grown['tafadi_entities{kind="operational_intent"}'], 1)
            self.assertEqual(grown['tafadi_batch_size_bucket{le="+Inf"}'],
                             grown['tafadi_batches_total'])
        ovn = body['operational_intent_reference']['ovn']
        self.assertEqual(client.delete(f'{path}{first}/{ovn}')[0], 200)

    def test_buckets_grow(self):
        found, last = self.numbers(), {}
        for name, value in found.items():
            if '_bucket' in name:
                series = re.sub(r',?le="[^"]*"', '', name)
                self.assertGreaterEqual(value, last.get(series, 0), name)
                last[series] = value
        for series, value in last.items():
            count = re.sub(r'{}$', '', series.replace('_bucket', '_count'))
            self.assertEqual(found[count], value, series)


class Log(unittest.TestCase):
    def test_traces(self):
        noisy = harness.Node(BINARY)
        noisy.stop(remove=False)
        noisy.flags.remove('--no-access-log')
        noisy.start()
        self.addCleanup(noisy.stop)
        client = harness.Client(noisy, token='')
        trace, parent = '4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'
        cases = [f'00-{trace}-{parent}-01', f'00-{"0" * 32}-{parent}-01', f'00-{trace}-{"0" * 16}-01',
                 f'ff-{trace}-{parent}-01', f'00-{trace}-{parent}-0', f'00-{trace.upper()}-{parent}-01',
                 'x', f'00-{trace}"{parent}-01']
        for value in cases:
            self.assertEqual(client.call('GET', '/healthy', headers={'traceparent': value})[0], 200)
        self.assertEqual(client.get('/healthy')[0], 200)
        noisy.stop(remove=False)
        noisy.log.seek(0)
        lines = [json.loads(line) for line in noisy.log.read().splitlines()
                 if line.startswith('{')]
        self.assertEqual(len(lines), len(cases) + 1)
        self.assertEqual([('trace_id' in line, 'parent_id' in line) for line in lines],
                         [(True, True)] + [(False, False)] * len(cases))
        self.assertEqual((lines[0]['trace_id'], lines[0]['parent_id']), (trace, parent))


if __name__ == '__main__':
    unittest.main(verbosity=2, warnings='ignore')
