#pragma once

#include <string>

#include "pack/pack.h"

namespace tundish::pack {

/// A pack without mistakes or warnings: two templates one above the other, and all kinds of files.
inline Files small_pack() {
  Files files;
  files["pack.yaml"] =
      "name: small\n"
      "version: 1.0.0\n"
      "words:\n"
      "  en: {name: Small, description: A pump house.}\n"
      "  zh: {name: 小型, description: 泵房。}\n";
  files["assets.yaml"] =
      "templates:\n"
      "  equipment:\n"
      "    words: {en: Equipment, zh: 设备}\n"
      "    attributes:\n"
      "      running: {measured: bool, words: {en: Running, zh: 运行}}\n"
      "  pump:\n"
      "    extends: equipment\n"
      "    words: {en: Pump, zh: 泵}\n"
      "    attributes:\n"
      "      power: {measured: double, unit: kW, normal: [1, 5], valid: [0, 10], words: {en: "
      "Power, zh: 功率}, aliases: [P]}\n"
      "      energy: {measured: double, unit: kW.h, words: {en: Energy, zh: 电量}}\n"
      "      batch: {measured: string, words: {en: Batch, zh: 批次}}\n"
      "      rated: {constant: 7.5, unit: kW, words: {en: Rated power, zh: 额定功率}}\n"
      "      load: {formula: power / rated, unit: '%', words: {en: Load, zh: 负荷}}\n"
      "      busy: {formula: running and power > 1 'kW', words: {en: Busy, zh: 忙}}\n"
      "      share: {formula: \"energy / {../meter/water}\", unit: kW.h/m3, words: {en: Share, zh: "
      "占比}}\n"
      "  meter:\n"
      "    words: {en: Meter, zh: 表}\n"
      "    attributes:\n"
      "      water: {measured: double, unit: m3, words: {en: Water, zh: 水}}\n"
      "  house:\n"
      "    words: {en: House, zh: 泵房}\n"
      "    attributes:\n"
      "      total: {formula: sum(children.power), unit: kW, words: {en: Total, zh: 合计}}\n";
  files["kpis.yaml"] =
      "kpis:\n"
      "  specific_energy:\n"
      "    of: pump\n"
      "    words: {en: Energy by water, zh: 单耗}\n"
      "    unit: kW.h/m3\n"
      "    ratio: {of: 'delta(energy, window)', by: 'delta({../meter/water}, window)'}\n"
      "    per: [day, run]\n"
      "    band: [0.1, 0.4]\n"
      "    better: less\n"
      "  mean_power: {of: pump, words: {en: Mean power, zh: 平均功率}, unit: W, value: 'avg(power, "
      "window)', per: [shift]}\n";
  files["alarms.yaml"] =
      "alarms:\n"
      "  overload:\n"
      "    of: pump\n"
      "    when: power > rated\n"
      "    on_delay: 10s\n"
      "    priority: high\n"
      "    words: {en: Overload, zh: 过载}\n"
      "    advice: {en: Stop it., zh: 停泵。}\n";
  files["intervals.yaml"] =
      "intervals:\n"
      "  run: {of: equipment, during: running, words: {en: Run, zh: 运行}}\n"
      "  lot: {of: pump, by: batch, within: run, shortest: 10s, longest: 1d, words: {en: Lot, zh: "
      "批}, capture: {used: 'delta(energy, window)'}}\n"
      "  idle:\n"
      "    of: pump\n"
      "    during: not running\n"
      "    words: {en: Idle, zh: 停机}\n"
      "    downtime: unplanned\n"
      "    cost:\n"
      "      output: {rate: \"60 'm3/h'\", made: 'delta({../meter/water}, window)', unit: m3, "
      "price: "
      "\"2 '{money}/m3'\"}\n"
      "      energy: {used: 'delta(energy, window)', unit: kW.h, price: \"0.5 "
      "'{money}/(kW.h)'\"}\n";
  files["plant.yaml"] =
      "assets:\n"
      "  house: {template: house, words: {en: House, zh: 泵房}}\n"
      "  house/pump1: {template: pump, words: {en: Pump 1, zh: 1号泵}}\n"
      "  house/meter: {template: meter, words: {en: Meter, zh: 表}}\n";
  files["simulation.yaml"] =
      "plant: {name: Small, namespace: 'urn:small'}\n"
      "signals:\n"
      "  house/pump1/running: {kind: constant, value: true, type: bool}\n"
      "  house/pump1/power: {kind: wave, mean: 3, span: 1, unit: kW}\n"
      "  house/pump1/energy: {kind: counter, input: house/pump1/power, unit: kW.h}\n"
      "  house/pump1/batch: {kind: constant, value: a, type: string}\n"
      "  house/meter/water: {kind: constant, value: 1, unit: m3}\n"
      "faults:\n"
      "  stall: {kind: offset, signals: house/pump1/power, amount: 9}\n";
  files["faults.csv"] =
      "fault,alarm,asset,delay,kpi\n"
      "stall,overload,house/pump1,15s,specific_energy\n";
  files["balances.csv"] =
      "name,left,right,tolerance\n"
      "energy by water,0.5 * house/pump1/energy + house/pump1/power,house/meter/water,0.1..0.4\n";
  files["screens.yaml"] =
      "screens:\n"
      "  overview:\n"
      "    words: {en: Overview, zh: 总览}\n"
      "    tiles: [{asset: house, kpi: specific_energy}, {asset: house/pump1, attribute: power}]\n"
      "  mimic:\n"
      "    words: {en: Mimic, zh: 流程}\n"
      "    drawing: mimic.svg\n"
      "    bindings:\n"
      "      - {element: pump, asset: house/pump1, attribute: running, show: fill}\n"
      "      - {element: bar, asset: house/pump1, attribute: power, show: level}\n"
      "      - {element: t1, asset: house/pump1, attribute: power}\n"
      "      - {element: t2, asset: house/pump1, attribute: energy}\n"
      "      - {element: t3, asset: house/pump1, attribute: load}\n"
      "      - {element: t4, asset: house/pump1, attribute: batch}\n"
      "      - {element: t5, asset: house/meter, attribute: water}\n"
      "      - {element: t6, asset: house, attribute: total}\n"
      "      - {element: t7, asset: house/pump1, kpi: mean_power}\n"
      "      - {element: t8, asset: house, kpi: specific_energy}\n";
  files["mimic.svg"] =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\">\n"
      "<circle id=\"pump\" r=\"1\"/><rect id=\"bar\" width=\"1\" height=\"1\"/>\n"
      "<rect id=\"spare\"/><text id=\"free\"/><g id=\"both\"/>\n"
      "<text id=\"t1\"/><text id=\"t2\"/><text id=\"t3\"/><text id=\"t4\"/>\n"
      "<text id=\"t5\"/><text id=\"t6\"/><text id=\"t7\"/><text id=\"t8\"/>\n"
      "</svg>\n";
  return files;
}

/// All mistakes as lines.
inline std::string told(const Files& files) {
  std::string lines;
  for (const auto& mistake : check_pack(files)) lines += mistake.text() + "\n";
  return lines;
}

}  // namespace tundish::pack
