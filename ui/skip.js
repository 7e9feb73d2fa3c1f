
// The keyboard's first stop: a button, seen only there, that leads past the navigation to the page's
// main picture: the map, the player, a frame or a chart; where there is none, to the page's name.
(() => {
  const PICTURES = [".keys", ".player", '[data-testid="stImage"] img', '[data-testid="stVegaLiteChart"]', "h1"];
  const find = (selector, root) => {
    const here = root.querySelector(selector);
    if (here) return here;
    for (const each of root.querySelectorAll("*")) {
      const inside = each.shadowRoot && find(selector, each.shadowRoot);
      if (inside) return inside;
    }
    return null;
  };
  const skip = () => {
    const main = document.querySelector('[data-testid="stMain"]');
    for (const selector of main ? PICTURES : []) {
      const found = find(selector, main);
      if (!found) continue;
      if (found.tabIndex < 0) found.tabIndex = -1;
      found.focus();
      return;
    }
  };
  document.addEventListener("DOMContentLoaded", () => {
    const style = document.head.appendChild(document.createElement("style"));
    style.textContent = `.skip { position: fixed; left: 8px; top: -80px; z-index: 1000000;
      padding: 8px 14px; border: 1px solid currentColor; border-radius: 6px; font: 600 1rem sans-serif;
      color: CanvasText; background: Canvas } .skip:focus { top: 8px }`;
    const button = document.createElement("button");
    button.className = "skip";
    button.textContent = "Skip to the picture";
    button.addEventListener("click", skip);
    document.body.prepend(button);
  });
})();
