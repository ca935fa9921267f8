// Small behaviours of every page. Each page works without them.
"use strict";

// Screen readers announce changes in a live region, not what was there when the page loaded.
function announce(text, urgent) {
  const region = document.getElementById(urgent ? "announce-assertive" : "announce-polite");
  if (!region) return;
  region.textContent = "";
  window.setTimeout(() => { region.textContent = text; }, 60);
}
window.zhuheAnnounce = announce;

document.querySelectorAll("[data-announce]").forEach((notice) => {
  announce(notice.textContent.trim(), notice.dataset.announce === "assertive");
});

const summary = document.querySelector("[data-focus]");
if (summary) summary.focus();

document.querySelectorAll("[data-theme-next]").forEach((button) => {
  const labels = button.dataset.labels.split("|");
  const show = () => {
    button.querySelector("[data-theme-label]").textContent =
      labels[window.zhuheTheme.choices.indexOf(window.zhuheTheme.current())];
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    const { choices, current, choose } = window.zhuheTheme;
    choose(choices[(choices.indexOf(current()) + 1) % choices.length]);
    document.querySelectorAll("[data-theme-next]").forEach((other) => other.dispatchEvent(new Event("themed")));
    announce(labels[choices.indexOf(current())], false);
  });
  button.addEventListener("themed", show);
  show();
});

// A second click while the first is on its way would send a form twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("data-resend") || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  form.setAttribute("aria-busy", "true");
  window.setTimeout(() => { delete form.dataset.sent; form.removeAttribute("aria-busy"); }, 8000);
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  });
});

// Filters apply when a choice is made; typing waits for Enter.
document.querySelectorAll("form[data-filter]").forEach((form) => {
  form.addEventListener("change", (event) => {
    if (event.target.matches("select, input[type=radio], input[type=checkbox]")) form.requestSubmit();
  });
});

document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

// One open menu or confirmation at a time; Escape closes it and gives the focus back.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = event.target.closest && event.target.closest("details[open]");
  if (open && open.matches(".confirm, .topbar-menu")) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.topbar-menu[open], details.confirm[open]").forEach((open) => {
    if (!open.contains(event.target)) open.open = false;
  });
});
