import { describe, expect, it } from "vitest";
import { spread } from "./draw";

const moved = (ys: number[], bottom = 100) => {
  const places = ys.map((y) => ({ y }));
  spread(places, 10, 0, bottom);
  return places.map(({ y }) => y);
};

describe("spread", () => {
  it("leaves alone what does not touch", () => {
    expect(moved([5, 40, 90])).toEqual([5, 40, 90]);
  });
  it("moves apart what does, and back up at the foot", () => {
    expect(moved([50, 52, 53])).toEqual([50, 60, 70]);
    expect(moved([95, 96, 97])).toEqual([80, 90, 100]);
    expect(moved([-5, -4])).toEqual([0, 10]);
  });
});
