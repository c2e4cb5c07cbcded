// Shows as many rows as fit. Rows with a problem stay; the others take turns.
(function () {
  'use strict';
  const turn = 15000;
  const main = document.querySelector('main');
  const list = document.getElementById('board');
  const pages = document.getElementById('pages');
  let page = 0;
  let lap = 0;

  // One line at a time; they take turns.
  function foot() {
    const all = Array.prototype.slice.call(document.getElementById('lines').children);
    all.forEach(function (line, i) { line.classList.toggle('away', i !== lap % all.length); });
  }

  function layout() {
    foot();
    const rows = Array.prototype.slice.call(list.children);
    rows.forEach(function (row) { row.classList.remove('away'); });
    const room = rows.length ? Math.max(1, Math.floor(main.clientHeight / (list.scrollHeight / rows.length))) : 0;
    const scrolls = getComputedStyle(main).overflowY === 'visible';
    if (scrolls || rows.length <= room) { pages.textContent = ''; return; }
    const urgent = rows.filter(function (row) { return row.classList.contains('urgent'); });
    const others = rows.filter(function (row) { return !row.classList.contains('urgent'); });
    // The worst stay; a third of the screen at least is for the rest to take turns.
    const kept = urgent.slice(0, room - Math.ceil(room / 3));
    const turning = urgent.slice(kept.length).concat(others);
    const step = room - kept.length;
    const count = Math.ceil(turning.length / step);
    page = page % count;
    turning.forEach(function (row, i) { row.classList.toggle('away', Math.floor(i / step) !== page); });
    pages.textContent = (page + 1) + '/' + count;
  }

  layout();
  document.addEventListener('patched', layout);
  window.addEventListener('resize', layout);
  setInterval(function () { page++; lap++; layout(); }, turn);
})();
