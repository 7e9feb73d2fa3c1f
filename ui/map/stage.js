// What lies over a map's chart, in the browser: zoom, hover, keyboard, lasso, legend. The chart is
// Altair's; whatever moves it or is drawn over its points is a signal that has an input of the
// chart's own, which is set here. A gesture moves the drawn canvas by a transform, and the chart is
// drawn anew when it rests or after a while, so that frames come at the screen's own pace. Nothing
// here asks the server but what is selected. Streamlit calls the default export at every rerun.
// Its parts are in atlas.js and overlay.js, sent together with this file.

const REST_MS = 110; // a gesture rests
const NEAR = 6; // px: how near the pointer is to a point that it means
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
  let data = {}, act = () => {}, atlas = null, wanted = "";
  let canvas = null, home = null, view = null, drawn = null; // ends of the axes: [x0, x1, y0, y1]
  let frame = 0, changed = 0, begun = 0, cost = 30; // ms
  let hovered = -1, cursor = -1, gesture = null, mode = "pan";
  let picked = 0; // the frame that the chart's selection has: it says nothing when clicked again

  on(window, "wheel", wheel, { capture: true, passive: false });
  on(window, "pointerdown", down, { capture: true });
  on(window, "pointermove", move, { capture: true });
  on(window, "pointerup", up, { capture: true });
  on(window, "pointercancel", () => { gesture = null; }, { capture: true });
  on(window, "click", click, { capture: true });
  on(window, "dblclick", double, { capture: true });
  on(window, "keydown", escape);
  on(window, "resize", () => { measure(); schedule(); });
  on(overlay.keys, "keydown", key);
  on(overlay.keys, "blur", () => { cursor = -1; place(); });
  overlay.onTool = (tool) => {
    if (tool === "reset") return sightTo(home);
    if (tool === "save") return save();
    if (tool === "in" || tool === "out") return zoom(tool === "in" ? 0.6 : 1 / 0.6, middle());
    mode = tool;
    overlay.tools(mode);
  };
  const watch = new MutationObserver(attach);
  let chart = null;

  function update(next, report) {
    const before = data;
    data = next;
    act = report;
    if (before.chart !== data.chart) {
      chart = document.querySelector(data.chart);
      watch.disconnect();
      watch.observe(chart ?? document.body, { childList: true, subtree: true });
      home = data.home;
      const kept = JSON.parse(sessionStorage.getItem(KEPT + data.map) ?? "null");
      view = within(kept ?? home);
    }
    if (data.atlas && data.atlas !== wanted) {
      wanted = data.atlas;
      loadAtlas(data.atlas).then((loaded) => {
        if (wanted !== data.atlas) return;
        atlas = loaded;
        atlas.hide(data.hidden);
        overlay.root.dataset.ready = "true";
      });
    } else atlas?.hide(data.hidden);
    overlay.describe(data);
    overlay.legend(data.legend);
    overlay.tools(mode);
    attach();
    send();
    measure();
    place();
  }

  // A chart that is drawn anew has a new canvas, and new inputs that get all signals again.
  function attach() {
    const found = chart?.querySelector(".vega-embed canvas, .chart-wrapper canvas, canvas") ?? null;
    if (found === canvas) return;
    canvas = found;
    if (!canvas) return;
    canvas.style.transformOrigin = "0 0";
    drawn = home;
    picked = 0;
    send();
    commit();
  }

  function send() {
    for (const [name, value] of Object.entries(data.signals ?? {})) set(name, value);
  }

  function set(name, value, first = "") {
    const input = chart?.querySelector(`.vega-bindings [name="${name}"]`);
    if (!input || (sent.get(input) ?? first) === value) return false;
    sent.set(input, value);
    input.value = value;
    input.dispatchEvent(new Event("input"));
    return true;
  }

  function save() {
    const link = document.createElement("a");
    link.download = "map.png";
    link.href = canvas.toDataURL("image/png");
    link.click();
  }

  // The map begins where header and warnings end.
  function measure() {
    const main = document.querySelector('[data-testid="stMain"]');
    const top = chart ? chart.getBoundingClientRect().top + (main?.scrollTop ?? 0) : 0;
    if (top > 0) document.documentElement.style.setProperty("--map-top", `${Math.round(top)}px`);
  }

  // --- the sight -----------------------------------------------------------------------------

  function within([x0, x1, y0, y1]) {
    const ends = [x0, x1, y0, y1];
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
    view = within(ends);
    changed = performance.now();
    hover(-1);
    schedule();
  }

  function zoom(by, [px, py]) {
    const { width, height } = box();
    const x = view[0] + (px / width) * (view[1] - view[0]);
    const y = view[3] - (py / height) * (view[3] - view[2]);
    sightTo([x + (view[0] - x) * by, x + (view[1] - x) * by, y + (view[2] - y) * by, y + (view[3] - y) * by]);
  }

  function schedule() {
    if (!frame) frame = requestAnimationFrame(step);
  }

  function step(now) {
    frame = 0;
    if (!canvas?.isConnected) return;
    const rested = now - changed > REST_MS && !gesture?.moved;
    const due = now - begun > Math.max(160, 5 * cost);
    if (!same(view, drawn) && (rested || due || cost < 9)) commit();
    else transform();
    place();
    if (!same(view, drawn)) schedule();
  }

  // The chart draws in microtasks of this very task: transform and picture change in one refresh.
  function commit() {
    begun = performance.now();
    const started = begun;
    drawn = view;
    set("sight", view.map((end) => end.toPrecision(9)).join(" "), home.map((end) => end.toPrecision(9)).join(" "));
    setTimeout(() => { cost = 0.7 * cost + 0.3 * (performance.now() - started); });
    transform();
    sessionStorage.setItem(KEPT + data.map, JSON.stringify(view));
    place();
  }

  function transform() {
    if (same(view, drawn)) {
      canvas.style.transform = "";
      return;
    }
    const { width, height } = box();
    const a = (drawn[1] - drawn[0]) / (view[1] - view[0]), d = (drawn[3] - drawn[2]) / (view[3] - view[2]);
    const left = ((drawn[0] - view[0]) / (view[1] - view[0])) * width;
    const top = ((view[3] - drawn[3]) / (view[3] - view[2])) * height;
    canvas.style.transform = `matrix(${a}, 0, 0, ${d}, ${left}, ${top})`;
  }

  // What lies over the points and goes with them: the legend of the axes, the cursor, the lasso.
  function place() {
    overlay.axes(data.axes, view);
    const [width, height] = canvas ? [box().width, box().height] : [0, 0];
    const pixel = ([x, y]) => [
      ((x - view[0]) / (view[1] - view[0])) * width, ((view[3] - y) / (view[3] - view[2])) * height,
    ];
    overlay.pictures(atlas && canvas ? atlas.within(view, FEW).map((row) => [...pixel(atlas.at(row)), atlas.ids[row]]) : []);
    overlay.lasso(gesture?.line ?? (data.lasso ?? []).map(pixel));
    overlay.cursor(cursor >= 0 && atlas ? pixel(atlas.at(cursor)) : null);
    if (cursor >= 0 && atlas) overlay.hover(pixel(atlas.at(cursor)), atlas, cursor, true);
  }

  // The box in which the map is drawn, which a transform of the canvas leaves alone.
  function box() {
    return { width: canvas.offsetWidth, height: canvas.offsetHeight };
  }

  const middle = () => [box().width / 2, box().height / 2];

  function local(event) {
    const { left, top } = root.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  const mine = (event) => canvas && event.composedPath()[0] === canvas;

  // --- the pointer ---------------------------------------------------------------------------

  function wheel(event) {
    if (!mine(event) || event.ctrlKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const turned = Math.max(-240, Math.min(240, event.deltaY * 16 ** event.deltaMode));
    zoom(1.0018 ** turned, local(event));
  }

  function down(event) {
    if (!mine(event) || event.button !== 0 || !event.isTrusted) return;
    overlay.keys.focus({ preventScroll: true });
    hover(-1);
    gesture = { from: local(event), sight: view, mode: event.shiftKey ? "area" : mode, moved: false };
    if (gesture.mode === "lasso") gesture.line = [gesture.from];
    if (gesture.mode === "area" && !event.shiftKey) {
      // The chart marks an area where a drag began with Shift.
      event.stopImmediatePropagation();
      canvas.dispatchEvent(new PointerEvent("pointerdown", {
        bubbles: true, cancelable: true, composed: true, shiftKey: true, button: 0, buttons: 1,
        pointerId: event.pointerId, isPrimary: true, pointerType: event.pointerType,
        clientX: event.clientX, clientY: event.clientY,
      }));
    }
  }

  function move(event) {
    if (!gesture) {
      if (mine(event)) point(event);
      else if (hovered >= 0 && !event.buttons) hover(-1);
      return;
    }
    const [x, y] = local(event), [fromX, fromY] = gesture.from;
    gesture.moved ||= Math.hypot(x - fromX, y - fromY) > 3;
    if (!gesture.moved) return;
    if (gesture.mode === "pan") {
      event.stopImmediatePropagation(); // nothing is to be found under a pointer that drags
      const { width, height } = box(), ends = gesture.sight;
      const dx = ((fromX - x) / width) * (ends[1] - ends[0]);
      const dy = ((y - fromY) / height) * (ends[3] - ends[2]);
      sightTo([ends[0] + dx, ends[1] + dx, ends[2] + dy, ends[3] + dy]);
    } else if (gesture.mode === "lasso") {
      event.stopImmediatePropagation();
      gesture.line.push([x, y]);
      place();
    }
  }

  function up() {
    const done = gesture;
    gesture = null;
    if (!done?.moved) return;
    if (done.mode === "lasso" && done.line.length > 3) {
      const every = Math.ceil(done.line.length / 200);
      act({ kind: "lasso", line: done.line.filter((_, at) => at % every === 0).map(value) });
    }
    swallow = performance.now();
    schedule();
  }
  let swallow = 0; // when a drag ended: the click that ends it selects nothing

  function value([px, py]) {
    const { width, height } = box();
    return [
      view[0] + (px / width) * (view[1] - view[0]), view[3] - (py / height) * (view[3] - view[2]),
    ];
  }

  function click(event) {
    if (!mine(event)) return;
    if (performance.now() - swallow < 300) return event.stopImmediatePropagation();
    if (!atlas) return;
    if (!same(view, drawn)) commit();
    const { row, exact } = atlas.find(value(local(event)), reach());
    if (row >= 0 && !event.shiftKey) set("shown", `${atlas.ids[row]} ${atlas.owner(row)}`);
    if (exact && event.shiftKey) return; // the chart's own selection tells the server
    if (exact && atlas.ids[row] !== picked) {
      picked = atlas.ids[row];
      return;
    }
    event.stopImmediatePropagation();
    if (row >= 0) act({ kind: event.shiftKey ? "pin" : "pick", id: atlas.ids[row] });
    else if (!event.shiftKey && data.takesPlaces) act({ kind: "place", at: value(local(event)) });
  }

  function double(event) {
    if (!mine(event)) return;
    event.stopImmediatePropagation();
    sightTo(home);
  }

  // Half-axes, in the map's own units, of the circles in which points are hit, and are near.
  function reach() {
    const { width, height } = box();
    const perX = (view[1] - view[0]) / width, perY = (view[3] - view[2]) / height;
    return { perX, perY, near: NEAR, round: data.radius, diamond: data.diamond };
  }

  function point(event) {
    if (!atlas || event.buttons) return;
    const { row } = atlas.find(value(local(event)), reach());
    hover(row, local(event));
  }

  function hover(row, at) {
    hovered = row;
    if (row < 0) return cursor < 0 && overlay.hover(null);
    cursor = -1;
    overlay.cursor(null);
    overlay.hover(at, atlas, row, false);
  }

  // --- the keyboard --------------------------------------------------------------------------

  function escape(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const inside = event.composedPath().some((each) => each === chart || each === root);
    if (!inside && document.activeElement !== document.body) return;
    gesture = null;
    cursor = -1;
    picked = 0;
    hover(-1);
    overlay.hover(null);
    place();
    set("shown", "");
    act({ kind: "clear" });
  }

  function key(event) {
    if (!atlas || event.ctrlKey || event.metaKey || event.altKey) return;
    const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    if (directions[event.key]) step1(directions[event.key]);
    else if (event.key === "Enter" && cursor >= 0) {
      if (!event.shiftKey) set("shown", `${atlas.ids[cursor]} ${atlas.owner(cursor)}`);
      act({ kind: event.shiftKey ? "pin" : "pick", id: atlas.ids[cursor] });
    } else if (event.key === "+" || event.key === "=") zoom(0.7, focus());
    else if (event.key === "-") zoom(1 / 0.7, focus());
    else if (event.key === "0" || event.key === "Home") sightTo(home);
    else return;
    event.preventDefault();
  }

  function focus() {
    if (cursor < 0) return middle();
    const { width, height } = box(), [x, y] = atlas.at(cursor);
    return [((x - view[0]) / (view[1] - view[0])) * width, ((view[3] - y) / (view[3] - view[2])) * height];
  }

  function step1(direction) {
    const from = cursor >= 0 ? cursor : atlas.row(data.selected) ?? atlas.find(value(middle()), { ...reach(), near: 1e6 }).row;
    const next = cursor < 0 ? from : atlas.next(from, direction, reach());
    if (next < 0) return;
    cursor = next;
    hovered = -1;
    const [x, y] = atlas.at(cursor);
    const dx = view[1] - view[0], dy = view[3] - view[2];
    if (x < view[0] || x > view[1] || y < view[2] || y > view[3])
      sightTo([x - dx / 2, x + dx / 2, y - dy / 2, y + dy / 2]);
    place();
    overlay.say(atlas.words(cursor).join(", "));
  }

  function end() {
    cancelAnimationFrame(frame);
    watch.disconnect();
    ended.abort();
    if (canvas) canvas.style.transform = "";
  }

  return { update, end };
}

function same(a, b) {
  return a === b || (a && b && a.every((end, at) => end === b[at]));
}
