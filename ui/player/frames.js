// Frames in the browser: decoding of what component.py sends, drawing on a canvas; and constructors
// of the elements that all parts of the player share.

const ICONS = {
  first: "M6 5h2.4v14H6zM19 5v14L9.5 12z",
  back: "M16.5 5v14L7 12z",
  play: "M7 4.5v15L20 12z",
  pause: "M6.5 5h4v14h-4zM13.5 5h4v14h-4z",
  forward: "M7.5 5v14L17 12z",
  last: "M15.6 5H18v14h-2.4zM5 5v14l9.5-7z",
  loop: "M7 7h9v3l4.5-4L16 2v3H5v7h2zm10 10H8v-3l-4.5 4L8 22v-3h11v-7h-2z",
};
// A pixel is one byte: its gray in 32 steps from the lowest to the highest of its frame times two,
// plus one where it counts as white.
const BINARY = colours((byte) => (byte & 1 ? 255 : 0));

// The frames of a film from base64 of deflated ones, each but the first as its difference from the
// one before, modulo 256.
async function unpack(film) {
  const size = film.width * film.height, count = film.counters.length;
  const packed = Uint8Array.from(atob(film.frames), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  for (let at = size; at < count * size; at++) bytes[at] += bytes[at - size];
  const image = new ImageData(film.width, film.height);
  return { bytes, size, image, pixels: new Uint32Array(image.data.buffer), ranges: film.ranges };
}

function gray([low, high]) {
  return colours((byte) => low + Math.round(((byte >> 1) * (high - low)) / 31));
}

// The opaque colour of every byte.
function colours(level) {
  return Uint32Array.from({ length: 256 }, (_, byte) => (0xff000000 | (level(byte) * 0x010101)) >>> 0);
}

function draw(canvas, { bytes, size, image, pixels, ranges }, at, look) {
  const from = at * size, table = look === "gray" ? gray(ranges[at]) : BINARY;
  for (let pixel = 0; pixel < size; pixel++) pixels[pixel] = table[bytes[from + pixel]];
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function element(name, attributes, words) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (words !== undefined) made.textContent = words;
  return made;
}

function shape(name, attributes, words) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (words !== undefined) made.textContent = words;
  return made;
}

function icon(name) {
  const svg = shape("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" });
  svg.append(shape("path", { d: ICONS[name] }));
  return svg;
}
