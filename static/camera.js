// Reads cards with the tablet's camera. The reader is vendored (barcode-detector with zxing-wasm),
// because the browser's own needs services that many tablets here do not have.
"use strict";

(function () {
  const NONCE = document.currentScript.nonce;
  const EVERY_MS = 120;
  const GONE_MS = 1500; // A card held still is read many times; it counts again once it was away.

  class Camera {
    /** onCode(text) for each card that comes into view; onState("on" | "off" | fault). */
    constructor({ video, readerUrl, wasmUrl, onCode, onState }) {
      Object.assign(this, { video, readerUrl, wasmUrl, onCode, onState });
      this.stream = null;
      this.detector = null;
      this.seen = new Map();
    }

    get isOn() {
      return this.stream !== null;
    }

    async start() {
      if (this.isOn) return;
      if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) {
        this.onState(window.isSecureContext ? "missing" : "insecure");
        return;
      }
      try {
        this.stream = await navigator.mediaDevices.getUserMedia({
          audio: false,
          video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } },
        });
        this.video.srcObject = this.stream;
        await this.video.play();
        await this.load();
        this.detector = this.detector || this.makeDetector();
        this.onState("on");
        this.look();
      } catch (error) {
        this.stop();
        this.onState({ NotAllowedError: "denied", NotFoundError: "missing", NotReadableError: "taken" }[error.name] || "broken");
      }
    }

    /** The reader is large and most counters never need it: it is fetched with the first picture. */
    load() {
      if (window.BarcodeDetectionAPI) return Promise.resolve();
      return new Promise((done, failed) => {
        const script = document.createElement("script");
        script.nonce = NONCE;
        script.src = this.readerUrl;
        script.onload = done;
        script.onerror = () => failed(new Error("the reader could not be loaded"));
        document.head.append(script);
      });
    }

    makeDetector() {
      const { prepareZXingModule, BarcodeDetector } = window.BarcodeDetectionAPI;
      prepareZXingModule({
        overrides: { locateFile: (path, prefix) => (path.endsWith(".wasm") ? this.wasmUrl : prefix + path) },
      });
      return new BarcodeDetector({ formats: ["qr_code"] });
    }

    stop() {
      if (this.stream) this.stream.getTracks().forEach((track) => track.stop());
      this.stream = null;
      this.video.srcObject = null;
      this.seen.clear();
      this.onState("off");
    }

    async look() {
      if (!this.isOn) return;
      const begun = performance.now();
      if (!document.hidden && this.video.readyState >= 2) {
        try {
          for (const found of await this.detector.detect(this.video)) this.found(found.rawValue, begun);
        } catch (error) {
          this.stop();
          this.onState("broken");
          return;
        }
      }
      window.setTimeout(() => this.look(), Math.max(20, EVERY_MS - (performance.now() - begun)));
    }

    found(text, now) {
      const last = this.seen.get(text);
      this.seen.set(text, now);
      if (last === undefined || now - last > GONE_MS) this.onCode(text);
    }
  }

  window.zhuheCamera = { Camera };
})();
