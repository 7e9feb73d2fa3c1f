// Time slider of the map, in the browser. It sets the charts' signal of the time. Vega gives each
// signal an input of the chart's own; setting that input moves the marks and asks nothing of the
// server, so that the zoom stays. A chart that is drawn anew has a new input and gets it again.

const SPEEDS = [5, 10, 20, 40]; // moments a second
const FEW = 60; // moments: a map of every 25th frame would be over in half a second
const ICONS = {
  play: "M7 4.5v15L20 12z",
  pause: "M6.5 5h4v14h-4zM13.5 5h4v14h-4z",
  off: "M6.4 5 12 10.6 17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4L12 13.4 6.4 19 5 17.6 10.6 12 5 6.4z",
};
const panels = new WeakMap();

export default function ({ parentElement, data }) {
  let panel = panels.get(parentElement);
  if (!panel) {
    panel = start(parentElement.querySelector(".time"));
    panels.set(parentElement, panel);
  }
  panel.update(data);
  return () => {
    panels.get(parentElement)?.end();
    panels.delete(parentElement);
  };
}

function start(root) {
  const ended = new AbortController();
  const on = (target, name, action) =>
    target.addEventListener(name, action, { signal: ended.signal });
  const [play, off] = root.querySelectorAll("button");
  const slider = root.querySelector("input");
  const speed = root.querySelector("select");
  const label = root.querySelector("output");
  const sent = new WeakMap(); // the last time of each input
  let times = [], unit = "", charts = "";
  let at = null; // the moment's index among the times; null: no time is set
  let playing = false, origin = { clock: 0, at: 0 }, frame = 0;

  for (const rate of SPEEDS) speed.add(new Option(`${rate} / s`, rate, rate === 20, rate === 20));
  icon(off, "off");
  on(play, "click", () => (playing ? pause() : begin()));
  on(off, "click", () => { pause(); show(null); });
  on(slider, "input", () => { pause(); show(Number(slider.value)); });
  on(speed, "change", () => { if (playing) begin(); });
  const watch = new MutationObserver(send);
  watch.observe(document.body, { childList: true, subtree: true });
  pause();

  function update(data) {
    const moment = at === null ? null : times[at], before = times.length;
    ({ times, unit, charts } = data);
    slider.max = times.length - 1;
    if (times.length !== before) speed.value = times.length < FEW ? 5 : 20;
    play.disabled = slider.disabled = times.length < 2;
    // Other times to choose from: stay at the nearest before.
    show(moment === null ? null : Math.max(0, times.findLastIndex((time) => time <= moment)));
  }

  function begin() {
    playing = true;
    const from = at === null || at === times.length - 1 ? 0 : at;
    origin = { clock: performance.now(), at: from };
    show(from);
    icon(play, "pause");
    play.setAttribute("aria-label", "Pause");
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(step);
  }

  function step(clock) {
    if (!playing) return;
    const moved = Math.floor(((clock - origin.clock) / 1000) * Number(speed.value));
    const next = Math.min(times.length - 1, origin.at + Math.max(0, moved));
    if (next !== at) show(next);
    if (next === times.length - 1) pause();
    else frame = requestAnimationFrame(step);
  }

  function pause() {
    playing = false;
    cancelAnimationFrame(frame);
    icon(play, "play");
    play.setAttribute("aria-label", "Play");
  }

  function show(moment) {
    at = moment;
    slider.value = at ?? 0;
    off.hidden = at === null;
    const number = at === null ? "" : times[at].toLocaleString("en-US", { maximumSignificantDigits: 10 });
    const counted = unit === "step" || unit === "frame";
    label.textContent = at === null ? "off" : counted ? `${unit} ${number}` : `${number} ${unit}`;
    send();
  }

  function send() {
    const now = at === null ? -1 : times[at];
    for (const input of document.querySelectorAll(`${charts} .vega-bindings [name="now"]`))
      set(input, now);
  }

  // A new chart's input is set only where the time differs from how it began.
  function set(input, value) {
    if ((sent.get(input) ?? -1) === value) return;
    sent.set(input, value);
    input.value = value;
    input.dispatchEvent(new Event("input"));
  }

  function end() {
    pause();
    watch.disconnect();
    ended.abort();
  }

  return { update, end };
}

function icon(button, name) {
  button.innerHTML = `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
}
