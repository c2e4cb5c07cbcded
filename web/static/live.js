// Keeps a page alive: takes patches from the server, moves the clocks, says
// when nothing is heard any more, and heals by itself. ES2015, no modules, so
// that a television of 2018 runs it.
(function () {
  'use strict';
  const body = document.body;
  const address = body.getAttribute('data-events');
  const silence = Number(body.getAttribute('data-silence'));
  const zone = body.getAttribute('data-zone');
  const veil = document.getElementById('veil');
  let offset = Number(body.getAttribute('data-now')) - Date.now();
  let source = null;
  let tried = 0; // when the last connection was begun
  let heard = 0; // when the server was last heard, on a clock that nobody sets
  let heardAt = Date.now() + offset;

  function mono() { return performance.now(); }
  function two(n) { return n < 10 ? '0' + n : String(n); }

  // Must agree with age() of the server.
  function age(ms) {
    const s = Math.max(0, Math.floor(ms / 1000));
    if (s < 3600) return Math.floor(s / 60) + ':' + two(s % 60);
    if (s < 86400) return Math.floor(s / 3600) + 'h' + two(Math.floor(s / 60) % 60);
    return Math.floor(s / 86400) + 'd';
  }

  function clock(ms) {
    const options = { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false, timeZone: zone };
    try { return new Date(ms).toLocaleTimeString('en-GB', options); } catch (e) { return new Date(ms).toISOString().slice(11, 19) + ' UTC'; }
  }

  function write(el, text) { if (el && el.textContent !== text) el.textContent = text; }

  function connect() {
    tried = mono();
    if (source) source.close();
    source = new EventSource(address);
    source.addEventListener('heartbeat', hear);
    source.addEventListener('board', change);
    source.addEventListener('alarms', change);
    source.addEventListener('stops', change);
  }

  function hear(e) {
    const said = JSON.parse(e.data);
    heard = mono();
    heardAt = said.now;
    offset = said.now - Date.now();
    if (said.build && said.build !== body.getAttribute('data-build')) renew(said.build);
    return said;
  }

  function change(e) { patch(hear(e)); }

  // A page of an earlier server is loaded again, once, and not all screens at
  // the same moment.
  function renew(build) {
    let done = '';
    try { done = sessionStorage.getItem('andon-build'); sessionStorage.setItem('andon-build', build); } catch (e) { /* no storage */ }
    if (done !== build) setTimeout(function () { location.reload(); }, Math.random() * 5000);
  }

  function patch(p) {
    const list = document.getElementById(p.list);
    if (list) place(list, p);
    (p.parts || []).forEach(function (part) {
      const el = document.getElementById(part.id);
      if (el) el.innerHTML = part.html;
    });
    document.dispatchEvent(new CustomEvent('patched', { detail: p }));
    tick();
  }

  function place(list, p) {
    (p.items || []).forEach(function (item) {
      const box = document.createElement(list.tagName);
      box.innerHTML = item.html;
      const old = document.getElementById(item.id);
      if (old) list.replaceChild(box.firstElementChild, old); else list.appendChild(box.firstElementChild);
    });
    p.order.forEach(function (id, i) {
      const el = document.getElementById(id);
      if (el && list.children[i] !== el) list.insertBefore(el, list.children[i]);
    });
    while (list.children.length > p.order.length) list.removeChild(list.lastElementChild);
  }

  function tick() {
    const now = Date.now() + offset;
    write(document.getElementById('clock'), clock(now));
    if (body.classList.contains('dead')) return; // nobody knows how long it lasts now
    const ages = document.querySelectorAll('time[data-since]');
    for (let i = 0; i < ages.length; i++) write(ages[i], age(now - Number(ages[i].getAttribute('data-since'))));
    const waits = document.querySelectorAll('time[data-until]');
    for (let i = 0; i < waits.length; i++) write(waits[i], age(Number(waits[i].getAttribute('data-until')) - now));
  }

  function watch() {
    const quiet = mono() - heard > silence;
    body.classList.toggle('dead', quiet);
    veil.hidden = !quiet;
    if (quiet) write(veil, 'No connection since ' + clock(heardAt) + '. What you see is old.');
    const buttons = document.querySelectorAll('form[method=post] button');
    for (let i = 0; i < buttons.length; i++) buttons[i].disabled = quiet;
    if ((quiet || source.readyState === 2) && mono() - tried > Math.min(silence, 5000)) connect();
  }

  body.classList.add('scripted');
  if (!window.EventSource || !window.performance) {
    setTimeout(function () { location.reload(); }, 10000);
    return;
  }
  heard = mono();
  connect();
  tick();
  setInterval(function () { tick(); watch(); }, 1000);
})();
