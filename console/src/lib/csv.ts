/** CSV after RFC 4180: what the server sends, and what people open in a spreadsheet. */
import { isoUtc, localIso, parseTime } from "./time_text";

/** The records of a CSV text; quotes, doubled quotes, and line ends inside quotes are understood. */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let field = "";
  let quoted = false;
  let started = false;
  const endField = () => {
    record.push(field);
    field = "";
    started = false;
  };
  const endRecord = () => {
    endField();
    records.push(record);
    record = [];
  };
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[index + 1] === '"') {
        field += '"';
        index += 1;
      } else quoted = false;
    } else if (character === '"' && !started) {
      quoted = true;
      started = true;
    } else if (character === ",") endField();
    else if (character === "\n") endRecord();
    else if (character !== "\r" || text[index + 1] !== "\n") {
      field += character;
      started = true;
    }
  }
  if (started || field !== "" || record.length > 0) endRecord();
  return records;
}

/**
 * A field for a file that may be opened in a spreadsheet: quoted where needed. Text that a spreadsheet would run as a formula
 * gets a leading apostrophe; numbers, which may begin with a sign, stay as they are.
 */
export function csvField(text: string): string {
  const isNumber = /^[+-]?(Infinity|\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);
  const safe = !isNumber && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

/** The server's `tag,time,value,quality` with the time in the zone of the screen, in UTC, and the unit of each tag. */
export function trendCsv(
  server: string,
  zone: string,
  unitOf: (tag: string) => string,
): { text: string; rows: number } {
  const [head = [], ...records] = parseCsv(server);
  const column = (name: string) => head.indexOf(name);
  const [tag, time, value, quality] = [column("tag"), column("time"), column("value"), column("quality")];
  const lines = ["tag,time,time_utc,value,quality,unit"];
  for (const record of records) {
    const at = record[time] ?? "";
    const name = record[tag] ?? "";
    const utc = /Z$/.test(at) ? at : isoUtc(parseTime(at));
    lines.push(
      [name, localIso(at, zone), utc, record[value] ?? "", record[quality] || "Good", unitOf(name)]
        .map(csvField)
        .join(","),
    );
  }
  return { text: `${lines.join("\r\n")}\r\n`, rows: records.length };
}
