/**
 * A drawing of a pack, made into elements of the page. The server has checked it (src/pack/svg.cc); here it is built anew
 * from a list of what draws, so that nothing else can come in: no script, no handler, no style, nothing from elsewhere.
 */
const kSvg = "http://www.w3.org/2000/svg";

const kElements = new Set(
  (
    "svg g defs title desc path rect circle ellipse line polyline polygon text tspan linearGradient radialGradient stop " +
    "clipPath marker symbol use pattern mask"
  ).split(" "),
);

const kAttributes = new Set(
  (
    "viewBox preserveAspectRatio x y x1 y1 x2 y2 dx dy cx cy r rx ry fx fy width height d points pathLength transform " +
    "class fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-dasharray stroke-dashoffset " +
    "stroke-linecap stroke-linejoin stroke-miterlimit opacity font-family font-size font-weight font-style letter-spacing " +
    "text-anchor dominant-baseline clip-rule offset stop-color stop-opacity gradientUnits gradientTransform spreadMethod " +
    "patternUnits patternTransform patternContentUnits markerWidth markerHeight markerUnits refX refY orient maskUnits " +
    "maskContentUnits clipPathUnits vector-effect color"
  ).split(" "),
);
/** What may point at another element of the drawing, as `url(#id)`. */
const kPointing = new Set("fill stroke clip-path mask marker-start marker-mid marker-end".split(" "));

export const kNodesMax = 20_000;

export class DrawingError extends Error {}

/** Languages that a text of a drawing may have side by side, as <tspan class="zh">. */
const kLanguages = ["zh", "en", "es", "pt", "ru"];

/** Of texts side by side the one in the page's language is kept, else the English one, else all. */
function otherLanguages(text: Element, language: string): ReadonlySet<Element> {
  const spans = [...text.children].filter((child) => kLanguages.includes(child.getAttribute("class") ?? ""));
  const own = [language.split("-")[0] ?? "", "en"].find((code) =>
    spans.some((span) => span.getAttribute("class") === code),
  );
  return new Set(own === undefined ? [] : spans.filter((span) => span.getAttribute("class") !== own));
}

/**
 * Builds the drawing in one language. `prefix` goes before every id, so that no drawing meets the page's own ids.
 * Throws DrawingError for what is no drawing.
 */
export function buildDrawing(text: string, prefix: string, language: string): SVGSVGElement {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
  const root = parsed.documentElement;
  if (root.namespaceURI !== kSvg || root.localName !== "svg") throw new DrawingError("not an SVG drawing");
  let left = kNodesMax;
  const build = (from: Element): SVGElement => {
    if ((left -= 1) < 0) throw new DrawingError("the drawing has too many elements");
    const made = document.createElementNS(kSvg, from.localName);
    for (const { name, value } of from.attributes) {
      const kept = keptAttribute(name, value, prefix);
      if (kept !== null) made.setAttribute(name === "xlink:href" ? "href" : name, kept);
    }
    const others = otherLanguages(from, language);
    for (const child of from.childNodes) {
      if (child instanceof Element && others.has(child)) continue;
      if (child.nodeType === Node.TEXT_NODE) made.append(child.nodeValue ?? "");
      else if (child instanceof Element && isKept(child)) made.append(build(child));
    }
    return made;
  };
  return build(root) as SVGSVGElement;
}

function isKept(element: Element): boolean {
  return element.namespaceURI === kSvg && kElements.has(element.localName);
}

/** What an attribute becomes; null: it is left out. */
export function keptAttribute(name: string, value: string, prefix: string): string | null {
  if (name === "id") return prefix + value;
  if (name === "href" || name === "xlink:href") return value.startsWith("#") ? `#${prefix}${value.slice(1)}` : null;
  const target = /^\s*url\(\s*["']?#([^"')]+)["']?\s*\)\s*$/.exec(value)?.[1];
  if (target !== undefined) return kPointing.has(name) ? `url(#${prefix}${target})` : null;
  if (!kAttributes.has(name) || /url\s*\(|\\|javascript:/i.test(value)) return null;
  return value;
}
