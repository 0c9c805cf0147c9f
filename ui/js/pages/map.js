/**
 * map.js - what is planned, declared and protected, where and when: a map, the time below it, a list beside
 * it with conflicts first. The view is in the address.
 */
import { hasRole, post } from '../api.js';
import { refused, toast, ask, field } from '../dialog.js';
import { $, draw, h } from '../dom.js';
import { ago, code, number, span, timeOf, utcText } from '../format.js';
import { WAYS, bearing, coordinateWay, distance, position, readPosition, setCoordinateWay } from '../geo.js';
import { has, t } from '../i18n.js';
import { now, state } from '../live.js';
import { linkTo, setQuery } from '../shell.js';
import { casesWith } from '../cases.js';
import { THING_LAYERS, openMap } from '../map/base.js';
import { boundsOf, featuresOf, keyOfOther, picture, refresh, noteVerdict } from '../map/picture.js';
import { STEP_S, drawBars, profile } from '../map/timeline.js';
import { SAMPLES } from '../samples.js';
import { conflictItem } from '../verdict.js';

const HOUR = 3600e3;
const CLASSES = ['operation', 'declaration', 'zone', 'site'];
const KINDS = ['crewed', 'rotorcraft', 'uncrewed', 'ground', 'sea', 'hazard', 'balloon', 'other'];
const STATES = ['draft', 'submitted', 'accepted', 'activated', 'nonconforming', 'contingent'];
const WINDOWS = [0, 3600, 6 * 3600, 24 * 3600];
const LISTED = 150;
const PLAY_MS = 250;

export const kindName = (one) =>
  has(`kind.${one.kind}`)
    ? t(`kind.${one.kind}`)
    : has(`category.${one.kind}`)
      ? t(`category.${one.kind}`)
      : has(`restriction.${one.kind}`)
        ? t(`restriction.${one.kind}`)
        : one.kind;

export function show(root, where) {
  const view = {
    at: Number(where.query.get('t')) * 1000 || 0, // 0: now
    window: Number(where.query.get('w') ?? 6 * 3600),
    hidden: new Set((where.query.get('hide') ?? '').split(',').filter(Boolean)),
    party: where.query.get('party') ?? '',
    chosen: where.query.get('sel') ?? '',
    search: '',
    centre: (where.query.get('c') ?? '').split(',').map(Number),
  };
  let opened = null;
  let hits = [];
  let pointer = null;
  let measuring = null;
  let playing = 0;
  let following = !view.at;
  let gone = false;
  let filters = new Map();

  const at = () => view.at || now();
  const span_ = () => {
    const base = Math.floor(now() / HOUR) * HOUR;
    return [base - 6 * HOUR, base + 30 * HOUR];
  };
  const all = () => [...picture.entities.values()];
  const wanted = (one) =>
    !view.hidden.has(one.cls) &&
    !view.hidden.has(`k-${one.kind}`) &&
    !view.hidden.has(`s-${one.state}`) &&
    (!view.party || one.party === view.party);
  const inTime = (one) => one.start <= at() + view.window * 1000 && one.end > at();

  function remember() {
    const query = new URLSearchParams();
    if (!following) query.set('t', String(Math.round(at() / 1000)));
    if (view.window !== 6 * 3600) query.set('w', String(view.window));
    if (view.hidden.size) query.set('hide', [...view.hidden].join(','));
    if (view.party) query.set('party', view.party);
    if (view.chosen) query.set('sel', view.chosen);
    if (opened) {
      const { lng, lat } = opened.map.getCenter();
      query.set('c', [lat.toFixed(4), lng.toFixed(4), opened.map.getZoom().toFixed(2)].join(','));
    }
    setQuery(query);
  }

  /* --- the map ------------------------------------------------------------------------- */

  function filterNow() {
    const s = Math.floor(at() / 1000);
    const not = (name, prefix) => [
      '!',
      [
        'in',
        ['get', name],
        [
          'literal',
          [...view.hidden].filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length)),
        ],
      ],
    ];
    return [
      'all',
      ['<=', ['get', 's'], s + view.window],
      ['>', ['get', 'e'], s],
      not('cls', ''),
      not('kind', 'k-'),
      not('st', 's-'),
      ...(view.party ? [['==', ['get', 'party'], view.party]] : []),
    ];
  }

  function applyFilter() {
    if (!opened?.map.getLayer('areas')) return;
    const wantedNow = filterNow();
    for (const id of THING_LAYERS) {
      if (!filters.has(id)) filters.set(id, opened.map.getFilter(id) ?? null);
      const own = filters.get(id);
      opened.map.setFilter(id, own ? ['all', own, wantedNow] : wantedNow);
    }
    opened.map.setFilter('chosen', ['==', ['get', 'key'], view.chosen]);
    for (const id of ['spots', 'site-names'])
      opened.map.setLayoutProperty(id, 'visibility', view.hidden.has('site') ? 'none' : 'visible');
  }

  function applyData() {
    if (!opened?.map.getSource('things')) return;
    const features = all().flatMap((one) => featuresOf(one));
    opened.map.getSource('things').setData({ type: 'FeatureCollection', features });
    opened.map.getSource('spots').setData({
      type: 'FeatureCollection',
      features: all()
        .filter((one) => one.cls === 'site' && one.record.place)
        .map((one) => ({
          type: 'Feature',
          properties: { key: one.key, name: one.name },
          geometry: { type: 'Point', coordinates: [one.record.place.lng, one.record.place.lat] },
        })),
    });
  }

  function applyMeasure() {
    const points = measuring ?? [];
    opened?.map.getSource('measure')?.setData({
      type: 'FeatureCollection',
      features: [
        ...points.map((p) => ({
          type: 'Feature',
          properties: {},
          geometry: { type: 'Point', coordinates: [p.lng, p.lat] },
        })),
        ...(points.length > 1
          ? [
              {
                type: 'Feature',
                properties: {},
                geometry: { type: 'LineString', coordinates: points.map((p) => [p.lng, p.lat]) },
              },
            ]
          : []),
      ],
    });
  }

  function fit(entities, most = 10) {
    const box = boundsOf(entities);
    if (box && opened) opened.map.fitBounds(box, { padding: 40, maxZoom: most, animate: false });
  }

  async function begin(element) {
    const [lat, lng, zoom] = view.centre;
    const hasView = view.centre.length === 3 && view.centre.every(Number.isFinite);
    opened = await openMap(element, {
      centre: hasView ? [lng, lat] : [37, 35],
      zoom: hasView ? zoom : 5,
      label: t('map.label'),
      ready: () => {
        filters = new Map();
        applyData();
        applyFilter();
        applyMeasure();
        if (!hasView && picture.entities.size) fit(all());
        element.dataset.ready = 'yes';
      },
    });
    if (gone) {
      opened.leave();
      return;
    }
    const { map } = opened;
    map.on('moveend', remember);
    map.on('mousemove', ({ lngLat }) => {
      pointer = lngLat;
      $('#map-pointer', root)?.replaceChildren(pointerText());
    });
    map.on('mouseout', () => {
      pointer = null;
    });
    map.on('click', onClick);
  }

  function onClick({ point, lngLat }) {
    if (measuring) {
      measuring = [...measuring, lngLat];
      applyMeasure();
      update();
      return;
    }
    const found = opened.map.queryRenderedFeatures(
      [
        [point.x - 4, point.y - 4],
        [point.x + 4, point.y + 4],
      ],
      { layers: ['areas', 'corridors', 'edges', 'axes', 'spots'] },
    );
    const keys = [...new Set(found.map((one) => one.properties.key))];
    const before = keys.indexOf(view.chosen); // again: the next of those that lie there
    choose(keys.length ? keys[(before + 1) % keys.length] : '');
  }

  async function choose(key, zoom = false) {
    view.chosen = key;
    const one = picture.entities.get(key);
    if (zoom && one) fit([one, ...others(key)]);
    applyFilter();
    remember();
    update();
    if (
      one?.cls === 'operation' &&
      one.own &&
      hasRole('planner', 'duty-officer', 'head-of-cell') &&
      !picture.conflicts.has(key)
    ) {
      try {
        noteVerdict(key, await post('/api/v1/check', { id: one.id }));
        applyData();
        update();
      } catch {
        /* the list says what was checked */
      }
    }
  }

  const others = (key) =>
    (picture.conflicts.get(key) ?? [])
      .map((conflict) => picture.entities.get(keyOfOther(conflict.other)))
      .filter(Boolean);

  /* --- what stands around it -------------------------------------------------------------- */

  const pointerText = () => {
    const place = pointer ?? opened?.map.getCenter();
    return place ? position(place.lat, ((place.lng + 540) % 360) - 180) : '';
  };

  function measured() {
    if (!measuring) return '';
    let sum = 0;
    for (let i = 1; i < measuring.length; i++) sum += distance(measuring[i - 1], measuring[i]);
    const last = measuring.length > 1 ? bearing(measuring.at(-2), measuring.at(-1)) : 0;
    return measuring.length < 2
      ? t('map.measure.how')
      : t('map.measured', {
          km: number(sum / 1000, 2),
          nm: number(sum / 1852, 2),
          degrees: Math.round(last),
        });
  }

  async function goTo() {
    await ask({
      title: t('map.goto'),
      act: t('map.goto.do'),
      body: field(
        t('seen.position'),
        h('input', { name: 'at', dir: 'ltr', required: true, autocomplete: 'off' }),
        t('input.position.ways', SAMPLES),
      ),
      submit: (form) => {
        const place = readPosition(form.get('at'));
        if (!place) throw new Error(t('input.position.wrong', SAMPLES));
        opened?.map.jumpTo({ center: [place.lng, place.lat], zoom: Math.max(opened.map.getZoom(), 9) });
      },
    });
  }

  function bar() {
    return h(
      'div',
      { class: 'map-bar' },
      h(
        'button',
        {
          type: 'button',
          'aria-pressed': String(Boolean(measuring)),
          onClick: () => {
            measuring = measuring ? null : [];
            applyMeasure();
            update();
          },
        },
        t('map.measure'),
      ),
      h('button', { type: 'button', onClick: goTo }, t('map.goto')),
      h('button', { type: 'button', onClick: () => fit(all().filter(wanted)) }, t('map.all')),
      h(
        'button',
        {
          type: 'button',
          onClick: () => {
            opened?.map.redraw();
            print();
          },
        },
        t('map.print'),
      ),
      h('span', { class: 'quiet', role: 'status' }, measured()),
      h('span', { class: 'grow' }),
      h(
        'label',
        { class: 'check' },
        h('span', { class: 'unseen' }, t('map.coordinates')),
        h(
          'select',
          {
            value: coordinateWay(),
            onChange: (event) => {
              setCoordinateWay(event.target.value);
              update();
            },
          },
          WAYS.map((way) => h('option', { value: way }, t(`map.way.${way}`))),
        ),
      ),
      h('bdi', { id: 'map-pointer', dir: 'ltr', class: 'code' }, pointerText()),
    );
  }

  function filterPart() {
    const box = (name, text) =>
      h(
        'label',
        { class: 'check' },
        h('input', {
          type: 'checkbox',
          checked: !view.hidden.has(name),
          onChange: (event) => {
            if (event.target.checked) view.hidden.delete(name);
            else view.hidden.add(name);
            applyFilter();
            remember();
            update();
          },
        }),
        ' ',
        text,
      );
    const parties = [...new Set(all().map((one) => one.party))].sort();
    return h(
      'details',
      { class: 'filters', 'data-key': 'filters' },
      h(
        'summary',
        null,
        t('map.filters'),
        view.hidden.size || view.party
          ? h('span', { class: 'count' }, view.hidden.size + (view.party ? 1 : 0))
          : '',
      ),
      h(
        'fieldset',
        null,
        h('legend', null, t('map.classes')),
        CLASSES.map((cls) =>
          box(cls, [h('span', { class: ['swatch', cls], 'aria-hidden': 'true' }), ' ', t(`class.${cls}`)]),
        ),
      ),
      h(
        'fieldset',
        null,
        h('legend', null, t('map.kinds')),
        KINDS.map((kind) => box(`k-${kind}`, t(`kind.${kind}`))),
      ),
      h(
        'fieldset',
        null,
        h('legend', null, t('map.states')),
        STATES.map((name) => box(`s-${name}`, t(`state.${name}`))),
      ),
      field(
        t('map.party'),
        h(
          'select',
          {
            value: view.party,
            onChange: (event) => {
              view.party = event.target.value;
              applyFilter();
              remember();
              update();
            },
          },
          h('option', { value: '' }, t('map.party.all')),
          parties.map((party) => h('option', { value: party }, party)),
        ),
      ),
    );
  }

  function row(one) {
    const conflict = picture.inConflict.has(one.key);
    return h(
      'li',
      { 'data-key': one.key },
      h(
        'button',
        {
          type: 'button',
          class: ['thing', conflict && 'conflict'],
          'aria-pressed': String(one.key === view.chosen),
          onClick: () => choose(one.key, true),
        },
        h('span', { class: ['swatch', one.cls], 'aria-hidden': 'true' }),
        h(
          'span',
          { class: 'grow' },
          h('bdi', null, one.name),
          conflict && h('span', { class: 'badge bad' }, '▲ ', t('map.conflict')),
          one.old && h('span', { class: 'badge warn' }, t('map.old')),
          h(
            'span',
            { class: 'quiet' },
            kindName(one),
            one.cls === 'operation' && [' · ', t(`state.${one.state}`)],
            Number.isFinite(one.start) && [
              ' · ',
              h(
                'bdi',
                { dir: 'ltr' },
                `${utcText(new Date(one.start), new Date(), false)}–${utcText(new Date(one.end), new Date(), false)}`,
              ),
            ],
          ),
        ),
      ),
    );
  }

  function listPart() {
    const words = view.search.toLowerCase();
    const list = all().filter(
      (one) =>
        wanted(one) &&
        (words ? `${one.name} ${one.id} ${one.party}`.toLowerCase().includes(words) : inTime(one)),
    );
    list.sort(
      (a, b) =>
        Number(picture.inConflict.has(b.key)) - Number(picture.inConflict.has(a.key)) ||
        a.start - b.start ||
        a.name.localeCompare(b.name),
    );
    return [
      h(
        'div',
        { class: 'head' },
        h('h1', null, t('page.map')),
        h('span', { class: 'count' }, number(list.length)),
      ),
      h('input', {
        type: 'search',
        id: 'map-search',
        'aria-label': t('map.search'),
        placeholder: t('map.search'),
        value: view.search,
        onInput: (event) => {
          view.search = event.target.value;
          update();
        },
      }),
      filterPart(),
      sourceNote(),
      list.length
        ? h('ul', { class: 'things', 'aria-label': t('map.list') }, list.slice(0, LISTED).map(row))
        : h('p', { class: 'empty' }, picture.loading && !picture.read ? t('loading') : t('map.none')),
      list.length > LISTED && h('p', { class: 'quiet' }, t('map.more', { n: list.length - LISTED })),
    ];
  }

  function sourceNote() {
    return [
      picture.failed && h('p', { class: 'problem', role: 'alert' }, refused(picture.failed)),
      h(
        'p',
        { class: 'quiet' },
        picture.read ? t('map.read', { age: ago(new Date(picture.read).toISOString()) }) : '',
        picture.toCheck > 0 && [' · ', t('map.checked', { n: picture.checked, all: picture.toCheck })],
        picture.toCheck < 0 && [' · ', t('map.not.checked')],
      ),
    ];
  }

  function detail() {
    const one = picture.entities.get(view.chosen);
    if (!one) return null;
    const conflicts = picture.conflicts.get(one.key);
    const mine = hasRole('planner', 'duty-officer', 'head-of-cell');
    return h(
      'section',
      { class: 'card detail', 'aria-label': t('map.chosen'), 'data-key': `d${one.key}` },
      h(
        'div',
        { class: 'head' },
        h('h2', null, h('bdi', null, one.name)),
        h('button', { type: 'button', class: 'plain', onClick: () => choose('') }, t('do.close')),
      ),
      h(
        'p',
        null,
        t(`class.${one.cls}`),
        ' · ',
        kindName(one),
        one.cls === 'operation' && [' · ', t(`state.${one.state}`)],
        ' · ',
        h('bdi', null, one.party),
      ),
      Number.isFinite(one.start)
        ? h(
            'p',
            null,
            timeOf(new Date(one.start).toISOString(), { seconds: false }),
            ' – ',
            Number.isFinite(one.end)
              ? timeOf(new Date(one.end).toISOString(), { seconds: false })
              : t('map.open.end'),
          )
        : h('p', null, t('map.always')),
      one.band && h('p', null, t('map.height'), ' ', code(one.band)),
      one.disclosure &&
        h(
          'p',
          { class: 'flag' },
          t(`disclosure.${one.disclosure}`),
          ' ',
          t('map.declared', { age: ago(one.record.at, now()) }),
        ),
      one.growth > 0 && h('p', { class: 'flag warn' }, t('map.grown', { metres: Math.round(one.growth) })),
      one.record.notice_breach_s > 0 &&
        h('p', { class: 'flag warn' }, t('map.breach', { span: span(one.record.notice_breach_s) })),
      one.cls === 'site' &&
        one.record.place &&
        h('p', null, code(position(one.record.place.lat, one.record.place.lng))),
      conflicts &&
        (conflicts.length
          ? [
              h('h3', null, t('plan.conflicts')),
              h(
                'ul',
                { class: 'list' },
                conflicts.map((conflict) =>
                  conflictItem(conflict, () => choose(keyOfOther(conflict.other), true)),
                ),
              ),
            ]
          : h('p', { class: 'flag good' }, '✓ ', t('map.clear'))),
      profile([one, ...others(one.key)], one.key),
      h(
        'div',
        { class: 'actions' },
        one.cls === 'operation' &&
          one.own &&
          mine &&
          h('a', { class: 'button', href: linkTo('plan', one.id) }, t('map.plan')),
        casesWith(one.key).map(({ id }) =>
          h('a', { class: 'button', href: linkTo('cases', id) }, t('case.open')),
        ),
        one.cls === 'declaration' &&
          h(
            'a',
            { class: 'button', href: `${linkTo('line', one.record.line)}?m=p${one.record.seq}` },
            t('map.message'),
          ),
        one.cls === 'site' &&
          state.serves.has('sites') &&
          h('a', { class: 'button', href: linkTo('sites', one.id) }, t('page.sites')),
      ),
    );
  }

  /** Many things take a while to be laid out again: not for each step of the slider. */
  let timeTimer = 0;
  function setTime(time, follow = false) {
    view.at = follow ? 0 : time;
    following = follow;
    if (!timeTimer)
      timeTimer = setTimeout(
        () => {
          timeTimer = 0;
          applyFilter();
          update();
        },
        picture.entities.size > 2000 ? 200 : 40,
      );
  }

  function play() {
    if (playing) {
      clearInterval(playing);
      playing = 0;
      remember();
    } else
      playing = setInterval(() => {
        const [from, until] = span_();
        setTime(at() + 300e3 > until ? from : at() + 300e3);
      }, PLAY_MS);
    update();
  }

  function timePart() {
    const [from, until] = span_();
    return h(
      'section',
      { class: 'time-part', 'aria-label': t('map.time'), 'data-key': 'time' },
      h(
        'div',
        { class: 'bar' },
        h(
          'button',
          { type: 'button', onClick: play, 'aria-pressed': String(Boolean(playing)) },
          playing ? ['‖ ', t('map.pause')] : ['▶ ', t('map.play')],
        ),
        h(
          'button',
          {
            type: 'button',
            onClick: () => {
              setTime(0, true);
              remember();
            },
            'aria-pressed': String(following),
          },
          t('map.now'),
        ),
        h('span', { class: 'time-shown' }, timeOf(new Date(at()).toISOString(), { seconds: false })),
        h(
          'label',
          { class: 'check' },
          t('map.window'),
          ' ',
          h(
            'select',
            {
              value: String(view.window),
              onChange: (event) => {
                view.window = Number(event.target.value);
                applyFilter();
                remember();
                update();
              },
            },
            WINDOWS.map((w) =>
              h(
                'option',
                { value: String(w) },
                w ? t('map.window.hours', { n: w / 3600 }) : t('map.window.moment'),
              ),
            ),
          ),
        ),
      ),
      h('input', {
        type: 'range',
        'aria-label': t('map.time'),
        min: String(from / 1000),
        max: String(until / 1000),
        step: String(STEP_S),
        value: String(Math.floor(at() / 1000)),
        'aria-valuetext': `${new Date(at()).toISOString().slice(0, 16)}Z`,
        onInput: (event) => setTime(Number(event.target.value) * 1000),
        onChange: remember,
      }),
      h(
        'div',
        { class: 'bars', 'data-keep': 'bars', tabindex: '0', role: 'region', 'aria-label': t('map.bars') },
        h('canvas', {
          'aria-hidden': 'true',
          onClick: (event) => {
            const hit = hits.find(
              ({ a, b, y }) =>
                event.offsetX >= a && event.offsetX <= b && event.offsetY >= y && event.offsetY < y + 15,
            );
            if (hit) choose(hit.key, true);
          },
        }),
      ),
    );
  }

  let drawn = '';
  function drawTime() {
    const canvas = $('.bars canvas', root);
    if (!canvas) return;
    const [from, until] = span_();
    const mark = [
      from,
      Math.floor(at() / 10000),
      view.chosen,
      picture.read,
      picture.checked,
      [...view.hidden].join(),
      view.party,
      canvas.parentElement.clientWidth,
      document.documentElement.dataset.theme,
      document.documentElement.lang,
    ].join('|');
    if (mark === drawn) return;
    drawn = mark;
    hits = drawBars(canvas, {
      entities: all().filter((one) => wanted(one) && Number.isFinite(one.start)),
      from,
      until,
      at: at(),
      chosen: view.chosen,
    });
  }

  function update() {
    if (gone) return;
    draw(
      root,
      h(
        'div',
        { class: 'map-page' },
        h('div', { class: 'map-list' }, listPart()),
        h(
          'div',
          { class: 'map-main' },
          bar(),
          h('div', { class: 'map-box', 'data-keep': 'map', dir: 'ltr' }),
          h('p', { class: 'map-note quiet' }, t('map.note')),
          timePart(),
        ),
        detail(),
      ),
    );
    drawTime();
    if (following && Math.floor(now() / 1000) % 10 === 0) applyFilter();
  }

  async function load() {
    await refresh(() => {
      applyData();
      update();
    });
    if (opened && picture.entities.size && !where.query.get('c') && !load.fitted) fit(all());
    load.fitted = true;
  }

  update();
  begin($('.map-box', root))
    .then(load)
    .catch((error) => {
      toast(t('map.failed'), 'bad');
      console.error(error);
      $('.map-box', root)?.replaceChildren(h('p', { class: 'empty' }, t('map.failed')));
      load();
    });
  const poll = setInterval(() => {
    if (!state.streaming) load();
  }, 15000);
  return {
    update,
    changed(what) {
      if (what === 'ops') load();
    },
    leave() {
      gone = true;
      clearInterval(poll);
      clearInterval(playing);
      opened?.leave();
    },
    keys: [
      { key: ' ', text: 'map.play', run: play },
      { key: 'n', text: 'map.now', run: () => setTime(0, true) },
      { key: '/', text: 'map.search', run: () => $('#map-search', root)?.focus() },
      { key: 'g', text: 'map.goto', run: goTo },
      { key: ',', text: 'map.earlier', run: () => setTime(at() - 600e3) },
      { key: '.', text: 'map.later', run: () => setTime(at() + 600e3) },
    ],
  };
}
