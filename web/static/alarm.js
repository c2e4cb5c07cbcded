// Says on the page of one alarm that it changed, and shows the change at once
// unless somebody is writing a comment.
(function () {
  'use strict';
  const id = document.body.getAttribute('data-alarm');
  const news = document.getElementById('news');
  let first = true;

  document.addEventListener('patched', function (e) {
    const p = e.detail;
    const known = first;
    first = false;
    if (known) return; // the whole list, not a change
    const changed = (p.items || []).some(function (item) { return item.id === 'a-' + id; });
    const gone = document.body.getAttribute('data-open') === 'true' && p.order.indexOf('a-' + id) < 0;
    if (!changed && !gone) return;
    const comment = document.querySelector('input[name=comment]');
    if (comment && comment.value) news.hidden = false; else location.reload();
  });
})();
