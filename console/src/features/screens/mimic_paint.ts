/** Puts the states of bound elements into a drawing that stands in the page. */
import type { Shown } from "../../api/screens";
import { levelOf, type Look } from "./shown_state";

const kSvg = "http://www.w3.org/2000/svg";
const kPlatePad = 3;

/** What one element shows, ready to be drawn. */
export interface Painted {
  look: Look;
  /** For `text`: value and unit. */
  text: string;
  /** For `level`: 0 to 1, or null. */
  level: number | null;
  sign: string;
  /** Name, value and state in words. */
  said: string;
}

function make(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(kSvg, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/** One bound element of the drawing: its shape, and what was put beside it. */
export class BoundElement {
  private readonly plate: SVGElement | null = null;
  private readonly fillRect: SVGElement | null = null;
  private readonly badge: SVGElement;
  private box: DOMRect | null = null;
  private last = "";

  private constructor(
    readonly element: SVGGraphicsElement,
    readonly shown: Shown,
    prefix: string,
    index: number,
  ) {
    element.classList.add("bound", `bound-${shown.show}`);
    element.setAttribute("tabindex", "0");
    element.setAttribute("role", "button");
    element.setAttribute("aria-haspopup", "dialog");
    element.dataset.place = shown.place;
    element.dataset.what = shown.attribute ?? shown.kpi ?? "";
    if (shown.show === "text") {
      this.plate = make("rect", { class: "plate", rx: 2, "aria-hidden": "true" });
      element.before(this.plate);
    }
    if (shown.show === "level") this.fillRect = this.makeLevel(`${prefix}level${index}`);
    this.badge = make("text", { class: "badge", "aria-hidden": "true" });
    element.after(this.badge);
  }

  /** Null when the drawing has no such element. */
  static find(svg: SVGSVGElement, shown: Shown, prefix: string, index: number): BoundElement | null {
    const found = shown.element === null ? null : svg.querySelector(`#${CSS.escape(prefix + shown.element)}`);
    return found instanceof SVGGraphicsElement ? new BoundElement(found, shown, prefix, index) : null;
  }

  /** The level stands over the shape and is cut to its outline. */
  private makeLevel(id: string): SVGElement {
    const clip = make("clipPath", { id });
    const outline = this.element.cloneNode(true) as SVGElement;
    for (const name of ["id", "class", "tabindex", "role", "aria-haspopup"]) outline.removeAttribute(name);
    clip.append(outline);
    const rect = make("rect", { class: "level", "aria-hidden": "true" });
    const cut = make("g", { "clip-path": `url(#${id})`, class: "level-cut" });
    cut.append(rect);
    this.element.after(clip, cut);
    return rect;
  }

  paint(painted: Painted): void {
    const key = JSON.stringify(painted);
    if (key === this.last) return;
    this.last = key;
    const { element } = this;
    element.dataset.look = painted.look;
    element.setAttribute("aria-label", painted.said);
    if (this.plate) {
      if (element.textContent !== painted.text) element.textContent = painted.text;
      this.box = null;
    }
    const box = (this.box ??= element.getBBox());
    if (this.plate) {
      this.plate.dataset.look = painted.look;
      place(this.plate, box.x - kPlatePad, box.y - 1, box.width + 2 * kPlatePad, box.height + 2);
      this.badge.textContent = painted.sign;
      this.badge.setAttribute("x", String(box.x + box.width + kPlatePad + 2));
      this.badge.setAttribute("y", String(box.y + box.height - 3));
    } else {
      this.badge.textContent = painted.sign;
      this.badge.setAttribute("x", String(box.x + 2));
      this.badge.setAttribute("y", String(box.y + 11));
    }
    this.badge.dataset.look = painted.look;
    if (this.fillRect) {
      const height = box.height * (painted.level ?? 0);
      this.fillRect.dataset.look = painted.look;
      place(this.fillRect, box.x, box.y + box.height - height, box.width, height);
    }
  }
}

function place(rect: SVGElement, x: number, y: number, width: number, height: number): void {
  rect.setAttribute("x", String(x));
  rect.setAttribute("y", String(y));
  rect.setAttribute("width", String(width));
  rect.setAttribute("height", String(height));
}

export function levelFor(shown: Shown, value: number): number | null {
  return shown.show === "level" ? levelOf(shown, value) : null;
}
