// Shows changes of others on the stops page, unless the person is in the
// middle of something; counts chosen stops; puts a slider beside the time at
// which a stop is split.
(function () {
  'use strict';
  const news = document.getElementById('news');
  let rev = '';
  let loading = false;
  let waiting = 0; // timer of the next look
  let looked = 0; // when the page was last looked at, in milliseconds

  // A form that was refused left its own address, at which there is no page.
  const refused = document.getElementById('view').getAttribute('data-address');
  if (refused) history.replaceState(null, '', refused);

  function all(where, what) { return Array.prototype.slice.call(where.querySelectorAll(what)); }

  // Whoever chose stops, wrote something or moved a slider keeps the page.
  function busy() {
    return all(document, '#view input, #view select').some(function (el) {
      if (el.type === 'checkbox') return el.checked;
      if (el.tagName === 'SELECT') return el.value !== '';
      return el.type !== 'hidden' && el.value !== el.defaultValue;
    }) || !!document.querySelector('#sign[open]');
  }

  function show(text) {
    const fresh = new DOMParser().parseFromString(text, 'text/html').getElementById('view');
    const old = document.getElementById('view');
    if (!fresh || busy()) { news.hidden = !fresh && news.hidden; return; }
    const focus = document.activeElement && old.contains(document.activeElement) ? document.activeElement.getAttribute('href') : '';
    old.parentNode.replaceChild(document.adoptNode(fresh), old);
    news.hidden = true;
    prepare();
    if (focus) all(fresh, 'a').some(function (a) { if (a.getAttribute('href') !== focus) return false; a.focus(); return true; });
  }

  // A line in trouble changes often; a look every few seconds is enough.
  function refresh() {
    clearTimeout(waiting);
    const wait = looked + 5000 - Date.now();
    if (loading || wait > 0) { waiting = setTimeout(refresh, Math.max(wait, 1000)); return; }
    if (busy()) { news.hidden = false; return; }
    loading = true;
    looked = Date.now();
    fetch(location.href, { credentials: 'same-origin' }).then(function (res) {
      if (!res.ok) throw new Error(String(res.status));
      return res.text();
    }).then(show).catch(function () { news.hidden = false; }).then(function () { loading = false; });
  }

  document.addEventListener('patched', function (e) {
    (e.detail.parts || []).forEach(function (part) {
      if (part.id !== 'stops-rev' || part.html === rev) return;
      const first = rev === '';
      rev = part.html;
      const shown = document.getElementById('view').getAttribute('data-rev');
      if (!first || shown !== rev) refresh();
    });
  });

  function count() {
    const many = document.getElementById('many');
    if (!many) return;
    const n = all(document, '#stop-list input:checked').length;
    many.classList.toggle('none', n === 0);
    document.getElementById('chosen').textContent = n === 1 ? '1 stop chosen' : n + ' stops chosen';
  }

  function seconds(text) {
    const p = text.split(':').map(Number);
    return p[0] * 3600 + p[1] * 60 + (p[2] || 0);
  }

  function time(s) {
    return [Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60, s % 60].map(function (n) { return n < 10 ? '0' + n : n; }).join(':');
  }

  function slider(at) {
    const from = seconds(at.getAttribute('data-from'));
    let to = seconds(at.getAttribute('data-to'));
    if (to < from) to += 86400; // over midnight
    const range = document.createElement('input');
    range.type = 'range';
    range.min = from + 1;
    range.max = to - 1;
    range.setAttribute('aria-label', 'Second part begins at');
    function value() { const s = seconds(at.value); return s < from ? s + 86400 : s; }
    range.defaultValue = range.value = value();
    range.addEventListener('input', function () { at.value = time(Number(range.value)); });
    at.addEventListener('input', function () { range.value = value(); });
    at.parentNode.parentNode.insertBefore(range, at.parentNode.nextSibling);
  }

  function prepare() {
    all(document, 'input[data-from]').forEach(slider);
    count();
  }

  prepare();
  document.addEventListener('change', count);
  // Of a shift that runs, the timeline grows.
  if (document.body.getAttribute('data-running')) setInterval(function () { if (!busy()) refresh(); }, 60000);
})();
