import { useEffect, useState } from "react";
import { serverNow } from "./server_clock";

/** The server's time, renewed every `periodMs`: ages tick with it. */
export function useNow(periodMs = 1_000): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), periodMs);
    return () => clearInterval(timer);
  }, [periodMs]);
  return now;
}
