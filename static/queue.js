// Sends scans in the order in which they were made, each with its own id, until the server has
// answered. A scan that got no answer is sent again with the same id, so it can't count twice.
// The number of scans without an answer is kept true; nothing leaves the queue without one.
"use strict";

(function () {
  const TIMEOUT_MS = 5000;
  const FIRST_WAIT_MS = 500;
  const LONGEST_WAIT_MS = 15000;
  const TRIES_IN_FRONT = 4; // One scan that the server can't digest must not hold up the queue.

  /** A UUID of version 7, so that ids sort by time. Works without HTTPS, unlike randomUUID. */
  function newId(now = Date.now()) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    let time = now;
    for (let at = 5; at >= 0; at -= 1) { bytes[at] = time % 256; time = Math.floor(time / 256); }
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  function token() {
    return document.querySelector("meta[name=csrf-token]").content;
  }

  /** One request with JSON. Resolves to {status, body, retryAfter}; rejects when nothing came back. */
  async function send(url, { method = "POST", body = null } = {}) {
    const aborter = new AbortController();
    const timer = window.setTimeout(() => aborter.abort(), TIMEOUT_MS);
    try {
      // The server corrects a wrong device clock by the moment of sending.
      const headers = {
        Accept: "application/json", "X-CSRFToken": token(), "X-Client-Time": new Date().toISOString(),
      };
      if (body) headers["Content-Type"] = "application/json";
      const response = await fetch(url, {
        method, headers, body: body && JSON.stringify(body), signal: aborter.signal,
        credentials: "same-origin", cache: "no-store", redirect: "error",
      });
      const isJson = (response.headers.get("Content-Type") || "").includes("json");
      // A sign-in page or a proxy's page is no answer.
      if (response.ok && !isJson) throw new Error("no answer");
      return {
        status: response.status,
        body: isJson ? await response.json() : {},
        retryAfter: Number(response.headers.get("Retry-After")) || 0,
      };
    } finally {
      window.clearTimeout(timer);
    }
  }

  /** Whether an answer says "later", so that the same scan is to be sent again. */
  function isLater({ status, body }) {
    // Too many unknown cards: that one is answered, and the known ones behind it go on.
    return status >= 500 || status === 408 || (status === 429 && body.code !== "too_many_unknown");
  }

  class Queue {
    /** onAnswer(item, reply) once for each item; onChange(state) whenever what waits has changed. */
    constructor({ onAnswer, onChange, renew }) {
      this.items = [];
      this.onAnswer = onAnswer;
      this.onChange = onChange;
      this.renew = renew; // gets a fresh form token after a sign-in elsewhere
      this.busy = false;
      this.failures = 0;
      this.trouble = null; // null, "offline", "busy" or "signed_out"
      this.timer = 0;
      const again = () => { this.failures = 0; this.pump(); };
      window.addEventListener("online", again);
      window.addEventListener("focus", again);
      document.addEventListener("visibilitychange", () => { if (!document.hidden) again(); });
      window.addEventListener("beforeunload", (event) => {
        if (this.items.length) event.preventDefault();
      });
    }

    add(item) {
      this.items.push(item);
      this.changed();
      this.pump();
    }

    changed() {
      this.onChange({ waiting: this.items.length, trouble: this.trouble });
    }

    async pump() {
      if (this.busy || !this.items.length) return;
      window.clearTimeout(this.timer);
      this.busy = true;
      const item = this.items[0];
      let reply = null;
      try {
        reply = await send(item.url, { body: item.body });
      } catch (error) {
        this.trouble = "offline";
      }
      this.busy = false;
      if (reply && this.isAnswer(reply)) this.settle(item, reply);
      else {
        if (this.trouble === "signed_out") await this.renew();
        this.retry(reply);
      }
    }

    isAnswer(reply) {
      const signedOut = reply.status === 401 || (reply.status === 403 && ["csrf", "forbidden"].includes(reply.body.code));
      if (signedOut) { this.trouble = "signed_out"; return false; }
      if (isLater(reply)) { this.trouble = "busy"; return false; }
      return true;
    }

    settle(item, reply) {
      this.items.shift();
      this.failures = 0;
      this.trouble = null;
      this.changed();
      this.onAnswer(item, reply);
      this.pump();
    }

    stepAside() {
      const item = this.items[0];
      item.failures = (item.failures || 0) + 1;
      if (item.failures % TRIES_IN_FRONT === 0) this.items.push(this.items.shift());
    }

    retry(reply) {
      this.failures += 1;
      if (reply && reply.status === 500) this.stepAside();
      const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.failures - 1));
      const asked = reply ? reply.retryAfter * 1000 : 0;
      this.changed();
      this.timer = window.setTimeout(() => this.pump(), Math.max(wait, asked));
    }
  }

  window.zhuheQueue = { Queue, send, newId };
})();
