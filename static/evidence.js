// Attaching papers: says what was chosen and how far the sending is. Without it the form still works.
"use strict";

(function () {
  const megabytes = (bytes) => (bytes / 1048576).toFixed(1);

  function tell(fields) {
    const { mostMb, atOnce, tooLarge, tooMany, chosen } = fields.dataset;
    const list = fields.querySelector("[data-evidence-chosen]");
    const files = [...fields.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);
    const lines = files.filter((file) => file.size > mostMb * 1048576)
      .map((file) => ({ text: tooLarge.replace("{file}", file.name), bad: true }));
    if (files.length > atOnce) lines.push({ text: tooMany, bad: true });
    if (files.length) {
      const size = megabytes(files.reduce((sum, file) => sum + file.size, 0));
      lines.unshift({ text: chosen.replace("{count}", files.length).replace("{size}", size), bad: false });
    }
    list.replaceChildren(...lines.map(({ text, bad }) => {
      const line = document.createElement("li");
      line.textContent = text;
      line.classList.toggle("evidence-bad", bad);
      return line;
    }));
    list.hidden = !lines.length;
  }

  function go(address) {
    const to = new URL(address, window.location.href);
    if (to.pathname === window.location.pathname && to.search === window.location.search) {
      window.history.replaceState(null, "", to);
      window.location.reload();
    } else {
      window.location.assign(to);
    }
  }

  function send(form) {
    const button = form.querySelector("button");
    const shown = form.querySelector("[data-evidence-progress]");
    const [bar, words] = [shown.querySelector("progress"), shown.querySelector("p")];
    const request = new XMLHttpRequest();
    const fail = (message) => {
      button.disabled = false;
      bar.hidden = true;
      words.textContent = message || form.dataset.failed;
      words.classList.add("evidence-bad");
    };
    button.disabled = true;
    shown.hidden = bar.hidden = false;
    words.classList.remove("evidence-bad");
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      const percent = Math.round(100 * event.loaded / event.total);
      bar.value = percent;
      words.textContent = percent < 100 ? form.dataset.sending.replace("{percent}", percent) : form.dataset.looking;
    });
    request.addEventListener("load", () => {
      if (request.status === 200 && request.response) go(request.response.location);
      else fail(request.response && request.response.message);
    });
    request.addEventListener("error", () => fail());
    request.send(new FormData(form));
  }

  document.querySelectorAll("[data-evidence-fields]:not([data-ready])").forEach((fields) => {
    fields.dataset.ready = "1";
    fields.addEventListener("change", () => tell(fields));
  });
  document.querySelectorAll("form[data-evidence]:not([data-ready])").forEach((form) => {
    form.dataset.ready = "1";
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form);
    });
  });
})();
