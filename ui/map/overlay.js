// The elements over a map: tools, legend, the card of the frame under the pointer, lasso, cursor.

const TOOLS = [
  ["pan", "Drag to move, wheel to zoom", "M12 2 8.5 5.5h2.6v5.6H5.5V8.5L2 12l3.5 3.5v-2.6h5.6v5.6H8.5L12 22l3.5-3.5h-2.6v-5.6h5.6v2.6L22 12l-3.5-3.5v2.6h-5.6V5.5h2.6z"],
  ["area", "Drag to select a rectangle (Shift-drag)", "M3 3h4v2H5v2H3zm7 0h4v2h-4zm7 0h4v4h-2V5h-2zM3 10h2v4H3zm16 0h2v4h-2zM3 17h2v2h2v2H3zm16 0h2v4h-4v-2h2zm-9 2h4v2h-4z"],
  ["lasso", "Draw around frames to select them", "M12 3C6.5 3 2 6 2 9.800c0 2 1.300 3.800 3.400 5A3 3 0 0 0 5 16.500c0 2 1.500 3 3.200 3.300-.2.900-.9 1.500-2.200 1.700l.3 1.500c2.300-.3 3.700-1.600 3.900-3.300 1.700-.5 2.800-1.700 2.800-3.200 5-.4 9-3.200 9-6.700C22 6 17.500 3 12 3m-4 15c-.8-.2-1.300-.7-1.300-1.500 0-.9.8-1.400 1.700-1.400 1.200 0 2.800.7 2.800 1.800 0 .7-.5 1.100-1.200 1.300zM13 14.800c-.7-1.300-2.600-2.200-4.500-2.200-.9 0-1.700.2-2.300.6C4.600 12.300 3.700 11.100 3.700 9.800c0-2.800 3.700-5.100 8.300-5.100s8.300 2.300 8.300 5.100c0 2.500-3.200 4.700-7.300 5"],
];
const ACTIONS = [
  ["in", "Zoom in (+)", "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z"],
  ["out", "Zoom out (−)", "M5 11h14v2H5z"],
  ["reset", "Show the whole map (double click)", "M4 9V4h5v2H6v3zm11-5h5v5h-2V6h-3zM4 15h2v3h3v2H4zm14 0h2v5h-5v-2h3z"],
  ["save", "Save the map as PNG", "M11 4h2v8.200l2.600-2.600L17 11l-5 5-5-5 1.400-1.400 2.600 2.600zM5 18h14v2H5z"],
];

function buildOverlay(root, on) {
  const find = (name) => root.querySelector(name);
  const [keys, toolbar, hover, said, axes] =
    [".keys", ".tools", ".hover", ".said", ".axes"].map(find);
  const legend = root.parentNode.querySelector(".legend"); // below the chart, so outside of the stage
  const pictures = find(".pictures"), line = find(".line"), cursor = find(".cursor"), picture = hover.querySelector("canvas");
  const overlay = { root, keys, legendHeight: () => legend.offsetHeight, onTool: () => {} };
  const buttons = new Map();
  for (const group of [TOOLS, ACTIONS]) {
    const box = toolbar.appendChild(document.createElement("div"));
    for (const [name, words, path] of group) {
      const button = box.appendChild(document.createElement("button"));
      button.title = words;
      button.setAttribute("aria-label", words);
      button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${path}"/></svg>`;
      on(button, "click", () => overlay.onTool(name));
      buttons.set(name, button);
    }
  }

  // One stop of the keyboard for all tools; arrow keys go from one to the next.
  const all = [...buttons.values()];
  const stop = (at) => all.forEach((button, place) => { button.tabIndex = place === at ? 0 : -1; });
  stop(0);
  on(toolbar, "keydown", (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const at = all.indexOf(event.target);
    if (!step || at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const next = (at + step + all.length) % all.length;
    stop(next);
    all[next].focus();
  });

  overlay.tools = (mode) => {
    for (const [name] of TOOLS) buttons.get(name).setAttribute("aria-pressed", String(name === mode));
  };

  overlay.describe = ({ words }) => keys.setAttribute("aria-label",
    `${words}. Arrow keys go to the nearest frame in that direction, Enter shows it beside the map,`
    + " with Shift it is pinned, Escape clears, plus and minus zoom, 0 shows the whole map.");

  overlay.say = (words) => { said.textContent = words; };

  let legendIs = "";
  overlay.legend = (now) => {
    const text = JSON.stringify(now);
    if (text === legendIs) return;
    legendIs = text;
    legend.replaceChildren();
    const add = (parent, name, words = "", kind = "div") => {
      const made = parent.appendChild(document.createElement(kind));
      made.className = name;
      made.textContent = words;
      return made;
    };
    if (!now) return;
    if (now.title) add(legend, "title", now.title);
    if (now.ticks.length) {
      const scale = add(legend, "scale"), bar = add(scale, "bar");
      const low = add(bar, "end"), ramp = add(bar, "ramp"), high = add(bar, "end");
      const frames = (count) => `${count.toLocaleString("en-US")} ${count === 1 ? "frame" : "frames"}`;
      ramp.style.background = `linear-gradient(to right, ${now.colours.join(",")})`;
      if (now.below) low.style.borderRightColor = now.colours[0];
      if (now.above) high.style.borderLeftColor = now.colours.at(-1);
      low.classList.add("low");
      high.classList.add("high");
      const ticks = add(scale, "ticks");
      now.ticks.forEach(([at, words], place) => {
        const beyond = place === 0 && now.below ? "≤ " : place === now.ticks.length - 1 && now.above ? "≥ " : "";
        add(ticks, "tick", beyond + words, "span").style.left = `${100 * at}%`;
      });
      const beyond = now.below + now.above;
      if (beyond) add(legend, "note", `${frames(beyond)} beyond the ends`);
      if (now.unknown) add(legend, "note", `${frames(now.unknown)} without a value, gray`);
    }
    for (const { colour, word, count } of now.classes) {
      const row = add(legend, "class");
      add(row, "swatch", "", "span").style.background = colour;
      add(row, "word", word, "span");
      add(row, "count", count.toLocaleString("en-US"), "span");
    }
    for (const { shape, word } of now.shapes) {
      const row = add(legend, "class");
      add(row, "shape", shape, "span");
      add(row, "word", word, "span");
    }
  };

  overlay.axes = (names, sight) => {
    if (!names || !sight) { axes.textContent = ""; return; }
    const number = (value) => value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
    axes.textContent = names.map((name, axis) =>
      `${name} ${number(sight[2 * axis])} to ${number(sight[2 * axis + 1])}`).join(" · ");
  };

  // The card beside the pointer, or beside the cursor: the picture of a frame, and its facts.
  overlay.hover = (at, atlas, row, still) => {
    hover.hidden = at === null;
    if (at === null) { delete hover.dataset.drawn; return; }
    const id = atlas.ids[row];
    if (hover.dataset.id !== String(id) || !hover.dataset.drawn) {
      hover.dataset.id = id;
      const drawn = drawThumbnail(picture, id);
      picture.hidden = !drawn;
      hover.querySelector("div").replaceChildren(...atlas.words(row).map((words, place) => {
        const made = document.createElement(place ? "span" : "b");
        made.textContent = words;
        return made;
      }));
      if (drawn) hover.dataset.drawn = "true";
      else delete hover.dataset.drawn;
    }
    const { width, height } = root.getBoundingClientRect();
    const [x, y] = at, wide = hover.offsetWidth, high = hover.offsetHeight, gap = still ? 14 : 16;
    hover.style.left = `${Math.max(4, x + gap + wide > width ? x - gap - wide : x + gap)}px`;
    hover.style.top = `${Math.max(4, Math.min(height - high - 4, y + gap + high > height ? y - gap - high : y + gap))}px`;
  };

  // Pictures above points, as many as do not cover each other.
  overlay.pictures = (points) => {
    if (!points.length && !pictures.width) return;
    const { width, height } = root.getBoundingClientRect(), sharp = devicePixelRatio || 1;
    if (!points.length) { pictures.width = 0; return; }
    Object.assign(pictures, { width: width * sharp, height: height * sharp });
    const pen = pictures.getContext("2d");
    pen.scale(sharp, sharp);
    pen.strokeStyle = "#888a";
    const taken = [];
    for (const [x, y, id] of points) {
      const picture = bitmap(id);
      if (!picture) continue;
      const left = Math.round(x - picture.width / 2), top = Math.round(y - picture.height - 7);
      const meets = (each) => Math.abs(each.left - left) < picture.width + 6 && Math.abs(each.top - top) < picture.height + 12;
      if (taken.some(meets)) continue;
      taken.push({ left, top });
      pen.drawImage(picture, left, top);
      pen.strokeRect(left - 0.5, top - 0.5, picture.width + 1, picture.height + 1);
    }
  };

  overlay.cursor = (at) => {
    cursor.hidden = at === null;
    if (at !== null) cursor.style.transform = `translate(${at[0]}px, ${at[1]}px)`;
  };

  overlay.lasso = (points) => line.setAttribute("points", points.map((each) => each.map(Math.round).join(",")).join(" "));

  return overlay;
}
