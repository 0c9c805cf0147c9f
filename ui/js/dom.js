/**
 * dom.js - elements as expressions, and a small morph that keeps focus, input and scroll where they
 * are when a view is drawn again.
 */

const SVG = 'http://www.w3.org/2000/svg';
const SVG_TAGS = new Set([
  'svg',
  'path',
  'g',
  'line',
  'rect',
  'circle',
  'text',
  'title',
  'defs',
  'pattern',
  'polyline',
]);

/** @typedef {Node|string|number|null|undefined|false|Array<any>} Kid */

/**
 * An element. Attributes by name; `on…` are listeners; `class` may be a list; true means present,
 * false and null absent; `style` is an object (never an attribute: the page's policy forbids it).
 * @param {string} tag @param {Record<string, any>|null} [attributes] @param {...Kid} kids
 * @returns {any}
 */
export function h(tag, attributes, ...kids) {
  const isSvg = (SVG_TAGS.has(tag) && tag !== 'title') || attributes?.svg;
  const element = isSvg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) set(element, name, value);
  add(element, kids);
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false || name === 'svg') return;
  if (name.startsWith('on')) listen(element, name.slice(2).toLowerCase(), value);
  else if (name === 'class') {
    const words = Array.isArray(value) ? value.filter(Boolean).join(' ') : value;
    if (words) element.setAttribute('class', words);
  } else if (name === 'style') Object.assign(element.style, value);
  else if (name === 'value') {
    element.value = value;
    if (element.value !== value) element.$late = value;
  } else if (name === 'checked' || name === 'indeterminate') element[name] = Boolean(value);
  else element.setAttribute(name, value === true ? '' : String(value));
}

function add(element, kids) {
  for (const kid of kids) {
    if (kid === null || kid === undefined || kid === false || kid === '') continue;
    if (Array.isArray(kid)) add(element, kid);
    else element.append(kid instanceof Node ? kid : String(kid));
  }
  if (element.$late !== undefined) {
    // a select gets its value when its options are there
    element.value = element.$late;
    delete element.$late;
  }
}

/** Listeners go through a table of the element's own, which a morph can replace. */
function listen(element, type, handler) {
  element.$on ??= {};
  if (!(type in element.$on)) element.addEventListener(type, dispatch);
  element.$on[type] = handler;
}

function dispatch(event) {
  return this.$on[event.type]?.call(this, event);
}

/**
 * Makes the children of `element` be like `kids`, changing what differs. Elements with the same
 * data-key are the same; an element with data-keep is left alone once it is there.
 * @param {Element} element @param {...Kid} kids
 */
export function draw(element, ...kids) {
  const wanted = document.createElement('div');
  add(wanted, kids);
  morphChildren(element, wanted);
}

function keyOf(node) {
  return node.nodeType === 1 ? node.getAttribute('data-key') : null;
}

function same(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
}

function morphChildren(old, wanted) {
  const keyed = new Map();
  for (const child of old.childNodes) if (keyOf(child)) keyed.set(keyOf(child), child);
  let at = old.firstChild;
  for (const next of [...wanted.childNodes]) {
    const key = keyOf(next);
    const known = key ? keyed.get(key) : null;
    if (known && same(known, next)) {
      if (known !== at) old.insertBefore(known, at);
      else at = at.nextSibling;
      morph(known, next);
    } else if (at && !keyOf(at) && same(at, next)) {
      const here = at;
      at = at.nextSibling;
      morph(here, next);
    } else old.insertBefore(next, at);
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

function morph(old, next) {
  if (old.nodeType !== 1) {
    if (old.data !== next.data) old.data = next.data;
    return;
  }
  if (old.hasAttribute('data-keep') && old.getAttribute('data-keep') === next.getAttribute('data-keep'))
    return;
  for (const { name } of [...old.attributes])
    if (!next.hasAttribute(name) && name !== 'style' && name !== 'open') old.removeAttribute(name);
  for (const { name, value } of next.attributes) // a style attribute is forbidden by the page's policy
    if (name !== 'style' && old.getAttribute(name) !== value) old.setAttribute(name, value);
  if (next.getAttribute('style') !== old.getAttribute('style')) old.style.cssText = next.style.cssText;
  for (const type of Object.keys(next.$on ?? {})) listen(old, type, next.$on[type]);
  for (const type of Object.keys(old.$on ?? {})) if (!next.$on?.[type]) old.$on[type] = undefined;
  if (old.nodeName !== 'TEXTAREA') morphChildren(old, next);
  if ('value' in old && old.nodeName !== 'LI' && old.nodeName !== 'BUTTON' && old.value !== next.value)
    old.value = next.value;
  if ('checked' in old && old.checked !== next.checked) old.checked = next.checked;
}

/** @param {string} selector @param {ParentNode} [root] @returns {any} */
export const $ = (selector, root = document) => root.querySelector(selector);
