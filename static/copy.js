// A button that copies a ready text. Without JavaScript the text is there to be marked by hand.
"use strict";

document.querySelectorAll("[data-copy]").forEach((button) => {
  const text = document.getElementById(button.dataset.copy);
  const said = button.parentElement.querySelector("[data-copy-said]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent);
      said.textContent = button.dataset.copied;
    } catch (_error) {
      // Over plain HTTP no browser gives its clipboard away: mark the text, two keys do the rest.
      const range = document.createRange();
      range.selectNodeContents(text);
      const selection = window.getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      said.textContent = document.execCommand && document.execCommand("copy")
        ? button.dataset.copied
        : button.dataset.failed;
    }
  });
});
