import { useEffect, useMemo, useRef, useState } from "react";
import { live } from "../api/live";
import { parseTime } from "./time_text";
import type { ValueType, WireValue } from "./value";

export interface LiveValue {
  timeMs: number | null; // null: the tag has no sample yet
  value: WireValue;
  quality: string;
  type: ValueType;
  unit: string;
}

/**
 * The newest sample of each path, by time and not by arrival. The subscription follows `paths` after a short rest, so that
 * scrolling does not ask for every row that passes by. Values of paths seen before stay until their page goes.
 */
export function useLiveValues(paths: readonly string[], restMs = 150): ReadonlyMap<string, LiveValue> {
  const [values, setValues] = useState<ReadonlyMap<string, LiveValue>>(new Map());
  const known = useRef(new Map<string, LiveValue>());
  const key = useMemo(() => [...paths].sort().join("\n"), [paths]);

  useEffect(() => {
    if (key === "") return;
    let end: (() => void) | undefined;
    const timer = setTimeout(() => {
      end = live.subscribe(key.split("\n"), {
        onSnapshot: (samples) => {
          for (const sample of samples) {
            known.current.set(sample.tag, {
              timeMs: sample.time === null ? null : parseTime(sample.time),
              value: sample.value,
              quality: sample.quality,
              type: sample.type,
              unit: sample.unit,
            });
          }
          setValues(new Map(known.current));
        },
        onChanges: (changes) => {
          for (const { tag, type, unit, samples } of changes) {
            for (const { time, value, quality } of samples) {
              const timeMs = parseTime(time);
              const oldMs = known.current.get(tag)?.timeMs ?? Number.NEGATIVE_INFINITY;
              if (timeMs >= oldMs) known.current.set(tag, { timeMs, value, quality, type, unit });
            }
          }
          setValues(new Map(known.current));
        },
      });
    }, restMs);
    return () => {
      clearTimeout(timer);
      end?.();
    };
  }, [key, restMs]);

  return values;
}
