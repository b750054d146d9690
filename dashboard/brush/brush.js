// Rectangles over an image, in shares of it.
const instances = new WeakMap();

function unpack(data) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  const copy = bytes.slice();
  const length = new DataView(copy.buffer).getUint32(0, true);
  return { header: JSON.parse(new TextDecoder().decode(copy.subarray(4, 4 + length))), pixels: copy.subarray(4 + length) };
}

class Brush {
  constructor(root) {
    this.root = root;
    this.canvas = root.querySelector("canvas");
    this.boxes = null;
    const canvas = this.canvas;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.from = this.share(event);
    });
    canvas.addEventListener("pointermove", (event) => { if (this.from) this.draw(this.box(this.share(event))); });
    canvas.addEventListener("pointerup", (event) => {
      if (!this.from) return;
      const box = this.box(this.share(event));
      this.from = null;
      if (box[2] - box[0] > 0.01 && box[3] - box[1] > 0.01 && this.boxes.length < this.header.most) this.boxes.push(box);
      this.answer();
    });
    canvas.addEventListener("keydown", (event) => {
      if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); this.boxes.pop(); this.answer(); }
    });
    for (const button of root.querySelectorAll("button")) button.addEventListener("click", () => {
      if (button.dataset.do === "clear") this.boxes = []; else this.boxes.pop();
      this.answer();
    });
  }

  share(event) {
    const box = this.canvas.getBoundingClientRect();
    const cut = (value) => Math.min(1, Math.max(0, value));
    return [cut((event.clientX - box.left) / box.width), cut((event.clientY - box.top) / box.height)];
  }

  box([x, y]) {
    const [fx, fy] = this.from;
    return [Math.min(x, fx), Math.min(y, fy), Math.max(x, fx), Math.max(y, fy)];
  }

  update(data, send) {
    this.send = send;
    const { header, pixels } = unpack(data);
    this.header = header;
    if (this.boxes === null) this.boxes = header.boxes.map((box) => [...box]);
    const { height, width, channels } = header;
    const image = new ImageData(width, height);
    for (let p = 0; p < width * height; p++) {
      for (let c = 0; c < 3; c++) image.data[4 * p + c] = pixels[p * channels + (channels === 3 ? c : 0)];
      image.data[4 * p + 3] = 255;
    }
    this.small = document.createElement("canvas");
    this.small.width = width; this.small.height = height;
    this.small.getContext("2d").putImageData(image, 0, 0);
    const scale = header.side / Math.max(width, height);
    this.canvas.width = Math.round(width * scale); this.canvas.height = Math.round(height * scale);
    this.draw();
  }

  draw(extra) {
    const pen = this.canvas.getContext("2d"), { width, height } = this.canvas;
    pen.imageSmoothingEnabled = false;
    pen.drawImage(this.small, 0, 0, width, height);
    pen.lineWidth = 2;
    pen.strokeStyle = this.header.colour;
    pen.fillStyle = this.header.colour + "66";
    for (const [x0, y0, x1, y1] of extra ? [...this.boxes, extra] : this.boxes) {
      pen.fillRect(x0 * width, y0 * height, (x1 - x0) * width, (y1 - y0) * height);
      pen.strokeRect(x0 * width, y0 * height, (x1 - x0) * width, (y1 - y0) * height);
    }
    const count = this.boxes.length;
    this.root.querySelector("span").textContent = 
      count === 1 ? "1 region" : `${count} regions${count < this.header.most ? "" : ", which is the most"}`;
  }

  answer() { this.draw(); this.send(this.boxes.map((box) => [...box])); }
}

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  let brush = instances.get(parentElement);
  if (!brush) instances.set(parentElement, brush = new Brush(parentElement));
  brush.update(data, (boxes) => setStateValue("boxes", boxes));
  return () => instances.delete(parentElement);
}
