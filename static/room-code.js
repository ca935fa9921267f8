// Keeps the room code fresh on a projector without loading the page again.
"use strict";

(function () {
  const main = document.querySelector("[data-from]");
  const digits = document.getElementById("digits");
  if (!digits) return;
  const left = document.getElementById("left");
  const byId = (id) => document.getElementById(id);

  async function refresh() {
    try {
      const answer = await fetch(main.dataset.from, { headers: { Accept: "application/json" } });
      if (answer.redirected || !answer.ok) { window.location.reload(); return; }
      const { shown, waiting, confirmed } = await answer.json();
      if (!shown) { window.location.reload(); return; }
      if (digits.textContent !== shown.code) {
        digits.textContent = shown.code;
        byId("symbol").src = shown.symbol;
      }
      left.value = shown.seconds;
      byId("waiting").textContent = waiting;
      byId("confirmed").textContent = confirmed;
    } catch (error) {
      // An old code shown as if it were good would send thirty people to a sentence: better none.
      if (left.value <= 0) digits.textContent = "··· ···";
    }
  }

  window.setInterval(() => {
    left.value -= 1;
    if (left.value <= 0 || left.value % 5 === 0) refresh();
  }, 1000);
})();
