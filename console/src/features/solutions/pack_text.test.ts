import { expect, it } from "vitest";
import { compareVersions, packDescription, packName, packState } from "./pack_text";

it("versions compare as numbers", () => {
  expect(compareVersions("1.10.0", "1.9.2")).toBe(1);
  expect(compareVersions("1.0", "1.0.0")).toBe(0);
  expect(compareVersions("0.9.9", "1.0.0")).toBe(-1);
});

it("a pack is not here, as it is, older or newer", () => {
  const applied = (version: string) => ({ version: "1.2.0", applied: { version, time: "" } });
  expect(packState({ version: "1.2.0", applied: null })).toBe("none");
  expect(packState(applied("1.2.0"))).toBe("current");
  expect(packState(applied("1.1.9"))).toBe("older");
  expect(packState(applied("2.0.0"))).toBe("newer");
});

it("a pack's words fall back", () => {
  const pack = {
    name: "steel",
    words: { en: "Iron and steel", zh: "钢铁" },
    description: { en: "From ore" },
  };
  expect(packName(pack, "zh")).toBe("钢铁");
  expect(packName(pack, "pt")).toBe("Iron and steel");
  expect(packDescription(pack, "zh")).toBe("From ore");
  expect(packName({ name: "x", words: {} }, "en")).toBe("x");
});
