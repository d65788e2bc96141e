import { administration } from "./en/administration";
import { data } from "./en/data";
import { frame } from "./en/frame";
import { packs } from "./en/packs";
import { plant } from "./en/plant";
import { records } from "./en/records";

/** The console's words, by area. Other languages have the same keys (i18n.test.ts compares them). */
export const en = {
  ...frame,
  ...administration,
  ...data,
  ...packs,
  ...plant,
  ...records,
} as const satisfies Words;

interface Words {
  [key: string]: string | Words;
}
