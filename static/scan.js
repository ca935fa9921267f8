// Reads what a scanner types. USB scanners are keyboards: 17 digits in a burst, mostly with Enter
// or Tab at the end. They are heard at the document, by the key's place (`event.code`), because a
// Chinese input method hides the character: such a key arrives as "Process" with keyCode 229.
// This file knows keys and digits; nothing about meals or the screen. The rules of a code are
// those of core/people/card_code.py.
"use strict";

(function () {
  const CODE_DIGITS = 17;
  const LONGEST = 300; // What is longer is no card; keys beyond it are only counted.
  const BURST_GAP_MS = 250; // A longer pause begins a new burst.
  const FAST_MS = 60; // A scanner's keys are on average closer together than this; no hand's are.
  const ENDED_MS = 90; // A whole code and then silence: a scanner without Enter.
  const STALE_MS = 2500; // A torn burst and then silence: part of a scan was lost.
  const TYPED_STALE_MS = 30000; // Digits typed by hand and left alone.
  const REJOIN_MS = 3000; // Two halves of one scan arrive within this.

  const DASHES = "-‐‑‒–—―−﹣-";
  const INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad";

  /** ASCII digits without blanks, dashes and invisible marks; `]Q1` is a scanner's own prefix. */
  function fold(text) {
    let out = "";
    for (const char of text) {
      const point = char.codePointAt(0);
      if (point >= 0xff10 && point <= 0xff19) out += String(point - 0xff10);
      else if (!DASHES.includes(char) && !INVISIBLE.includes(char) && !/\s/.test(char)) out += char;
    }
    return out.replace(/^\][A-Za-z][0-9A-Za-z]/, "");
  }

  /** Whether these are 17 digits whose two check digits hold (ISO 7064 MOD 97-10). */
  function isCode(digits) {
    if (!/^\d{17}$/.test(digits)) return false;
    let rest = 0;
    for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97;
    return rest === 1;
  }

  /** A scan as {code} or {fault, count}; faults are those of card_code.ScanFault. */
  function read(text) {
    const folded = fold(text);
    const fault = (name) => ({ code: null, fault: name, count: folded.length });
    if (isCode(folded)) return { code: folded, fault: null, count: CODE_DIGITS };
    if (!folded) return fault("empty");
    if (folded.length > LONGEST) return fault("too_long");
    if (/^[1-9]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dXx]$/.test(folded)) {
      return fault("id_number");
    }
    if (!/^\d+$/.test(folded)) return fault("other_code");
    if (folded.length < CODE_DIGITS) return fault("too_short");
    if (folded.length === CODE_DIGITS) return fault("not_ours");
    const glued = folded.length % CODE_DIGITS === 0 &&
      folded.match(/\d{17}/g).every((part) => isCode(part));
    return fault(glued ? "two_cards" : "too_long");
  }

  /** The character of a key: its digit by place, else what it types; "" for keys that type nothing. */
  function charOf(event) {
    const place = /^(?:Digit|Numpad)(\d)$/.exec(event.code || "");
    if (place) return place[1];
    const letter = /^Key([A-Z])$/.exec(event.code || "");
    if (letter) return letter[1];
    if (event.key && event.key !== "Process" && [...event.key].length === 1) return fold(event.key) || " ";
    return event.code ? "?" : "";
  }

  function isEnd(event) {
    return ["Enter", "NumpadEnter", "Tab"].includes(event.code) || event.key === "Enter" || event.key === "Tab";
  }

  const SILENT = /^(Shift|Control|Alt|Meta|CapsLock|NumLock|ScrollLock|Fn|Lang|Kana|Convert|NonConvert|F\d+|Arrow|Home|End|Page|Insert|Delete|Backspace|Escape|ContextMenu|Audio|Media|Browser|Launch|Power|Print|Pause)/;

  function isEditable(target) {
    return target instanceof Element && target.matches("input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit]), textarea, select, [contenteditable]");
  }

  /** Take the end of a scan out of a field that had the focus. */
  function wipe(field, burst) {
    for (let length = Math.min(burst.length, field.value.length); length >= 3; length -= 1) {
      if (!burst.toLowerCase().includes(fold(field.value.slice(-length)).toLowerCase())) continue;
      field.value = field.value.slice(0, -length);
      field.dispatchEvent(new Event("input", { bubbles: true }));
      return;
    }
  }

  /**
   * Listens to the whole document. Calls:
   *   onScan(code, how)       a whole code; how is "scan" or "typed"
   *   onFault(fault, count)   something that is no code, with the number of characters
   *   onTyping(digits)        digits typed by hand outside any field, so far
   *   onKey(digit) -> bool    a single digit before anything else; true when it was used up
   */
  class Reader {
    constructor(handlers) {
      this.handlers = handlers;
      this.half = null;
      this.lastEnd = 0;
      this.timer = 0;
      this.clear();
      document.addEventListener("keydown", (event) => this.key(event), true);
    }

    clear() {
      window.clearTimeout(this.timer);
      this.text = "";
      this.count = 0;
      this.burst = "";
      this.times = [];
      this.lastKey = 0;
      this.field = null;
    }

    /** Whether the last keys of the burst, up to a code's length, came as only a scanner sends them. */
    isFast() {
      const tail = this.times.slice(-CODE_DIGITS);
      return tail.length >= 5 && (tail[tail.length - 1] - tail[0]) / (tail.length - 1) <= FAST_MS;
    }

    key(event) {
      if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
      if (isEnd(event)) { this.end(event); return; }
      const place = event.code || event.key || "";
      if (SILENT.test(place)) {
        if (place === "Backspace" && !isEditable(event.target)) this.rubOut();
        if (place === "Escape") { this.clear(); this.handlers.onTyping(""); }
        return;
      }
      const char = charOf(event);
      if (!char) return;
      this.take(char, event);
    }

    take(char, event) {
      const now = event.timeStamp || performance.now();
      const editable = isEditable(event.target);
      if (!this.burst || now - this.lastKey > BURST_GAP_MS) {
        this.burst = "";
        this.times = [];
        this.field = editable ? event.target : null;
        if (editable) this.text = "";
      }
      this.lastKey = now;
      this.count += 1;
      if (this.burst.length <= LONGEST) { this.burst += char; this.times.push(now); }
      if (!editable && this.text.length <= LONGEST) this.text += char;
      if (!editable && !this.isFast()) this.showTyped();
      window.clearTimeout(this.timer);
      if (isCode(this.burst.slice(-CODE_DIGITS)) && this.isFast()) {
        this.timer = window.setTimeout(() => this.finish("scan"), ENDED_MS);
      } else if (!editable) {
        const delay = this.isFast() ? STALE_MS : TYPED_STALE_MS;
        this.timer = window.setTimeout(() => this.stale(), delay);
      }
      const onButton = event.target instanceof Element && event.target.closest("button, a, summary, label");
      if (!editable && !onButton && char === " ") event.preventDefault(); // A blank would scroll the page.
    }

    showTyped() {
      const digits = fold(this.text);
      if (!/^\d*$/.test(digits)) { this.text = this.text.replace(/\D/g, ""); return; }
      if (digits.length === 1) {
        const digit = digits;
        window.setTimeout(() => {
          // Alone after a while: a choice on the screen, not the beginning of a scan.
          if (this.text === digit && this.handlers.onKey(digit)) { this.clear(); this.handlers.onTyping(""); }
        }, BURST_GAP_MS);
      }
      window.setTimeout(() => { if (!this.isFast()) this.handlers.onTyping(fold(this.text)); }, BURST_GAP_MS / 3);
    }

    rubOut() {
      this.text = this.text.slice(0, -1);
      this.burst = "";
      this.handlers.onTyping(fold(this.text));
    }

    end(event) {
      const fast = this.isFast();
      const editable = isEditable(event.target);
      if (fast || (!editable && this.text)) {
        event.preventDefault();
        event.stopPropagation();
        this.finish(fast ? "scan" : "typed");
        return;
      }
      // Scanners that end a line with two keys: the second one means nothing.
      const after = (event.timeStamp || performance.now()) - this.lastEnd;
      if (after < 500 && !editable) { event.preventDefault(); event.stopPropagation(); }
    }

    stale() {
      const torn = this.isFast();
      const count = fold(this.burst).length;
      this.clear();
      this.handlers.onTyping("");
      if (torn) this.handlers.onFault("too_short", count);
    }

    finish(how) {
      const { burst, text, field, count } = this;
      const now = performance.now();
      this.clear();
      this.lastEnd = now;
      this.handlers.onTyping("");
      if (count > LONGEST) { this.half = null; this.handlers.onFault("too_long", count); return; }
      const whole = how === "typed" ? read(text) : this.best(burst, text, now);
      // A scan leaves no trace in a field; its last character may still be on its way there.
      const scanned = whole.code || burst;
      if (field) { wipe(field, scanned); window.setTimeout(() => wipe(field, scanned), 0); }
      this.half = whole.fault === "too_short" && how === "scan" ? { digits: fold(burst), at: now } : null;
      if (whole.code) this.handlers.onScan(whole.code, how);
      else if (whole.fault !== "empty") this.handlers.onFault(whole.fault, whole.count);
    }

    /** The burst itself; joined to the half before it; with, or without, what was typed before it. */
    best(burst, text, now) {
      const alone = read(burst);
      if (alone.code) return alone;
      const tail = read(burst.slice(-CODE_DIGITS));
      // Something typed just before it, but not a second card glued to it.
      if (tail.code && burst.length < 2 * CODE_DIGITS) return tail;
      if (this.half && now - this.half.at < REJOIN_MS) {
        const joined = read(this.half.digits + burst);
        if (joined.code) return joined;
      }
      const all = read(text);
      return all.code ? all : alone;
    }
  }

  window.zhuheScan = { Reader, read, fold, isCode };
})();
