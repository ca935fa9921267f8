// What the counter lets hear: tones without any file, and the sentence of the diner's side.
// Everything it says stands on the screen as well: it works without sound.
"use strict";

(function () {
  const KEY = "zhuhe.sound";
  let audio = null;

  function isOn() {
    try { return localStorage.getItem(KEY) !== "off"; } catch (error) { return true; }
  }

  function turn(on) {
    try { localStorage.setItem(KEY, on ? "on" : "off"); } catch (error) { return; }
    if (!on && window.speechSynthesis) window.speechSynthesis.cancel();
  }

  function tone(pitch, starts, lasts, loudness) {
    const oscillator = audio.createOscillator();
    const volume = audio.createGain();
    const from = audio.currentTime + starts;
    oscillator.type = "sine";
    oscillator.frequency.value = pitch;
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(loudness, from + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, from + lasts);
    oscillator.connect(volume).connect(audio.destination);
    oscillator.start(from);
    oscillator.stop(from + lasts + 0.02);
  }

  const TONES = {
    served: () => tone(880, 0, 0.22, 0.25), // one, soft
    already: () => { tone(660, 0, 0.16, 0.35); tone(660, 0.24, 0.16, 0.35); }, // two
    refused: () => tone(196, 0, 0.5, 0.5), // low
    ask: () => { tone(660, 0, 0.14, 0.3); tone(880, 0.18, 0.18, 0.3); },
  };

  function play(kind) {
    if (!isOn() || !TONES[kind]) return;
    const Context = window.AudioContext || window.webkitAudioContext;
    if (!Context) return;
    try {
      audio = audio || new Context();
      if (audio.state === "suspended") audio.resume();
      TONES[kind]();
    } catch (error) {
      audio = null; // No sound device; the screen says it all.
    }
  }

  function say(sentence) {
    if (!isOn() || !sentence || !window.speechSynthesis) return;
    const voices = window.speechSynthesis.getVoices();
    const voice = voices.find((one) => /^(zh|cmn)[-_](CN|Hans)/i.test(one.lang)) ||
      voices.find((one) => /^(zh|cmn)/i.test(one.lang));
    if (voices.length && !voice) return; // An English voice would read nonsense.
    const words = new SpeechSynthesisUtterance(sentence);
    words.lang = "zh-CN";
    words.rate = 0.95;
    if (voice) words.voice = voice;
    window.speechSynthesis.cancel(); // A queue moves on: only the last sentence matters.
    window.speechSynthesis.speak(words);
  }

  window.zhuheSound = { isOn, turn, play, say };
})();
