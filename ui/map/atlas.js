// The points of a map and small pictures of their frames, as the server packs them once
// (atlas.py, analysis/thumbnails.py): each is a file that the browser keeps.

const CELLS = 96; // of the grid along each axis
// Of all data sets that were shown; one for both components, each of which has this file.
const { rows: thumbnails, loading } = (globalThis.morphThumbnailFiles ??= { rows: new Map(), loading: new Map() });

// A file: the length of its head in 4 bytes, the head in JSON, then arrays that the head names.
async function unpackFile(url, deflated) {
  const answer = await fetch(new URL(url.replace(/^\//, ""), base()));
  if (!answer.ok) throw new Error(`no ${url}`);
  const stream = deflated ? answer.body.pipeThrough(new DecompressionStream("deflate")) : answer.body;
  const bytes = await new Response(stream).arrayBuffer();
  const length = new DataView(bytes).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
  return { head, bytes, first: 4 + length };
}

// The address under which this server's own files lie, whatever page is open.
function base() {
  const script = document.querySelector('script[src*="static/js/"]');
  return script ? script.src.split("static/js/")[0] : new URL("/", location.href).href;
}

function loadThumbnails(url) {
  if (!url || loading.has(url)) return;
  loading.set(url, unpackFile(url, true).then(({ head, bytes, first }) => {
    let at = first;
    for (const { width, height, count } of head.parts) {
      const ids = new Int32Array(bytes.slice(at, at + 4 * count));
      at += 4 * count;
      const each = Math.ceil((width * height) / 4);
      ids.forEach((id, row) => thumbnails.set(id, { bytes, at: at + row * each, width, height }));
      at += each * count;
    }
  }).catch(() => loading.delete(url)));
}

// Draw a frame's small picture, 4 gray levels; whether it is there yet.
function drawThumbnail(canvas, id) {
  const found = thumbnails.get(id);
  if (!found) return false;
  const { bytes, at, width, height } = found;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const packed = new Uint8Array(bytes, at, Math.ceil((width * height) / 4));
  const pen = canvas.getContext("2d"), picture = pen.createImageData(width, height);
  const pixels = new Uint32Array(picture.data.buffer);
  for (let pixel = 0; pixel < pixels.length; pixel++) {
    const gray = ((packed[pixel >> 2] >> (6 - 2 * (pixel & 3))) & 3) * 85;
    pixels[pixel] = 0xff000000 | (gray << 16) | (gray << 8) | gray;
  }
  pen.putImageData(picture, 0, 0);
  return true;
}

const bitmaps = new Map();

// A frame's small picture as a canvas of its own; null until it is there.
function bitmap(id) {
  if (!bitmaps.has(id)) {
    const made = document.createElement("canvas");
    if (!drawThumbnail(made, id)) return null;
    if (bitmaps.size > 600) bitmaps.clear();
    bitmaps.set(id, made);
  }
  return bitmaps.get(id);
}

async function loadAtlas(url) {
  const { head, bytes, first } = await unpackFile(url, false);
  const count = head.count;
  let at = Math.ceil(first / 4) * 4;
  const take = (Kind) => {
    const taken = new Kind(bytes, at, count);
    at += 4 * count;
    return taken;
  };
  const ids = take(Int32Array), x = take(Float32Array), y = take(Float32Array);
  const owners = take(Int32Array), time = take(Float32Array);
  const fraction = take(Float32Array), length = take(Float32Array), kind = take(Int32Array);
  const rows = new Map();
  ids.forEach((id, row) => rows.set(id, row));
  let hidden = null, bits = null;

  let left = Infinity, right = -Infinity, bottom = Infinity, top = -Infinity;
  for (let row = 0; row < count; row++) {
    left = Math.min(left, x[row]); right = Math.max(right, x[row]);
    bottom = Math.min(bottom, y[row]); top = Math.max(top, y[row]);
  }
  const column = (value) => Math.min(CELLS - 1, Math.max(0, Math.floor(((value - left) / (right - left || 1)) * CELLS)));
  const line = (value) => Math.min(CELLS - 1, Math.max(0, Math.floor(((value - bottom) / (top - bottom || 1)) * CELLS)));
  const cells = Array.from({ length: CELLS * CELLS }, () => []);
  for (let row = 0; row < count; row++) cells[line(y[row]) * CELLS + column(x[row])].push(row);

  const isHidden = (row) => bits !== null && (bits[row >> 3] >> (7 - (row & 7))) & 1;

  return {
    ids,
    at: (row) => [x[row], y[row]],
    owner: (row) => head.trajectories[owners[row]].id,
    isCharted: (row) => kind[row] === 0,
    row: (id) => { const row = rows.get(id); return row === undefined || isHidden(row) ? undefined : row; },
    hide(text) {
      if (text === hidden) return;
      hidden = text;
      bits = text ? Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)) : null;
    },

    // The points in sight, of those that are shown; none where there are more than a few.
    within([x0, x1, y0, y1], few) {
      const found = [];
      for (let row = 0; row < count && found.length <= few; row++)
        if (x[row] >= x0 && x[row] <= x1 && y[row] >= y0 && y[row] <= y1 && !isHidden(row)) found.push(row);
      return found.length > few ? [] : found;
    },

    // The point that is drawn on top at a place, or else the nearest one that is near.
    find([px, py], { perX, perY, near, round, diamond }) {
      const most = Math.max(near, diamond);
      let best = -1, apart = Infinity, hit = -1, rank = -1;
      const low = [column(px - most * perX), line(py - most * perY)];
      const high = [column(px + most * perX), line(py + most * perY)];
      for (let cy = low[1]; cy <= high[1]; cy++) for (let cx = low[0]; cx <= high[0]; cx++)
        for (const row of cells[cy * CELLS + cx]) {
          if (isHidden(row)) continue;
          const dx = Math.abs(x[row] - px) / perX, dy = Math.abs(y[row] - py) / perY;
          const distance = Math.hypot(dx, dy);
          const under = kind[row] === 1 ? dx + dy <= diamond : distance <= (kind[row] ? diamond : round);
          if (under && (kind[row] > rank || (kind[row] === rank && row > hit))) { hit = row; rank = kind[row]; }
          if (distance < apart) { best = row; apart = distance; }
        }
      if (hit >= 0) return { row: hit, exact: true };
      return { row: apart <= near ? best : -1, exact: false };
    },

    // The nearest point within 45 degrees of a direction, on the screen; -1 where there is none.
    next(from, [dx, dy], { perX, perY }) {
      let best = -1, least = Infinity;
      for (let row = 0; row < count; row++) {
        if (row === from || isHidden(row)) continue;
        const px = (x[row] - x[from]) / perX, py = (y[row] - y[from]) / perY;
        const along = px * dx + py * dy, across = Math.abs(px * dy + py * dx);
        if (along <= 0 || across > along) continue;
        const distance = along * along + across * across;
        if (distance < least) { best = row; least = distance; }
      }
      return best;
    },

    // A frame in words: its trajectory, its time, what is measured on it.
    words(row) {
      const { name, data } = head.trajectories[owners[row]];
      const number = time[row].toLocaleString("en-US", { maximumSignificantDigits: 6 });
      const counted = head.unit === "step" || head.unit === "frame";
      const when = !Number.isFinite(time[row]) ? "" : counted ? `${head.unit} ${number}` : `${number} ${head.unit}`;
      const measured = kind[row] === 1 ? ["not yet separated"] : [
        Number.isFinite(fraction[row]) ? `white ${Math.round(100 * fraction[row])} %` : "",
        Number.isFinite(length[row]) ? `L ${length[row].toFixed(1)} px` : "",
      ];
      return [[name, when].filter(Boolean).join(" · "), measured.filter(Boolean).join(" · "), data].filter(Boolean);
    },
  };
}
