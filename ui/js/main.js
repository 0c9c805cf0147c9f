/**
 * main.js - starts the screen: language, session, the frame around the pages.
 */
import { onSessionEnd, resume, who } from './api.js';
import { h } from './dom.js';
import { load, preferred } from './i18n.js';
import { listen } from './keys.js';
import * as live from './live.js';
import { showLogin } from './pages/login.js';
import { showShell, leaveShell } from './shell.js';
import { arm } from './sound.js';
import { startTheme } from './menus.js';

const app = document.getElementById('app');

async function enter() {
  await live.start();
  showShell(app, { leave });
}

function leave() {
  live.stop();
  leaveShell();
  app.replaceChildren();
  showLogin(app, { again: false, done: enter });
}

/** The page stays beneath, with all that was written on it, and a dialog that is open. */
function logInAgain() {
  live.stop();
  if (document.getElementById('over')) return;
  // Modal, so that it stands above that dialog, too.
  const over = h('dialog', {
    id: 'over',
    onKeydown: (event) => event.key === 'Escape' && event.preventDefault(), // a second one would close both
    onCancel: (event) => event.preventDefault(),
  });
  document.body.append(over);
  over.showModal();
  const name = who()?.name;
  showLogin(over, {
    again: true,
    done: async () => {
      over.remove();
      await live.start();
      if (name !== undefined && who()?.name !== name) showShell(app, { leave });
    },
  });
}

async function begin() {
  startTheme();
  await load(preferred());
  listen();
  for (const type of ['keydown', 'pointerdown']) document.addEventListener(type, arm, { once: true });
  onSessionEnd(logInAgain);
  for (;;) {
    try {
      if (await resume()) await enter();
      else showLogin(app, { again: false, done: enter });
      return;
    } catch (error) {
      showUnreachable(error);
      await new Promise((resolve) => setTimeout(resolve, 3000));
    }
  }
}

function showUnreachable(error) {
  import('./api.js').then(({ explain }) =>
    app.replaceChildren(
      h(
        'main',
        { class: 'login', id: 'main' },
        h('div', { class: 'card', role: 'status' }, h('h1', null, 'Tafadi'), h('p', null, explain(error))),
      ),
    ),
  );
}

begin();
