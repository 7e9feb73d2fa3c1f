// The frame player in the browser. It draws what ui/player.py sends and computes no science:
// values, axes, ticks and words come ready made. Streamlit calls the default export again at every
// rerun, with the same data while the visit is the same; one player is kept for each place on a page.
// The curves under the frame are in player_curves.js.

const WIDTH = 400, HEIGHT = 100, FRAME_BYTES = (WIDTH * HEIGHT) / 8;
const SPEEDS = [5, 10, 20, 30, 60]; // frames a second
const REST_MS = 150; // stepping by a held key is reported once it rests
const ICONS = {
  first: "M6 5h2.4v14H6zM19 5v14L9.5 12z",
  back: "M16.5 5v14L7 12z",
  play: "M7 4.5v15L20 12z",
  pause: "M6.5 5h4v14h-4zM13.5 5h4v14h-4z",
  forward: "M7.5 5v14L17 12z",
  last: "M15.6 5H18v14h-2.4zM5 5v14l9.5-7z",
  loop: "M7 7h9v3l4.5-4L16 2v3H5v7h2zm10 10H8v-3l-4.5 4L8 22v-3h11v-7h-2z",
};
const OCTETS = octets();
const IMAGE = new ImageData(WIDTH, HEIGHT);
const PIXELS = new Uint32Array(IMAGE.data.buffer);
const players = new WeakMap();
const chosen = { speed: 20, loop: true, log: null }; // kept from one trajectory to the next

export default function ({ parentElement, data, setStateValue }) {
  let player = players.get(parentElement);
  if (player?.visit !== data.visit) {
    player?.end();
    player = start(parentElement.querySelector(".player"), data);
    players.set(parentElement, player);
  }
  player.report = (index) => setStateValue("rest", { visit: data.visit, index });
  return () => {
    players.get(parentElement)?.end();
    players.delete(parentElement);
  };
}

function start(root, data) {
  const ended = new AbortController();
  const on = (target, name, action) =>
    target.addEventListener(name, action, { signal: ended.signal });
  const last = data.counters.length - 1;
  const canvas = root.querySelector(".screen canvas");
  const badge = root.querySelector(".badge");
  const scrub = root.querySelector(".scrub");
  const player = { visit: data.visit, report: () => {}, end };
  let frames = null; // all frames, packed, once unpacked
  let index = data.start, reported = data.start, resting = 0, marked = null;
  let playing = false, origin = { time: 0, index: 0 }, latest = 0, drawn = 0;

  root.setAttribute(
    "aria-label",
    `Frame player of ${data.name}. Space plays or pauses, arrow keys step, ` +
      "with Shift by ten, Home and End go to the first and last frame.",
  );
  scrub.max = last;
  const controls = buildControls(root.querySelector(".controls"));
  const thumbs = buildStrip(root.querySelector(".strip"));
  const charts = buildCharts(root.querySelector(".charts"), data, on, scrubTo, rest);

  on(scrub, "input", () => scrubTo(Number(scrub.value)));
  on(scrub, "change", rest);
  on(canvas, "click", () => { root.focus(); toggle(); });
  on(root, "keydown", key);
  unpack(data.bits, data.counters.length).then((bytes) => {
    if (ended.signal.aborted) return;
    frames = bytes;
    for (const { index: at, canvas: small } of thumbs) draw(small, at);
    show(data.start);
    root.dataset.ready = "true";
  });
  return player;

  function buildControls(place) {
    place.replaceChildren();
    const button = (name, label, action) => {
      const made = element("button", { type: "button", title: label, "aria-label": label });
      made.className = name;
      made.append(icon(name));
      on(made, "click", action);
      place.append(made);
      return made;
    };
    button("first", "First frame (Home)", () => stepTo(0));
    button("back", "One frame back (←)", () => stepTo(index - 1));
    const play = button("play", "Play (Space)", toggle);
    button("forward", "One frame forward (→)", () => stepTo(index + 1));
    button("last", "Last frame (End)", () => stepTo(last));
    const loop = button("loop", "Begin again after the last frame", () => {
      chosen.loop = !chosen.loop;
      loop.setAttribute("aria-pressed", chosen.loop);
    });
    loop.setAttribute("aria-pressed", chosen.loop);
    const speed = element("select", { "aria-label": "Speed in frames per second" });
    for (const each of SPEEDS) {
      const option = element("option", { value: each });
      option.textContent = `${each} frames/s`;
      option.selected = each === chosen.speed;
      speed.append(option);
    }
    on(speed, "change", () => {
      chosen.speed = Number(speed.value);
      origin = { time: latest, index };
    });
    const counter = element("span", { class: "counter", role: "status" });
    const hint = element("span", { class: "hint" });
    hint.textContent = "Keys: Space, ← →, Shift + ← →, Home, End";
    place.append(speed, counter, hint);
    return { play, counter };
  }

  function buildStrip(place) {
    place.replaceChildren();
    return data.strip.map(({ index: at, label }) => {
      const early = data.uniform[at] ? ", not yet separated" : "";
      const button = element("button", { type: "button", "aria-label": `Go to ${label}${early}` });
      const small = element("canvas", { width: WIDTH, height: HEIGHT });
      const words = element("span", {});
      words.textContent = label;
      button.append(small, words);
      if (early) {
        const note = element("span", { class: "early" });
        note.textContent = "not yet separated";
        button.append(note);
      }
      on(button, "click", () => stepTo(at));
      place.append(button);
      return { index: at, canvas: small, button };
    });
  }

  function draw(target, at) {
    const from = at * FRAME_BYTES;
    for (let byte = 0; byte < FRAME_BYTES; byte++) {
      const octet = frames[from + byte] * 8;
      for (let bit = 0; bit < 8; bit++) PIXELS[byte * 8 + bit] = OCTETS[octet + bit];
    }
    target.getContext("2d").putImageData(IMAGE, 0, 0);
  }

  function show(at) {
    index = at;
    if (!frames) return;
    draw(canvas, at);
    badge.hidden = !data.uniform[at];
    scrub.value = at;
    controls.counter.textContent = data.counters[at];
    charts.mark(at);
    markThumb(at);
    if (!playing) describe(at);
    root.dataset.index = at;
    root.dataset.drawn = ++drawn;
  }

  function markThumb(at) {
    let near = thumbs[0];
    for (const each of thumbs) if (Math.abs(each.index - at) < Math.abs(near.index - at)) near = each;
    if (near === marked) return;
    marked?.button.removeAttribute("aria-current");
    near.button.setAttribute("aria-current", "true");
    marked = near;
  }

  // For those who do not see it; not 60 times a second.
  function describe(at) {
    canvas.setAttribute("aria-label", `${data.name}, ${data.counters[at]}`);
    scrub.setAttribute("aria-valuetext", data.counters[at]);
  }

  function scrubTo(at) {
    setPlaying(false);
    show(Math.min(last, Math.max(0, at)));
  }

  function stepTo(at) {
    scrubTo(at);
    clearTimeout(resting);
    resting = setTimeout(rest, REST_MS);
  }

  // The link follows without a new entry in the browser's history; then Python is told.
  function rest() {
    clearTimeout(resting);
    if (index === reported || ended.signal.aborted) return;
    reported = index;
    const url = new URL(window.location.href);
    url.searchParams.set("frame", data.frameIds[index]);
    window.history.replaceState(window.history.state, "", url);
    player.report(index);
  }

  function setPlaying(wanted) {
    if (playing === wanted) return;
    playing = wanted;
    root.dataset.playing = playing;
    controls.counter.setAttribute("aria-live", playing ? "off" : "polite");
    const label = playing ? "Pause (Space)" : "Play (Space)";
    controls.play.replaceChildren(icon(playing ? "pause" : "play"));
    controls.play.setAttribute("aria-label", label);
    controls.play.title = label;
    if (!playing) return describe(index);
    clearTimeout(resting);
    if (index === last) show(0);
    latest = performance.now();
    origin = { time: latest, index };
    requestAnimationFrame(tick);
  }

  function toggle() {
    setPlaying(!playing);
    if (!playing) rest();
  }

  // Time decides which frame is due, so that a slow browser leaves frames out but keeps the speed.
  function tick(now) {
    if (!playing || ended.signal.aborted) return;
    if (now - latest > 500) origin = { time: now, index }; // the tab was hidden
    latest = now;
    let due = origin.index + Math.round(((now - origin.time) * chosen.speed) / 1000);
    if (due > last) {
      if (!chosen.loop) {
        show(last);
        setPlaying(false);
        rest();
        return;
      }
      due %= last + 1;
    }
    if (due !== index) show(due);
    requestAnimationFrame(tick);
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const tag = event.target.tagName;
    if (tag === "SELECT" || (event.target.type === "checkbox")) return;
    const far = event.shiftKey ? 10 : 1;
    if (event.key === " " && tag !== "BUTTON") toggle();
    else if (event.key === "ArrowLeft" || event.key === "ArrowDown") stepTo(index - far);
    else if (event.key === "ArrowRight" || event.key === "ArrowUp") stepTo(index + far);
    else if (event.key === "Home") stepTo(0);
    else if (event.key === "End") stepTo(last);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function end() {
    playing = false;
    clearTimeout(resting);
    charts.end();
    ended.abort();
  }
}

// base64 of deflated frames, each but the first as its difference from the one before.
async function unpack(text, count) {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  for (let at = FRAME_BYTES; at < count * FRAME_BYTES; at++) bytes[at] ^= bytes[at - FRAME_BYTES];
  return bytes;
}

// For every byte its eight pixels, the first in the highest bit, black or white, opaque.
function octets() {
  const table = new Uint32Array(256 * 8);
  for (let byte = 0; byte < 256; byte++)
    for (let bit = 0; bit < 8; bit++)
      table[byte * 8 + bit] = byte & (128 >> bit) ? 0xffffffff : 0xff000000;
  return table;
}

function element(name, attributes) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function shape(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function icon(name) {
  const svg = shape("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" });
  svg.append(shape("path", { d: ICONS[name] }));
  return svg;
}
