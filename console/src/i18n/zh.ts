import { administration } from "./zh/administration";
import { data } from "./zh/data";
import { frame } from "./zh/frame";
import { packs } from "./zh/packs";
import { plant } from "./zh/plant";
import { records } from "./zh/records";

/** 简体中文. 键与 en.ts 相同; 中文只有一种复数形式. */
export const zh = {
  ...frame,
  ...administration,
  ...data,
  ...packs,
  ...plant,
  ...records,
};
