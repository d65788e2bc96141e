import { unitSymbol } from "./value";

/** `850 t`, `1,240 kWh`: three digits are enough for an amount that people compare. */
export function formatAmount(amount: number, unit: string, locale?: string): string {
  const size = Math.abs(amount);
  const digits = size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : 2;
  const text = new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(amount);
  return `${text} ${unitSymbol(unit)}`.trim();
}

/** `EUR 8,900`; without a currency the number alone, without a number a dash. */
export function formatMoney(amount: number | null, currency: string, locale?: string): string {
  if (amount === null) return "–";
  const digits = Math.abs(amount) < 100 ? 2 : 0;
  const text = new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(amount);
  return currency === "" ? text : `${currency} ${text}`;
}
