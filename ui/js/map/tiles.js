/**
 * tiles.js - the detailed base map: a PMTiles archive that lies at the node, drawn beneath the things of a
 * map in place of Natural Earth's lines, where it reaches. Loaded only if the node has one. If it cannot be
 * read, the map says so and Natural Earth is back, until the node is there again or somebody asks.
 */
import { call } from '../api.js';
import { toast } from '../dialog.js';
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { onChange, state } from '../live.js';
import { mercatorX, mercatorY } from './mercator.js';
import { MOST_ZOOM, SOURCE, tileLayers } from './tilestyle.js';

const LIB = '/ui/lib/pmtiles-4.5.0/dist/pmtiles.js';
const PATH = '/api/v1/map/tiles';
const SCHEME = 'map-tiles';
const MVT = 1;

/** The package is a script of the old kind: as a module it would name another package by its bare name. */
const loadLibrary = () =>
  new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement('script'), { src: LIB });
    script.onload = () => resolve(globalThis.pmtiles);
    script.onerror = () => reject(new Error(LIB));
    document.head.append(script);
  });

/* --- the archive at the node ---------------------------------------------------------------------- */

/** Parts of the file; the node sends at most so much at a time, and says what it has sent. */
class NodeSource {
  constructor(lib) {
    this.lib = lib;
  }

  getKey() {
    return PATH;
  }

  async getBytes(offset, length, signal, etag) {
    const bytes = new Uint8Array(length);
    let [have, tag] = [0, etag];
    while (have < length) {
      const part = await this.part(offset + have, offset + length - 1, signal);
      if (tag && part.etag !== tag) throw new this.lib.EtagMismatch('the file is another by now');
      tag = part.etag;
      bytes.set(part.bytes.subarray(0, length - have), have);
      have += part.bytes.length;
      if (part.isLast) break;
    }
    return { data: bytes.buffer.slice(0, Math.min(have, length)), etag: tag };
  }

  async part(first, last, signal) {
    const headers = { Range: `bytes=${first}-${last}` };
    const response = await call('GET', PATH, undefined, { full: true, headers, signal });
    const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
    if (response.status !== 206 || Number(range?.[1]) !== first) throw new Error('another part was sent');
    return {
      bytes: new Uint8Array(await response.arrayBuffer()),
      etag: response.headers.get('etag') ?? undefined,
      isLast: Number(range[2]) + 1 >= Number(range[3]),
    };
  }
}

/** @typedef {{file: any, header: any, isVector: boolean, layers: string[], attribution: string}} Archive */
/** The same for all maps of this page. @type {Promise<Archive>|null} */ let opening = null;
/** @type {any} */ let file = null;
/** @type {Set<(error: any) => void>} */ const listeners = new Set();

/** What others wrote is shown as text, never as markup: no element is ever made of it. */
function plain(markup) {
  const area = document.createElement('textarea');
  area.innerHTML = String(markup ?? '').replace(/<[^>]*>/g, ''); // it knows entities, but no elements
  return area.value.trim();
}

async function openArchive() {
  const lib = globalThis.pmtiles ?? (await loadLibrary());
  file = new lib.PMTiles(new NodeSource(lib));
  const header = await file.getHeader();
  const about = (await file.getMetadata()) ?? {};
  const list = Array.isArray(about.vector_layers) ? about.vector_layers : [];
  return {
    file,
    header,
    isVector: header.tileType === MVT,
    layers: list.map((one) => String(one.id)),
    attribution: plain(about.attribution),
  };
}

/** Called by the map library for each tile. A tile that fails is empty: what failed is said once. */
async function answerTile({ url }, { signal }) {
  const [z, x, y] = url.split('/').slice(-3).map(Number);
  try {
    const found = await file.getZxy(z, x, y, signal);
    return { data: found ? found.data : null };
  } catch (error) {
    if (error?.name === 'AbortError') throw error;
    for (const listener of listeners) listener(error);
    return { data: null };
  }
}

/* --- on a map ---------------------------------------------------------------------------------------- */

/**
 * Where the coarse map's lines are not needed, in Mercator units, and from which zoom on: where there are
 * tiles, if they have borders of their own, or are images, which would not fit them.
 * @param {Archive} archive
 */
function coverOf({ header, isVector, layers }) {
  const { minLon, minLat, maxLon, maxLat, minZoom } = header;
  if (isVector && !layers.includes('boundaries')) return null;
  if (minLon >= maxLon || minLat >= maxLat) return { box: [0, 0, 1, 1], zoom: minZoom };
  return {
    box: [mercatorX(minLon), mercatorY(maxLat), mercatorX(maxLon), mercatorY(minLat)],
    zoom: minZoom,
  };
}

/**
 * The tiles of one map.
 *   draw()    again after each change of style or language
 *   leave()
 * @param {{map: any, lib: any, things: any, element: HTMLElement}} of
 */
export function tilesOf({ map, lib, things, element }) {
  const note = h('p', { class: 'tiles-note', dir: 'auto', hidden: true });
  /** @type {Archive|null} */ let archive = null;
  let [failed, gone] = [false, false];
  element.append(note);
  lib.addProtocol(SCHEME, answerTile);

  function say(className, ...parts) {
    note.className = `tiles-note ${className}`;
    note.replaceChildren(...parts);
    note.hidden = parts.every((part) => part === '');
  }

  function remove() {
    if (!map.getSource(SOURCE)) return;
    for (const { id, source } of map.getStyle().layers) if (source === SOURCE) map.removeLayer(id);
    map.removeSource(SOURCE);
  }

  function draw() {
    if (failed) sayFailed();
    if (!archive || !map.getLayer('things')) return;
    remove();
    const { header, isVector } = archive;
    map.addSource(SOURCE, {
      type: isVector ? 'vector' : 'raster',
      tiles: [`${SCHEME}://{z}/{x}/{y}`],
      minzoom: header.minZoom,
      maxzoom: Math.min(header.maxZoom, MOST_ZOOM),
      ...(isVector ? {} : { tileSize: 256 }),
      ...(header.minLon < header.maxLon && header.minLat < header.maxLat
        ? { bounds: [header.minLon, header.minLat, header.maxLon, header.maxLat] }
        : {}),
    });
    for (const layer of tileLayers(archive)) map.addLayer(layer, 'things');
    things.cover(coverOf(archive));
    say('', archive.attribution);
  }

  async function open() {
    opening ??= openArchive();
    const mine = opening;
    try {
      const opened = await mine;
      if (gone) return;
      archive = opened;
      draw();
    } catch (error) {
      if (opening === mine) opening = null;
      fail(error);
    }
  }

  const sayFailed = () =>
    say(
      'failed',
      h('span', null, t('map.tiles.failed')),
      h('button', { type: 'button', onClick: again }, t('map.tiles.again')),
    );

  function fail(error) {
    if (gone || failed) return;
    console.warn(error);
    failed = true;
    archive = null;
    opening = null;
    remove();
    things.cover(null);
    sayFailed();
    toast(t('map.tiles.failed'), 'bad');
  }

  function again() {
    failed = false;
    say('');
    open();
  }

  const onFault = (event) => {
    if (event.sourceId === SOURCE) fail(event.error);
    else console.error(event.error);
  };
  listeners.add(fail);
  map.on('error', onFault);
  const stopListening = onChange((what) => {
    if (what === 'link' && state.connected && failed) again();
  });
  open();

  return {
    draw,
    leave() {
      gone = true;
      listeners.delete(fail);
      stopListening();
      map.off('error', onFault);
      note.remove();
    },
  };
}
