// What lies over a map's chart, in the browser: zoom, hover, keyboard, lasso, legend. The chart is
// Altair's; whatever moves it or is drawn over its points is a signal that has an input of the
// chart's own, which is set here. A gesture moves the drawn canvas by a transform, and the chart is
// drawn anew when it rests or after a while, so that frames come at the screen's own pace. Nothing
// here asks the server but what is selected. Streamlit calls the default export at every rerun.
// Its parts are in gestures.js, atlas.js and overlay.js, sent together with this file.

const REST_MS = 110; // a gesture rests
const DEEPEST = 4000, WIDEST = 1.6; // of the whole map's ends
const FEW = 120; // points in sight that have their pictures beside them, as far as there is room
const KEPT = "morph-map-sight-";
const stages = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  let stage = stages.get(parentElement);
  if (!stage) {
    stage = open(parentElement.querySelector(".stage"));
    stages.set(parentElement, stage);
  }
  stage.update(data, (act) => setTriggerValue("act", act));
  return () => {
    stages.get(parentElement)?.end();
    stages.delete(parentElement);
  };
}

function open(root) {
  const ended = new AbortController();
  const on = (target, name, action, more = {}) =>
    target.addEventListener(name, action, { signal: ended.signal, ...more });
  const overlay = buildOverlay(root, on);
  const sent = new WeakMap(); // the last value of each input
  // `home`, `view`, `drawn`: ends of the axes [x0, x1, y0, y1] of the whole map, as it is seen, and
  // as the chart has drawn it. `cursor`: the row at which the keyboard is. `picked`: the frame that
  // the chart's own selection has, which says nothing when it is clicked again.
  const stage = {
    data: {}, act: () => {}, atlas: null, chart: null, canvas: null,
    home: null, view: null, drawn: null, cursor: -1, picked: 0,
    set, sightTo, zoom, schedule, commit, place, box, middle, value, pixel, save,
  };
  let wanted = "", frame = 0, changed = 0, begun = 0, cost = 30; // ms
  const gestures = listen(stage, overlay, on);
  on(window, "resize", () => { measure(); schedule(); });
  const watch = new MutationObserver(attach);

  function update(data, act) {
    const before = stage.data;
    Object.assign(stage, { data, act });
    if (before.chart !== data.chart) {
      stage.chart = document.querySelector(data.chart);
      watch.disconnect();
      watch.observe(stage.chart ?? document.body, { childList: true, subtree: true });
    }
    if (before.map !== data.map) {
      stage.home = data.home;
      stage.cursor = -1;
      stage.atlas = null;
      stage.canvas = null;
      stage.view = within(JSON.parse(sessionStorage.getItem(KEPT + data.map) ?? "null") ?? data.home);
      gestures.leave();
    }
    if (data.atlas && data.atlas !== wanted) {
      wanted = data.atlas;
      loadAtlas(data.atlas).then((loaded) => {
        if (wanted !== data.atlas) return;
        stage.atlas = loaded;
        loaded.hide(stage.data.hidden);
        if (!loaded.within(stage.view, Infinity).length) sightTo(stage.home); // kept, and empty
        root.dataset.ready = "true";
        place();
      }, () => { wanted = ""; });
    }
    stage.atlas?.hide(data.hidden);
    overlay.describe(data);
    overlay.legend(data.legend);
    attach();
    send();
    measure();
    place();
  }

  // A chart that is drawn anew has a new canvas, and new inputs that get all signals again.
  function attach() {
    const found = stage.chart?.querySelector("canvas") ?? null;
    if (found === stage.canvas) return;
    stage.canvas = found;
    if (!found) return;
    found.style.transformOrigin = "0 0";
    stage.picked = 0;
    send();
    commit();
  }

  function send() {
    for (const [name, value] of Object.entries(stage.data.signals ?? {})) set(name, value);
  }

  function set(name, value) {
    const input = stage.chart?.querySelector(`.vega-bindings [name="${name}"]`);
    if (!input || (sent.get(input) ?? "") === value) return;
    sent.set(input, value);
    input.value = value;
    input.dispatchEvent(new Event("input"));
  }

  function save() {
    const link = document.createElement("a");
    link.download = "map.png";
    link.href = stage.canvas.toDataURL("image/png");
    link.click();
  }

  // The map begins where header and warnings end, and ends where its legend begins.
  function measure() {
    stage.chart?.style.setProperty("--legend", `${overlay.legendHeight()}px`);
    const main = document.querySelector('[data-testid="stMain"]');
    const top = stage.chart ? stage.chart.getBoundingClientRect().top + (main?.scrollTop ?? 0) : 0;
    if (top > 0) document.documentElement.style.setProperty("--map-top", `${Math.round(top)}px`);
  }

  function within(wished) {
    const ends = [...wished], home = stage.home;
    for (const axis of [0, 2]) {
      const whole = home[axis + 1] - home[axis], wide = ends[axis + 1] - ends[axis];
      const limited = Math.min(Math.max(wide, whole / DEEPEST), whole * WIDEST);
      const centre = (ends[axis] + ends[axis + 1]) / 2;
      const held = Math.min(Math.max(centre, home[axis] - 0.2 * whole), home[axis + 1] + 0.2 * whole);
      if (limited !== wide || held !== centre)
        [ends[axis], ends[axis + 1]] = [held - limited / 2, held + limited / 2];
    }
    return ends;
  }

  function sightTo(ends) {
    stage.view = within(ends);
    changed = performance.now();
    gestures.leave();
    schedule();
  }

  function zoom(by, at) {
    const [x, y] = value(at), [x0, x1, y0, y1] = stage.view;
    sightTo([x + (x0 - x) * by, x + (x1 - x) * by, y + (y0 - y) * by, y + (y1 - y) * by]);
  }

  function schedule() {
    if (!frame) frame = requestAnimationFrame(step);
  }

  function step(now) {
    frame = 0;
    if (!stage.canvas?.isConnected) return;
    const rested = now - changed > REST_MS && !gestures.moving();
    const due = now - begun > Math.max(160, 5 * cost);
    if (!same(stage.view, stage.drawn) && (rested || due || cost < 9)) commit();
    else {
      transform();
      place();
    }
    if (!same(stage.view, stage.drawn)) schedule();
  }

  // The chart draws in microtasks of this very task: transform and picture change in one refresh.
  function commit() {
    begun = performance.now();
    const started = begun;
    stage.drawn = stage.view;
    set("sight", stage.view.map((end) => end.toPrecision(9)).join(" "));
    setTimeout(() => { cost = 0.7 * cost + 0.3 * (performance.now() - started); });
    transform();
    sessionStorage.setItem(KEPT + stage.data.map, JSON.stringify(stage.view));
    place();
  }

  function transform() {
    const { view, drawn, canvas } = stage;
    if (same(view, drawn)) {
      canvas.style.transform = "";
      return;
    }
    const { width, height } = box();
    const across = view[1] - view[0], up = view[3] - view[2];
    const a = (drawn[1] - drawn[0]) / across, d = (drawn[3] - drawn[2]) / up;
    const left = ((drawn[0] - view[0]) / across) * width, top = ((view[3] - drawn[3]) / up) * height;
    canvas.style.transform = `matrix(${a}, 0, 0, ${d}, ${left}, ${top})`;
  }

  // What lies over the points and goes with them: the ends of the axes, pictures, cursor, lasso.
  function place() {
    const { data, atlas, cursor, view } = stage;
    if (!stage.canvas || !view) return;
    overlay.axes(data.axes, view);
    const few = atlas?.within(view, FEW) ?? [];
    overlay.pictures(few.map((row) => [...pixel(atlas.at(row)), atlas.ids[row]]));
    overlay.lasso(gestures.line() ?? (data.lasso ?? []).map(pixel));
    const at = cursor >= 0 && atlas ? pixel(atlas.at(cursor)) : null;
    overlay.cursor(at);
    if (at) overlay.hover(at, atlas, cursor, true);
  }

  // The box in which the map is drawn, which a transform of the canvas leaves alone.
  function box() {
    return { width: stage.canvas.offsetWidth, height: stage.canvas.offsetHeight };
  }

  function middle() {
    const { width, height } = box();
    return [width / 2, height / 2];
  }

  function value([px, py]) {
    const { width, height } = box(), [x0, x1, y0, y1] = stage.view;
    return [x0 + (px / width) * (x1 - x0), y1 - (py / height) * (y1 - y0)];
  }

  function pixel([x, y]) {
    const { width, height } = box(), [x0, x1, y0, y1] = stage.view;
    return [((x - x0) / (x1 - x0)) * width, ((y1 - y) / (y1 - y0)) * height];
  }

  function end() {
    cancelAnimationFrame(frame);
    watch.disconnect();
    ended.abort();
    if (stage.canvas) stage.canvas.style.transform = "";
  }

  return { update, end };
}

function same(a, b) {
  return a === b || Boolean(a && b && a.every((end, at) => end === b[at]));
}
