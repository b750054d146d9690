// The map of latent codes: WebGL points in one draw call; lasso and box are answered here.
const GRID = 65535;
const MOST_CORNERS = 120;
const instances = new WeakMap();

const VERTEX = `
attribute vec2 place; attribute vec4 colour; uniform vec4 view; uniform float size; uniform float dim;
varying vec4 shown;
void main() {
  gl_Position = vec4((place - view.xy) * view.zw, 0.0, 1.0);
  float chosen = step(0.75, colour.a);
  gl_PointSize = size * (1.0 + 0.5 * chosen * dim);
  shown = vec4(colour.rgb, mix(1.0, mix(0.18, 1.0, chosen), dim));
}`;
const FRAGMENT = `
precision mediump float; varying vec4 shown;
void main() {
  vec2 d = gl_PointCoord - 0.5;
  if (dot(d, d) > 0.25) discard;
  gl_FragColor = vec4(shown.rgb * shown.a, shown.a);
}`;

function unpack(data) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const length = view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(copy.subarray(4, 4 + length)));
  let at = 4 + length;
  const xy = new Float32Array(copy.buffer, at, header.n * 2); at += header.n * 8;
  const values = new Float32Array(copy.buffer, at, header.n); at += header.n * 4;
  const flags = new Uint8Array(copy.buffer, at, header.n);
  return { header, xy, values, flags };
}

function rgb(hex) { return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)); }

class LatentMap {
  constructor(root) {
    this.root = root;
    this.canvas = root.querySelector(".points");
    this.over = root.querySelector(".over");
    this.hover = root.querySelector(".hover");
    this.count = root.querySelector(".count");
    this.stage = root.querySelector(".stage");
    this.tool = "lasso";
    this.polygons = [];
    this.touched = false;
    this.view = { x: 0.5, y: 0.5, zoom: 1 };
    this.gl = this.canvas.getContext("webgl", { antialias: true, premultipliedAlpha: true, preserveDrawingBuffer: true });
    if (!this.gl) return this.fail("This browser can't draw with WebGL, which the map needs. The table below works without it.");
    this.program();
    this.listen();
    this.watcher = new ResizeObserver(() => this.resize());
    this.watcher.observe(this.stage);
  }

  fail(words) {
    const box = this.root.querySelector(".failed");
    box.textContent = words;
    box.hidden = false;
    this.canvas.hidden = true;
  }

  program() {
    const gl = this.gl;
    const made = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(made, shader);
    }
    gl.linkProgram(made);
    gl.useProgram(made);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.at = {
      place: gl.getAttribLocation(made, "place"), colour: gl.getAttribLocation(made, "colour"),
      view: gl.getUniformLocation(made, "view"), size: gl.getUniformLocation(made, "size"),
      dim: gl.getUniformLocation(made, "dim"),
    };
    this.places = gl.createBuffer();
    this.colours = gl.createBuffer();
  }

  update(data, send) {
    this.send = send;
    const { header, xy, values, flags } = unpack(data);
    const fresh = !this.header || this.header.points !== header.points;
    this.header = header;
    this.values = values;
    this.hovered = -1;
    if (fresh) {
      this.placePoints(xy);
      if (this.known) { this.polygons = []; this.touched = false; }
      this.view = { x: 0.5, y: 0.5, zoom: 1 };
      this.known = true;
    }
    if (!this.touched) this.chosen = flags.slice();
    this.stage.style.height = header.height + "px";
    this.paint();
    this.legend();
    this.say();
    this.resize();
  }

  placePoints(xy) {
    const n = this.header.n;
    const [x0, y0, width, height] = this.header.bounds;
    this.grid = new Float64Array(n * 2);
    const unit = new Float32Array(n * 2);
    this.lost = 0;
    for (let i = 0; i < n; i++) {
      const gx = (xy[2 * i] - x0) / width * GRID, gy = (xy[2 * i + 1] - y0) / height * GRID;
      this.grid[2 * i] = gx; this.grid[2 * i + 1] = gy;
      const there = Number.isFinite(gx) && Number.isFinite(gy);
      if (!there) this.lost++;
      unit[2 * i] = there ? gx / GRID : 1e6; unit[2 * i + 1] = there ? gy / GRID : 1e6;
    }
    this.index();
    if (!this.gl) return;
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.places);
    this.gl.bufferData(this.gl.ARRAY_BUFFER, unit, this.gl.STATIC_DRAW);
  }

  // Points by cell of a coarse grid, so that the nearest to the pointer is found at once.
  index() {
    const n = this.header.n, side = 128;
    const cell = new Int32Array(n), start = new Int32Array(side * side + 1);
    for (let i = 0; i < n; i++) {
      const x = this.grid[2 * i], y = this.grid[2 * i + 1];
      cell[i] = Number.isFinite(x) && Number.isFinite(y)
        ? Math.min(side - 1, Math.floor(x / GRID * side)) + side * Math.min(side - 1, Math.floor(y / GRID * side)) : -1;
      if (cell[i] >= 0) start[cell[i] + 1]++;
    }
    for (let c = 0; c < side * side; c++) start[c + 1] += start[c];
    const next = start.slice(), rows = new Int32Array(n);
    for (let i = 0; i < n; i++) if (cell[i] >= 0) rows[next[cell[i]]++] = i;
    this.cells = { side, start, rows };
  }

  paint() {
    const { n, labels, low, high } = this.header;
    const palette = this.header.colours.map(rgb), missing = rgb(this.header.missing);
    const out = new Uint8Array(n * 4);
    let any = 0;
    for (let i = 0; i < n; i++) {
      const v = this.values[i];
      let c = missing;
      if (labels.length) { if (v >= 0) c = palette[v % palette.length]; }
      else if (Number.isFinite(v)) {
        const t = (high > low ? (v - low) / (high - low) : 0) * (palette.length - 1);
        const k = Math.min(palette.length - 2, Math.floor(t)), f = t - k;
        c = palette[k].map((a, j) => a + (palette[k + 1][j] - a) * f);
      }
      out[4 * i] = c[0]; out[4 * i + 1] = c[1]; out[4 * i + 2] = c[2];
      out[4 * i + 3] = this.chosen[i] ? 255 : 128;
      any += this.chosen[i];
    }
    this.chosenCount = any;
    if (!this.gl) return;
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.colours);
    this.gl.bufferData(this.gl.ARRAY_BUFFER, out, this.gl.DYNAMIC_DRAW);
    this.draw();
  }

  legend() {
    const box = this.root.querySelector(".legend");
    box.replaceChildren();
    const add = (text) => { const s = document.createElement("span"); s.textContent = text; box.append(s); return s; };
    add(this.header.title + ":").style.fontWeight = "600";
    if (this.header.labels.length) {
      this.header.labels.forEach((label, i) => {
        const item = add(label);
        const dot = document.createElement("span");
        dot.className = "swatch";
        dot.style.background = this.header.colours[i % this.header.colours.length];
        item.prepend(dot);
      });
    } else {
      const [low, high] = this.header.ends || [this.header.low.toPrecision(3), this.header.high.toPrecision(3)];
      add(low);
      const scale = add("");
      scale.className = "scale";
      scale.style.background = `linear-gradient(to right, ${this.header.colours.join(",")})`;
      add(high);
    }
    if (this.values.some((v) => !(v >= 0) && (this.header.labels.length || !Number.isFinite(v)))) {
      const item = add("missing");
      const dot = document.createElement("span");
      dot.className = "swatch";
      dot.style.background = this.header.missing;
      item.prepend(dot);
    }
  }

  say() {
    const n = this.header.n.toLocaleString("en");
    let words = this.chosenCount ? `${this.chosenCount.toLocaleString("en")} of ${n} selected` : `${n} ${this.header.points_are}`;
    if (this.lost) words += `, ${this.lost.toLocaleString("en")} without a place`;
    this.count.textContent = words;
    this.canvas.setAttribute("aria-label", `Map of ${n} ${this.header.points_are} coloured by ${this.header.title}. ${words}.`);
    for (const button of this.root.querySelectorAll("[data-tool]"))
      button.setAttribute("aria-pressed", String(button.dataset.tool === this.tool));
    this.canvas.style.cursor = this.tool === "move" ? "grab" : "crosshair";
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    const width = Math.max(1, Math.round(this.stage.clientWidth * ratio));
    const height = Math.max(1, Math.round(this.stage.clientHeight * ratio));
    for (const canvas of [this.canvas, this.over])
      if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
    this.draw();
  }

  // Unit square → clip space: a margin around, the same scale on both axes is not needed for a projection.
  scale() { return 1.9 * this.view.zoom; }

  draw() {
    const gl = this.gl;
    if (!gl || !this.header) return;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform4f(this.at.view, this.view.x, this.view.y, this.scale(), this.scale());
    const size = Math.max(2, Math.min(9, 260 / Math.sqrt(this.header.n))) * (window.devicePixelRatio || 1);
    gl.uniform1f(this.at.size, size * Math.min(2.5, Math.sqrt(this.view.zoom)));
    gl.uniform1f(this.at.dim, this.chosenCount ? 1 : 0);
    for (const [buffer, place, width, kind, norm] of [
      [this.places, this.at.place, 2, gl.FLOAT, false], [this.colours, this.at.colour, 4, gl.UNSIGNED_BYTE, true]]) {
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.enableVertexAttribArray(place);
      gl.vertexAttribPointer(place, width, kind, norm, 0, 0);
    }
    gl.drawArrays(gl.POINTS, 0, this.header.n);
  }

  // Position of the pointer in grid units.
  spot(event) {
    const box = this.canvas.getBoundingClientRect();
    const cx = (event.clientX - box.left) / box.width * 2 - 1, cy = 1 - (event.clientY - box.top) / box.height * 2;
    return [(cx / this.scale() + this.view.x) * GRID, (cy / this.scale() + this.view.y) * GRID];
  }

  pixel(gx, gy) {
    return [((gx / GRID - this.view.x) * this.scale() + 1) / 2 * this.over.width,
      (1 - (gy / GRID - this.view.y) * this.scale()) / 2 * this.over.height];
  }

  listen() {
    const canvas = this.canvas;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      canvas.focus({ preventScroll: true });
      this.hover.hidden = true;
      this.drag = { path: [this.spot(event)], x: event.clientX, y: event.clientY, add: event.shiftKey };
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!this.drag) return this.point(event);
      if (this.tool === "move") {
        const box = canvas.getBoundingClientRect();
        this.view.x -= (event.clientX - this.drag.x) / box.width * 2 / this.scale();
        this.view.y += (event.clientY - this.drag.y) / box.height * 2 / this.scale();
        this.drag.x = event.clientX; this.drag.y = event.clientY;
        return this.draw();
      }
      const spot = this.spot(event);
      if (this.tool === "box") {
        const [ax, ay] = this.drag.path[0];
        this.drag.path = [[ax, ay], [spot[0], ay], spot, [ax, spot[1]]];
      } else this.drag.path.push(spot);
      this.outline();
    });
    canvas.addEventListener("pointerup", () => {
      const drag = this.drag;
      this.drag = null;
      this.over.getContext("2d").clearRect(0, 0, this.over.width, this.over.height);
      if (drag && this.tool !== "move" && drag.path.length > 2) this.choose(drag.path, drag.add);
    });
    canvas.addEventListener("pointerleave", () => { this.hover.hidden = true; });
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      const before = this.spot(event);
      this.view.zoom = Math.min(400, Math.max(0.5, this.view.zoom * Math.exp(-event.deltaY * 0.0015)));
      const after = this.spot(event);
      this.view.x += (before[0] - after[0]) / GRID; this.view.y += (before[1] - after[1]) / GRID;
      this.draw();
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.fail("The browser took the drawing memory away. Reload the page to see the map again.");
    });
    for (const button of this.root.querySelectorAll("button")) button.addEventListener("click", () => {
      if (button.dataset.tool) this.tool = button.dataset.tool;
      if (button.dataset.do === "reset") this.view = { x: 0.5, y: 0.5, zoom: 1 };
      if (button.dataset.do === "clear") return this.clear();
      this.say(); this.draw();
    });
  }

  key(event) {
    const step = 0.2 / this.view.zoom;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    const tools = { l: "lasso", b: "box", m: "move" };
    if (moves[event.key]) { this.view.x += moves[event.key][0]; this.view.y += moves[event.key][1]; }
    else if (event.key === "+" || event.key === "=") this.view.zoom = Math.min(400, this.view.zoom * 1.3);
    else if (event.key === "-") this.view.zoom = Math.max(0.5, this.view.zoom / 1.3);
    else if (event.key === "0") this.view = { x: 0.5, y: 0.5, zoom: 1 };
    else if (tools[event.key]) this.tool = tools[event.key];
    else if (event.key === "Escape") return this.clear();
    else return;
    event.preventDefault();
    this.say(); this.draw();
  }

  outline() {
    const pen = this.over.getContext("2d");
    pen.clearRect(0, 0, this.over.width, this.over.height);
    pen.beginPath();
    this.drag.path.forEach(([x, y], i) => { const [px, py] = this.pixel(x, y); i ? pen.lineTo(px, py) : pen.moveTo(px, py); });
    pen.closePath();
    pen.lineWidth = 2;
    pen.strokeStyle = this.header.flagged;
    pen.fillStyle = this.header.flagged + "22";
    pen.fill(); pen.stroke();
  }

  point(event) {
    const [gx, gy] = this.spot(event);
    const box = this.canvas.getBoundingClientRect();
    const reachX = 8 / box.width * 2 / this.scale() * GRID, reachY = 8 / box.height * 2 / this.scale() * GRID;
    const { side, start, rows } = this.cells;
    const cut = (v) => Math.min(side - 1, Math.max(0, Math.floor(v / GRID * side)));
    let best = -1, least = 1;
    for (let cy = cut(gy - reachY); cy <= cut(gy + reachY); cy++)
      for (let cx = cut(gx - reachX); cx <= cut(gx + reachX); cx++)
        for (let k = start[cx + side * cy]; k < start[cx + side * cy + 1]; k++) {
          const i = rows[k];
          const dx = (this.grid[2 * i] - gx) / reachX, dy = (this.grid[2 * i + 1] - gy) / reachY;
          if (dx * dx + dy * dy < least) { least = dx * dx + dy * dy; best = i; }
        }
    this.hover.hidden = best < 0;
    if (best < 0) return;
    if (best !== this.hovered) this.about(best);
    const x = event.clientX - box.left, y = event.clientY - box.top;
    this.hover.style.left = Math.min(x + 12, box.width - this.hover.offsetWidth - 4) + "px";
    this.hover.style.top = Math.min(y + 12, box.height - this.hover.offsetHeight - 4) + "px";
  }

  about(row) {
    this.hovered = row;
    this.hover.textContent = this.header.hover ? this.header.hover[row] : `row ${(row + 1).toLocaleString("en")}`;
    if (!this.header.thumbs) return;
    const image = new Image(96, 96);
    image.alt = "";
    image.src = `${this.header.thumbs}/${row}`;
    this.hover.prepend(image);
  }

  choose(path, add) {
    const every = Math.max(1, Math.ceil(path.length / MOST_CORNERS));
    const polygon = path.filter((_, i) => i % every === 0).map(([x, y]) => [Math.round(x), Math.round(y)]);
    if (!add) this.polygons = [];
    this.polygons.push(polygon);
    this.answer();
  }

  clear() { this.polygons = []; this.answer(); }

  answer() {
    this.touched = true;
    this.chosen = new Uint8Array(this.header.n);
    for (const polygon of this.polygons) {
      for (let i = 0; i < this.header.n; i++) {
        const x = this.grid[2 * i], y = this.grid[2 * i + 1];
        let inside = false;
        for (let k = 0, j = polygon.length - 1; k < polygon.length; j = k++) {
          const [ax, ay] = polygon[k], [bx, by] = polygon[j];
          if ((ay > y) !== (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax) inside = !inside;
        }
        if (inside) this.chosen[i] = 1;
      }
    }
    this.paint();
    this.say();
    this.send({ polygons: this.polygons.map((polygon) => polygon.flat()) });
  }

  close() { if (this.watcher) this.watcher.disconnect(); }
}

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  let map = instances.get(parentElement);
  if (!map) {
    map = new LatentMap(parentElement);
    instances.set(parentElement, map);
  }
  map.update(data, (selection) => setStateValue("selection", selection));
  return () => { map.close(); instances.delete(parentElement); };
}
