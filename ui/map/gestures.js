// Pointer and keyboard of a map's stage (stage.js): a drag moves the map or selects a region, a click
// or Enter selects a frame, a hover shows it, arrow keys go from frame to frame.

const TWICE_MS = 280; // a second click this soon is a double click
const NEAR = 6; // px: how near the pointer is to a point that it means

function listen(stage, overlay, on) {
  let hovered = -1, gesture = null, mode = "pan";
  let awaited = 0; // what a click between the points does once it was no double click
  let dragged = 0; // when a drag ended: the click that ends it selects nothing

  on(window, "wheel", wheel, { capture: true, passive: false });
  on(window, "pointerdown", down, { capture: true });
  on(window, "pointermove", move, { capture: true });
  on(window, "pointerup", up, { capture: true });
  on(window, "pointercancel", () => { gesture = null; }, { capture: true });
  on(window, "click", click, { capture: true });
  on(window, "dblclick", double, { capture: true });
  on(window, "keydown", escape);
  on(overlay.keys, "keydown", key);
  on(overlay.keys, "blur", () => { stage.cursor = -1; overlay.hover(null); stage.place(); });
  overlay.onTool = (tool) => {
    if (tool === "save") return stage.save();
    if (tool === "reset") return stage.sightTo(stage.home);
    if (tool === "in" || tool === "out") return stage.zoom(tool === "in" ? 0.6 : 1 / 0.6, stage.middle());
    mode = tool;
    overlay.tools(mode);
  };
  overlay.tools(mode);

  const local = (event) => {
    const { left, top } = overlay.root.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const mine = (event) => stage.canvas && event.composedPath()[0] === stage.canvas;


  function wheel(event) {
    if (!mine(event) || event.ctrlKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const turned = Math.max(-240, Math.min(240, event.deltaY * 16 ** event.deltaMode));
    stage.zoom(1.0018 ** turned, local(event));
  }

  function down(event) {
    if (!mine(event) || event.button !== 0 || !event.isTrusted) return;
    overlay.keys.focus({ preventScroll: true });
    hover(-1);
    gesture = { from: local(event), sight: stage.view, mode: event.shiftKey ? "area" : mode, moved: false };
    if (gesture.mode === "lasso") gesture.line = [gesture.from];
    if (gesture.mode === "area" && !event.shiftKey) {
      // The chart marks an area where a drag began with Shift.
      event.stopImmediatePropagation();
      stage.canvas.dispatchEvent(new PointerEvent("pointerdown", {
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
      const { width, height } = stage.box(), ends = gesture.sight;
      const dx = ((fromX - x) / width) * (ends[1] - ends[0]);
      const dy = ((y - fromY) / height) * (ends[3] - ends[2]);
      stage.sightTo([ends[0] + dx, ends[1] + dx, ends[2] + dy, ends[3] + dy]);
    } else if (gesture.mode === "lasso") {
      event.stopImmediatePropagation();
      gesture.line.push([x, y]);
      stage.place();
    }
  }

  function up() {
    const done = gesture;
    gesture = null;
    if (!done?.moved) return;
    if (done.mode === "lasso" && done.line.length > 3) {
      const every = Math.ceil(done.line.length / 200);
      stage.act({ kind: "lasso", line: done.line.filter((_, at) => at % every === 0).map(stage.value) });
    }
    dragged = performance.now();
    stage.schedule();
  }

  function click(event) {
    if (!mine(event)) return;
    if (performance.now() - dragged < 300) return event.stopImmediatePropagation();
    if (!stage.atlas) return;
    if (!same(stage.view, stage.drawn)) stage.commit();
    const { row, exact } = stage.atlas.find(stage.value(local(event)), reach());
    const charted = exact && stage.atlas.isCharted(row); // the chart takes clicks on these alone
    if (row >= 0 && !event.shiftKey) stage.set("shown", `${stage.atlas.ids[row]} ${stage.atlas.owner(row)}`);
    if (charted && event.shiftKey) return; // the chart's own selection tells the server
    if (charted && stage.atlas.ids[row] !== stage.picked) { // and here, too
      stage.picked = stage.atlas.ids[row];
      return;
    }
    event.stopImmediatePropagation();
    if (row >= 0) stage.act({ kind: event.shiftKey ? "pin" : "pick", id: stage.atlas.ids[row] });
    else if (!event.shiftKey && stage.data.takesPlaces) {
      const act = { kind: "place", at: stage.value(local(event)) };
      clearTimeout(awaited);
      if (event.detail < 2) awaited = setTimeout(() => stage.act(act), TWICE_MS);
    }
  }

  function double(event) {
    if (!mine(event)) return;
    event.stopImmediatePropagation();
    clearTimeout(awaited);
    stage.sightTo(stage.home);
  }

  // Half-axes, in the map's own units, of the circles in which points are hit, and are near.
  function reach() {
    const { width, height } = stage.box();
    const [x0, x1, y0, y1] = stage.view, { radius: round, diamond } = stage.data;
    return { perX: (x1 - x0) / width, perY: (y1 - y0) / height, near: NEAR, round, diamond };
  }

  function point(event) {
    if (!stage.atlas || event.buttons) return;
    const { row } = stage.atlas.find(stage.value(local(event)), reach());
    hover(row, local(event));
  }

  function hover(row, at) {
    hovered = row;
    if (row < 0) return stage.cursor < 0 && overlay.hover(null);
    stage.cursor = -1;
    overlay.cursor(null);
    overlay.hover(at, stage.atlas, row, false);
  }

  function escape(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const inside = event.composedPath().some((each) => each === stage.chart || each === overlay.root);
    if (!inside && document.activeElement !== document.body) return;
    gesture = null;
    stage.cursor = -1;
    stage.picked = 0;
    hover(-1);
    overlay.hover(null);
    stage.place();
    stage.set("shown", "");
    stage.act({ kind: "clear" });
  }

  function key(event) {
    if (!stage.atlas || event.ctrlKey || event.metaKey || event.altKey) return;
    const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    if (directions[event.key]) go(directions[event.key]);
    else if (event.key === "Enter" && stage.cursor >= 0) {
      if (!event.shiftKey) stage.set("shown", `${stage.atlas.ids[stage.cursor]} ${stage.atlas.owner(stage.cursor)}`);
      stage.act({ kind: event.shiftKey ? "pin" : "pick", id: stage.atlas.ids[stage.cursor] });
    } else if (event.key === "+" || event.key === "=") stage.zoom(0.7, focus());
    else if (event.key === "-") stage.zoom(1 / 0.7, focus());
    else if (event.key === "0" || event.key === "Home") stage.sightTo(stage.home);
    else return;
    event.preventDefault();
  }

  function focus() {
    return stage.cursor < 0 ? stage.middle() : stage.pixel(stage.atlas.at(stage.cursor));
  }

  function go(direction) {
    const { atlas, view: [x0, x1, y0, y1] } = stage;
    const selected = atlas.row(stage.data.selected);
    const from = stage.cursor >= 0 ? stage.cursor : selected;
    const next = from === undefined
      ? atlas.find(stage.value(stage.middle()), { ...reach(), near: 1e6 }).row
      : atlas.next(from, direction, reach());
    if (next < 0) return;
    const [x, y] = atlas.at(next), [across, up] = [(x1 - x0) / 2, (y1 - y0) / 2];
    if (x < x0 || x > x1 || y < y0 || y > y1) stage.sightTo([x - across, x + across, y - up, y + up]);
    stage.cursor = next;
    hovered = -1;
    stage.place();
    overlay.say(atlas.words(next).join(", "));
  }

  return { line: () => gesture?.line, moving: () => Boolean(gesture?.moved), leave: () => hover(-1) };
}
