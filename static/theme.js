// Sets the appearance before the first paint. The choice stays on this device; "system" follows
// the operating system, which is also asked for more contrast.
(function () {
  "use strict";
  var key = "zhuhe.appearance";
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var contrast = window.matchMedia("(prefers-contrast: more)");

  function chosen() {
    try {
      return localStorage.getItem(key) || "system";
    } catch (error) {
      return "system"; // Storage switched off: follow the system.
    }
  }

  function apply() {
    var choice = chosen();
    var root = document.documentElement;
    var isDark = choice === "dark" || (choice === "system" && dark.matches);
    root.dataset.bsTheme = isDark ? "dark" : "light";
    var more = choice === "contrast" || (choice === "system" && contrast.matches);
    if (more) root.dataset.contrast = "more";
    else delete root.dataset.contrast;
  }

  window.zhuheTheme = {
    choices: ["system", "light", "dark", "contrast"],
    current: chosen,
    choose: function (choice) {
      try {
        localStorage.setItem(key, choice);
      } catch (error) {
        return false;
      }
      apply();
      return true;
    },
  };
  dark.addEventListener("change", apply);
  contrast.addEventListener("change", apply);
  apply();
})();
