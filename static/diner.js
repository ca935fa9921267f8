// The diner's screen: repeats the words of the counter that is open in another window here.
"use strict";

(function () {
  const screen = document.querySelector(".diner");
  const words = document.getElementById("diner-words");
  const channel = new BroadcastChannel(`zhuhe-counter-${screen.dataset.site}`);
  channel.addEventListener("message", (event) => {
    screen.dataset.state = event.data.words ? event.data.state : "ready";
    words.textContent = event.data.words || screen.dataset.ready;
  });
  screen.addEventListener("click", () => {
    if (document.fullscreenEnabled) document.documentElement.requestFullscreen().catch(() => null);
  });
})();
