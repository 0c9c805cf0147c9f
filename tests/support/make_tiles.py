#!/usr/bin/env python3
"""Writes a small PMTiles archive (version 3) for tests, from github.com/protomaps/PMTiles
spec/v3/spec.md and the Mapbox Vector Tile specification 2.1; a coast with towns that nobody lives in.

usage: make_tiles.py OUT [--raster] [--other-schema]

  --raster         PNG images instead of vector tiles
  --other-schema   vector layers whose names are nobody's
"""
import gzip
import json
import math
import struct
import sys
import zlib

BOUNDS = (34.0, 33.0, 40.0, 38.0)  # west, south, east, north
MAX_ZOOM = 7
EXTENT = 4096
BUFFER = 64
LEAF_ENTRIES = 8
MVT, PNG = 1, 2
ATTRIBUTION = '<a href="https://example.org/terms" onclick="alert(1)">Survey &amp; Sons</a>, made up'

COAST = [(35.2, 33.0), (35.5, 33.6), (35.7, 34.3), (35.9, 34.9), (35.7, 35.4), (35.8, 35.9),
         (36.1, 36.3), (35.9, 36.7), (36.2, 36.6), (35.6, 36.9), (34.6, 36.6), (34.0, 36.4)]
LAND = COAST + [(34.0, 38.0), (40.0, 38.0), (40.0, 33.0)]
SEA = COAST + [(34.0, 33.0)]
LAKE = [(38.0, 35.8), (38.3, 36.1), (38.6, 36.15), (38.5, 35.95), (38.2, 35.75)]
WOOD = [(36.1, 35.2), (36.4, 35.9), (36.7, 35.7), (36.5, 35.0)]
TOWN = [(36.95, 36.1), (37.0, 36.35), (37.25, 36.35), (37.3, 36.15), (37.1, 36.05)]
# What there is: layer, geometry, coordinates, properties.
FEATURES = [
    ('earth', 'area', LAND, {'kind': 'earth'}),
    ('water', 'area', SEA, {'kind': 'ocean'}),
    ('water', 'area', LAKE, {'kind': 'lake'}),
    ('water', 'line', [(40.0, 34.6), (39.2, 35.2), (38.6, 36.0), (38.2, 36.6), (38.0, 37.2), (38.4, 38.0)],
     {'kind': 'river'}),
    ('landuse', 'area', WOOD, {'kind': 'forest'}),
    ('landuse', 'area', TOWN, {'kind': 'residential'}),
    ('roads', 'line', [(35.8, 34.0), (36.5, 34.6), (36.7, 35.2), (37.1, 36.2), (37.4, 37.0), (38.9, 37.2)],
     {'kind': 'highway'}),
    ('roads', 'line', [(35.8, 35.5), (36.4, 35.7), (37.1, 36.2), (38.0, 36.4), (39.6, 36.2)],
     {'kind': 'major_road'}),
    ('roads', 'line', [(36.5, 34.6), (37.6, 34.7), (38.3, 34.5)], {'kind': 'minor_road'}),
    ('roads', 'line', [(36.5, 34.7), (36.9, 35.4), (37.1, 36.2)], {'kind': 'rail'}),
    ('boundaries', 'line', [(36.1, 36.3), (36.5, 36.2), (36.7, 36.8), (38.0, 36.85), (40.0, 37.1)],
     {'kind': 'country', 'kind_detail': 2}),
    ('boundaries', 'line', [(36.0, 34.6), (36.5, 34.2), (36.3, 33.8), (35.9, 33.3)],
     {'kind': 'country', 'kind_detail': 2, 'disputed': True}),
    ('boundaries', 'line', [(37.6, 36.8), (37.8, 35.6), (38.6, 34.9), (39.0, 34.0)],
     {'kind': 'region', 'kind_detail': 4}),
    ('places', 'point', [(37.1, 36.2)], {'kind': 'locality', 'kind_detail': 'city', 'population_rank': 12,
     'name': 'مدينة الجسر', 'name:ar': 'مدينة الجسر', 'name:en': 'Bridgetown', 'name:ru': 'Мостоград'}),
    ('places', 'point', [(35.8, 35.5)], {'kind': 'locality', 'kind_detail': 'town', 'population_rank': 9,
     'name': 'ميناء الصفصاف', 'name:en': 'Port Willow', 'name:ru': 'Порт-Ива'}),
    ('places', 'point', [(38.3, 34.5)], {'kind': 'locality', 'kind_detail': 'village', 'population_rank': 5,
     'name': 'Wellhead', 'name:ar': 'رأس البئر'}),
    ('places', 'point', [(38.9, 35.4)], {'kind': 'region', 'name': 'البادية', 'name:en': 'The Steppe',
     'name:ru': 'Степь'}),
    ('pipelines', 'line', [(38.3, 34.5), (37.0, 35.0), (35.9, 34.9)], {'owner': 'nobody'}),
]
OTHER = {'earth': 'ground', 'water': 'wet', 'roads': 'ways', 'landuse': 'green', 'boundaries': 'limits',
         'places': 'spots'}

# --- protocol buffers ------------------------------------------------------------------------


def varint(number):
    out = b''
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def zigzag(number):
    return number << 1 if number >= 0 else (-number << 1) - 1


# --- geometry --------------------------------------------------------------------------------

def in_tile(lng, lat, z, x, y):
    scale = 2 ** z
    mx = (lng / 360 + 0.5) * scale - x
    my = (0.5 - math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) / (2 * math.pi)) * scale - y
    return mx * EXTENT, my * EXTENT


def cut(points, axis, limit, sign, is_ring):
    """The parts of a line, or the one ring, on one side of a limit."""
    parts, part = [], []
    for a, b in zip((points[-1:] if is_ring else [None]) + points, points):
        inside = (b[axis] - limit) * sign >= 0
        if a is not None and ((a[axis] - limit) * sign >= 0) != inside:
            t = (limit - a[axis]) / (b[axis] - a[axis])
            part.append((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))
            if not inside and not is_ring:
                parts, part = parts + [part], []
        if inside:
            part.append(b)
    return parts + [part]


def clipped(points, is_ring):
    parts = [points]
    for axis in (0, 1):
        for limit, sign in ((-BUFFER, 1), (EXTENT + BUFFER, -1)):
            parts = [one for part in parts if part for one in cut(part, axis, limit, sign, is_ring)]
    return [part for part in parts if len(part) >= (3 if is_ring else 2)]


def commands(points, is_ring, cursor):
    """Moves and lines of one part, and where they end."""
    whole = [(round(x), round(y)) for x, y in points]
    whole = [p for i, p in enumerate(whole) if i == 0 or p != whole[i - 1]]
    if is_ring:
        area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(whole, whole[1:] + whole[:1]))
        if area < 0:  # an outer ring has a positive area, y pointing down
            whole.reverse()
        if area == 0 or len(whole) < 3:
            return b'', cursor
    out = b''
    for i, (x, y) in enumerate(whole):
        if i == 0:
            out += varint(1 | 1 << 3)
        elif i == 1:
            out += varint(2 | len(whole) - 1 << 3)
        out += varint(zigzag(x - cursor[0])) + varint(zigzag(y - cursor[1]))
        cursor = (x, y)
    return out + (varint(7 | 1 << 3) if is_ring else b''), cursor


def geometry_of(kind, points, tile):
    here = [in_tile(lng, lat, *tile) for lng, lat in points]
    if kind == 'point':
        inside = 0 <= here[0][0] < EXTENT and 0 <= here[0][1] < EXTENT
        return commands(here, False, (0, 0))[0] if inside else b''
    out, cursor = b'', (0, 0)
    for part in clipped(here, kind == 'area'):
        more, cursor = commands(part, kind == 'area', cursor)
        out += more
    return out


# --- tiles --------------------------------------------------------------------------------------

def value_of(value):
    if isinstance(value, bool):
        return field(7, int(value))
    return field(5, value) if isinstance(value, int) else field(1, value)


def layer_of(name, features, tile):
    keys, values, made = [], [], b''
    for kind, points, properties in features:
        geometry = geometry_of(kind, points, tile)
        if not geometry:
            continue
        tags = b''
        for key, value in properties.items():
            for item, items in ((key, keys), (value_of(value), values)):
                if item not in items:
                    items.append(item)
                tags += varint(items.index(item))
        number = {'point': 1, 'line': 2, 'area': 3}[kind]
        made += field(2, field(2, tags) + field(3, number) + field(4, geometry))
    if not made:
        return b''
    rest = b''.join(field(3, key) for key in keys) + b''.join(field(4, value) for value in values)
    return field(3, field(15, 2) + field(1, name) + made + rest + field(5, EXTENT))


def layers(names):
    found = {}
    for name, *feature in FEATURES:
        found.setdefault(names.get(name, name), []).append(feature)
    return found


def vector_tile(tile, found):
    made = b''.join(layer_of(name, features, tile) for name, features in found.items())
    return gzip.compress(made, mtime=0) if made else b''


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def raster_tile(tile):
    """A flat colour with a frame, another for each tile."""
    size, colour = 256, bytes([180, 90 + 40 * (tile[1] % 2), 60 + 60 * (tile[2] % 2)])
    rows = b''.join(
        b'\0' + (bytes([40, 40, 40]) * size if y in (0, size - 1)
                 else bytes([40, 40, 40]) + colour * (size - 2) + bytes([40, 40, 40]))
        for y in range(size))
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', size, size, 8, 2, 0, 0, 0)) +
            chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))


# --- the archive -----------------------------------------------------------------------------------

def tile_id(z, x, y):
    """The place on the Hilbert curves, one after the other from zoom 0."""
    at, n = (4 ** z - 1) // 3, 1 << z
    step = n >> 1
    while step:
        rx, ry = int(x & step > 0), int(y & step > 0)
        at += step * step * ((3 * rx) ^ ry)
        if not ry:
            if rx:
                x, y = n - 1 - x, n - 1 - y
            x, y = y, x
        step >>= 1
    return at


def directory(entries):
    """entries: (tile id, offset, length, run length)."""
    out = varint(len(entries))
    last = 0
    for one in entries:
        out += varint(one[0] - last)
        last = one[0]
    out += b''.join(varint(one[3]) for one in entries) + b''.join(varint(one[2]) for one in entries)
    for i, one in enumerate(entries):
        follows = i > 0 and one[1] == entries[i - 1][1] + entries[i - 1][2]
        out += varint(0 if follows else one[1] + 1)
    return gzip.compress(out, mtime=0)


def tiles_in_bounds():
    west, south, east, north = BOUNDS
    for z in range(MAX_ZOOM + 1):
        x0, y0 = in_tile(west, north, z, 0, 0)
        x1, y1 = in_tile(east, south, z, 0, 0)
        for x in range(int(x0 // EXTENT), int(x1 // EXTENT) + 1):
            for y in range(int(y0 // EXTENT), int(y1 // EXTENT) + 1):
                yield z, x, y


def archive(is_raster=False, names=None):
    """The bytes of a whole archive."""
    found = layers(names or {})
    data, entries, leaves, root = b'', [], b'', []
    for tile in sorted(tiles_in_bounds(), key=lambda one: tile_id(*one)):
        made = raster_tile(tile) if is_raster else vector_tile(tile, found)
        if made:
            entries.append((tile_id(*tile), len(data), len(made), 1))
            data += made
    for i in range(0, len(entries), LEAF_ENTRIES):
        leaf = directory(entries[i:i + LEAF_ENTRIES])
        root.append((entries[i][0], len(leaves), len(leaf), 0))
        leaves += leaf
    root = directory(root)
    about = {'name': 'made for tests', 'attribution': ATTRIBUTION, 'type': 'baselayer'}
    if not is_raster:
        about['vector_layers'] = [{'id': name, 'fields': {}} for name in found]
    metadata = gzip.compress(json.dumps(about).encode(), mtime=0)
    at, sections = 127, []
    for section in (root, metadata, leaves, data):
        sections += [at, len(section)]
        at += len(section)
    degrees = [round(one * 1e7) for one in BOUNDS]
    header = (b'PMTiles\x03' + struct.pack('<8Q', *sections) + struct.pack('<3Q', *[len(entries)] * 3) +
              bytes([1, 2, 1 if is_raster else 2, PNG if is_raster else MVT, 0, MAX_ZOOM]) +
              struct.pack('<4i', *degrees) + bytes([5]) +
              struct.pack('<2i', (degrees[0] + degrees[2]) // 2, (degrees[1] + degrees[3]) // 2))
    assert len(header) == 127
    return header + root + metadata + leaves + data


if __name__ == '__main__':
    if len(sys.argv) < 2 or sys.argv[1].startswith('-'):
        sys.exit(__doc__)
    with open(sys.argv[1], 'wb') as file:
        file.write(archive('--raster' in sys.argv, OTHER if '--other-schema' in sys.argv else None))
