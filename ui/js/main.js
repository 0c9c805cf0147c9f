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
const over = h('div', { id: 'over', hidden: true });
document.body.append(over);

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

/** The page stays beneath, with all that was written on it. */
function logInAgain() {
  live.stop();
  app.inert = true;
  over.hidden = false;
  const name = who()?.name;
  showLogin(over, {
    again: true,
    done: async () => {
      over.hidden = true;
      over.replaceChildren();
      app.inert = false;
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
