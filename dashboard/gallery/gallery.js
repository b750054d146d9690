// A wall of small images. Captions are text, never markup.
function unpack(data) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  const copy = bytes.slice();
  const length = new DataView(copy.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(copy.subarray(4, 4 + length)));
  return { header, pixels: copy.subarray(4 + length) };
}

function paint(canvas, header, pixels, i) {
  const { height, width, channels } = header;
  const size = height * width;
  const image = new ImageData(width, height);
  for (let p = 0; p < size; p++) {
    const at = (i * size + p) * channels;
    for (let c = 0; c < 3; c++) image.data[4 * p + c] = pixels[at + (channels === 3 ? c : 0)];
    image.data[4 * p + 3] = 255;
  }
  const small = document.createElement("canvas");
  small.width = width; small.height = height;
  small.getContext("2d").putImageData(image, 0, 0);
  const ratio = window.devicePixelRatio || 1;
  canvas.width = canvas.height = header.side * ratio;
  const scale = canvas.width / Math.max(width, height);
  const pen = canvas.getContext("2d");
  const left = (canvas.width - width * scale) / 2, top = (canvas.height - height * scale) / 2;
  pen.imageSmoothingEnabled = scale < 1;
  pen.drawImage(small, left, top, width * scale, height * scale);
  const box = header.boxes && header.boxes[i];
  if (!box) return;
  pen.lineWidth = 2 * ratio;
  pen.strokeStyle = header.colour;
  const [x0, y0, x1, y1] = box;
  pen.strokeRect(left + x0 * width * scale, top + y0 * height * scale, (x1 - x0) * width * scale, (y1 - y0) * height * scale);
}

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const wall = parentElement.querySelector(".gallery");
  const { header, pixels } = unpack(data);
  const buttons = [];
  for (let i = 0; i < header.count; i++) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("role", "listitem");
    button.setAttribute("aria-pressed", "false");
    const canvas = document.createElement("canvas");
    canvas.style.width = canvas.style.height = header.side + "px";
    const words = document.createElement("span");
    words.style.width = header.side + "px";
    words.textContent = header.captions[i];
    if (header.flagged[i]) words.style.borderLeft = `4px solid ${header.colour}`, words.style.paddingLeft = "4px";
    paint(canvas, header, pixels, i);
    button.append(canvas, words);
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      setStateValue("picked", i);
    });
    button.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step && buttons[i + step]) { event.preventDefault(); buttons[i + step].focus(); }
    });
    buttons.push(button);
  }
  wall.replaceChildren(...buttons);
  return () => wall.replaceChildren();
}
