// A learner's own phone: the code of a QR symbol stands behind the # and never leaves it unasked.
"use strict";

(function () {
  const code = document.getElementById("code");
  const found = /^#(\d{6})$/.exec(window.location.hash);
  if (found) window.history.replaceState(null, "", window.location.pathname + window.location.search);
  if (code && found) {
    code.value = found[1];
    const name = document.getElementById("name");
    if (!name.value) name.focus();
  }
  const box = document.querySelector("[data-state]");
  if (!box || box.dataset.state !== "waiting") return;
  const POLL_MS = 4000;
  window.setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(box.dataset.from);
      if (!answer.ok) return;
      const { state } = await answer.json();
      if (state && state !== "waiting") window.location.reload();
    } catch (error) { /* The next look may reach the server. */ }
  }, POLL_MS);
})();
