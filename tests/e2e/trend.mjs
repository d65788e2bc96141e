// The trend as it stands on the screen: its address, its readings, and the pixels of a pen.

/** from and to of a paused trend's address in milliseconds, or the span of a live one. */
export function rangeOf(url) {
  const search = new URLSearchParams(new URL(url).hash.split("?")[1] ?? "");
  const from = search.get("from") ?? "";
  const to = search.get("to") ?? "";
  if (to === "now") return { live: true, text: from };
  return { live: false, from: Date.parse(from), to: Date.parse(to), span: Date.parse(to) - Date.parse(from) };
}

export function trendHash(pens, from, to, more = "") {
  const range = typeof from === "number" ? `from=${iso(from)}&to=${iso(to)}` : `from=${from}&to=${to}`;
  return `#/trend?${pens.map((pen) => `pen=${encodeURIComponent(pen)}`).join("&")}&${range}${more}`;
}
const iso = (ms) => new Date(ms).toISOString();

/**
 * For each column of the plot the rows (from the top of the plot, in CSS pixels) that have the colour of pen `number`,
 * its line and not its hatched foot.
 */
export async function penPixels(page, number, { footPx = 0 } = {}) {
  return page.evaluate(
    ({ number, footPx }) => {
      const swatch = document.querySelectorAll(".pen-swatch")[number - 1];
      const [red = 0, green = 0, blue = 0] = getComputedStyle(swatch).color.match(/\d+/g).map(Number);
      const over = document.querySelector(".u-over");
      const canvas = document.querySelector(".chart canvas");
      const ratio = canvas.width / canvas.getBoundingClientRect().width;
      const plot = over.getBoundingClientRect();
      const frame = canvas.getBoundingClientRect();
      const left = Math.round((plot.left - frame.left) * ratio);
      const top = Math.round((plot.top - frame.top) * ratio);
      const width = Math.round(plot.width * ratio);
      const height = Math.round((plot.height - footPx) * ratio);
      const { data } = canvas.getContext("2d").getImageData(left, top, width, height);
      const columns = [];
      for (let x = 0; x < width; x += 1) {
        const rows = [];
        for (let y = 0; y < height; y += 1) {
          const at = (y * width + x) * 4;
          const distance = Math.abs(data[at] - red) + Math.abs(data[at + 1] - green) + Math.abs(data[at + 2] - blue);
          if (distance < 90) rows.push(y / ratio);
        }
        columns.push(rows);
      }
      return columns;
    },
    { number, footPx },
  );
}

/** The middle row of each column that has one; columns where the line stands upright (higher than `tallPx`) are null. */
export function levels(columns, tallPx = 5) {
  return columns.map((rows) => {
    if (rows.length === 0) return undefined;
    const low = Math.min(...rows);
    const high = Math.max(...rows);
    return high - low > tallPx ? null : (low + high) / 2;
  });
}
