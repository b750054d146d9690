// One map: WebGL points in one draw call, an overlay for outlines and lines, and the pointer.
const GRID = 65535;
const MOST_CORNERS = 120;
const STATIC = 0x88E4, DYNAMIC = 0x88E8; // of WebGL: filled once, filled often
const MANY = 200000;
const MUTED = 0.75; // of the way from as they are to as those that are not selected
const NEAR = 8; // pixels around the pointer in which a point is meant

const VERTEX = `
attribute vec2 place; attribute vec4 colour; attribute float large;
uniform vec4 view; uniform float size; uniform float dim; uniform float front;
varying vec4 shown;
void main() {
  float chosen = step(0.9, colour.a);
  float drawn = step(0.1, colour.a) * (front < 0.0 ? 1.0 : 1.0 - abs(front - chosen));
  gl_Position = vec4(mix(vec2(9.0), (place - view.xy) * view.zw, drawn), 0.0, 1.0);
  gl_PointSize = size * (0.6 + 1.6 * large) * (1.0 + 0.4 * chosen * dim);
  shown = vec4(colour.rgb, mix(1.0, mix(0.18, 1.0, chosen), dim));
}`;
const FRAGMENT = `
precision mediump float; varying vec4 shown;
void main() {
  vec2 d = gl_PointCoord - 0.5;
  if (dot(d, d) > 0.25) discard;
  gl_FragColor = vec4(shown.rgb * shown.a, shown.a);
}`;

class Panel {
  // maps: the LinkedMaps that it is one of, as its number `place`.
  constructor(maps, place) {
    this.maps = maps; this.place = place;
    this.root = document.createElement("div");
    this.root.className = "panel";
    this.root.innerHTML = '<div class="name"><span></span><small></small></div><div class="stage">'
      + '<canvas class="points" tabindex="0" role="application" aria-describedby="keys"></canvas><canvas class="over" aria-hidden="true"></canvas><div class="failed" role="alert" hidden></div></div>';
    this.canvas = this.root.querySelector(".points");
    this.over = this.root.querySelector(".over");
    this.stage = this.root.querySelector(".stage");
    this.view = { x: 0.5, y: 0.5, zoom: 1 };
    this.gl = this.canvas.getContext("webgl", { antialias: true, premultipliedAlpha: true, preserveDrawingBuffer: true });
    this.listen();
    if (!this.gl) this.fail("This browser can't draw with WebGL, which the map needs. The tables below work without it.");
    else this.program();
    this.watcher = new ResizeObserver(() => this.resize());
    this.watcher.observe(this.stage);
  }

  fail(words) {
    const box = this.root.querySelector(".failed");
    box.textContent = words;
    box.hidden = false;
    this.canvas.hidden = true;
    this.gl = null;
  }

  program() {
    const gl = this.gl, made = gl.createProgram();
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
    this.at = { attributes: {}, uniforms: {} };
    for (const name of ["place", "colour", "large"]) this.at.attributes[name] = gl.getAttribLocation(made, name);
    for (const name of ["view", "size", "dim", "front"]) this.at.uniforms[name] = gl.getUniformLocation(made, name);
    this.buffers = { place: gl.createBuffer(), colour: gl.createBuffer(), large: gl.createBuffer(), under: gl.createBuffer() };
  }

  fill(name, array, usage) {
    if (!this.gl) return;
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.buffers[name]);
    this.gl.bufferData(this.gl.ARRAY_BUFFER, array, usage);
  }

  // about: { title, note, bounds, id, under }; xy: (2N), and under: (2U) behind them, in the map's own units.
  points(about, xy, under, height) {
    this.root.querySelector(".name span").textContent = about.title;
    this.root.querySelector(".name small").textContent = about.note;
    this.stage.style.height = height + "px";
    if (this.id === about.id) return;
    this.id = about.id;
    this.view = { x: 0.5, y: 0.5, zoom: 1 };
    const n = xy.length / 2, [x0, y0, width, wide] = about.bounds;
    this.grid = new Float64Array(n * 2);
    const unit = new Float32Array(n * 2);
    this.lost = 0;
    for (let i = 0; i < n; i++) {
      const gx = (xy[2 * i] - x0) / width * GRID, gy = (xy[2 * i + 1] - y0) / wide * GRID;
      this.grid[2 * i] = gx; this.grid[2 * i + 1] = gy;
      const there = Number.isFinite(gx) && Number.isFinite(gy);
      if (!there) this.lost++;
      unit[2 * i] = there ? gx / GRID : 1e6; unit[2 * i + 1] = there ? gy / GRID : 1e6;
    }
    this.cells = null;
    this.fill("place", unit, STATIC);
    this.under = under.length / 2;
    const behind = new Float32Array(under.length);
    for (let i = 0; i < this.under; i++) {
      const x = (under[2 * i] - x0) / width, y = (under[2 * i + 1] - y0) / wide, there = Number.isFinite(x) && Number.isFinite(y);
      behind[2 * i] = there ? x : 1e6; behind[2 * i + 1] = there ? y : 1e6;
    }
    this.fill("under", behind, STATIC);
  }

  // Points by cell of a coarse grid, so that the nearest to the pointer is found at once. Made when first needed.
  index() {
    const n = this.grid.length / 2, side = Math.min(1024, Math.max(32, Math.ceil(Math.sqrt(n / 4))));
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

  resize() {
    const ratio = window.devicePixelRatio || 1;
    const width = Math.max(1, Math.round(this.stage.clientWidth * ratio));
    const height = Math.max(1, Math.round(this.stage.clientHeight * ratio));
    for (const canvas of [this.canvas, this.over])
      if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
    this.draw();
    this.marks();
  }

  // Unit square → clip space, with a margin; the directions of a projection have no common unit.
  scale() { return 1.9 * this.view.zoom; }

  // Drawn with the next frame, however often it is asked for until then.
  draw() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => { this.waiting = 0; this.drawNow(); });
  }

  drawNow() {
    const gl = this.gl, header = this.maps.header();
    if (!gl || !header || !this.grid) return;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    const { uniforms, attributes } = this.at;
    gl.uniform4f(uniforms.view, this.view.x, this.view.y, this.scale(), this.scale());
    // As large as the points have room for, in a map of this width.
    const room = Math.min(1, Math.sqrt(this.stage.clientWidth / 800));
    const size = Math.max(2, Math.min(9, 260 / Math.sqrt(header.n)) * room) * (window.devicePixelRatio || 1);
    if (this.under) this.drawUnder(size);
    gl.uniform1f(uniforms.size, size * Math.min(2.5, Math.sqrt(this.view.zoom)));
    gl.uniform1f(uniforms.dim, this.maps.chosenCount ? 1 : 0);
    for (const [name, width, kind] of [["place", 2, gl.FLOAT], ["colour", 4, gl.UNSIGNED_BYTE], ["large", 1, gl.UNSIGNED_BYTE]]) {
      gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[name]);
      gl.enableVertexAttribArray(attributes[name]);
      gl.vertexAttribPointer(attributes[name], width, kind, kind !== gl.FLOAT, 0, 0);
    }
    // Those selected over the others; of very many points all at once, which takes half the time.
    for (const front of !this.maps.chosenCount || header.n > MANY ? [-1] : [0, 1]) {
      gl.uniform1f(uniforms.front, front);
      gl.drawArrays(gl.POINTS, 0, header.n);
    }
    this.root.dataset.drawn = String(++this.frames || (this.frames = 1));
  }

  // The points behind, all of one colour, small and half seen through.
  drawUnder(size) {
    const gl = this.gl, { uniforms, attributes } = this.at, [r, g, b] = rgb(this.maps.header().muted);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers.under);
    gl.enableVertexAttribArray(attributes.place);
    gl.vertexAttribPointer(attributes.place, 2, gl.FLOAT, false, 0, 0);
    gl.disableVertexAttribArray(attributes.colour);
    gl.vertexAttrib4f(attributes.colour, r / 255, g / 255, b / 255, 0.5);
    gl.disableVertexAttribArray(attributes.large);
    gl.vertexAttrib1f(attributes.large, 0.1);
    gl.uniform1f(uniforms.size, size * Math.min(2.5, Math.sqrt(this.view.zoom)));
    gl.uniform1f(uniforms.dim, MUTED);
    gl.uniform1f(uniforms.front, -1);
    gl.drawArrays(gl.POINTS, 0, this.under);
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

  // The box that is seen, as a polygon.
  seen() {
    const half = 1 / this.scale(), { x, y } = this.view;
    return [[x - half, y - half], [x + half, y - half], [x + half, y + half], [x - half, y + half]].map(([a, b]) => [a * GRID, b * GRID]);
  }

  zoomBy(factor) { this.view.zoom = Math.min(2000, Math.max(0.5, this.view.zoom * factor)); }

  // Show the selected points, or everything.
  fit(rows) {
    let low = [Infinity, Infinity], high = [-Infinity, -Infinity];
    if (rows) for (let i = 0; i < rows.length; i++) if (rows[i] && Number.isFinite(this.grid[2 * i]))
      for (const k of [0, 1]) { low[k] = Math.min(low[k], this.grid[2 * i + k]); high[k] = Math.max(high[k], this.grid[2 * i + k]); }
    if (!(high[0] >= low[0])) { this.view = { x: 0.5, y: 0.5, zoom: 1 }; return; }
    const side = Math.max(high[0] - low[0], high[1] - low[1], GRID / 200) / GRID;
    this.view = { x: (low[0] + high[0]) / 2 / GRID, y: (low[1] + high[1]) / 2 / GRID, zoom: Math.max(0.5, 0.9 / side) };
  }

  listen() {
    const canvas = this.canvas;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      canvas.focus({ preventScroll: true });
      this.maps.hover(this, -1);
      this.drag = { path: [this.spot(event)], x: event.clientX, y: event.clientY, from: [event.clientX, event.clientY], how: how(event) };
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!this.drag) return this.maps.hover(this, this.nearest(this.spot(event)), event);
      if (this.maps.tool === "move") {
        const box = canvas.getBoundingClientRect();
        this.view.x -= (event.clientX - this.drag.x) / box.width * 2 / this.scale();
        this.view.y += (event.clientY - this.drag.y) / box.height * 2 / this.scale();
        this.drag.x = event.clientX; this.drag.y = event.clientY;
        return this.draw();
      }
      const spot = this.spot(event);
      if (this.maps.tool === "box") {
        const [ax, ay] = this.drag.path[0];
        this.drag.path = [[ax, ay], [spot[0], ay], spot, [ax, spot[1]]];
      } else this.drag.path.push(spot);
      this.outline();
    });
    canvas.addEventListener("pointerup", (event) => {
      const drag = this.drag;
      this.drag = null;
      this.marks();
      if (!drag) return;
      const still = Math.hypot(event.clientX - drag.from[0], event.clientY - drag.from[1]) < 4 && drag.path.length < 8;
      if (still) {
        const row = this.nearest(this.spot(event));
        if (row >= 0) this.maps.step(["row", drag.how, row]);
      } else if (this.maps.tool !== "move" && drag.path.length > 2) this.choose(drag.path, drag.how);
    });
    canvas.addEventListener("pointercancel", () => { this.drag = null; this.marks(); });
    canvas.addEventListener("pointerleave", () => { if (!this.drag) this.maps.hover(this, -1); });
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      const before = this.spot(event);
      this.zoomBy(Math.exp(-event.deltaY * 0.0015));
      const after = this.spot(event);
      this.view.x += (before[0] - after[0]) / GRID; this.view.y += (before[1] - after[1]) / GRID;
      this.draw(); this.marks();
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => this.maps.key(this, event));
    canvas.addEventListener("webglcontextlost", (event) => {
      if (this.closed) return;
      event.preventDefault();
      this.fail("The browser took the drawing memory away. Reload the page to see the map again.");
    });
  }

  choose(path, way) {
    const every = Math.max(1, Math.ceil(path.length / MOST_CORNERS));
    const polygon = path.filter((_, i) => i % every === 0).flatMap(([x, y]) => [Math.round(x), Math.round(y)]);
    this.maps.step(["area", way, this.place, polygon]);
  }

  nearest([gx, gy]) {
    if (!this.grid) return -1;
    if (!this.cells) this.index();
    const box = this.canvas.getBoundingClientRect(), all = this.maps.rows;
    const reachX = NEAR / box.width * 2 / this.scale() * GRID, reachY = NEAR / box.height * 2 / this.scale() * GRID;
    const { side, start, rows } = this.cells;
    const cut = (v) => Math.min(side - 1, Math.max(0, Math.floor(v / GRID * side)));
    let best = -1, least = 1;
    for (let cy = cut(gy - reachY); cy <= cut(gy + reachY); cy++)
      for (let cx = cut(gx - reachX); cx <= cut(gx + reachX); cx++)
        for (let k = start[cx + side * cy]; k < start[cx + side * cy + 1]; k++) {
          const i = rows[k];
          const dx = (this.grid[2 * i] - gx) / reachX, dy = (this.grid[2 * i + 1] - gy) / reachY;
          if (dx * dx + dy * dy < least && all.seen(i)) { least = dx * dx + dy * dy; best = i; }
        }
    return best;
  }

  // The overlay's pen, with nothing drawn that can be seen: where nothing at all is drawn, Chromium's software renderer goes
  // on showing what was there before.
  empty() {
    this.over.width = this.over.width;
    const pen = this.over.getContext("2d");
    pen.fillStyle = "rgba(0, 0, 0, 0.004)";
    pen.fillRect(0, 0, 1, 1);
    return pen;
  }

  outline() {
    const pen = this.empty(), { flagged } = this.maps.header();
    pen.beginPath();
    this.drag.path.forEach(([x, y], i) => { const [px, py] = this.pixel(x, y); i ? pen.lineTo(px, py) : pen.moveTo(px, py); });
    pen.closePath();
    pen.lineWidth = 2;
    pen.strokeStyle = flagged;
    pen.fillStyle = flagged + "22";
    pen.fill(); pen.stroke();
  }

  // A ring around the hovered row, and lines to the rows that are nearest to it by their codes.
  marks() {
    const pen = this.empty(), { hovered, neighbours } = this.maps;
    if (!this.grid || hovered < 0 || hovered * 2 >= this.grid.length || !Number.isFinite(this.grid[2 * hovered])) return;
    const ink = getComputedStyle(this.root).color, [x, y] = this.pixel(this.grid[2 * hovered], this.grid[2 * hovered + 1]);
    pen.strokeStyle = ink;
    pen.globalAlpha = 0.65;
    for (const i of neighbours || []) {
      if (!Number.isFinite(this.grid[2 * i])) continue;
      const [tx, ty] = this.pixel(this.grid[2 * i], this.grid[2 * i + 1]);
      pen.beginPath(); pen.moveTo(x, y); pen.lineTo(tx, ty); pen.stroke();
    }
    pen.globalAlpha = 1;
    pen.lineWidth = 2;
    pen.beginPath(); pen.arc(x, y, 7, 0, 7); pen.stroke();
    pen.lineWidth = 1;
  }

  close() {
    this.closed = true;
    this.watcher.disconnect();
    if (this.waiting) cancelAnimationFrame(this.waiting);
    const lose = this.gl && this.gl.getExtension("WEBGL_lose_context");
    if (lose) lose.loseContext();
  }
}

function how(event) { return event.shiftKey ? "+" : event.altKey ? "-" : "="; }
