import type { Theme } from "../../lib/theme";

/**
 * Muted colours that keep 3:1 against the chart in both themes and leave saturated red and amber to what is abnormal. A pen
 * is never told by colour alone: its number stands at the end of its line and in the table.
 */
const kPenColours: Record<Theme, readonly string[]> = {
  light: [
    "#1d5c8a",
    "#8a4a78",
    "#2f7350",
    "#7d6220",
    "#54549c",
    "#217479",
    "#8c5434",
    "#4f5b66",
    "#6a7a1f",
    "#a0466a",
    "#3a6ea8",
    "#6b5b4a",
  ],
  dark: [
    "#7db4dc",
    "#d39bc4",
    "#82c4a0",
    "#ccb26a",
    "#a9a9e6",
    "#74c5ca",
    "#d9a483",
    "#b0bcc6",
    "#b7c66a",
    "#e09ab4",
    "#8fb8e8",
    "#c0ae9a",
  ],
};

export function penColour(index: number, theme: Theme): string {
  const colours = kPenColours[theme];
  return colours[index % colours.length] ?? "#808080";
}
