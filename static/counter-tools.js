// The counter's switches: sound, the diner's screen, the camera.
"use strict";

(function () {
  const byId = (id) => document.getElementById(id);
  const sound = window.zhuheSound;
  const site = document.getElementById("counter").dataset.site;
  // Windows of one browser: the counter tells, the diner's screen shows.
  const channel = window.BroadcastChannel ? new BroadcastChannel(`zhuhe-counter-${site}`) : null;

  function wireTop({ words, urls, icons }) {
    const button = byId("sound-button");
    const draw = () => {
      const on = sound.isOn();
      button.querySelector("use").setAttribute("href", `${icons}#${on ? "sound" : "mute"}`);
      button.querySelector("span").textContent = on ? words.sound_on : words.sound_off;
    };
    button.hidden = false;
    button.addEventListener("click", () => {
      sound.turn(!sound.isOn());
      draw();
      sound.play("served");
      button.blur();
    });
    draw();
    const diner = byId("diner-button");
    diner.hidden = !channel;
    diner.addEventListener("click", () => {
      window.open(urls.diner, "zhuhe-diner", "popup,width=1024,height=600");
      diner.blur();
    });
  }

  /** Switches the camera; onText gets what it reads. Returns the button. */
  function wireCamera({ words, urls }, onText) {
    const button = byId("camera-button");
    const camera = new window.zhuheCamera.Camera({
      video: byId("camera-video"),
      readerUrl: urls.reader,
      wasmUrl: urls.wasm,
      onCode: onText,
      onState: (state) => {
        button.setAttribute("aria-pressed", String(state === "on"));
        byId("camera").hidden = state === "off";
        byId("camera-video").hidden = state !== "on";
        byId("camera-state").textContent = words.camera[state];
      },
    });
    button.hidden = false;
    button.addEventListener("click", () => {
      if (camera.isOn) camera.stop();
      else camera.start();
      button.blur();
    });
    return button;
  }

  window.zhuheTools = { channel, wireTop, wireCamera };
})();
